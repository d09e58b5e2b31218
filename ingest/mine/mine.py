"""From conversations to what a trainer should look at: phrasings for entries the shop has, drafts for what it has not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.draft import Talk
from ingest.mine.attach import Knowledge
from ingest.mine.choose import answer_of, draft_of, key_of, questions_of
from ingest.mine.exchange import Exchange, exchanges
from ingest.mine.generic import is_generic
from ingest.mine.group import Group, group
from ingest.mine.meaning import joined
from kb.embed import Engine
from kb.language.text import bare
from kb.model import Entry, Lead, Source
from kb.store.vectors import Vector

LEAST_TALKS = 2  # conversations that must agree for a draft
LEAST_LED = 3  # that must have led to an entry for a lead: of what two led to, one half was wrong (docs/ingest.md)


@dataclass(frozen=True, slots=True)
class Mined:
    """What a log holds. `entries` are drafts without ids, best supported first, with the support of each; `leads` have
    the ids of stored entries, whose questions are `homes`. `groups` counts the repeated answers."""

    talks: int = 0
    groups: int = 0
    entries: tuple[Entry, ...] = ()
    support: tuple[int, ...] = ()
    leads: tuple[Lead, ...] = ()
    homes: Mapping[str, str] = field(default_factory=dict)


def mine(
    talks: Sequence[Talk],
    stored: Iterable[Entry] = (),
    *,
    sheet: str = "",
    least: int = LEAST_TALKS,
    led: int = LEAST_LED,
    engine: Engine | None = None,
    vectors: Mapping[str, Vector] | None = None,
) -> Mined:
    """Mine a log beside what the shop has stored; the same for every order of the talks, and again for the same log.

    What this very log brought before is left out of what the shop knows, so that nothing attaches to it now that was
    new then. `vectors` are the engine's, of the stored texts.
    """
    found = exchanges(talks)
    files = {talk.row: talk.file for talk in talks}
    groups = group(each for each in found if is_generic(each.statement))
    repeated = [each for each in (joined(groups, engine) if engine else groups) if each.support >= least]
    keys = {key_of(answer) for each in repeated if (answer := answer_of(each))}
    knowledge = Knowledge.of([entry for entry in stored if entry.key not in keys], engine, vectors)
    homes = _homes(found, knowledge)
    leads = _Leads(knowledge)
    for entry, talks_of in _by_home(found, homes).items():
        leads.add(entry, [text for text in homes if homes[text] == entry], len(talks_of), led)
    drafts: dict[str, tuple[Entry, int]] = {}
    for each in repeated:
        answer = answer_of(each)
        told = answer or each.exchanges[0].statement
        questions = questions_of(each, told)
        if home := knowledge.says(told):
            leads.add(home, questions, each.support, led)
            continue
        free = [text for text in questions if text not in homes and bare(text) not in knowledge.asked]
        if answer and free:
            draft = draft_of(answer, free, Source(files.get(_first(each), ""), sheet, _first(each)))
            drafts.setdefault(draft.key, (draft, each.support))
    clear = leads.told()
    return Mined(
        len(talks),
        len(repeated),
        tuple(draft for draft, _ in drafts.values()),
        tuple(support for _, support in drafts.values()),
        clear,
        {lead.entry: _title(knowledge.entries[lead.entry]) for lead in clear},
    )


def _first(found: Group) -> int:
    return min(each.row for each in found.exchanges)


def _title(entry: Entry) -> str:
    return entry.question or entry.shortcut or entry.answers[0].text


def _homes(found: Iterable[Exchange], knowledge: Knowledge) -> dict[str, str]:
    """The entry that each question leads to, as far as one is sure, whatever conversation it was asked in."""
    replies: defaultdict[str, list[str]] = defaultdict(list)
    for each in found:
        for text in each.questions:
            replies[text].append(each.statement)
    homes = {text: knowledge.answers(text, "\n".join(said)) for text, said in sorted(replies.items())}
    return {text: home for text, home in homes.items() if home}


def _by_home(found: Iterable[Exchange], homes: Mapping[str, str]) -> dict[str, set[str]]:
    """The conversations that led to each entry."""
    talks: defaultdict[str, set[str]] = defaultdict(set)
    for each in found:
        for text in each.questions:
            if text in homes:
                talks[homes[text]].add(each.talk)
    return talks


class _Leads:
    """Leads as they are found: a question once for each entry, and none that leads to two."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._found: dict[str, dict[str, Lead]] = {}  # by bare text, by entry

    def add(self, entry: str, questions: Iterable[str], support: int, led: int) -> None:
        if support < led:
            return
        for text in questions:
            if bare(text) not in self._knowledge.asked:
                homes = self._found.setdefault(bare(text), {})
                known = homes.get(entry)
                homes[entry] = Lead(entry, known.text if known else text, max(support, known.support if known else 0))

    def told(self) -> tuple[Lead, ...]:
        """Best supported first."""
        clear = [lead for homes in self._found.values() if len(homes) == 1 for lead in homes.values()]
        return tuple(sorted(clear, key=lambda lead: (-lead.support, lead.entry, lead.text)))
