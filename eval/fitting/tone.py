"""Fit the tone: how unhappy reviews and messages sound, written to tone.json with its provenance.

    huashu eval fit-tone REVIEWS CHAT --calm FILE … --output kb/language/tone.json

REVIEWS and CHAT are read by `eval.understanding.moods`. `eval.fitting.ngrams` learns from reviews, beside calm service
questions: people who write reviews mention 退货 and 客服 only in anger, buyers in a chat all day. Then five weights turn that
score and the cues into a probability, learned from reviews, chat messages (half of either being complaints) and the calm texts again.

Figures inside the file are cross-fitted: no text is scored by weights that saw it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.fitting.logistic import Matrix, Weights, logistic
from eval.fitting.ngrams import (
    FOLDS,
    RIDGE,
    SEED,
    UNIT,
    Flags,
    Grams,
    by_weight,
    cross_score,
    folds,
    gather,
    learn,
    measure,
)
from eval.metrics import auroc, ece
from eval.understanding.moods import Mood, read_calm, read_moods
from kb.head import sigmoid
from kb.language import cues
from kb.language.tone import FEATURES, Heard, grams, listen

PRECISION = 0.95  # of the messages flagged as complaints, this share is one
FALSE_ALARMS = 0.005  # of calm texts; some are not as calm as they were taken for
_MOST_CALM = 8000  # texts used of one source of calm texts
_REVIEWS_HEARD = 4000  # reviews that the second step learns from


@dataclass(frozen=True, slots=True)
class Heards:
    """The second step's view of one set: FEATURES per text, and which are complaints."""

    name: str
    values: Matrix  # (texts, FEATURES)
    unhappy: Flags


def fit_tone(reviews: Path, chat: Path, calm: Sequence[Path]) -> dict[str, object]:
    """The whole of tone.json."""
    told, said = read_moods(reviews), read_moods(chat)
    sources = [calm_texts(path) for path in calm]
    vocabulary, texts = gather(told, sources)
    learned = learn(texts)
    crossed = cross_score(texts)
    chosen = np.random.default_rng(SEED).permutation(len(told))[:_REVIEWS_HEARD]
    quiet = [Mood(text, complaint=False) for source in sources for text in source]
    sets = [
        _hear("reviews", [told[i] for i in chosen], crossed[chosen]),
        _hear("chat", said, score(said, vocabulary, learned)),
        _hear("calm", quiet, crossed[len(told) :]),
    ]
    chances = cross_chances(sets)
    counts = {"reviews": len(told), "chat": len(said)}
    calmly = {f"{path.parent.name}/{path.stem}": len(source) for path, source in zip(calm, sources, strict=True)}
    settings = {"seed": SEED, "folds": FOLDS, "ridge": RIDGE, "precision": PRECISION, "false_alarms": FALSE_ALARMS}
    return {
        "provenance": {"fitted_by": "huashu eval fit-tone", **counts, "calm": calmly, **settings},
        "cross_fitted": {s.name: figures(chance, s.unhappy) for s, chance in zip(sets[:2], chances, strict=False)},
        "complaining": threshold(sets, chances),
        **fit_sets(sets).to_json(FEATURES),
        "unit": UNIT,
        "ngrams_bias": learned.bias,
        "ngrams": by_weight(vocabulary, learned),
    }


def calm_texts(path: Path) -> list[str]:
    """The texts of a calm file without those that hold a cue: in real conversations some buyers are angry."""
    calm = [text for text in read_calm(path) if not cues.threats(listen(text)) and not cues.grievances(listen(text))]
    drawn = np.random.default_rng(SEED).permutation(len(calm))[:_MOST_CALM]
    return [calm[i] for i in sorted(drawn)]


def score(moods: Sequence[Mood], vocabulary: Sequence[str], learned: Grams) -> Matrix:
    """The first step's log-odds per text."""
    return learned.score(measure([grams(listen(mood.text)) for mood in moods], vocabulary))


def _hear(name: str, moods: Sequence[Mood], reviews: Matrix) -> Heards:
    values = [Heard.of(mood.text).features(float(review)) for mood, review in zip(moods, reviews, strict=True)]
    return Heards(name, np.array(values), np.array([mood.complaint for mood in moods]))


def fit_sets(sets: Sequence[Heards], keep: Sequence[Flags] | None = None) -> Weights:
    """The second step over all sets: complaints and other messages weigh ½ each in a set, wherever there are any."""
    rows = keep or [np.ones(len(s.unhappy), bool) for s in sets]
    return logistic(
        np.concatenate([s.values[r] for s, r in zip(sets, rows, strict=True)]),
        np.concatenate([s.unhappy[r] for s, r in zip(sets, rows, strict=True)]),
        np.concatenate([_balanced(s.unhappy[r]) for s, r in zip(sets, rows, strict=True)]),
    )


def cross_chances(sets: Sequence[Heards]) -> list[Matrix]:
    """A probability per text from weights that did not see it."""
    chances = [np.zeros(len(s.unhappy)) for s in sets]
    for held in zip(*(folds(len(s.unhappy)) for s in sets), strict=True):
        weights = fit_sets(sets, [~part for part in held])
        for chance, one, part in zip(chances, sets, held, strict=True):
            chance[part] = sigmoid(weights.score(one.values[part]))
    return chances


def threshold(sets: Sequence[Heards], chances: Sequence[Matrix]) -> float:
    """The lowest probability from which PRECISION of the flagged are complaints, in reviews and in chat alike, and at
    most FALSE_ALARMS of the calm texts are flagged."""
    return max(_lowest(one.unhappy, chance) for one, chance in zip(sets, chances, strict=True))


def _lowest(unhappy: Flags, chance: Matrix) -> float:
    order = np.argsort(-chance, kind="stable")
    right, flagged = np.cumsum(unhappy[order]), np.arange(1, len(order) + 1)
    fine = right >= PRECISION * flagged if unhappy.any() else flagged <= FALSE_ALARMS * len(order)
    enough = np.flatnonzero(fine)
    return round(float(chance[order[enough[-1]]]), 3) if len(enough) else 1.0


def _balanced(unhappy: Flags) -> Matrix:
    share = max(unhappy.mean(), 1e-9), max(1 - unhappy.mean(), 1e-9)
    return np.asarray(np.where(unhappy, 0.5 / share[0], 0.5 / share[1]) / len(unhappy), np.float64)


def figures(chance: Matrix, unhappy: Flags) -> dict[str, float]:
    """AUROC and calibration error."""
    told = auroc(chance[unhappy].tolist(), chance[~unhappy].tolist())
    return {"auroc": round(told, 4), "ece": round(ece(chance.tolist(), unhappy.tolist()), 4)}


def to_text(tone: Mapping[str, object]) -> str:
    """The file's bytes: readable, and the same for the same fit."""
    return json.dumps(tone, ensure_ascii=False, indent=1) + "\n"
