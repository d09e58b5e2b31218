"""To which parts of a set a case belongs: one name for each sort of slice, so that a figure can be told for each part.

Names are codes (`eval.hit.words` says them), scenes and shops are the merchant's own words. What cannot be known is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from rapidfuzz import fuzz, process

from eval.cases import Case
from kb.language.text import bare, clean
from kb.model import Entry
from kb.shard import Shard

SORTS = ("scene", "shop", "product", "length", "noise", "phrasing", "needs_context")
_SHORT, _LONG = 6, 16  # characters of a message: up to six, from sixteen on
_NEAR = 80  # likeness of 100 (rapidfuzz ratio of bare texts) from which a phrasing counts as known in other words
_EMOJI = re.compile(
    "[\u2600-\u27bf\U0001f000-\U0001faff]|\\[[\u4e00-\u9fff]{1,4}\\]|#E-s\\d+|/:[a-z0-9@#$&*]+", re.IGNORECASE
)
_REPEATED = re.compile(r"(.)\1{2,}|[?？!！。.~～]{2,}")
_LETTERS = re.compile(r"[a-z]{2,}")
_HAN = re.compile("[\u3400-\u9fff]")


def slices_of(case: Case, shard: Shard, gold: Sequence[Entry], shop: str = "") -> dict[str, str]:
    """The slices of a case in a shop; `gold` are its right entries as the shop knows them."""
    found = {
        "scene": _scene(case, gold),
        "shop": shop,
        "product": "named" if shard.catalog.naming(clean(case.query)).keys else "unnamed",
        "length": _length(case.query),
        "noise": noise(case.query, [text for entry in gold for text in entry.askable()], shard),
        "phrasing": phrasing(case.query, gold) if gold else "",
        "needs_context": {None: "", True: "needs", False: "alone"}[case.needs_context],
    }
    if not shard.catalog.products:
        del found["product"]
    return {sort: name for sort, name in found.items() if name}


def phrasing(query: str, gold: Sequence[Entry]) -> str:
    """Whether the shop knows a message: "known" word for word (`kb.language.text.bare`), "near", or "new"."""
    asked = bare(query)
    lines = [bare(text) for entry in gold for text in entry.askable()]
    if asked in lines:
        return "known"
    return "near" if process.extractOne(asked, lines, scorer=fuzz.ratio, score_cutoff=_NEAR) else "new"


def noise(query: str, known: Iterable[str], shard: Shard) -> str:
    """What is unusual about how a message is written: the first that applies of "sound" (a slip between characters that sound
    alike), "emoji", "letters" (written in letters that the right entry does not have), "repeats", else "clean".
    """
    lines = [clean(text).lower() for text in known]
    text = clean(query).lower()
    if _slips(text, lines, shard):
        return "sound"
    if _EMOJI.search(query):
        return "emoji"
    if any(run not in line for run in _LETTERS.findall(text) for line in [" ".join(lines)]):
        return "letters"
    return "repeats" if _REPEATED.search(query) else "clean"


def _slips(text: str, lines: Sequence[str], shard: Shard) -> bool:
    """Two neighbouring characters that sound as two of the right entry and are written otherwise, where they are no word:
    发或 for 发货. A heuristic: a slip of one character alone, or into another word, is not seen.
    """
    theirs = {pair for line in lines for pair in _pairs(line)}
    strange = {pair for pair in _pairs(text) if pair not in theirs} if theirs else set()
    if not strange:
        return False
    from pypinyin import lazy_pinyin  # here, not above: its tables take a while to load

    sounds = {tuple(lazy_pinyin(pair)) for pair in theirs}
    suspect = {pair for pair in strange if tuple(lazy_pinyin(pair)) in sounds}
    return bool(
        suspect
        - {*shard.analyzer.words_of(text)}
        - {pair for pair in suspect if shard.analyzer.words_of(pair) == [pair]}
    )


def _pairs(text: str) -> list[str]:
    return [first + second for first, second in pairwise(text) if _HAN.match(first) and _HAN.match(second)]


def _scene(case: Case, gold: Sequence[Entry]) -> str:
    if not case.answerable:
        return "refuse"
    return min((entry.scene for entry in gold if entry.scene), default="")


def _length(query: str) -> str:
    count = len(bare(query))
    if count <= _SHORT:
        return "short"
    return "long" if count >= _LONG else "medium"
