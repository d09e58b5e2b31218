"""The immutable index of one merchant at one generation, built in memory from a snapshot of its store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kb.catalog import Catalog
from kb.dense import DenseIndex
from kb.lexical import LexicalIndex
from kb.model import Answer, Entry, Polarity, Query
from kb.store.merchant import Snapshot
from kb.text import Analyzer, bare, fold, text_hash
from kb.words import dictionary


@dataclass(frozen=True, slots=True)
class Line:
    """One indexed text of an entry: its question, a phrasing, or (when it has no question) an answer."""

    text: str
    folded: str
    hash: str
    positive: bool


def lines_of(entry: Entry) -> tuple[Line, ...]:
    texts = [(text, True) for text in entry.askable() or [answer.text for answer in entry.answers]]
    texts += [(p.text, False) for p in entry.phrasings if p.polarity is Polarity.NEGATIVE]
    return tuple(Line(text, fold(text), text_hash(text), positive) for text, positive in texts)


class Shard:
    """Everything a search needs, consistent with one generation. Nothing here changes after `build`."""

    lines_by_version: dict[tuple[str, int], tuple[Line, ...]]
    tokens: dict[str, list[str]]

    def __init__(
        self, snapshot: Snapshot, fingerprint: str, analyzer: Analyzer, catalog: Catalog, previous: Self | None
    ) -> None:
        self.generation = snapshot.generation
        self.fingerprint = fingerprint
        self.analyzer = analyzer
        self.catalog = catalog
        self.entries = snapshot.entries
        known = previous.lines_by_version if previous is not None else {}
        groups = [known.get((entry.id, entry.version)) or lines_of(entry) for entry in self.entries]
        self.lines_by_version = {(e.id, e.version): group for e, group in zip(self.entries, groups, strict=True)}
        self.lines = [line for group in groups for line in group]
        self.owner = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        self.positive = np.array([line.positive for line in self.lines], bool)
        cut = previous.tokens if previous is not None and previous.analyzer is analyzer else {}
        self.tokens = {line.folded: cut.get(line.folded) or analyzer.tokens(line.text) for line in self.lines}
        self.lexical = LexicalIndex([self.tokens[line.folded] if line.positive else [] for line in self.lines])
        self.dense = self._index_vectors(snapshot)
        self.exact = self._by_text(positive=True)
        self.refused = self._by_text(positive=False)
        starts = np.cumsum([0, *(len(group) for group in groups)])
        self.lines_of_entry = [range(start, end) for start, end in pairwise(starts.tolist())]
        self._always, self._sometimes = self._validity()

    @classmethod
    def build(cls, snapshot: Snapshot, fingerprint: str, previous: Self | None = None) -> Self:
        """Index a snapshot, taking over from `previous` what did not change.

        An edit must be live within a second in a shop of thousands: the catalogue is kept while the products are, an
        entry's lines while its version is, and the tokens while the dictionary is.
        """
        if previous is not None and previous.catalog.holds(snapshot.products):
            return cls(snapshot, fingerprint, previous.analyzer, previous.catalog, previous)
        analyzer = Analyzer(dictionary(snapshot.products))
        if previous is not None and previous.analyzer.fingerprint == analyzer.fingerprint:
            analyzer = previous.analyzer
        return cls(snapshot, fingerprint, analyzer, Catalog(snapshot.products, analyzer), previous)

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
        fitting = [
            answer
            for answer in entry.answers
            if answer.window.contains(query.now) and answer.condition.holds(query.platform, query.product)
        ]
        return max(fitting, key=lambda answer: answer.condition.weight, default=None)

    def _index_vectors(self, snapshot: Snapshot) -> DenseIndex | None:
        """A vector per line, in the lines' order; None unless every line has one.

        A line that lacks it would be buried under its rivals, so until the vectors are filled in the shard is searched
        by words alone.
        """
        found = [snapshot.vectors.get(line.hash) for line in self.lines]
        vectors = [vector for vector in found if vector is not None]
        return DenseIndex(np.stack(vectors)) if vectors and len(vectors) == len(found) else None

    def _by_text(self, *, positive: bool) -> dict[str, tuple[int, ...]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for owner, line in zip(self.owner.tolist(), self.lines, strict=True):
            # A text of punctuation alone folds to nothing: it is the same as no other.
            key = bare(line.folded)
            if line.positive is positive and key and owner not in found[key]:
                found[key].append(owner)
        return {text: tuple(positions) for text, positions in found.items()}

    def _validity(self) -> tuple[NDArray[np.bool_], list[int]]:
        """(entries that may always answer, positions of those that must be asked each time)."""
        free = [_unconditional(entry) for entry in self.entries]
        return np.array(free, bool), [i for i, yes in enumerate(free) if not yes]


def _unconditional(entry: Entry) -> bool:
    windows = [entry.window, *(answer.window for answer in entry.answers)]
    return (
        bool(entry.answers)
        and all(w.start is None and w.end is None for w in windows)
        and any(answer.condition.weight == 0 for answer in entry.answers)
    )
