"""A log cut into sessions and waits: who waited for whom, and how long.

A *session* begins with a buyer's message: the first of a conversation, the first after it was closed, or after a silence of
`gap`. Only buyers begin one: an agent's late answer belongs to the question, and a 谢谢 after the end opens nothing. In a session
each run of the buyer's messages is one *wait*, from its first message that wants a reply to the next message of a human;
who replied is whoever sent it, not whom the conversation was given to. Bots and systems end no wait.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.kpi.goodbye import is_goodbye
from eval.kpi.log import By, Log, MarkKind, Said
from eval.kpi.rules import Rules, served


@dataclass(frozen=True, slots=True)
class Wait:
    """One question of a buyer, or several in a row, and the reply. `took_ms` is service time; None: nobody replied."""

    asked_ms: int
    took_ms: int | None
    agent: str  # who replied; "" where nobody did
    first: bool


@dataclass(frozen=True, slots=True)
class Session:
    """One matter of one buyer at one shop."""

    shop: str
    conversation: str
    buyer: str  # the conversation's id where the log names no buyer
    begun_ms: int
    ended_ms: int  # the last message
    asked_ms: int  # the buyer's last message
    waits: tuple[Wait, ...]
    agents: tuple[str, ...]  # humans that spoke, in order of their first message
    spells: tuple[tuple[str, int], ...]  # (agent, when) of each change of speaker among humans
    scene: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What names it: shop, conversation, beginning."""
        return self.shop, self.conversation, self.begun_ms

    @property
    def agent(self) -> str:
        """Whose session it is in figures by agent: who replied first; "" where nobody did."""
        return next((wait.agent for wait in self.waits if wait.agent), self.agents[0] if self.agents else "")

    @property
    def answered(self) -> bool:
        """Whether a human replied to anything that wanted a reply."""
        return any(wait.took_ms is not None for wait in self.waits)


def sessions(log: Log, rules: Rules) -> tuple[Session, ...]:
    """Every session of a log, by shop and in the order in which they began."""
    closings: dict[tuple[str, str], list[int]] = defaultdict(list)
    for mark in log.marks:
        if mark.kind is MarkKind.CLOSED:
            closings[mark.shop, mark.conversation].append(mark.at_ms)
    end = log.end_ms
    found = [
        _session(part, key, rules, end)
        for key, said in _by_conversation(log.said).items()
        for part in _parts(in_order(said, rules.skew_ms), sorted(closings[key]), rules.gap_ms)
    ]
    return tuple(sorted(found, key=lambda one: (one.shop, one.begun_ms, one.conversation)))


def in_order(said: Sequence[Said], skew_ms: int) -> list[tuple[int, Said]]:
    """Messages of a conversation with the moment each counts from, which never runs backwards.

    Within `skew_ms` the order of the file is believed and the clock is not: a reply that seems to be 2 s before its question
    came from a host whose clock is slow. What is earlier by more was delivered late and goes where it belongs.
    """
    placed: list[tuple[int, Said]] = []
    for one in said:
        place = len(placed)
        while place and one.at_ms < placed[place - 1][0] - skew_ms:
            place -= 1
        at = max(one.at_ms, placed[place - 1][0]) if place else one.at_ms
        placed.insert(place, (at, one))
    return placed


def _by_conversation(said: Sequence[Said]) -> dict[tuple[str, str], list[Said]]:
    """Messages of each conversation, each id once: hosts deliver twice."""
    seen: set[tuple[str, str, str]] = set()
    found: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in said:
        if one.id:
            if (key := (one.shop, one.conversation, one.id)) in seen:
                continue
            seen.add(key)
        found[one.shop, one.conversation].append(one)
    return found


def _parts(said: list[tuple[int, Said]], closings: Sequence[int], gap_ms: int) -> Iterator[list[tuple[int, Said]]]:
    part: list[tuple[int, Said]] = []
    last = 0  # when the session was last alive
    for at, one in said:
        if one.speaker is not By.BUYER:
            if part and one.speaker is not By.SYSTEM:
                part.append((at, one))
                last = at
            continue
        over = bool(part) and (at - last > gap_ms or bisect_right(closings, at) > bisect_right(closings, last - 1))
        if over and is_goodbye(one.text):
            continue  # thanks after the end are no new matter, and keep the old one no longer
        if over:
            yield part
            part = []
        part.append((at, one))
        last = at
    if part:
        yield part


def _session(part: list[tuple[int, Said]], key: tuple[str, str], rules: Rules, end_ms: int) -> Session:
    human = [(at, one.agent) for at, one in part if one.speaker is By.AGENT]
    spells = [(agent, at) for n, (at, agent) in enumerate(human) if agent and (n == 0 or human[n - 1][1] != agent)]
    return Session(
        shop=key[0],
        conversation=key[1],
        buyer=next((one.buyer for _, one in part if one.buyer), key[1]),
        begun_ms=part[0][0],
        ended_ms=part[-1][0],
        asked_ms=max(at for at, one in part if one.speaker is By.BUYER),
        waits=tuple(_waits(part, rules, end_ms)),
        agents=tuple(dict.fromkeys(agent for _, agent in human if agent)),
        spells=tuple(spells),
        scene=next((one.scene for _, one in part if one.scene), ""),
    )


def _waits(part: list[tuple[int, Said]], rules: Rules, end_ms: int) -> Iterator[Wait]:
    """Each run of the buyer's messages that wants a reply. One still young at the end of the log is not judged."""
    start: int | None = None
    first, spoken = True, False
    for at, one in part:
        if one.speaker is By.AGENT:
            if start is not None:
                yield Wait(start, served(rules.service, start, at), one.agent, first)
                first = False
            start, spoken = None, True
        elif one.speaker is By.BOT:
            spoken = True
        elif one.speaker is By.BUYER and start is None and not (spoken and is_goodbye(one.text)):
            start = at
    if start is not None and served(rules.service, start, end_ms) > rules.grace_ms:
        yield Wait(start, None, "", first)
