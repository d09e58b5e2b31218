"""Covariates as a matrix: numbers as they are, texts as one column for each value. Made in pieces: a million rows by forty
columns would be 320 MB at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eval.rows.rows import Floats, Rows

LEVELS = 20  # values of a text that get a column of their own, the most frequent ones; the others share none
PIECE = 100_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the matrix: `name` or `name=value`; `of` is the covariate it belongs to."""

    name: str
    of: str
    code: int = -1  # of a text's value; −1: a number
    middle: float = 0.0  # what stands for an unknown number: the mean of those known
    unknown: bool = False  # 1 where the number is not known


@dataclass(frozen=True, slots=True)
class Matrix:
    """The covariates of rows, read piece by piece."""

    rows: Rows
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.columns)

    def pieces(self) -> Iterator[tuple[slice, Floats]]:
        """Parts of the matrix, and which rows they are."""
        for start in range(0, len(self.rows), PIECE):
            part = slice(start, min(start + PIECE, len(self.rows)))
            yield part, np.column_stack([self._values(column, part) for column in self.columns])

    def _values(self, column: Column, part: slice) -> Floats:
        if column.code >= 0:
            return np.asarray(self.rows.texts[column.of].codes[part] == column.code, float)
        values = self.rows.numbers[column.of][part]
        return np.isnan(values).astype(float) if column.unknown else np.where(np.isnan(values), column.middle, values)


def matrix(rows: Rows, *, room: int | None = None) -> Matrix:
    """The rows' covariates; `room`: at most so many columns, those with fewest columns first. Constant ones are left out."""
    groups = [group for name in rows.covariates if (group := _columns(rows, name))]
    if room is not None:
        groups = _fitting(groups, room)
    return Matrix(rows, tuple(column for group in groups for column in group))


def _fitting(groups: list[list[Column]], room: int) -> list[list[Column]]:
    kept = []
    for group in sorted(groups, key=len):
        room -= len(group)
        if room >= 0:
            kept.append(group)
    return kept


def _columns(rows: Rows, name: str) -> list[Column]:
    return _of_number(rows, name) if name in rows.numbers else _of_text(rows, name)


def _of_number(rows: Rows, name: str) -> list[Column]:
    values = rows.numbers[name]
    unknown = np.isnan(values)
    if unknown.all():
        return []
    middle = float(values[~unknown].mean())
    found = [Column(name, name, middle=middle)] if np.ptp(values[~unknown]) > 0 else []
    return [*found, Column(f"{name}=?", name, unknown=True)] if unknown.any() else found


def _of_text(rows: Rows, name: str) -> list[Column]:
    """A column for each value but the most frequent, which is what is left where all of them are 0."""
    column = rows.text(name)
    counts = np.bincount(column.codes, minlength=len(column.names))
    often = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (-counts[code], column.names[code]))
    return [Column(f"{name}={column.names[code] or '?'}", name, code) for code in often[1 : LEVELS + 1]]
