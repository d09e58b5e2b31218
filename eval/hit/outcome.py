"""What became of one case: what was asked, what came back and why, and to which slices it belongs. A run is many of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from eval.report import Asked
from kb.model import Band


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit as an agent would see it: the entry's key and question, the phrasing that matched, how sure, and the reasons."""

    key: str
    question: str
    phrasing: str
    probability: float
    band: Band
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """Why the right entry did not stand first: a code of `eval.hit.why`, and what spoke for the other one, strongest first."""

    why: str
    features: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case, asked. `slices` names the part of the set it belongs to, by sort of slice (`eval.hit.slices`)."""

    asked: Asked
    shown: tuple[Shown, ...]  # the first three, best first
    quiet: bool  # too unlikely that anything answers: nothing would be offered
    slices: Mapping[str, str] = field(default_factory=dict)
    wanted: tuple[str, ...] = ()  # the questions of the right entries
    miss: Miss | None = None  # None: the right entry stands first, or there is none

    @property
    def qid(self) -> str:
        return self.asked.case.qid

    @property
    def rank(self) -> int | None:
        """The place of the first right entry, from 1; None where none was found."""
        places = (place for place, key in enumerate(self.asked.ranked, 1) if key in self.asked.case.gold)
        return next(places, None)

    @property
    def right(self) -> bool:
        """The first answer is right; never of a case that must be refused."""
        return self.rank == 1

    @property
    def direct(self) -> bool:
        """The first answer would be offered as 可直接用."""
        return bool(self.shown) and not self.quiet and self.shown[0].band is Band.DIRECT


@dataclass(frozen=True, slots=True)
class Run:
    """A set asked once: its outcomes in the order of the cases, and with what they were measured."""

    outcomes: tuple[Outcome, ...]
    about: Mapping[str, str | int | float]

    @property
    def asked(self) -> tuple[Asked, ...]:
        return tuple(one.asked for one in self.outcomes)
