"""What is written: pages of texts below headers, and a guide that explains them. No file format yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Header:
    """A column's header; `choices` are offered as a list, and with `only` nothing else may be written there."""

    text: str
    required: bool = False
    width: int = 16  # in characters
    choices: tuple[str, ...] = ()
    only: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet of texts; the first `examples` rows show how to fill in the others."""

    name: str
    headers: tuple[Header, ...]
    rows: Sequence[Sequence[str]]
    examples: int = 0
    frozen: int = 0  # columns that stay in sight


@dataclass(frozen=True, slots=True)
class Guide:
    """A sheet that explains: a title, some sentences, and a line for each column."""

    name: str
    title: str
    notes: tuple[str, ...]
    headers: tuple[str, ...]
    rows: Sequence[Sequence[str]]
