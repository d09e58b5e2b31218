"""Several names in one cell: 天猫、京东; and back."""

from __future__ import annotations

import re
from collections.abc import Collection

from ingest.sheet import safe

_SEPARATORS = "、，,；;|\n"
_NAME = re.compile(rf"「((?:[^」]|」」)*)」|([^「{_SEPARATORS}][^{_SEPARATORS}]*)")


def names_cell(names: Collection[str]) -> str:
    """A set of names in one cell: 天猫、京东; one that holds a separator stands in 「」."""
    return "" if not names else "、".join(map(_name_cell, sorted(set(map(safe, names)))))


def read_names(cell: str) -> frozenset[str]:
    found = set()
    for quoted, bare in _NAME.findall(cell):
        if name := bare.strip():
            found.add(name)
        elif not bare:
            found.add(quoted.replace("」」", "」"))
    return frozenset(found)


def _name_cell(name: str) -> str:
    plain = name and name == name.strip() and name[0] != "「" and not any(mark in name for mark in _SEPARATORS)
    return name if plain else "「" + name.replace("」", "」」") + "」"
