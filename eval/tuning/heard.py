"""What the listener learns from: messages as they are told in their conversation, and the question each of them asks.

A question is known by its lines: a standard question and other wordings. Messages come from a set's own shops (faq.jsonl,
queries.jsonl), from labelled pairs, and from real conversations that somebody read and labelled: of a turn, what the desk
must answer then, in three wordings of the reader's own.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eval.cases import Row, check_gold, read_faq, read_queries, rows
from eval.tuning.pairs import Pair
from kb.language.conversation import Said, alone, prepared, understand
from kb.language.text import clean
from kb.model import Speaker, Turn

_TURNS = 3  # before the message, as a platform hands them over
_ROLES = {"customer": Speaker.BUYER, "agent": Speaker.AGENT}


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as it is told, and the numbers of the questions that it asks."""

    told: str
    asks: frozenset[int]


@dataclass(slots=True)
class Lessons:
    """Questions by number, and what was heard of them, by kind: a batch holds some of each."""

    questions: list[Sequence[str]] = field(default_factory=list)
    talks: list[Heard] = field(default_factory=list)
    real: list[Heard] = field(default_factory=list)
    single: list[Heard] = field(default_factory=list)
    pairs: list[Heard] = field(default_factory=list)

    def add_shops(self, folders: Sequence[Path]) -> None:
        """The project's own messages, told in their conversation; those that can be, also by themselves. A message may ask
        a question of another folder."""
        numbers = {
            line.id: self._number([line.question, *line.phrasings])
            for folder in folders
            for line in read_faq(folder / "faq.jsonl")
        }
        for folder in folders:
            cases = read_queries(folder / "queries.jsonl")
            check_gold(cases, numbers.keys())
            for case in cases:
                said = understand(prepared(case.query), case.turns)
                asks = frozenset(numbers[name] for name in case.gold)
                if said.continued:
                    self.talks.append(Heard(said.told, asks))
                if not case.needs_context:
                    self.single.append(Heard(alone(said), asks))

    def add_sessions(self, sessions: Path, labels: Path, unseen: Collection[str]) -> int:
        """Real conversations ({"session", "turns": [{"role", "messages"}]} a line) by their labels ({"session", "turn",
        "asks", "leans"}). No message of `unseen` is a lesson; returns how many were left out for that."""
        known = {row.text("session"): row for row in rows(sessions)}
        left_out = 0
        for row in rows(labels):
            said = _said(known, row)
            if said.own in unseen:
                left_out += 1
                continue
            asks = frozenset([self._number(row.texts("asks"))])
            self.real.append(Heard(said.told, asks))
            if said.continued and not row.values.get("leans"):
                self.single.append(Heard(alone(said), asks))
        return left_out

    def add_pairs(self, pairs: Sequence[Pair]) -> None:
        """Each left side asks what its right side says."""
        for pair in pairs:
            said = understand(pair.left)
            self.pairs.append(Heard(alone(said), frozenset([self._number([pair.right])])))

    def _number(self, lines: Sequence[str]) -> int:
        self.questions.append([*dict.fromkeys(clean(line) for line in lines)])
        return len(self.questions) - 1


def draws(heard: Sequence[Heard], chance: random.Random) -> Iterator[Heard]:
    """One after the other in random order, again and again."""
    while True:
        yield from chance.sample(heard, len(heard))


def _said(sessions: Mapping[str, Row], label: Row) -> Said:
    name, place = label.text("session"), label.values.get("turn")
    if name not in sessions or not isinstance(place, int):
        raise label.wrong("没有这个会话，或“turn”不是整数")
    turns = sessions[name].values.get("turns")
    if not isinstance(turns, list) or not 0 <= place < len(turns) or turns[place].get("role") != "customer":
        raise label.wrong("“turn”不是买家的一轮")
    before = [Turn(_ROLES[turn["role"]], _words(turn)) for turn in turns[max(0, place - _TURNS) : place]]
    return understand(prepared(_words(turns[place])), before)


def _words(turn: Mapping[str, Sequence[str | None]]) -> str:
    return " ".join(message for message in turn["messages"] if message)
