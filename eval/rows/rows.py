"""Conversation rows: the unit of every uplift figure, one row for each conversation of an experiment.

`ConversationRow` is one row, for those who make them (`huashu experiment export`, the simulator); `Rows` are many of them,
column by column, for those who count. A million rows as objects would take 2 GB and a minute; as arrays 0.2 GB. Numbers
are float64 with NaN for what is not known; texts are coded, each distinct one once. `eval.rows.reading` reads files of them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ingest.quote import quote

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

CONTROL = "control"
TEXTS = ("conversation", "shop", "agent", "shift", "day", "experiment", "arm", "unit", "platform", "scene", "buyer")
FLAGS = ("converted", "complaint", "refund", "exposed", "contaminated")  # 0 or 1
AMOUNTS = ("paid", "refunded", "items", "first_reply_s")  # never below 0
BEFORE = ("before_converted", "before_paid", "buyer", "platform", "scene", "shop")  # known before the assignment
NUMBERS = ("at", *FLAGS, *AMOUNTS, "before_converted", "before_paid")


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One conversation of an experiment, in the order of the file's columns; None: not known.

    `unit` is what was assigned: the conversation, an agent's shift or the shop. `day` is the day of its beginning where
    the shop is, `at` the same in unix seconds. Money is 元. `before_*` were known before the assignment. `exposed`:
    the treatment could act here; `contaminated`: it saw the other arm too. `segments` are further columns.
    """

    conversation: str
    shop: str
    agent: str
    shift: str
    day: str
    at: int
    experiment: str
    arm: str
    unit: str
    platform: str = ""
    scene: str = ""
    buyer: str = ""
    converted: int = 0
    paid: float = 0.0
    refunded: float = 0.0
    items: int = 0
    before_converted: float | None = None
    before_paid: float | None = None
    first_reply_s: float | None = None
    complaint: int = 0
    refund: int = 0
    exposed: int = 1
    contaminated: int = 0
    segments: Mapping[str, str] = field(default_factory=dict)


COLUMNS = tuple(one.name for one in fields(ConversationRow) if one.name != "segments")


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of texts: `names[codes[i]]` is the text of row i."""

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    def is_(self, name: str) -> Flags:
        """Which rows hold this text."""
        if name not in self.names:
            return np.zeros(len(self.codes), bool)
        return np.asarray(self.codes == self.names.index(name))

    def used(self) -> list[str]:
        """The texts that occur, sorted; "" (not known) left out."""
        return sorted(self.names[code] for code in np.flatnonzero(np.bincount(self.codes)) if self.names[code])

    def where(self, mask: Flags) -> Coded:
        return Coded(self.codes[mask], self.names)


@dataclass(frozen=True, slots=True)
class Rows:
    """Many conversations: columns of numbers and of texts, all equally long.

    `covariates` names the columns that were known before the assignment, `source` where the rows come from.
    """

    numbers: Mapping[str, Floats]
    texts: Mapping[str, Coded]
    covariates: tuple[str, ...] = ()
    source: str = ""

    def __len__(self) -> int:
        return len(self.texts["arm"].codes)

    def number(self, name: str) -> Floats:
        """A column of numbers; all NaN where the file has none."""
        found = self.numbers.get(name)
        return np.full(len(self), np.nan) if found is None else found

    def text(self, name: str) -> Coded:
        """A column of texts; all "" where the file has none."""
        return self.texts.get(name) or Coded(np.zeros(len(self), np.int32), ("",))

    def knows(self, name: str) -> bool:
        """Does any row say anything in this column?"""
        if name in self.numbers:
            return bool(np.isfinite(self.numbers[name]).any())
        return name in self.texts and bool(self.texts[name].used())

    def net(self) -> Floats:
        """What a conversation brought, 元: paid − refunded; no refund known counts 0."""
        return np.asarray(self.number("paid") - np.nan_to_num(self.number("refunded")))

    def arms(self) -> list[str]:
        """The arms that occur, the control group first where it has its usual name."""
        return sorted(self.text("arm").used(), key=lambda arm: (arm != CONTROL, arm))

    def segments(self) -> list[str]:
        """Columns of texts beyond the contract's."""
        return [name for name in self.texts if name not in TEXTS]

    def where(self, mask: Flags) -> Rows:
        """The rows of a mask."""
        numbers = {name: column[mask] for name, column in self.numbers.items()}
        texts = {name: column.where(mask) for name, column in self.texts.items()}
        return Rows(numbers, texts, self.covariates, self.source)


def coded(texts: Iterable[str]) -> Coded:
    """A column of texts, coded in the order in which they first occur."""
    known: dict[str, int] = {}
    codes = np.fromiter((known.setdefault(text, len(known)) for text in texts), np.int32)
    return Coded(codes, tuple(known))


def rows_of(rows: Sequence[ConversationRow], source: str = "") -> Rows:
    """The columns of rows that were made in memory."""
    texts = {name: coded(str(getattr(row, name)) for row in rows) for name in TEXTS}
    for name in dict.fromkeys(name for row in rows for name in row.segments):
        texts[name] = coded(row.segments.get(name, "") for row in rows)
    return known_before(Rows({name: _numbers(rows, name) for name in NUMBERS}, texts, (), source))


def known_before(rows: Rows) -> Rows:
    """The rows with those of the contract's covariates that say anything: more than one value, and not the unit itself."""
    told = tuple(name for name in BEFORE if rows.knows(name) and not _follows_unit(rows, name))
    return replace(rows, covariates=told)


def _follows_unit(rows: Rows, name: str) -> bool:
    """Is this column what was assigned, or the same in all rows? Then it says nothing about how it was assigned."""
    if name in rows.numbers:
        return False
    told = rows.text(name).used()
    return len(told) < 2 or told == rows.text("unit").used()


def cells(row: ConversationRow) -> list[str]:
    """A row as the texts of a file, in the order of COLUMNS; nothing for what is not known."""
    return [_cell(getattr(row, name)) for name in COLUMNS]


def write_rows(rows: Iterable[ConversationRow], path: Path, segments: Sequence[str] = ()) -> None:
    """A csv file that Excel and WPS open as Chinese (UTF-8 with a mark), which `eval.rows.reading` reads back."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, *segments])
        writer.writerows(_lines(rows, segments))


def _lines(rows: Iterable[ConversationRow], segments: Sequence[str]) -> Iterator[list[str]]:
    for row in rows:
        yield [*cells(row), *(row.segments.get(name, "") for name in segments)]


def _numbers(rows: Sequence[ConversationRow], name: str) -> Floats:
    values = (getattr(row, name) for row in rows)
    return np.fromiter((np.nan if value is None else float(value) for value in values), np.float64, len(rows))


def _cell(value: object) -> str:
    if isinstance(value, float):
        return format(value, ".12g")  # 0.1 + 0.2 is 0.3 to whoever reads the file
    if isinstance(value, str):
        return quote(value)
    return "" if value is None else str(int(value) if isinstance(value, bool) else value)
