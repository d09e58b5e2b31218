"""One conversation of an experiment as a row (docs/experiments.md says what each column holds)."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from ingest.quote import quote


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """In the order of the file's columns; money in 元; None: not known."""

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


COLUMNS = tuple(field.name for field in fields(ConversationRow))


def write_rows(rows: Iterable[ConversationRow], path: Path) -> None:
    """A csv file that Excel and WPS open as Chinese (UTF-8 with a mark)."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([_cell(getattr(row, name)) for name in COLUMNS] for row in rows)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return format(value, ".12g")
    if isinstance(value, str):
        return quote(value)
    return "" if value is None else str(value)
