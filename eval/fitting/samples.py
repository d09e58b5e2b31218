"""Measured candidates to learn from: whole sets, small shops drawn from them, and minimal pairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from eval.cases import Case, FaqLine, check_gold, read_faq, read_queries, read_refuse
from eval.shop import shop_from_folder, shop_from_lines
from eval.understanding.pairs import Pair
from kb.embed import Engine
from kb.features import Measured
from kb.language.conversation import Said, prepared, understand
from kb.model import Query
from kb.search import Ranking, embed
from kb.shard import Shard

FOLDS = 5
SEED = 20261121
SMALL = (3, 10, 30)  # entries of the small shops drawn from each set
DRAWS = 16
_LONGEST_REFUSE = 400  # must-refuse messages used of one set: ant's thousand are all of one easy kind

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """One message's candidates: what was measured, which of them are right (shape (candidates,)), how it was read."""

    position: int  # in the sample's cases
    measured: Measured
    right: NDArray[np.bool_]
    said: Said


@dataclass(frozen=True, slots=True)
class Sample:
    """The measured messages of one shop. A message without any candidate is in `cases` only."""

    name: str
    origin: str  # the set it was drawn from: samples of one origin share messages, and so folds
    size: int  # entries of the shop
    cases: tuple[Case, ...]
    fold: NDArray[np.int64]  # (cases,)
    asked: tuple[Asked, ...]

    @property
    def small(self) -> bool:
        return self.name != self.origin

    @property
    def folds(self) -> NDArray[np.int64]:
        """The fold of each asked message."""
        return self.fold[[one.position for one in self.asked]]


def of_set(name: str, folder: Path, engine: Engine | None) -> list[Sample]:
    """A set as it is, and small shops drawn from it that know a few of its entries and get all of its messages."""
    faq = read_faq(folder / "faq.jsonl")
    cases = (*read_queries(folder / "queries.jsonl"), *read_refuse(folder / "refuse.jsonl")[:_LONGEST_REFUSE])
    check_gold(cases, {line.id for line in faq})
    folds = folds_of(cases)
    refused = min(0.5, sum(not case.answerable for case in cases) / len(cases))
    samples = [_of_lines(name, name, faq, cases, folds, engine)]
    generator = np.random.default_rng(SEED)
    for size in SMALL:
        for draw in range(DRAWS):
            drawn = [faq[i] for i in sorted(generator.choice(len(faq), min(size, len(faq)), replace=False))]
            known = {line.id for line in drawn}
            theirs = [i for i, case in enumerate(cases) if case.gold & known]
            others = [i for i, case in enumerate(cases) if not case.gold & known]
            # As many strangers as the whole set has must-refuse messages beside its answerable ones: a shop's buyers
            # mostly ask what it sells and does, however little of that has been written down yet.
            count = min(len(others), max(1, round(len(theirs) * refused / (1 - refused))))
            chosen = np.sort([*theirs, *generator.choice(others, count, replace=False)])
            asked = tuple(cases[i] for i in chosen)
            samples.append(_of_lines(f"{name}/{size}.{draw}", name, drawn, asked, folds[chosen], engine))
    return samples


def of_demo(folder: Path, engine: Engine | None) -> Sample:
    """A demo shop as it is imported, asked its own gold and must-refuse messages."""
    cases = (*read_queries(folder / "gold.jsonl"), *read_refuse(folder / "refuse.jsonl"))
    with shop_from_folder(folder, engine) as shard:
        return _ask(folder.name, folder.name, cases, folds_of(cases), shard, engine)


def of_pairs(pairs: Sequence[Pair], engine: Engine | None) -> list[Sample]:
    """Minimal pairs: a shop for each kind, each message among the entries of its own pair; pairs of a kind share a fold."""
    kinds = {kind: i for i, kind in enumerate(dict.fromkeys(pair.kind for pair in pairs))}
    samples = []
    for kind, number in kinds.items():
        part = [pair for pair in pairs if pair.kind == kind]
        lines = [FaqLine(text, text) for text in dict.fromkeys(text for pair in part for text in pair.entries)]
        cases = tuple(Case(pair.id, pair.message, gold=frozenset([pair.entries[pair.gold]])) for pair in part)
        with shop_from_lines(lines, engine) as shard:
            sample = _ask(f"pairs/{kind}", "pairs", cases, np.full(len(cases), number % FOLDS), shard, engine, part)
        samples.append(sample)
    return samples


def folds_of(cases: Sequence[Case]) -> NDArray[np.int64]:
    """A fold per message; messages linked by any shared gold entry, directly or through others, share the fold."""
    names = {name: len(cases) + i for i, name in enumerate(sorted({n for case in cases for n in case.gold}))}
    links = [(position, names[name]) for position, case in enumerate(cases) for name in case.gold]
    size = len(cases) + len(names)
    rows, columns = np.array(links, np.int64).reshape(-1, 2).T
    graph = coo_matrix((np.ones(len(links)), (rows, columns)), shape=(size, size))
    count, group = connected_components(graph, directed=False)
    drawn = np.random.default_rng(SEED).integers(FOLDS, size=count)
    return np.asarray(drawn[group[: len(cases)]], np.int64)


def _of_lines(
    name: str,
    origin: str,
    faq: Sequence[FaqLine],
    cases: tuple[Case, ...],
    folds: NDArray[np.int64],
    engine: Engine | None,
) -> Sample:
    with shop_from_lines(faq, engine) as shard:
        known = {entry.key for entry in shard.entries}
        # In a shop that knows only a part, a message is answerable when its answer is in that part.
        asked = tuple(replace(case, gold=case.gold & known) for case in cases)
        return _ask(name, origin, asked, folds, shard, engine)


def _ask(
    name: str,
    origin: str,
    cases: tuple[Case, ...],
    folds: NDArray[np.int64],
    shard: Shard,
    engine: Engine | None,
    among: Sequence[Pair] = (),
) -> Sample:
    """Ask every message of a shop and measure its candidates exactly as the service does.

    `among`: the pair each case came from; then only the entries of that pair are rivals.
    """
    asked = []
    for position, case in enumerate(cases):
        text = prepared(case.query)
        said = understand(text, case.turns)
        ranking = Ranking(shard, Query(case.query, case.turns, now=1), text, said, embed(shard, said, engine))
        found = ranking.candidates()
        if found is None:
            continue
        keys = [shard.entries[i].key for i in found.entries]
        keep = np.array([not among or key in among[position].entries for key in keys])
        if keep.any():
            right = np.array([key in case.gold for key in keys])
            asked.append(Asked(position, found.measured.of(keep), right[keep], said))
    return Sample(name, origin, len(shard.entries), cases, folds, tuple(asked))


def rows_of(asked: Iterable[Asked]) -> tuple[Matrix, NDArray[np.bool_], NDArray[np.int64]]:
    """(values, right, message number) of all candidates, one message after the other."""
    group = list(asked)
    sizes = [len(one.right) for one in group]
    values = np.concatenate([one.measured.values for one in group])
    right = np.concatenate([one.right for one in group])
    return values, right, np.repeat(np.arange(len(group)), sizes)
