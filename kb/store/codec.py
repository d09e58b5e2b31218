"""Small values as text columns, one form each, so that equal values are equal bytes."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterable

from kb.model import Source

_NONE: frozenset[str] = frozenset()


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
    return frozenset(json.loads(text)) if text != "[]" else _NONE
