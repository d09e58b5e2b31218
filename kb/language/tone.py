"""Tone: is the buyer aggrieved, does he threaten, is it urgent, which scene is it — from the words alone, in microseconds.

    review     = bias + Σ weight of every n-gram of 1–3 characters that occurs      how an unhappy review sounds
    complaint  = σ(w · (review, grievance, threat, haste, statement) + bias)        how an unhappy message sounds

The n-grams were learned from shopping reviews beside calm service questions, without which every 退货 and 客服 sounds like a
complaint; the five weights from reviews and from chat messages written for this project. None of the five is negative:
one more angry word never makes a message calmer. `tone.json` is written by ``huashu eval fit-tone`` with its provenance.

A message is read together with what the buyer said since the agent last spoke; a threat is remembered for longer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.errors import EngineFailed
from kb.language import cues
from kb.language.scene import scene_of
from kb.language.text import clean
from kb.model import Hit, Reason, Scene, Speaker, Tone, Turn

LONGEST_GRAM = 3
FEATURES = ("review", "grievance", "threat", "haste", "statement")
_LONGEST = 300  # characters read, of one turn and of all together: who is angry says so sooner
_BURST = 4  # earlier messages without a reply that are read together with this one
_REMEMBERED = 8  # messages of the buyer in which a threat is looked for
_FAR = 6.0  # beyond these log-odds a long review says no more than a short one
_TELLING = 3  # n-grams named as grounds …
_LOUD = 8  # … if they weigh as many steps

_LABEL = re.compile(r"\[\w{1,8}\]")  # what `kb.language.mask` leaves in place of a number
_DIGITS = re.compile(r"\d+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")  # 好好好好 and !!!!! weigh like 好好 and !!


def listen(text: str) -> str:
    """A text as it is listened to: clean, bounded, without idioms that only sound bad."""
    return cues.harmless_removed(clean(text[:_LONGEST]))


def spell(text: str) -> str:
    """A clean text as n-grams are cut from it: numbers alike, no blanks, nothing drawn out."""
    return _DRAWN_OUT.sub(r"\1\1", _DIGITS.sub("0", _LABEL.sub("", text.lower()))).replace(" ", "")


def grams(text: str) -> set[str]:
    """The n-grams of 1–3 characters that occur in a text."""
    spelled = spell(text)
    return {spelled[i : i + n] for n in range(1, LONGEST_GRAM + 1) for i in range(len(spelled) - n + 1)}


@dataclass(frozen=True, slots=True)
class Ear:
    """The fitted weights: of n-grams for `review`, of FEATURES for the probability, and the threshold of a flag."""

    ngrams: Mapping[str, int]  # in steps of `unit`: whole numbers add up to the same sum in any order
    unit: float
    ngrams_bias: float
    weights: NDArray[np.float64]
    bias: float
    complaining: float

    def review(self, found: set[str]) -> float:
        """Log-odds that a review with these n-grams is unhappy."""
        return self.ngrams_bias + self.unit * sum(map(self.ngrams.__getitem__, found & self.ngrams.keys()))

    def telling(self, found: set[str]) -> list[str]:
        """The words among the n-grams that speak most for a complaint, none within another."""
        loud = (g for g in found & self.ngrams.keys() if len(g) > 1 and g.isalpha() and self.ngrams[g] >= _LOUD)
        kept: list[str] = []
        for word in sorted(loud, key=lambda g: (-self.ngrams[g], g)):
            if not any(word in other or other in word for other in kept):
                kept.append(word)
        return kept[:_TELLING]


@dataclass(frozen=True, slots=True)
class Heard:
    """What was noticed in one message: labels of cues, and its n-grams."""

    threats: list[str]
    grievances: list[str]
    haste: list[str]
    asks: bool
    grams: set[str]

    @classmethod
    def of(cls, text: str) -> Heard:
        text = listen(text)
        return cls(cues.threats(text), cues.grievances(text), cues.haste(text), cues.asks(text), grams(text))

    def features(self, review: float) -> list[float]:
        """The values of FEATURES; a statement is what is not shaped like a question."""
        told = (min(len(self.grievances), 2), bool(self.threats), bool(self.haste), not self.asks)
        return [max(-_FAR, min(_FAR, review)), *map(float, told)]


def tone_of(text: str, turns: Sequence[Turn] = (), hits: Sequence[Hit] = ()) -> Tone:
    """The tone of a message. `turns` were before it, oldest first; `hits` is what the shop knows about it.

    Pure: the same words give the same tone. Reasons hold words of ours only, nothing that the buyer typed.
    """
    earlier = _unanswered(turns)
    heard = Heard.of(" ".join([*(turn.text[:_LONGEST] for turn in earlier), text[:_LONGEST]])[-_LONGEST:])
    ear = load_ear()
    chance = probability(ear, heard)
    before = _threatened_before(turns) if not heard.threats else []
    complaining = chance >= ear.complaining or bool(heard.threats)
    hurry = [*heard.haste, *_asked_in_vain(text, earlier)]
    return Tone(
        scene=Scene.COMPLAINT if complaining else scene_of(text, hits),
        complaint=round(chance, 4),
        complaining=complaining,
        escalation=bool(heard.threats or before),
        urgent=bool(hurry),
        reasons=tuple(_reasons(ear, heard, before, hurry, complaining)),
    )


def probability(ear: Ear, heard: Heard) -> float:
    """P(the buyer is aggrieved), where complaints are as frequent as other messages."""
    score = float(np.dot(ear.weights, heard.features(ear.review(heard.grams)))) + ear.bias
    return float(0.5 * (1.0 + np.tanh(0.5 * score)))


def _unanswered(turns: Sequence[Turn]) -> list[Turn]:
    """The buyer's messages since the agent last spoke, oldest first, at most as many as are one question."""
    found: list[Turn] = []
    for turn in reversed(turns):
        if turn.speaker is not Speaker.BUYER or len(found) == _BURST:
            break
        found.append(turn)
    return found[::-1]


def _threatened_before(turns: Sequence[Turn]) -> list[str]:
    said = [turn.text for turn in turns if turn.speaker is Speaker.BUYER][-_REMEMBERED:]
    return list(dict.fromkeys(label for text in said for label in cues.threats(listen(text))))


def _asked_in_vain(text: str, earlier: Sequence[Turn]) -> list[str]:
    if any(turn.text.strip() == text.strip() for turn in earlier):
        return ["同一句话又发了一遍"]
    return ["连发多句没有等到回复"] if len(earlier) == _BURST else []


def _reasons(ear: Ear, heard: Heard, before: list[str], hurry: list[str], complaining: bool) -> list[Reason]:
    reasons = []
    if heard.threats:
        reasons.append(Reason("escalation", "提到" + "、".join(heard.threats)))
    elif before:
        reasons.append(Reason("escalation", "先前提到" + "、".join(before)))
    if complaining and not heard.threats:
        telling = ear.telling(heard.grams)
        grounds = "、".join(heard.grievances) or "、".join(f"“{word}”" for word in telling) or "整句语气"
        reasons.append(Reason("complaint", grounds))
    if hurry:
        reasons.append(Reason("urgent", "、".join(hurry)))
    return reasons


def ear_from(data: Mapping[str, Any]) -> Ear:
    """Check and build. Raises EngineFailed when the file does not fit the code's features."""
    weights = np.array(list(data["weights"].values()), np.float64)
    if tuple(data["weights"]) != FEATURES or (weights < 0).any():
        raise EngineFailed("语气模型 tone.json 与程序的特征不一致。", remedy="请运行 huashu eval fit-tone 重新拟合。")
    # One line of the file holds all n-grams of one weight, parted by blanks: no n-gram has any.
    ngrams = {gram: int(steps) for steps, line in data["ngrams"].items() for gram in line.split(" ")}
    unit, ngrams_bias = float(data["unit"]), float(data["ngrams_bias"])
    return Ear(ngrams, unit, ngrams_bias, weights, float(data["bias"]), float(data["complaining"]))


@lru_cache(maxsize=1)
def load_ear() -> Ear:
    """The shipped weights."""
    return ear_from(json.loads(files("kb.language").joinpath("tone.json").read_text(encoding="utf-8")))
