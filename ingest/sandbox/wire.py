"""Sheets as lines of JSON between the sandbox and the service. What comes out of a sandbox is not trusted either."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ingest.sheet import Row, Sheet
from kb.errors import BadFile, HuashuError, TooLarge

_LINE_CELLS = 2_000  # a line is decoded at once, holding the interpreter: a millisecond, not a second
_REFUSALS = {error.__name__: error for error in (BadFile, TooLarge)}


class Garbled(ValueError):
    """The other side did not speak this protocol to its end."""


def encode(sheets: Iterable[Sheet]) -> Iterator[bytes]:
    """One line for each sheet's name, some for its rows, and one that says that nothing is missing."""
    for sheet in sheets:
        yield _line("sheet", sheet.name, *(["prose"] if sheet.prose else []))
        for rows in _batches(sheet.rows):
            yield _line("rows", rows)
    yield _line("end")


def encode_refusal(error: HuashuError) -> bytes:
    """The line that stands for everything when a file is refused."""
    kind = TooLarge if isinstance(error, TooLarge) else BadFile
    return _line("refused", kind.__name__, error.message, error.advice)


def decode(lines: Iterable[bytes]) -> list[Sheet]:
    """The sheets. Raises BadFile or TooLarge as the other side did, Garbled for anything else than whole sheets."""
    names: list[str] = []
    prose: set[int] = set()
    grids: list[list[Row]] = []
    for line in lines:
        match _parsed(line):
            case ["sheet", str(name)]:
                names.append(name)
                grids.append([])
            case ["sheet", str(name), "prose"]:
                prose.add(len(names))
                names.append(name)
                grids.append([])
            case ["rows", list(rows)] if grids:
                grids[-1].extend(map(_row, rows))
            case ["refused", str(kind), str(message), str(advice)] if kind in _REFUSALS:
                raise _REFUSALS[kind](message, remedy=advice)
            case ["end"]:
                return [Sheet(name, tuple(grids[i]), i in prose) for i, name in enumerate(names)]
            case _:
                raise Garbled
    raise Garbled


def _batches(rows: tuple[Row, ...]) -> Iterator[list[list[object]]]:
    batch: list[list[object]] = []
    cells = 0
    for row in rows:
        batch.append([row.number, row.cells])
        cells += len(row.cells)
        if cells >= _LINE_CELLS:
            yield batch
            batch, cells = [], 0
    if batch:
        yield batch


def _line(*parts: object) -> bytes:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Garbled from error


def _row(row: Any) -> Row:
    match row:
        case [int(number), list(cells)] if number >= 0 and all(isinstance(cell, str) for cell in cells):
            return Row(number, tuple(cells))
        case _:
            raise Garbled
