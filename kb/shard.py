"""The immutable index of one merchant at one generation, built in memory from a snapshot of its store."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kb.catalog import Catalog
from kb.dense import DenseIndex
from kb.fitting import fitting
from kb.language.text import Analyzer, bare_of, fold, text_hash
from kb.language.words import dictionary
from kb.lexical import LexicalIndex
from kb.model import Answer, Entry, Polarity, Query
from kb.precedence import at_once
from kb.store.merchant import Snapshot
from kb.store.vectors import Vector
from kb.tuning import centre_for
from kb.typed.index import Typed

CutBefore = Callable[[str], Mapping[str, tuple[str, ...]]]


def nothing_cut(_: str) -> Mapping[str, tuple[str, ...]]:
    """Where no text has been cut before."""
    return {}


@dataclass(frozen=True, slots=True)
class Line:
    """One indexed text of an entry: its question, a phrasing, or (when it has no question) an answer."""

    text: str
    folded: str
    bare: str
    positive: bool


def lines_of(entry: Entry) -> list[Line]:
    texts = [(text, True) for text in entry.askable() or [answer.text for answer in entry.answers]]
    texts += [(p.text, False) for p in entry.phrasings if p.polarity is Polarity.NEGATIVE]
    return [_line(text, positive) for text, positive in texts]


def _line(text: str, positive: bool) -> Line:
    """The line of a text. Most texts are their own fold: one string then, where a vendor's lines are 400,000."""
    folded = fold(text)
    folded = text if folded == text else folded
    said = bare_of(folded)
    return Line(text, folded, folded if said == folded else said, positive)


class Shard:
    """Everything a search needs, consistent with one generation. Nothing here changes after `build`."""

    tokens: dict[str, tuple[str, ...]]
    recut: bool  # whether these are other texts than those that had been cut before
    typed: Typed

    def __init__(
        self, snapshot: Snapshot, fingerprint: str, analyzer: Analyzer, catalog: Catalog, previous: Self | None,
        pause: Callable[[], None], cut_before: CutBefore,
    ) -> None:  # fmt: skip
        self.generation = snapshot.generation
        self.fingerprint = fingerprint
        self.analyzer = analyzer
        self.catalog = catalog
        self.entries = snapshot.entries
        self.profile = snapshot.profile
        self.offers = snapshot.offers
        kept = _kept(self.entries, previous)
        groups = self._grouped(previous, kept, pause)
        self.lines = [line for group in groups for line in group]
        self.owner = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        self.positive = np.array([line.positive for line in self.lines], bool)
        self.tokens = self._cut(previous, pause, cut_before)
        self.lexical = LexicalIndex([self.tokens[line.folded] if line.positive else () for line in self.lines])
        self.exact = self._by_text(positive=True)
        self.refused = self._by_text(positive=False)
        starts = np.cumsum([0, *(len(group) for group in groups)])
        self.lines_of_entry = [range(start, end) for start, end in pairwise(starts.tolist())]
        self.dense = self._index_vectors(snapshot, previous, kept)
        self._always, self._sometimes = self._validity()
        self.must_read = [place for place, entry in enumerate(self.entries) if entry.must_read]
        earlier = previous.typed if previous is not None else None
        self.typed = Typed(self.entries, self.lines, self.lines_of_entry, catalog.products, earlier)

    @classmethod
    def build(
        cls, snapshot: Snapshot, fingerprint: str, previous: Self | None = None, pause: Callable[[], None] = at_once,
        cut_before: CutBefore = nothing_cut,
    ) -> Self:  # fmt: skip
        """Index a snapshot, taking over from `previous` what did not change.

        An edit must be live within a second in a shop of thousands: the catalogue is kept while the products are, an
        entry's lines while its version is, and the tokens while the dictionary is. `pause` is called before each
        entry that is read and each text that is cut, most of the work: it may wait. `cut_before` is asked for what the
        analyzer of a fingerprint has cut before, by fold, where `previous` was cut by another one or is not there.
        """
        if previous is not None and previous.catalog.holds(snapshot.products):
            return cls(snapshot, fingerprint, previous.analyzer, previous.catalog, previous, pause, cut_before)
        analyzer = Analyzer(dictionary(snapshot.products))
        if previous is not None and previous.analyzer.fingerprint == analyzer.fingerprint:
            analyzer = previous.analyzer
        catalog = Catalog(snapshot.products, analyzer)
        return cls(snapshot, fingerprint, analyzer, catalog, previous, pause, cut_before)

    @property
    def complete(self) -> bool:
        """Whether it can be searched with the model: see `_index_vectors`."""
        return self.dense is not None

    def allowed(self, query: Query) -> NDArray[np.bool_] | None:
        """Which entries may answer now, here and about this product, shape (entries,); None when all may."""
        if not self._sometimes:
            return None
        mask = self._always.copy()
        for position in self._sometimes:
            mask[position] = self.answer_for(position, query) is not None
        return mask

    def answer_for(self, position: int, query: Query) -> Answer | None:
        """The most specific answer whose window and conditions hold; None when the entry must stay silent."""
        entry = self.entries[position]
        if not entry.window.contains(query.now):
            return None
        return fitting(entry.answers, query)

    def lines_of(self, position: int) -> list[Line]:
        """The lines of the entry at this position."""
        span = self.lines_of_entry[position]
        return self.lines[span.start : span.stop]

    def _grouped(
        self, previous: Self | None, kept: Sequence[int | None], pause: Callable[[], None]
    ) -> list[list[Line]]:
        """The lines of each entry."""
        groups = []
        for entry, place in zip(self.entries, kept, strict=True):
            pause()
            groups.append(lines_of(entry) if place is None or previous is None else previous.lines_of(place))
        return groups

    def _cut(
        self, previous: Self | None, pause: Callable[[], None], cut_before: CutBefore
    ) -> dict[str, tuple[str, ...]]:
        """The tokens of each line by its fold. Interned: the same few thousand words are said everywhere."""
        if previous is not None and previous.analyzer is self.analyzer:
            known: Mapping[str, tuple[str, ...]] = previous.tokens
        else:
            known = cut_before(self.analyzer.fingerprint)
        found: dict[str, tuple[str, ...]] = {}
        for line in self.lines:
            pause()
            if line.folded in known:
                found[line.folded] = known[line.folded]
            elif line.folded not in found:
                found[line.folded] = tuple(map(sys.intern, self.analyzer.tokens_of(line.folded)))
        self.recut = found.keys() != known.keys()
        return found

    def _index_vectors(
        self, snapshot: Snapshot, previous: Self | None, kept: Sequence[int | None]
    ) -> DenseIndex | None:
        """A vector per line, in the lines' order; None unless every line has one.

        A line that lacks it would be buried under its rivals, so until the vectors are filled in the shard is searched
        by words alone. Lines of kept entries take theirs over from `previous`, where it is complete.
        """
        earlier = previous.dense if previous is not None and previous.fingerprint == self.fingerprint else None
        sources: list[int] = []
        targets: list[int] = []
        found: dict[int, Vector] = {}
        for place, span in zip(kept, self.lines_of_entry, strict=True):
            if earlier is not None and previous is not None and place is not None:
                sources += previous.lines_of_entry[place]
                targets += span
                continue
            for line in span:
                vector = snapshot.vectors.get(text_hash(self.lines[line].text))
                if vector is None:
                    return None
                found[line] = vector
        if not self.lines:
            return None
        dim = earlier.dim if earlier is not None else len(next(iter(found.values())))
        rows = np.empty((len(self.lines), dim), "<f2")
        if earlier is not None:
            rows[targets] = earlier.rows[sources]
        for line, vector in found.items():
            rows[line] = vector
        return DenseIndex(rows, centre_for(self.fingerprint))

    def _by_text(self, *, positive: bool) -> dict[str, tuple[int, ...]]:
        found: defaultdict[str, dict[int, None]] = defaultdict(dict)
        for owner, line in zip(self.owner.tolist(), self.lines, strict=True):
            # A text of punctuation alone folds to nothing: it is the same as no other.
            if line.positive is positive and line.bare:
                found[line.bare][owner] = None
        return {text: tuple(positions) for text, positions in found.items()}

    def _validity(self) -> tuple[NDArray[np.bool_], list[int]]:
        """(entries that may always answer, positions of those that must be asked each time)."""
        free = [_unconditional(entry) for entry in self.entries]
        return np.array(free, bool), [i for i, yes in enumerate(free) if not yes]


def _kept(entries: Sequence[Entry], previous: Shard | None) -> list[int | None]:
    """For each entry, where it stood in the previous shard at this same version; None where it is new or changed."""
    before = {} if previous is None else {(e.id, e.version): place for place, e in enumerate(previous.entries)}
    return [before.get((entry.id, entry.version)) for entry in entries]


def _unconditional(entry: Entry) -> bool:
    windows = [entry.window, *(answer.window for answer in entry.answers)]
    return (
        bool(entry.answers)
        and all(w.start is None and w.end is None for w in windows)
        and any(answer.condition.weight == 0 for answer in entry.answers)
    )
