"""The closed lists of `cues.toml`: what conversations are about, and what buyers want. Data that a person can read and add to."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

OTHER = "其他"  # 问题类型 of a chat that has not said what it is about
ASKS = "咨询"  # 诉求 of a buyer who only wants to know

_PIECE = re.compile(r"[^,，。;；!！?？~～\s]+[?？]?")


@dataclass(frozen=True, slots=True)
class Cue:
    """One name of a closed list and the words that tell it. `weight`: how much it says beside others (topics only)."""

    name: str
    found: re.Pattern[str]
    unless: re.Pattern[str] | None
    weight: int
    next: Mapping[str, str]

    def places(self, said: Said) -> Iterator[tuple[int, int]]:
        """(clause, offset in it) of each match that its clause does not take back."""
        for match in self.found.finditer(said.text):
            clause, start = said.clause(match.start())
            if not (self.unless and self.unless.search(said.clauses[clause])):
                yield clause, match.start() - start


@dataclass(frozen=True, slots=True)
class Said:
    """Clauses one a line, so that a pattern is looked for once in all of them and never across two."""

    clauses: Sequence[str]
    text: str

    def clause(self, position: int) -> tuple[int, int]:
        """The clause that a position lies in, and where it starts."""
        number = self.text.count("\n", 0, position)
        return number, self.text.rfind("\n", 0, position) + 1


def said(texts: Sequence[str]) -> Said:
    """Folded texts, oldest first, as clauses."""
    clauses = [piece for text in texts for piece in _PIECE.findall(text)]
    return Said(clauses, "\n".join(clauses))


@lru_cache(maxsize=1)
def topics() -> tuple[Cue, ...]:
    return _cues("topic")


@lru_cache(maxsize=1)
def wishes() -> tuple[Cue, ...]:
    return _cues("wish")


def _cues(kind: str) -> tuple[Cue, ...]:
    data = tomllib.loads(files("kb.keyfacts").joinpath("cues.toml").read_text(encoding="utf-8"))
    return tuple(map(_cue, data[kind]))


def _cue(data: Mapping[str, Any]) -> Cue:
    unless = data.get("unless", "")
    return Cue(
        data["name"],
        _pattern(data["found"]),
        _pattern(unless) if unless else None,
        int(data.get("weight", 0)),
        data.get("next", {}),
    )


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("[^,。]", "[^\\n]"), re.MULTILINE)
