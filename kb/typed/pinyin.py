"""How Chinese characters are read, for typing them as letters: 退货 as tuihuo, tui, th.

Source: the tables of pypinyin (MIT): 42,000 characters, 47,000 phrases. Tones are dropped, ü is v, as it is typed.

A character with several common readings (还 hai huan, 长 chang zhang, 重 zhong chong) is read as the phrase around it
says (重新 chong, 重量 zhong); where no known phrase stands around it, any of its common readings will do. A reading
is common when it is the first of the table, or at least two phrases and 2 % of a character's phrases have it: the
table also lists readings nobody types (还 fu, 有 wei, 车 ju).

A text becomes a string of *cells*, one for each letter, digit or character: the character itself, or, where a phrase
settled its reading, a private-use character that stands for both. Cells are what `kb.typed.spell` matches letters with.
"""

from __future__ import annotations

import importlib.util
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.once import once

Table = NDArray[np.bool_]  # over all cells: which of them a piece of the typed letters can stand for

LONGEST_READING = 6  # zhuang
INITIALS = frozenset({*"abcdefghijklmnopqrstuvwxyz", "zh", "ch", "sh"})
_CELLS = 0x10000
_SETTLED = 0xE000  # the first private-use character; `kb.language.text.clean` leaves none in a text
_NUMERALS = dict(zip("0123456789", "零 一 二两 三 四 五 六 七 八 九".split(), strict=True))
_LEAST_PHRASES, _LEAST_SHARE = 2, 0.02
_ALWAYS_INITIAL = "bpmfdtlkjqxzcsyw"  # the others can also stand inside a syllable (zh-u-a-ng) or end it
_VOWEL = re.compile("[aeiouv]")
_BACK_NASAL = re.compile(r"(?<=[aei])ng$")


def loose(letters: str) -> str:
    """The letters without what southern speakers do not hear: zh z, ch c, sh s; ang an, eng en, ing in; n l; ü u."""
    if letters[:2] in {"zh", "ch", "sh"}:
        letters = letters[0] + letters[2:]
    if letters.startswith("n"):
        letters = "l" + letters[1:]
    return _BACK_NASAL.sub("n", letters.replace("v", "u"))


def required(letters: str) -> int:
    """The initials that a text must have to be spelled with these letters, as bits of `Readings.initials`."""
    return sum({_bit(letter) for letter in letters if letter in _ALWAYS_INITIAL})


def _bit(letter: str) -> int:
    return 1 << ord(letter) - ord("a")


class Readings:
    """Which cells a piece of typed letters can stand for."""

    initials: NDArray[np.uint32]  # cell → with which letters it may begin

    def __init__(
        self, readings: Mapping[str, Iterable[str]], writings: Mapping[str, Iterable[str]], *, loosely: bool = False
    ) -> None:
        """`readings`: cell → how it may be read; `writings`: typed character → the cells that are written so."""
        whole: defaultdict[str, set[int]] = defaultdict(set)
        for cell, sounds in readings.items():
            for sound in sounds:
                whole[loose(sound) if loosely else sound].add(ord(cell))
        starts: defaultdict[str, set[int]] = defaultdict(set)
        for sound, cells in whole.items():
            for end in range(1, len(sound) + 1):
                starts[sound[:end]] |= cells
        self._whole = {sound: np.array(sorted(cells), np.uint16) for sound, cells in whole.items()}
        self._starts = {piece: np.array(sorted(cells), np.uint16) for piece, cells in starts.items()}
        self._writings, self._loosely = writings, loosely
        self.initials = np.zeros(_CELLS, np.uint32)
        for letter in _ALWAYS_INITIAL:
            self.initials[[ord(letter), *starts.get(letter, ())]] |= _bit(letter)

    def table(self, piece: str, *, last: bool) -> Table | None:
        """The cells that the piece spells: written out, or by their initial; the last piece may be unfinished.

        A single character also stands for itself, a digit for its numeral; None when the piece spells nothing.
        """
        sound = loose(piece) if self._loosely else piece
        cells = (self._starts if last or piece in INITIALS else self._whole).get(sound)
        if cells is None and len(piece) > 1:
            return None
        table = np.zeros(_CELLS, bool)
        if cells is not None:
            table[cells] = True
        if len(piece) == 1:
            table[[ord(cell) for cell in (piece, *self._writings.get(piece, ())) if ord(cell) < _CELLS]] = True
        return table


class Pinyin:
    """The readings of all characters and the phrases that settle them. Immutable once made."""

    def __init__(self, characters: Mapping[int, str], phrases: Mapping[str, list[list[str]]]) -> None:
        """`characters`: code point → readings with tones, comma between; `phrases`: phrase → readings by character."""
        common = _common(characters, phrases)
        several = {char for char, sounds in common.items() if len(sounds) > 1}
        self._settled: dict[tuple[str, str], str] = {}
        self._phrases: dict[str, str] = {}
        self._longest: dict[str, int] = {}  # by the first two characters
        for phrase, sounds in phrases.items():
            if len(phrase) == len(sounds) and not several.isdisjoint(phrase) and phrase.isalnum():
                cells = (
                    self._cell(c, _letters(s[0])) if c in several else c for c, s in zip(phrase, sounds, strict=True)
                )
                key = "".join([*phrase])  # a copy, see `_read`
                self._phrases[key] = "".join(cells)
                self._longest[key[:2]] = max(self._longest.get(key[:2], 0), len(key))
        numerals = {digit: [common[han][0] for han in hans] for digit, hans in _NUMERALS.items()}
        settled = {cell: [sound] for (_, sound), cell in self._settled.items()}
        either = {cell: [sound, *common[char]] for (char, sound), cell in self._settled.items()}
        writings: defaultdict[str, list[str]] = defaultdict(list, {digit: [*hans] for digit, hans in _NUMERALS.items()})
        for (char, _), cell in self._settled.items():
            writings[char].append(cell)
        self.strict = Readings({**common, **numerals, **settled}, writings)
        self.loose = Readings({**common, **numerals, **either}, writings, loosely=True)

    def cells(self, folded: str) -> str:
        """A folded text as cells; spaces and punctuation, which nobody types in pinyin, are left out.

        Phrases are taken from the left, the longest first.
        """
        out: list[str] = []
        at = 0
        while at < len(folded):
            size = self._longest.get(folded[at : at + 2], 1)
            while size > 1 and folded[at : at + size] not in self._phrases:
                size -= 1
            piece = folded[at : at + size]
            if size > 1 or piece.isalnum():
                out.append(self._phrases.get(piece, piece))
            at += size
        return "".join(out)

    def _cell(self, char: str, sound: str) -> str:
        return self._settled.setdefault((char, sound), chr(_SETTLED + len(self._settled)))


def _common(characters: Mapping[int, str], phrases: Mapping[str, list[list[str]]]) -> dict[str, list[str]]:
    """Character → its common readings, the usual one first."""
    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for phrase, sounds in phrases.items():
        for char, sound in zip(phrase, sounds, strict=False):
            used[char][_letters(sound[0])] += 1
    common: dict[str, list[str]] = {}
    for code, listed in characters.items():
        if code < _CELLS:
            counted = used[chr(code)]
            least = max(_LEAST_PHRASES, _LEAST_SHARE * counted.total())
            usual = _letters(listed.split(",")[0])
            common[chr(code)] = [usual, *sorted(s for s, n in counted.items() if s != usual and n >= least)]
    return common


@lru_cache(maxsize=4096)  # 1,700 syllables with tones
def _letters(toned: str) -> str:
    """lǜ → lv: as it is typed."""
    apart = unicodedata.normalize("NFD", toned).replace("u\u0308", "v")
    letters = "".join(char for char in apart if char.isascii())
    return letters if _VOWEL.search(letters) else "en"  # 嗯, in the table as n and ng


@once
def pinyin() -> Pinyin:
    """The one table of the process, read when first asked for."""
    # From its files: pypinyin itself would keep what they hold for good, and so would any string of it that is kept here, since
    # it lies among the others: 67 MB instead of 18.
    found = importlib.util.find_spec("pypinyin")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("pypinyin is not installed")
    characters, phrases = (
        json.loads(Path(found.origin).with_name(name).read_text("utf-8"))
        for name in ("pinyin_dict.json", "phrases_dict.json")
    )
    made = Pinyin({int(code): readings for code, readings in characters.items()}, phrases)
    _letters.cache_clear()
    return made
