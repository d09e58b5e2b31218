"""From conversations to what a trainer should look at: phrasings for entries the shop has, drafts for what it has not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.draft import Talk
from ingest.mine.attach import Home, Knowledge
from ingest.mine.choose import Proposal, draft_of, key_of, proposal_of
from ingest.mine.exchange import Exchange, exchanges
from ingest.mine.generic import is_generic
from ingest.mine.group import group
from ingest.mine.leads import Leads
from ingest.mine.meaning import joined
from ingest.mine.once import proposals_of, worthy
from ingest.mine.reply import replies
from kb.embed import Engine
from kb.language.text import bare
from kb.model import Entry, Lead, Source
from kb.store.vectors import Vector

LEAST_TALKS = 2  # conversations that must agree for a draft that no judge has read
LEAST_LED = 3  # that must lead to an entry where no question is sure of it: of what two led to, one half was wrong


@dataclass(frozen=True, slots=True)
class Mined:
    """What a log holds. `entries` are drafts without ids, the repeated ones first, with the support of each (1: said in one
    conversation, and worth reading by `ingest.mine.worth`); `leads` have the ids of stored entries, whose questions are
    `homes`. `groups` counts the repeated answers."""

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
    groups = group(each for each in found if is_generic(each.statement))
    repeated = [each for each in (joined(groups, engine) if engine else groups) if each.support >= least]
    judged = worthy(replies(talks), engine) if engine else []
    # A question that a judge has read keeps the reply it was read with, however often another was said nearby.
    proposals = [*proposals_of(judged, engine), *map(proposal_of, repeated)]
    keys = {key_of(each.answer) for each in proposals if each.answer}
    knowledge = Knowledge.of([entry for entry in stored if entry.key not in keys], engine, vectors)
    homes = _homes(found, proposals, knowledge)
    leads = _leads(found, homes, knowledge, led)
    drafts: dict[str, tuple[Entry, int]] = {}
    asked = set(knowledge.asked)  # and what earlier drafts ask
    files = {talk.row: talk.file for talk in talks}
    for each in proposals:
        if home := knowledge.says(each.told):
            if each.judged or each.support >= led:
                leads.add(home, [text for text in each.questions if knowledge.speaks_of(home, text)], each.support)
            continue
        free = [text for text in each.questions if text not in homes and bare(text) not in asked]
        if each.answer and free:
            asked |= {bare(text) for text in free}
            draft = draft_of(each.answer, free, Source(files.get(each.row, ""), sheet, each.row))
            drafts.setdefault(draft.key, (draft, each.support))
    clear = leads.told()
    ranked = sorted(drafts.values(), key=lambda drafted: -drafted[1])
    return Mined(
        len(talks),
        len(repeated),
        tuple(draft for draft, _ in ranked),
        tuple(support for _, support in ranked),
        clear,
        {lead.entry: _title(knowledge.entries[lead.entry]) for lead in clear},
    )


def _title(entry: Entry) -> str:
    return entry.question or entry.shortcut or entry.answers[0].text


def _homes(found: Iterable[Exchange], proposals: Iterable[Proposal], knowledge: Knowledge) -> dict[str, Home]:
    """The entry that each question leads to, as far as one is likely, whatever conversation it was asked in."""
    replies: defaultdict[str, list[str]] = defaultdict(list)
    for each in found:
        for text in each.questions:
            replies[text].append(each.statement)
    for proposal in proposals:
        for text in proposal.questions:
            replies[text].append(proposal.told)
    homes = {text: knowledge.answers(text, "\n".join(said)) for text, said in sorted(replies.items())}
    return {text: home for text, home in homes.items() if home}


def _leads(found: Iterable[Exchange], homes: Mapping[str, Home], knowledge: Knowledge, led: int) -> Leads:
    """Questions that are sure of their entry, or that share it with those of enough other conversations."""
    talks: defaultdict[str, set[str]] = defaultdict(set)
    for each in found:
        for text in each.questions:
            if text in homes:
                talks[homes[text].entry].add(each.talk)
    leads = Leads(knowledge)
    for text, home in homes.items():
        support = len(talks[home.entry])
        leads.add(home.entry, [text] if support and (home.sure or support >= led) else (), support)
    return leads
