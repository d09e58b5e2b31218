"""Several attributes in one cell: "材质:棉；重量:200g；产地：江苏"."""

from __future__ import annotations

import re
import unicodedata

from ingest.columns.naming import known_attributes, plain, split_unit

_BREAKS = re.compile(r"[\n\r;；|｜]+")
_COMMAS = re.compile(r"[,，、]+")
_BLANKS = re.compile(r"\s+")
_BOXED = re.compile(r"【([^【】]{1,20})】[:：]?\s*([^【】]+)")
_PAIR = re.compile(r"\s*([^:：=\d][^:：=]{0,19}?)\s*[:：=]\s*(\S.*?)\s*[.。]?\s*", re.DOTALL)
_RATIO = re.compile(r"(?<=\d)\s*[:：]\s*(?=\d)")
_MARKS = re.compile(r"[。！!？?，,]")
_LONGEST_CELL = 4000  # characters; a longer one is a text
_ENDINGS = ("材质", "成分", "重量", "容量", "功率", "尺寸", "保质期", "产地", "面料")  # of 外壳材质, 电池容量
_FEWEST = 2  # pairs in a cell that nothing announces as such


def read_pairs(text: str, *, announced: bool) -> list[tuple[str, str]]:
    """The (name, value) pairs of a cell, in order; none unless all of it reads so, since half a reading is a guess.

    In a column that is not `announced` as one of attributes at least two pairs are needed, and half of their names
    must be what merchants call attributes: "早：取适量；晚：再取适量" is one instruction.
    """
    if len(text) > _LONGEST_CELL or not any(mark in text for mark in ":：=【"):
        return []
    pairs = _boxed(text) or _separated(text)
    names = [plain(name) for name, _ in pairs]
    if len(set(names)) < len(names):
        return []
    return pairs if announced or (len(pairs) >= _FEWEST and _are_attributes(names)) else []


def _boxed(text: str) -> list[tuple[str, str]]:
    """【材质】棉【产地】江苏"""
    found = list(_BOXED.finditer(text))
    whole = sum(len(match[0]) for match in found) == len(text.strip())
    return [(match[1].strip(), match[2].strip(" ;；,，\n")) for match in found] if whole else []


def _separated(text: str) -> list[tuple[str, str]]:
    """Pairs between the strongest mark under which every part is one; a comma may also stand inside a value."""
    for marks in (_BREAKS, _COMMAS, _BLANKS):
        parts = [part for part in marks.split(text) if part.strip()]
        pairs = [_pair(part) for part in parts]
        if len(pairs) > 1 and all(pairs):
            return [pair for pair in pairs if pair]
    text = text.strip().strip(";；")
    alone = None if _BREAKS.search(text) else _pair(text)
    return [alone] if alone else []


def _pair(part: str) -> tuple[str, str] | None:
    match = _PAIR.fullmatch(part)
    if not match or _MARKS.search(match[1]) or match[2].startswith("//"):
        return None
    # A second colon leaves it open what names what, unless it is that of 1:1 or 10:30.
    rest = _RATIO.sub("", match[2])
    return None if any(mark in rest for mark in ":：=") else (match[1], match[2])


def _are_attributes(names: list[str]) -> bool:
    known = sum(_is_attribute(unicodedata.normalize("NFKC", name)) for name in names)
    return 2 * known >= len(names)


def _is_attribute(name: str) -> bool:
    bare = split_unit(name)[0]
    return bare in known_attributes() or bare.endswith(_ENDINGS)
