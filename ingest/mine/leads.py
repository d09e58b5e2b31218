"""Leads as they are found: a question once for each entry, and none that leads to two."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.mine.attach import Knowledge
from kb.language.text import bare
from kb.model import Lead


class Leads:
    """Gathers leads to what the shop knows; `told` gives those that are clear."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._found: dict[str, dict[str, Lead]] = {}  # by bare text, by entry

    def add(self, entry: str, questions: Iterable[str], support: int) -> None:
        """Questions that lead to an entry, with the conversations that led there. What the shop knows already is no lead."""
        for text in questions:
            if bare(text) not in self._knowledge.asked:
                homes = self._found.setdefault(bare(text), {})
                known = homes.get(entry)
                homes[entry] = Lead(entry, known.text if known else text, max(support, known.support if known else 0))

    def told(self) -> tuple[Lead, ...]:
        """Best supported first."""
        clear = [lead for homes in self._found.values() if len(homes) == 1 for lead in homes.values()]
        return tuple(sorted(clear, key=lambda lead: (-lead.support, lead.entry, lead.text)))
