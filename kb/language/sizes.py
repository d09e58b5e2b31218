"""Sizes of clothes and shoes, as sheets write them, in one spelling: "M码", "m", "M(38)" and "M 码" are one M."""

from __future__ import annotations

import re
import unicodedata

_ONE = re.compile(
    r"X{0,6}S|X{0,6}L|[2-9]XL|[2-9]XS|M|F|FREE|均码|\d{2}(?:\.5)?|\d{3}(?:/\d{2,3}[ABCY]?)?|\d{2}/?\d{2,3}[A-G]|\d{2}[A-G]{1,2}"
)
_BRACKETS = re.compile(r"[()\[\]【】]+")


def size_keys(text: str) -> frozenset[str]:
    """The one spelling of a size, and of what stands in brackets beside it; nothing for a text that is no single size.

    "XXL" → {"2XL"}, "M(165/84A)" → {"M", "165/84A"}, "S/M/L" → {}.
    """
    plain = unicodedata.normalize("NFKC", text).upper().replace(" ", "")
    parts = [part for part in _BRACKETS.split(plain) if part]
    keys = {_spelling(part) for part in parts[:2]}
    return frozenset() if "" in keys or not parts else frozenset(keys)


def is_size(text: str) -> bool:
    """Whether a cell holds one size and nothing else."""
    return bool(size_keys(text))


def _spelling(part: str) -> str:
    bare = part.removesuffix("码").removesuffix("号") if part != "均码" else part
    if not _ONE.fullmatch(bare):
        return ""
    many = re.fullmatch(r"(X{2,6})([SL])", bare)
    return f"{len(many[1])}X{many[2]}" if many else "F" if bare in ("FREE", "均码") else bare
