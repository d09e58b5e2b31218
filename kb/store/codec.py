"""Small values as text columns, one form each: equal values are equal bytes. Many ids in few statements, scripts one by one."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sqlite_utils import Database

from kb.model import Logistics, OrderState, Payment, Refund, Source

T = TypeVar("T")

_CHUNK = 500  # ids per IN (…); SQLite's own limit is far higher, statements stay cacheable
NONE = "[]"  # a set without members
_EMPTY: frozenset[str] = frozenset()
_STATES: dict[str, OrderState] = {str(state): state for states in (Payment, Logistics, Refund) for state in states}


def new_id(prefix: str) -> str:
    """A random, unguessable id such as ``e_5f0c…`` (64 bits)."""
    return f"{prefix}_{secrets.token_hex(8)}"


def pack_source(source: Source | None) -> str | None:
    if source is None:
        return None
    return json.dumps([source.file, source.sheet, source.row, source.column], ensure_ascii=False)


def unpack_source(text: str | None) -> Source | None:
    if not text:
        return None
    file, sheet, row, column = json.loads(text)
    return Source(sys.intern(file), sys.intern(sheet), row, sys.intern(column))  # the same few for all rows of a sheet


def pack_set(values: Iterable[str]) -> str:
    return json.dumps(sorted(values), ensure_ascii=False)


def unpack_set(text: str) -> frozenset[str]:
    return frozenset(json.loads(text)) if text != NONE else _EMPTY


def unpack_states(text: str) -> frozenset[OrderState]:
    return frozenset(_STATES[state] for state in unpack_set(text))


def chunks(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), _CHUNK):
        yield things[start : start + _CHUNK]


def each_statement(db: Database, script: str, between: str = ";") -> None:
    """Run the statements of a script within the transaction that is open; `executescript` would commit it."""
    for statement in script.split(between):
        if statement.strip():
            db.conn.execute(statement)


def marks(values: Sequence[object]) -> str:
    """The question marks of an IN (…)."""
    return ",".join("?" * len(values))
