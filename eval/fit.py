"""Fit the head: logistic regression with weights ≥ 0 over measured candidates, cross-fitted, written with its provenance.

    huashu eval fit shop=FOLDER ant=FOLDER --output kb/head.json

Each folder holds faq.jsonl, queries.jsonl and refuse.jsonl. Every set weighs the same, every message of a set
weighs the same. The figures printed are cross-fitted: folds are drawn over messages *and* over entries, so a
message is scored by weights that saw neither it nor any message answered by the same entry.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from eval.cases import Case, FaqLine, check_gold, read_faq, read_queries, read_refuse
from eval.metrics import auroc, ece
from eval.shop import shop_from_lines
from kb.embed import Engine, Vectors
from kb.features import HYBRID_FEATURES, LEXICAL_FEATURES, likeness
from kb.head import CONFIDENCE_FEATURES, confidence_features, sigmoid
from kb.model import Query
from kb.search import Ranking, prepared

FOLDS = 5
SEED = 20261121
RIDGE = 1.0  # strength of the pull towards zero, in units of one message
_MESSAGES = 1000.0  # what all weights add up to, so that the ridge means the same for any number of messages
DIRECT_PRECISION = 0.75  # 可直接用: of the first answers shown as such, this share is right
REFERENCE_PRECISION = 0.5  # 仅供参考
SMALL = (3, 10, 30)  # entries of the small shops drawn from each set
DRAWS = 16
_LONGEST_REFUSE = 400  # must-refuse messages used of one set: ant's thousand are all of one easy kind

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Measured candidates of one set: a row per candidate, and whose candidate it is."""

    name: str
    origin: str  # the set it was drawn from: samples of one origin share messages, and so folds
    size: int  # entries of the shop
    values: Matrix  # (rows, features)
    right: NDArray[np.bool_]  # (rows,) does this entry answer the message?
    message: NDArray[np.int64]  # (rows,) position in `cases`
    cases: tuple[Case, ...]
    fold: NDArray[np.int64]  # (cases,)

    def weights(self) -> Matrix:
        """So that every message counts once and all messages of a set together count 1."""
        counts = np.bincount(self.message, minlength=len(self.cases))
        return np.asarray(1.0 / counts[self.message] / len(self.cases), np.float64)


@dataclass(frozen=True, slots=True)
class Weights:
    """A fitted logistic function; the weights are in the features' own units."""

    bias: float
    weights: Matrix

    def score(self, values: Matrix) -> Matrix:
        """Log-odds per row of `values`."""
        return np.asarray(values @ self.weights + self.bias, np.float64)

    def to_json(self, names: Sequence[str]) -> dict[str, object]:
        weights = {name: round(float(w), 6) for name, w in zip(names, self.weights, strict=True)}
        return {"bias": round(self.bias, 6), "weights": weights}


class Remembering:
    """An engine that embeds each text once: the shops drawn from a set ask the same messages again and again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, Vectors] = {}
        self.fingerprint = engine.fingerprint
        self.dim = engine.dim

    def embed(self, texts: Sequence[str]) -> Vectors:
        for text in texts:
            if text not in self._known:
                self._known[text] = self._engine.embed([text])[0]
        return np.stack([self._known[text] for text in texts])


def measure_set(name: str, folder: Path, engine: Engine | None) -> list[Sample]:
    """A set as it is, and small shops drawn from it that know a few of its entries and get all of its messages."""
    faq = read_faq(folder / "faq.jsonl")
    cases = (*read_queries(folder / "queries.jsonl"), *read_refuse(folder / "refuse.jsonl")[:_LONGEST_REFUSE])
    check_gold(cases, {line.id for line in faq})
    folds = _folds(cases)
    refused = min(0.5, sum(not case.answerable for case in cases) / len(cases))
    samples = [_measure(name, name, faq, cases, folds, engine)]
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
            samples.append(_measure(f"{name}/{size}.{draw}", name, drawn, asked, folds[chosen], engine))
    return samples


def _measure(
    name: str,
    origin: str,
    faq: Sequence[FaqLine],
    cases: tuple[Case, ...],
    folds: NDArray[np.int64],
    engine: Engine | None,
) -> Sample:
    """Ask every message of a shop and measure its candidates exactly as the service does."""
    values, right, message = [], [], []
    with shop_from_lines(faq, engine) as shard:
        known = {entry.key for entry in shard.entries}
        for position, case in enumerate(cases):
            text = prepared(case.query)
            vector: Vectors | None = engine.embed([text])[0] if engine else None
            query = Query(case.query, case.turns, now=1)
            found = Ranking(shard, query, text, shard.analyzer.tokens(text), vector).candidates()
            if found is None:
                continue
            values.append(found.measured.values)
            right.append(np.array([shard.entries[i].key in case.gold for i in found.entries]))
            message.append(np.full(len(found.entries), position))
    # In a shop that knows only a part, a message is answerable when its answer is in that part.
    asked = tuple(replace(case, gold=case.gold & known) for case in cases)
    parts = np.concatenate(values), np.concatenate(right), np.concatenate(message)
    return Sample(name, origin, len(faq), *parts, asked, folds)


def _folds(cases: Sequence[Case]) -> NDArray[np.int64]:
    """A fold per message; messages linked by any shared gold entry, directly or through others, share the fold."""
    names = {name: len(cases) + i for i, name in enumerate(sorted({n for case in cases for n in case.gold}))}
    links = [(position, names[name]) for position, case in enumerate(cases) for name in case.gold]
    size = len(cases) + len(names)
    rows, columns = np.array(links, np.int64).reshape(-1, 2).T
    graph = coo_matrix((np.ones(len(links)), (rows, columns)), shape=(size, size))
    count, group = connected_components(graph, directed=False)
    drawn = np.random.default_rng(SEED).integers(FOLDS, size=count)
    return np.asarray(drawn[group[: len(cases)]], np.int64)


def fit(values: Matrix, right: NDArray[np.bool_], weight: Matrix) -> Weights:
    """Weighted logistic regression, weights ≥ 0, ridge on standardised features (L-BFGS-B; convex, so unique)."""
    scale = values.std(axis=0) + 1e-9
    design = np.column_stack([np.ones(len(values)), values / scale])
    weight = weight / weight.sum() * _MESSAGES

    def loss(beta: Matrix) -> tuple[float, Matrix]:
        score = design @ beta
        chance = sigmoid(score)
        penalty = np.r_[0.0, RIDGE * beta[1:]]
        value = weight @ (np.logaddexp(0.0, score) - right * score) + 0.5 * (penalty @ beta)
        return float(value), np.asarray(design.T @ (weight * (chance - right)) + penalty, np.float64)

    bounds = [(None, None), *[(0.0, None)] * values.shape[1]]
    best = minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds)
    return Weights(float(best.x[0]), np.asarray(best.x[1:] / scale, np.float64))


def fit_samples(samples: Sequence[Sample], keep: Sequence[NDArray[np.bool_]] | None = None) -> Weights:
    """One head over all sets, each set weighing the same; `keep` restricts to rows."""
    rows = keep or [np.ones(len(s.right), bool) for s in samples]
    return fit(
        np.concatenate([s.values[r] for s, r in zip(samples, rows, strict=True)]),
        np.concatenate([s.right[r] for s, r in zip(samples, rows, strict=True)]),
        np.concatenate([s.weights()[r] for s, r in zip(samples, rows, strict=True)]),
    )


def cross_fit(samples: Sequence[Sample]) -> list[Matrix]:
    """For each set, a relevance per row from weights that saw neither the message nor its entries' messages."""
    scores = [np.zeros(len(s.right)) for s in samples]
    for position, sample in enumerate(samples):
        for fold in range(FOLDS):
            held = sample.fold[sample.message] == fold
            keep = [np.ones(len(s.right), bool) for s in samples]
            keep[position] = ~held
            scores[position][held] = fit_samples(samples, keep).score(sample.values[held])
    return scores


@dataclass(frozen=True, slots=True)
class Firsts:
    """The first answer of each message of a set, by some relevance: what the second step learns from.

    A message without any candidate has no row in `values`, `right`, `fold`.
    """

    origin: str
    small: bool
    values: Matrix  # (messages with candidates, confidence features)
    right: NDArray[np.bool_]
    fold: NDArray[np.int64]
    message: NDArray[np.int64]  # position in the set's cases
    rank: NDArray[np.int64]  # per case: rank of the first right answer, 0 where there is none
    answerable: NDArray[np.bool_]  # per case

    @classmethod
    def of(cls, sample: Sample, relevance: Matrix, names: Sequence[str]) -> Self:
        rank = np.zeros(len(sample.cases), np.int64)
        values, right = [], []
        message = np.unique(sample.message)
        for position in message:
            rows = np.flatnonzero(sample.message == position)
            order = np.argsort(-relevance[rows], kind="stable")
            like = sample.values[rows, likeness(names)]
            length = len(prepared(sample.cases[position].query))
            values.append(confidence_features(relevance[rows], like, length)[order[0]])
            places = np.flatnonzero(sample.right[rows][order])
            rank[position] = places[0] + 1 if len(places) else 0
            right.append(rank[position] == 1)
        answerable = np.array([case.answerable for case in sample.cases])
        return cls(
            sample.origin,
            sample.name != sample.origin,
            np.array(values),
            np.array(right),
            sample.fold[message],
            message,
            rank,
            answerable,
        )

    def figures(self, chance: Matrix) -> dict[str, float]:
        """hit@1/3/5 over the answerable; refusal AUROC and calibration error of first answers' probabilities."""
        rank = self.rank[self.answerable]
        hits = {f"hit@{k}": round(float(((rank > 0) & (rank <= k)).mean()), 4) for k in (1, 3, 5)}
        every = np.zeros(len(self.rank))
        every[self.message] = chance
        told = auroc(every[self.answerable].tolist(), every[~self.answerable].tolist())
        return {**hits, "refusal_auroc": round(told, 4), "ece": round(ece(chance.tolist(), self.right.tolist()), 4)}


def fit_firsts(firsts: Sequence[Firsts], keep: Sequence[NDArray[np.bool_]] | None = None) -> Weights:
    """The second step over all sets, each set weighing the same, and all its small shops together as much as itself."""
    rows = keep or [np.ones(len(f.right), bool) for f in firsts]
    shares = Counter((f.origin, f.small) for f in firsts)
    return fit(
        np.concatenate([f.values[r] for f, r in zip(firsts, rows, strict=True)]),
        np.concatenate([f.right[r] for f, r in zip(firsts, rows, strict=True)]),
        np.concatenate(
            [
                np.full(int(r.sum()), 1.0 / max(int(r.sum()), 1) / shares[f.origin, f.small])
                for f, r in zip(firsts, rows, strict=True)
            ]
        ),
    )


def cross_fit_firsts(firsts: Sequence[Firsts]) -> list[Matrix]:
    """A probability per first answer, by the same folds as the first step."""
    chances = [np.zeros(len(f.right)) for f in firsts]
    for position, first in enumerate(firsts):
        for fold in range(FOLDS):
            keep = [(f.fold != fold) | (f.origin != first.origin) for f in firsts]
            held = first.fold == fold
            chances[position][held] = sigmoid(fit_firsts(firsts, keep).score(first.values[held]))
    return chances


def threshold(firsts: Sequence[Firsts], chances: Sequence[Matrix], precision: float) -> float:
    """The lowest probability from which first answers are right at least this often, each set weighing the same.

    The share right is taken over all answers at or above the threshold, on cross-fitted probabilities.
    """
    chance = np.concatenate(list(chances))
    right = np.concatenate([f.right for f in firsts])
    weight = np.concatenate([np.full(len(f.right), 1.0 / len(f.right)) for f in firsts])
    order = np.argsort(-chance, kind="stable")
    reached = np.cumsum((right * weight)[order]) / np.cumsum(weight[order])
    enough = np.flatnonzero(reached >= precision)
    return round(float(chance[order[enough[-1]]]), 4) if len(enough) else 1.0


def head_data(samples: Sequence[Sample], names: Sequence[str]) -> dict[str, object]:
    """One mode's part of head.json: weights from all messages, thresholds and figures from cross-fitting.

    The order is learned from whole shops; how far to trust it also from the small ones drawn from them (whose order
    comes from weights that saw their messages: a handful of numbers).
    """
    whole = [sample for sample in samples if sample.name == sample.origin]
    small = [sample for sample in samples if sample.name != sample.origin]
    weights = fit_samples(whole)
    firsts = [Firsts.of(s, r, names) for s, r in zip(whole, cross_fit(whole), strict=True)]
    firsts += [Firsts.of(s, weights.score(s.values), names) for s in small]
    chances = cross_fit_firsts(firsts)
    count = len(whole)
    named = zip(whole, firsts[:count], chances[:count], strict=True)
    return {
        **weights.to_json(names),
        "confidence": fit_firsts(firsts).to_json(CONFIDENCE_FEATURES),
        "direct": threshold(firsts[:count], chances[:count], DIRECT_PRECISION),
        "reference": threshold(firsts[:count], chances[:count], REFERENCE_PRECISION),
        "cross_fitted": {sample.name: first.figures(chance) for sample, first, chance in named},
        "cross_fitted_small_shops": _small_figures(small, firsts[count:], chances[count:]),
        "messages": {sample.name: len(sample.cases) for sample in whole},
    }


def _small_figures(
    samples: Sequence[Sample], firsts: Sequence[Firsts], chances: Sequence[Matrix]
) -> dict[str, dict[str, float]]:
    """By size of shop: the share of first answers that are right, the mean probability told, calibration error."""
    figures = {}
    for size in SMALL:
        chosen = [i for i, sample in enumerate(samples) if sample.size == size]
        if chosen:
            chance = np.concatenate([chances[i] for i in chosen])
            right = np.concatenate([firsts[i].right for i in chosen])
            told = {"right": right.mean(), "probability": chance.mean(), "ece": ece(chance.tolist(), right.tolist())}
            figures[str(size)] = {name: round(float(value), 4) for name, value in told.items()}
    return figures


def fit_head(folders: Mapping[str, Path], engine: Engine) -> dict[str, object]:
    """The whole of head.json: a head with the model's features and one for search by words alone."""
    heads: dict[str, object] = {}
    engine = Remembering(engine)
    for mode, used, names in (("hybrid", engine, HYBRID_FEATURES), ("lexical", None, LEXICAL_FEATURES)):
        samples = [sample for name, folder in folders.items() for sample in measure_set(name, folder, used)]
        heads[mode] = head_data(samples, names)
    provenance = {
        "fitted_by": "huashu eval fit",
        "engine": engine.fingerprint,
        "sets": sorted(folders),
        "seed": SEED,
        "folds": FOLDS,
        "ridge": RIDGE,
        "direct_precision": DIRECT_PRECISION,
        "reference_precision": REFERENCE_PRECISION,
    }
    return {"provenance": provenance, **heads}


def to_text(head: Mapping[str, object]) -> str:
    """The file's bytes: readable, and the same for the same fit."""
    return json.dumps(head, ensure_ascii=False, indent=2) + "\n"
