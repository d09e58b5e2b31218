"""Fit the head: logistic regression with weights ≥ 0 over measured candidates, cross-fitted, written with its provenance.

    huashu eval fit shop=FOLDER ant=FOLDER --output kb/head.json

Each folder holds faq.jsonl, queries.jsonl and refuse.jsonl. Every set weighs the same, every message of a set
weighs the same. The figures printed are cross-fitted: folds are drawn over messages *and* over entries, so a
message is scored by weights that saw neither it nor any message answered by the same entry.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from eval.cases import Case, read_faq, read_queries, read_refuse
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
_LONGEST_REFUSE = 400  # must-refuse messages used of one set: ant's thousand are all of one easy kind

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Measured candidates of one set: a row per candidate, and whose candidate it is."""

    name: str
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


def measure_set(name: str, folder: Path, engine: Engine | None) -> Sample:
    """Ask every message of a set and measure its candidates exactly as the service does."""
    faq = read_faq(folder / "faq.jsonl")
    cases = (*read_queries(folder / "queries.jsonl"), *read_refuse(folder / "refuse.jsonl")[:_LONGEST_REFUSE])
    values, right, message = [], [], []
    with shop_from_lines(faq, engine) as shard:
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
    stacked = np.concatenate(message)
    return Sample(name, np.concatenate(values), np.concatenate(right), stacked, cases, _folds(cases))


def _folds(cases: Sequence[Case]) -> NDArray[np.int64]:
    """A fold per message; messages that share any gold entry share the fold."""
    generator = np.random.default_rng(SEED)
    group: dict[str, int] = {}
    folds = np.zeros(len(cases), np.int64)
    for position in generator.permutation(len(cases)):
        names = sorted(cases[position].gold)
        known = [group[name] for name in names if name in group]
        folds[position] = known[0] if known else generator.integers(FOLDS)
        for name in names:
            group.setdefault(name, int(folds[position]))
    return folds


def fit(values: Matrix, right: NDArray[np.bool_], weight: Matrix) -> Weights:
    """Weighted logistic regression, weights ≥ 0, ridge on standardised features (L-BFGS-B; convex, so unique)."""
    scale = values.std(axis=0) + 1e-9
    design = np.column_stack([np.ones(len(values)), values / scale])
    weight = weight / weight.sum() * _MESSAGES

    def loss(beta: Matrix) -> tuple[float, Matrix]:
        score = design @ beta
        chance = 1.0 / (1.0 + np.exp(-score))
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
        return cls(np.array(values), np.array(right), sample.fold[message], message, rank, answerable)

    def figures(self, chance: Matrix) -> dict[str, float]:
        """hit@1/3/5 over the answerable; refusal AUROC and calibration error of first answers' probabilities."""
        rank = self.rank[self.answerable]
        hits = {f"hit@{k}": round(float(((rank > 0) & (rank <= k)).mean()), 4) for k in (1, 3, 5)}
        every = np.zeros(len(self.rank))
        every[self.message] = chance
        told = auroc(every[self.answerable].tolist(), every[~self.answerable].tolist())
        return {**hits, "refusal_auroc": round(told, 4), "ece": round(ece(chance.tolist(), self.right.tolist()), 4)}


def fit_firsts(firsts: Sequence[Firsts], keep: Sequence[NDArray[np.bool_]] | None = None) -> Weights:
    """The second step over all sets, each set weighing the same."""
    rows = keep or [np.ones(len(f.right), bool) for f in firsts]
    return fit(
        np.concatenate([f.values[r] for f, r in zip(firsts, rows, strict=True)]),
        np.concatenate([f.right[r] for f, r in zip(firsts, rows, strict=True)]),
        np.concatenate([np.full(int(r.sum()), 1.0 / r.sum()) for r in rows]),
    )


def cross_fit_firsts(firsts: Sequence[Firsts]) -> list[Matrix]:
    """A probability per first answer, by the same folds as the first step."""
    chances = [np.zeros(len(f.right)) for f in firsts]
    for position, first in enumerate(firsts):
        for fold in range(FOLDS):
            held = first.fold == fold
            keep = [np.ones(len(f.right), bool) for f in firsts]
            keep[position] = ~held
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
    """One mode's part of head.json: weights from all messages, thresholds and figures from cross-fitting."""
    weights = fit_samples(samples)
    firsts = [Firsts.of(s, r, names) for s, r in zip(samples, cross_fit(samples), strict=True)]
    chances = cross_fit_firsts(firsts)
    confidence = fit_firsts(firsts)
    named = zip(samples, firsts, chances, strict=True)
    return {
        **weights.to_json(names),
        "confidence": confidence.to_json(CONFIDENCE_FEATURES),
        "direct": threshold(firsts, chances, DIRECT_PRECISION),
        "reference": threshold(firsts, chances, REFERENCE_PRECISION),
        "cross_fitted": {sample.name: first.figures(chance) for sample, first, chance in named},
        "messages": {sample.name: len(sample.cases) for sample in samples},
    }


def fit_head(folders: Mapping[str, Path], engine: Engine) -> dict[str, object]:
    """The whole of head.json: a head with the model's features and one for search by words alone."""
    heads: dict[str, object] = {}
    for mode, used, names in (("hybrid", engine, HYBRID_FEATURES), ("lexical", None, LEXICAL_FEATURES)):
        heads[mode] = head_data([measure_set(name, folder, used) for name, folder in folders.items()], names)
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
