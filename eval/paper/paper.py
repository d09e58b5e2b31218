"""What a report is made of: sections of prose, figures, tables and plots, and what all of it rests on. No file format yet.

Texts are in the report's language already (`eval.paper.words`). Shares are fractions: .123 with the unit "%" reads 12.3 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from eval.paper.words import ABOUT, say

Cell: TypeAlias = str | int | float | None
Unit: TypeAlias = Literal["", "%", "pp", "元", "秒", "毫秒"]


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Warning:
    """What a reader must know before believing the figures around it."""

    text: str


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure over n observations with its 95 % interval; None where it is not defined or has no interval.

    With the unit "%" the value is a share, with "pp" a difference of shares, both fractions of 1.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    unit: Unit = ""
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """A table of figures, each with interval, n and definition."""

    rows: Sequence[FigureRow]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: every row is as long as the header. Numbers stand right and are shown as they are given."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""

    def __post_init__(self) -> None:
        _even(self.caption, self.header, self.rows)


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing as SVG text (`eval.paper.plot`); `alt` says what it shows to who cannot see it."""

    svg: str
    caption: str
    alt: str


Part: TypeAlias = Prose | Warning | Figures | Grid | Plot


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    title: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Raw rows for the workbook, each as long as the header."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def __post_init__(self) -> None:
        _even(self.name, self.header, self.rows)


@dataclass(frozen=True, slots=True)
class Paper:
    """A report. `lead`: what somebody must know who reads nothing else. `about`: what every figure rests on, made by
    `about()`; a report that does not say it is none.
    """

    title: str
    lead: Sequence[str]
    about: Mapping[str, str]
    sections: Sequence[Section]
    rows: Sequence[Sheet] = ()

    def __post_init__(self) -> None:
        missing = [say(key) for key in ABOUT if not {say(key, "zh"), say(key, "en")} & self.about.keys()]
        if missing:
            raise ValueError(f"about lacks {missing}")


def about(
    lang: str = "zh",
    *,
    data_range: str = "",
    n: str = "",
    knowledge: str = "",
    model: str = "",
    seed: str = "",
    method: str = "",
    **more: str,
) -> dict[str, str]:
    """What a report must say of itself, under its names in that language, "—" where it does not apply; then `more`."""
    told = {"data_range": data_range, "n": n, "knowledge": knowledge, "model": model, "seed": seed, "method": method}
    return {**{say(key, lang): value or "—" for key, value in told.items()}, **more}


def _even(name: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise ValueError(f"{name}: row {number} has {len(row)} cells below {len(header)} headers")
