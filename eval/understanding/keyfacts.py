"""How well key facts are drafted: `kb.keyfacts.draft` held against what a person noted of a conversation.

    {"id", "half": seen | held, "turns": [{"speaker", "text"}], "topic", "wish", "mood", "tail", "promises": [str]}

precision  of what was noted, how much is right        recall  of what is to be noted, how much was

A topic 其他, a wish "" and the mood 平静 are nothing noted. A promise is right where one quote lies in the other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from eval import interval
from eval.cases import Row, rows
from eval.report import Figure
from kb.keyfacts import draft
from kb.keyfacts.cues import OTHER
from kb.keyfacts.draft import CALM
from kb.language.tail import labelled
from kb.language.tone import tone_of
from kb.model import KeyFacts, Speaker, Turn

FIELDS = ("topic", "wish", "mood", "order", "promises")
_NOTHING = {"topic": OTHER, "wish": "", "mood": CALM, "order": ""}


@dataclass(frozen=True, slots=True)
class Noted:
    """One conversation and what a person noted of it."""

    id: str
    turns: tuple[Turn, ...]
    facts: KeyFacts


@dataclass(frozen=True, slots=True)
class Drafted:
    """What was drafted of a conversation beside what was noted, and how long it took."""

    noted: Noted
    facts: KeyFacts
    took_ms: float

    def wrong(self) -> Iterator[str]:
        """The fields that differ, in words for a person."""
        for name in _NOTHING:
            ours, theirs = getattr(self.facts, name), getattr(self.noted.facts, name)
            if ours != theirs:
                yield f"{name} {ours or '—'}，应为 {theirs or '—'}"
        if len(self.kept()) < len(self.noted.facts.promises) or len(self.meant()) < len(self.facts.promises):
            yield f"promises {'；'.join(self.facts.promises) or '—'}，应为 {'；'.join(self.noted.facts.promises) or '—'}"

    def kept(self) -> list[str]:
        """The promises that were noted and are drafted."""
        return [one for one in self.noted.facts.promises if any(_same(one, other) for other in self.facts.promises)]

    def meant(self) -> list[str]:
        """The drafted promises that are some."""
        return [one for one in self.facts.promises if any(_same(one, other) for other in self.noted.facts.promises)]


def read_noted(path: Path, half: str = "") -> tuple[Noted, ...]:
    """The labelled conversations of a file, of one half or of both. Raises BadFile naming the line that is not as agreed."""
    return tuple(_noted(row) for row in rows(path) if not half or row.text("half") == half)


def draft_all(conversations: Sequence[Noted]) -> tuple[Drafted, ...]:
    """The key facts of each conversation, as the service drafts them."""
    draft(())  # the first one reads the lists
    return tuple(_drafted(noted) for noted in conversations)


def figures(drafted: Sequence[Drafted]) -> dict[str, dict[str, Figure]]:
    """precision and recall of each field, with Wilson's interval."""
    found = {name: _of_field(drafted, name) for name in _NOTHING}
    found["promises"] = {
        "precision": _share(sum(len(one.meant()) for one in drafted), sum(len(one.facts.promises) for one in drafted)),
        "recall": _share(
            sum(len(one.kept()) for one in drafted), sum(len(one.noted.facts.promises) for one in drafted)
        ),
    }
    return found


def to_table(found: dict[str, dict[str, Figure]]) -> Table:
    """The same for a terminal."""
    table = Table("项目", "精确率 precision", "召回率 recall")
    for name in FIELDS:
        table.add_row(Text(name), *(Text(str(found[name][figure])) for figure in ("precision", "recall")))
    return table


def _of_field(drafted: Sequence[Drafted], name: str) -> dict[str, Figure]:
    pairs = [(getattr(one.facts, name), getattr(one.noted.facts, name)) for one in drafted]
    right = sum(ours == theirs != _NOTHING[name] for ours, theirs in pairs)
    return {
        "precision": _share(right, sum(ours != _NOTHING[name] for ours, _ in pairs)),
        "recall": _share(right, sum(theirs != _NOTHING[name] for _, theirs in pairs)),
    }


def _drafted(noted: Noted) -> Drafted:
    last = max((i for i, turn in enumerate(noted.turns) if turn.speaker is Speaker.BUYER), default=0)
    tone = tone_of(noted.turns[last].text, noted.turns[:last])
    started = time.perf_counter()
    facts = draft(noted.turns, tone)
    return Drafted(noted, facts, (time.perf_counter() - started) * 1000)


def _noted(row: Row) -> Noted:
    turns = row.values.get("turns")
    if not isinstance(turns, list) or not turns:
        raise row.wrong("“turns”应是对话的列表")
    said = []
    for turn in turns:
        if not isinstance(turn, dict) or turn.get("speaker") not in tuple(Speaker):
            raise row.wrong("“turns”里每一句要有 speaker（buyer 或 agent）和 text")
        said.append(Turn(Speaker(turn["speaker"]), row.string("text", turn.get("text"))))
    tail = row.text("tail", "")
    facts = KeyFacts(
        topic=row.text("topic"),
        order=labelled(tail),
        wish=row.text("wish", ""),
        mood=row.text("mood", CALM),
        promises=tuple(row.texts("promises")),
    )
    return Noted(row.text("id"), tuple(said), facts)


def _same(one: str, other: str) -> bool:
    return one in other or other in one


def _share(right: int, of: int) -> Figure:
    return Figure(right / of if of else None, of, *interval.proportion(right, of))
