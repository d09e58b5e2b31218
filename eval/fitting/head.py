"""Fit the head on measured candidates, cross-fitted, written with its provenance.

    huashu eval fit shop=FOLDER ant=FOLDER --incomplete ant --output kb/head.json

Each folder holds faq.jsonl, queries.jsonl and refuse.jsonl; the demo shops and the minimal pairs of the project are
always with them. Every set weighs the same (all demo shops and all pairs together half of one each), every message of a
set weighs the same. A set named as incomplete (many of its entries answer messages they are not labelled for, so that
right answers count as wrong) teaches the order like the others, but hardly how far to trust a first answer.

The figures printed are cross-fitted: folds are drawn over messages *and* over entries, so a message is scored by weights
that saw neither it nor any message answered by the same entry; a minimal pair by weights that saw no pair of its kind.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from eval.fitting import samples as sampling
from eval.fitting.logistic import RIDGE, RIDGE_CHOICE, Matrix, Weights, choice, logistic
from eval.fitting.samples import FOLDS, SEED, SMALL, Sample, rows_of
from eval.metrics import auroc, coverage, ece
from eval.understanding.pairs import Pair
from kb.embed import Engine, Remembering
from kb.features import HYBRID_FEATURES, LEXICAL_FEATURES
from kb.head import (
    ANSWERABLE_FEATURES,
    CONFIDENCE_FEATURES,
    GROWING,
    answerable_features,
    confidence_features,
    sigmoid,
)

DIRECT_PRECISION = 0.75  # 可直接用: of the first answers shown as such, this share is right
REFERENCE = 0.3  # 仅供参考: from this probability on
HEARD = 0.97  # of the messages that have an answer, this share is not met with silence
INCOMPLETE = 0.05  # what a set with incomplete labels weighs for trust
SMALL_SHARE = 0.5  # what all small shops drawn from a set weigh beside it
PAIRS = "pairs"

Keep = Callable[[Any], NDArray[np.bool_]]  # which asked messages of a sample, or of its first answers, to learn from


def learn_order(samples: Sequence[Sample], shares: Mapping[str, float], keep: Keep) -> Weights:
    """The first step over all samples; an origin's messages weigh its share together."""
    asked, weight = [], []
    sizes = Counter({s.origin: 0 for s in samples})
    for sample in samples:
        sizes[sample.origin] += int(keep(sample).sum())
    for sample in samples:
        chosen = [one for one, yes in zip(sample.asked, keep(sample), strict=True) if yes]
        asked += chosen
        weight += [shares[sample.origin] / max(sizes[sample.origin], 1)] * len(chosen)
    values, right, message = rows_of(asked)
    return choice(values, right, message, np.array(weight))


def cross_learn(samples: Sequence[Sample], shares: Mapping[str, float]) -> list[list[tuple[Matrix, float]]]:
    """For each sample and asked message: its candidates' relevance and the score of none, from weights that never saw
    the message, nor any message answered by the same entry."""
    found: list[list[tuple[Matrix, float]]] = [[(np.zeros(0), 0.0)] * len(sample.asked) for sample in samples]
    for origin in dict.fromkeys(sample.origin for sample in samples):
        for fold in range(FOLDS):
            weights = learn_order(samples, shares, lambda s, o=origin, f=fold: (s.folds != f) | (s.origin != o))  # type: ignore[misc]
            for sample, places in zip(samples, found, strict=True):
                if sample.origin == origin:
                    for i in np.flatnonzero(sample.folds == fold):
                        places[i] = weights.relevance(sample.asked[i].measured.values), weights.bias
    return found


@dataclass(frozen=True, slots=True)
class Firsts:
    """The first answer of each message of a sample, by some relevance: what the second step learns from.

    A message without any candidate has no row in `values`, `right`, `fold`.
    """

    origin: str
    small: bool
    values: Matrix  # (messages with candidates, confidence features)
    some: Matrix  # (messages with candidates, answerable features)
    right: NDArray[np.bool_]
    fold: NDArray[np.int64]
    message: NDArray[np.int64]  # position in the sample's cases
    rank: NDArray[np.int64]  # per case: rank of the first right answer, 0 where there is none
    answerable: NDArray[np.bool_]  # per case
    needs_context: NDArray[np.bool_]  # per case

    @classmethod
    def of(cls, sample: Sample, ordered: Sequence[tuple[Matrix, float]]) -> Self:
        rank = np.zeros(len(sample.cases), np.int64)
        values, some, right = [], [], []
        for one, (relevance, none) in zip(sample.asked, ordered, strict=True):
            order = np.argsort(-relevance, kind="stable")
            values.append(confidence_features(relevance, none, one.measured, one.said)[order[0]])
            some.append(answerable_features(relevance, none, one.measured, one.said))
            places = np.flatnonzero(one.right[order])
            rank[one.position] = places[0] + 1 if len(places) else 0
            right.append(bool(one.right[order[0]]))
        return cls(
            sample.origin,
            sample.small,
            np.array(values).reshape(-1, len(CONFIDENCE_FEATURES)),
            np.array(some).reshape(-1, len(ANSWERABLE_FEATURES)),
            np.array(right, bool),
            sample.folds,
            np.array([one.position for one in sample.asked], np.int64),
            rank,
            np.array([case.answerable for case in sample.cases]),
            np.array([bool(case.needs_context) for case in sample.cases]),
        )

    def figures(self, chance: Matrix, answers: Matrix) -> dict[str, float]:
        """hit@1/3/5 over the answerable, all and by need of context; refusal AUROC of P(answerable); calibration error
        of the first answers' probabilities; the share of messages answered when at most 5 % of those may be wrong."""
        parts = {"": self.answerable}
        if self.needs_context[self.answerable].any():
            parts["single_turn_"] = self.answerable & ~self.needs_context
            parts["needs_context_"] = self.answerable & self.needs_context
        hits: dict[str, float] = {}
        for name, part in parts.items():
            if not part.any():
                continue
            rank = self.rank[part]
            hits |= {f"{name}hit@{k}": round(float(((rank > 0) & (rank <= k)).mean()), 4) for k in (1, 3, 5)}
        every = np.zeros(len(self.rank))
        every[self.message] = answers
        if not self.answerable.all():
            hits["refusal_auroc"] = round(auroc(every[self.answerable].tolist(), every[~self.answerable].tolist()), 4)
        told = {
            "ece": ece(chance.tolist(), self.right.tolist()),
            "coverage": coverage(chance, self.right, len(self.rank)),
        }
        return hits | {name: round(value, 4) for name, value in told.items()}


def learn_trust(firsts: Sequence[Firsts], shares: Mapping[str, float], keep: Keep | None = None) -> Weights:
    """How far a first answer can be trusted; each origin by its share, its small shops together by SMALL_SHARE of it."""
    return _learn([(f, f.values, f.right) for f in firsts], shares, keep, GROWING[CONFIDENCE_FEATURES])


def learn_silence(firsts: Sequence[Firsts], shares: Mapping[str, float], keep: Keep | None = None) -> Weights:
    """Whether anything answers a message, weighed in the same way."""
    rows = [(f, f.some, f.answerable[f.message]) for f in firsts]
    return _learn(rows, shares, keep, GROWING[ANSWERABLE_FEATURES])


def _learn(
    rows: Sequence[tuple[Firsts, Matrix, NDArray[np.bool_]]],
    shares: Mapping[str, float],
    keep: Keep | None,
    growing: int,
) -> Weights:
    draws = Counter((f.origin, f.small) for f, _, _ in rows)
    values, right, weight = [], [], []
    for first, measured, truth in rows:
        kept = np.ones(len(truth), bool) if keep is None else keep(first)
        share = shares[first.origin] * (SMALL_SHARE if first.small else 1.0) / draws[first.origin, first.small]
        values.append(measured[kept])
        right.append(truth[kept])
        weight.append(np.full(int(kept.sum()), share / max(int(kept.sum()), 1)))
    return logistic(np.concatenate(values), np.concatenate(right), np.concatenate(weight), growing)


def cross_trust(firsts: Sequence[Firsts], shares: Mapping[str, float]) -> tuple[list[Matrix], list[Matrix]]:
    """(probability of each first answer, P(answerable) of its message), by the same folds as the first step."""
    chances, answers = ([np.zeros(len(f.right)) for f in firsts] for _ in range(2))
    for origin in dict.fromkeys(f.origin for f in firsts):
        for fold in range(FOLDS):
            keep: Keep = lambda f, o=origin, n=fold: (f.fold != n) | (f.origin != o)  # type: ignore[misc]  # noqa: E731
            trust, silence = learn_trust(firsts, shares, keep), learn_silence(firsts, shares, keep)
            for first, chance, answer in zip(firsts, chances, answers, strict=True):
                held = (first.fold == fold) & (first.origin == origin)
                chance[held] = sigmoid(trust.score(first.values[held]))
                answer[held] = sigmoid(silence.score(first.some[held]))
    return chances, answers


def threshold(firsts: Sequence[Firsts], chances: Sequence[Matrix], precision: float) -> float:
    """The lowest probability from which first answers are right at least this often, each set weighing the same.

    The share right is taken over all answers at or above the threshold, on cross-fitted probabilities.
    """
    chance = np.concatenate(list(chances))
    right = np.concatenate([f.right for f in firsts])
    weight = np.concatenate([np.full(len(f.right), 1.0 / len(f.right)) for f in firsts])
    order = np.argsort(-chance, kind="stable")
    reached = np.cumsum((right * weight)[order]) / np.cumsum(weight[order])
    # Of equal probabilities all are shown, or none.
    enough = np.flatnonzero((reached >= precision) & np.r_[np.diff(chance[order]) != 0, True])
    return round(float(chance[order[enough[-1]]]), 4) if len(enough) else 1.0


def silence(firsts: Sequence[Firsts], answers: Sequence[Matrix]) -> float:
    """The P(answerable) that HEARD of the messages with an answer reach in every set."""
    reached = [np.quantile(a[f.answerable[f.message]], 1 - HEARD) for f, a in zip(firsts, answers, strict=True)]
    return round(float(min(reached)), 4)


def head_data(
    samples: Sequence[Sample], shares: Mapping[str, float], trusts: Mapping[str, float], names: Sequence[str]
) -> dict[str, object]:
    """One mode's part of head.json: weights from all messages, thresholds and figures from cross-fitting.

    The order is learned from whole shops and minimal pairs; how far to trust it from whole shops and the small ones
    drawn from them (whose order comes from weights that saw their messages: a handful of numbers).
    """
    ordering = [sample for sample in samples if not sample.small or sample.origin == PAIRS]
    weights = learn_order(ordering, shares, lambda sample: np.ones(len(sample.asked), bool))
    crossed = dict(zip((s.name for s in ordering), cross_learn(ordering, shares), strict=True))
    whole = [sample for sample in samples if not sample.small]
    small = [sample for sample in samples if sample.small and sample.origin != PAIRS]
    firsts = [Firsts.of(sample, crossed[sample.name]) for sample in whole]
    firsts += [Firsts.of(s, [(weights.relevance(o.measured.values), weights.bias) for o in s.asked]) for s in small]
    chances, answers = cross_trust(firsts, trusts)
    count = len(whole)
    named = zip(whole, firsts[:count], chances[:count], answers[:count], strict=True)
    return {
        **weights.to_json(names, bias="none"),
        "confidence": learn_trust(firsts, trusts).to_json(CONFIDENCE_FEATURES),
        "answerable": learn_silence(firsts, trusts).to_json(ANSWERABLE_FEATURES),
        "direct": threshold(firsts[:count], chances[:count], DIRECT_PRECISION),
        "reference": REFERENCE,
        "silence": silence(firsts[:count], answers[:count]),
        "cross_fitted": {sample.name: first.figures(chance, told) for sample, first, chance, told in named},
        "cross_fitted_pairs": _pairs_right(ordering, crossed),
        "cross_fitted_small_shops": _small_figures(small, firsts[count:], chances[count:]),
        "messages": {sample.name: len(sample.cases) for sample in whole},
    }


def _pairs_right(samples: Sequence[Sample], crossed: Mapping[str, Sequence[tuple[Matrix, float]]]) -> float:
    """The share of minimal pairs whose meant entry comes first; a pair whose meant entry is no candidate is lost."""
    pairs = [sample for sample in samples if sample.origin == PAIRS]
    won = [
        bool(one.right[np.argmax(relevance)])
        for sample in pairs
        for one, (relevance, _) in zip(sample.asked, crossed[sample.name], strict=True)
    ]
    return round(sum(won) / max(sum(len(sample.cases) for sample in pairs), 1), 4)


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


def fit_head(
    folders: Mapping[str, Path],
    demos: Sequence[Path],
    pairs: Sequence[Pair],
    engine: Engine,
    incomplete: Collection[str] = (),
) -> dict[str, object]:
    """The whole of head.json: a head with the model's features and one for search by words alone."""
    heads: dict[str, object] = {}
    engine = Remembering(engine)
    shares = {**dict.fromkeys(folders, 1.0), **{demo.name: 0.5 / len(demos) for demo in demos}, PAIRS: 0.5}
    trusts = {name: share * (INCOMPLETE if name in incomplete else 1.0) for name, share in shares.items()}
    for mode, used, names in (("hybrid", engine, HYBRID_FEATURES), ("lexical", None, LEXICAL_FEATURES)):
        found = [sample for name, folder in folders.items() for sample in sampling.of_set(name, folder, used)]
        found += [sampling.of_demo(demo, used) for demo in demos]
        found += sampling.of_pairs(pairs, used)
        heads[mode] = head_data(found, shares, trusts, names)
    provenance = {
        "fitted_by": "huashu eval fit",
        "engine": engine.fingerprint,
        "sets": sorted(shares),
        "incomplete": sorted(incomplete),
        "seed": SEED,
        "folds": FOLDS,
        "ridge": {"order": RIDGE_CHOICE, "trust": RIDGE},
        "direct_precision": DIRECT_PRECISION,
    }
    return {"provenance": provenance, **heads}


def to_text(head: Mapping[str, object]) -> str:
    """The file's bytes: readable, and the same for the same fit."""
    return json.dumps(head, ensure_ascii=False, indent=2) + "\n"
