"""From agents' decisions, and from chat logs, to proposals: what was used for a message may be another way to ask, what was rejected a
counter-example. Pure: events in, proposals out; nothing here is searched or stored.

One suggestion is one voice, however often it is retried, and its last word counts; so is one conversation of a chat log
in which the same was asked and answered as an entry answers it (a lead). A message that different agents
lead to different entries is left alone: it means something only in its conversation.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from kb.language.standalone import stands_alone
from kb.language.text import bare, clean
from kb.model import Entry, Event, EventKind, Gold, Lead, Polarity, Proposal, Status

LEAST_SUPPORT = 2  # suggestions that must agree before a shop may learn from them
USED = frozenset({EventKind.INSERTED, EventKind.EDITED, EventKind.SENT})
TELLING = USED | {EventKind.REJECTED}  # the kinds of event whose message is kept
_CLEAR_LEAD = 2  # an entry must have more than this many times the voices of the next one


@dataclass(frozen=True, slots=True)
class Ballot:
    """What agents decided about one message (its bare form) and one entry: the last event of each suggestion, and what
    chat logs say of it."""

    same: str
    entry: str
    used: tuple[Event, ...]
    rejected: tuple[Event, ...]
    lead: Lead | None = None

    @property
    def yes(self) -> int:
        return len(self.used) + (self.lead.support if self.lead else 0)

    @property
    def net(self) -> int:
        return self.yes - len(self.rejected)


def count(events: Iterable[Event], leads: Iterable[Lead] = ()) -> list[Ballot]:
    """The ballots of all messages that were asked about, in order of their first event, then of the leads.

    A suggestion that led to several entries says nothing about any of them: the agent was still looking.
    """
    last: dict[tuple[str, str], Event] = {}
    for event in events:
        if event.kind in TELLING and event.entry and bare(event.asked):
            last[event.suggestion or event.id, event.entry] = event
    choices = Counter(suggestion for (suggestion, _), event in last.items() if event.kind in USED)
    used: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
    rejected: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
    for (suggestion, entry), event in last.items():
        key = bare(event.asked), entry
        if event.kind not in USED:
            rejected[key].append(event)
        elif choices[suggestion] == 1:
            used[key].append(event)
    heard: dict[tuple[str, str], Lead] = {}
    for lead in leads:
        key = bare(lead.text), lead.entry
        # Two logs may hold the same conversations: the better supported of them speaks, not their sum.
        if key[0] and lead.support > (heard[key].support if key in heard else 0):
            heard[key] = lead
    keys = dict.fromkeys([*used, *rejected, *heard])
    return [Ballot(*key, tuple(used[key]), tuple(rejected[key]), heard.get(key)) for key in keys]


def propose(
    ballots: Sequence[Ballot],
    entries: Iterable[Entry],
    decided: Set[str] = frozenset(),
    trusted: Set[str] = frozenset(),
    least: int = LEAST_SUPPORT,
) -> list[Proposal]:
    """What the published entries could learn, best supported first.

    `decided` are the ids of proposals that were accepted or dismissed before; `trusted` the actors (trainers' keys)
    whose single, undisputed word is enough; everybody else's need `least` suggestions more for than against. What
    another entry is already asked by, word for word, is never proposed: it would make twins of the two.
    """
    known = {entry.id: entry for entry in entries if entry.status is Status.PUBLISHED}
    asked = {bare(text) for entry in known.values() for text in entry.askable()}
    unclear = _unclear(ballots)
    found = []
    for ballot in ballots:
        entry = known.get(ballot.entry)
        if entry is None or not _enough(ballot, trusted, least):
            continue
        proposal = _proposal(ballot)
        learns = proposal.polarity is Polarity.POSITIVE
        if learns and (ballot.same in unclear or ballot.same in asked):
            continue
        if proposal.id not in decided and ballot.same not in _own(entry) and stands_alone(proposal.text):
            found.append(proposal)
    return sorted(found, key=lambda p: (-p.support, p.against, -p.last_seen, p.id))


def agreed(ballots: Sequence[Ballot], entries: Mapping[str, Entry]) -> list[Gold]:
    """Messages with the entries that were used for them: witnesses, beside the gold set, of what works today.

    `entries` are the published ones by id.
    """
    keys: defaultdict[str, set[str]] = defaultdict(set)
    texts: dict[str, str] = {}
    for ballot in ballots:
        if ballot.used and len(ballot.used) > len(ballot.rejected) and ballot.entry in entries:
            keys[ballot.same].add(entries[ballot.entry].key)
            texts[ballot.same] = ballot.used[-1].asked
    return [Gold(f"agreed:{same}", texts[same], keys=frozenset(found)) for same, found in keys.items()]


def proposal_id(entry: str, polarity: Polarity, text: str) -> str:
    """The same for the same idea: 64 bits over entry, polarity and bare text."""
    digest = hashlib.blake2b("\x00".join((entry, polarity, bare(text))).encode(), digest_size=8).hexdigest()
    return f"pr_{digest}"


def _proposal(ballot: Ballot) -> Proposal:
    polarity = Polarity.POSITIVE if ballot.net > 0 else Polarity.NEGATIVE
    voices, others = (ballot.used, ballot.rejected)[:: 1 if ballot.net > 0 else -1]
    texts = Counter(clean(event.asked) for event in voices)
    if ballot.lead and polarity is Polarity.POSITIVE:
        texts[clean(ballot.lead.text)] += ballot.lead.support
    text = min(texts, key=lambda t: (-texts[t], len(t), t))  # how most of them wrote it; among equals the shortest
    return Proposal(
        id=proposal_id(ballot.entry, polarity, text),
        entry=ballot.entry,
        text=text,
        polarity=polarity,
        support=ballot.yes if polarity is Polarity.POSITIVE else len(voices),
        against=len(others) if polarity is Polarity.POSITIVE else ballot.yes,
        agents=len({event.actor for event in voices}),
        last_seen=max((event.at for event in voices), default=0),
    )


def _enough(ballot: Ballot, trusted: Set[str], least: int) -> bool:
    if abs(ballot.net) >= max(least, 1):
        return True
    voices = ballot.used if ballot.net > 0 else ballot.rejected
    undisputed = not (ballot.yes and ballot.rejected)
    return undisputed and any(event.actor in trusted for event in voices)


def _own(entry: Entry) -> set[str]:
    """What the entry is asked by, or must not be asked by, already."""
    return {bare(text) for text in (entry.question, *(p.text for p in entry.phrasings)) if text}


def _unclear(ballots: Iterable[Ballot]) -> set[str]:
    """Messages that no entry answers with a clear lead over every other."""
    nets: defaultdict[str, list[int]] = defaultdict(list)
    for ballot in ballots:
        nets[ballot.same].append(max(ballot.net, 0))
    ranked = {same: sorted(found, reverse=True) for same, found in nets.items()}
    return {same for same, found in ranked.items() if len(found) > 1 and found[0] <= _CLEAR_LEAD * found[1]}
