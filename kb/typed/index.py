"""What of one shop can be found by typing: its texts as arrays, once as written and once as they sound.

Made when somebody first types in the shop, not when its shard is built, and the sounds only when somebody types
letters. The next generation carries over what did not change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from kb.language.text import fold
from kb.model import Entry, Product
from kb.typed.pinyin import pinyin
from kb.typed.rows import Places, Rows
from kb.typed.spell import Sounds

SOUNDING = 60  # characters of a text without a question that are found by their sound: what an agent remembers of it

R = TypeVar("R", bound=Rows)
_Texts = Callable[[int], list[str]]  # position → texts


class Folded(Protocol):
    """A line of the shard: a text of an entry as it is compared."""

    @property
    def folded(self) -> str: ...
    @property
    def positive(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Versions:
    """(id, version) of every entry and product → its position."""

    entries: dict[tuple[str, int], int]
    products: dict[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Texts(Generic[R]):
    """The texts of a shop by what they are, and what they were made of; names and codes are the products'."""

    shortcuts: R
    questions: R
    phrasings: R
    answers: R
    names: R
    codes: R
    versions: _Versions


def _nothing(rows: R) -> Texts[R]:
    return Texts(rows, rows, rows, rows, rows, rows, _Versions({}, {}))


_NOT_WRITTEN = _nothing(Rows.of([]))
_NOT_SOUNDING = _nothing(Sounds.of([]))


class Typed:
    """The typed index of one generation. Each half is made when first asked for and never changes then."""

    def __init__(
        self,
        entries: Sequence[Entry],
        lines: Sequence[Folded],
        spans: Sequence[range],
        products: Sequence[Product],
        previous: Typed | None = None,
    ) -> None:
        """`lines[i] for i in spans[p]` are the lines of the entry at position p."""
        self.entries, self.products = entries, products
        self.things: list[Entry | Product] = [*entries, *products]
        self._lines, self._spans = lines, spans
        self._making = threading.RLock()
        # The latest halves that were made, not the previous index: generations must not hang on to each other.
        self._written: Texts[Rows] = previous._written if previous else _NOT_WRITTEN
        self._sounding: Texts[Sounds] = previous._sounding if previous else _NOT_SOUNDING
        self._has_written = self._has_sounding = False
        self._versions = _Versions({}, {})

    @property
    def written(self) -> Texts[Rows]:
        """The texts, folded."""
        with self._making:
            if not self._has_written:
                columns = self._shortcut, self._question, self._phrasings, self._answers, self._name, self._codes
                self._written = self._carry(self._written, columns)
                self._has_written = True
            return self._written

    @property
    def sounding(self) -> Texts[Sounds]:
        """The texts in the cells of `kb.typed.pinyin`; answers only of entries that have no question, codes none."""
        with self._making:
            if not self._has_sounding:
                cells = pinyin().cells
                columns = self._shortcut, self._question, self._phrasings, self._scripts, self._name, _none
                spoken = [_said(texts, cells) for texts in columns]
                self._sounding = self._carry(self._sounding, spoken)
                self._has_sounding = True
            return self._sounding

    def _carry(self, before: Texts[R], columns: Sequence[_Texts]) -> Texts[R]:
        shortcut, question, phrasings, answers, name, codes = columns
        if not self._versions.entries and not self._versions.products:  # one for both halves
            self._versions = _Versions(_positions(self.entries), _positions(self.products))
        kept = _kept(self._versions.entries, before.versions.entries)
        kept_products = _kept(self._versions.products, before.versions.products)
        return Texts(
            before.shortcuts.carried(kept, shortcut),
            before.questions.carried(kept, question),
            before.phrasings.carried(kept, phrasings),
            before.answers.carried(kept, answers),
            before.names.carried(kept_products, name),
            before.codes.carried(kept_products, codes),
            self._versions,
        )

    def _shortcut(self, position: int) -> list[str]:
        return [fold(self.entries[position].shortcut)]

    def _question(self, position: int) -> list[str]:
        return self._asked(position)[:1] if self.entries[position].question else []

    def _phrasings(self, position: int) -> list[str]:
        return self._asked(position)[1:] if self.entries[position].question else self._asked(position)

    def _answers(self, position: int) -> list[str]:
        return [fold(answer.text) for answer in self.entries[position].answers]

    def _scripts(self, position: int) -> list[str]:
        return [] if self._asked(position) else [text[:SOUNDING] for text in self._answers(position)]

    def _name(self, position: int) -> list[str]:
        return [fold(self.products[position].name)]

    def _codes(self, position: int) -> list[str]:
        product = self.products[position]
        return [fold(code) for code in (product.key, product.model, *(sku.key for sku in product.skus)) if code]

    def _asked(self, position: int) -> list[str]:
        """The folded question and phrasings; the shard has folded them, and lines of answers are not among them."""
        if not self.entries[position].askable():
            return []
        return [line.folded for i in self._spans[position] if (line := self._lines[i]).positive]


def _positions(things: Sequence[Entry | Product]) -> dict[tuple[str, int], int]:
    return {(thing.id, thing.version): position for position, thing in enumerate(things)}


def _kept(now: dict[tuple[str, int], int], before: dict[tuple[str, int], int]) -> Places:
    """For each position now, where the same version stood before; −1 where it is new or changed."""
    return np.array([before.get(version, -1) for version in now], np.int64)


def _none(_: int) -> list[str]:
    return []


def _said(texts: _Texts, cells: Callable[[str], str]) -> _Texts:
    return lambda position: [cells(text) for text in texts(position)]
