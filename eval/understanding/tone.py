"""How well the tone of messages is heard: `kb.language.tone.tone_of` held against what a person called them.

precision, recall, f1  of the flag 投诉风险, and of escalation and urgency where the file says which those are
auroc                  does P(complaint) tell complaints from the rest?
ece                    is that probability true?
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.table import Table
from rich.text import Text

from eval import interval, metrics
from eval.report import Figure
from eval.understanding.moods import Mood
from kb.language.tone import tone_of
from kb.model import Tone

SEED = 20261121


@dataclass(frozen=True, slots=True)
class Flagged:
    """Counts of one flag: right, raised for nothing, missed, rightly left down."""

    right: int
    idle: int
    missed: int
    quiet: int

    @classmethod
    def of(cls, raised: Sequence[bool], true: Sequence[bool]) -> Flagged:
        both = list(zip(raised, true, strict=True))
        return cls(*(both.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))))

    def figures(self) -> dict[str, Figure]:
        """precision, recall (Wilson's interval) and their harmonic mean (bootstrap of the four counts)."""
        return {
            "precision": _share(self.right, self.right + self.idle),
            "recall": _share(self.right, self.right + self.missed),
            "f1": self._f1(),
        }

    def _f1(self) -> Figure:
        counts = np.array([self.right, self.idle, self.missed, self.quiet])
        n = int(counts.sum())
        if not self.right:
            return Figure(None if not (self.idle or self.missed) else 0.0, n)
        drawn = np.random.default_rng(SEED).multinomial(n, counts / n, interval.RESAMPLES)
        f1 = 2 * drawn[:, 0] / np.maximum(2 * drawn[:, 0] + drawn[:, 1] + drawn[:, 2], 1)
        low, high = np.quantile(f1, [interval.TAIL, 1 - interval.TAIL])
        value = 2 * self.right / (2 * self.right + self.idle + self.missed)
        return Figure(value, n, float(low), float(high))


def hear(moods: Sequence[Mood]) -> dict[str, dict[str, Figure]]:
    """The figures of every flag that the moods speak of: complaint, escalation, urgent; and of the time it took."""
    tone_of("")  # the first one loads the weights
    started = time.perf_counter()
    tones = [tone_of(mood.text) for mood in moods]
    took = (time.perf_counter() - started) * 1000 / max(len(moods), 1)
    true = [mood.complaint for mood in moods]
    found = {
        "complaint": {
            **Flagged.of([tone.complaining for tone in tones], true).figures(),
            **_probability(tones, true),
            "ms": Figure(took, len(moods)),
        }
    }
    for name in ("escalation", "urgent"):
        known = [(getattr(tone, name), getattr(mood, name)) for tone, mood in zip(tones, moods, strict=True)]
        told = [(raised, meant) for raised, meant in known if meant is not None]
        if told:
            found[name] = Flagged.of(*map(list, zip(*told, strict=True))).figures()
    return found


def _probability(tones: Sequence[Tone], true: Sequence[bool]) -> dict[str, Figure]:
    chances = [tone.complaint for tone in tones]
    sad = [chance for chance, meant in zip(chances, true, strict=True) if meant]
    calm = [chance for chance, meant in zip(chances, true, strict=True) if not meant]
    if not sad or not calm:
        return {}
    auroc = Figure(metrics.auroc(sad, calm), len(true), *interval.auroc(sad, calm, SEED))
    return {"auroc": auroc, "ece": Figure(metrics.ece(chances, true), len(true))}


def _share(right: int, of: int) -> Figure:
    return Figure(right / of if of else None, of, *interval.proportion(right, of))


def to_json(found: dict[str, dict[str, Figure]]) -> dict[str, object]:
    """One object, ready for json.dumps: {flag: {figure: {value, n, ci95}}}."""
    return {flag: {name: figure.to_json() for name, figure in figures.items()} for flag, figures in found.items()}


def to_table(found: dict[str, dict[str, Figure]]) -> Table:
    """The same for a terminal: a row for each figure, a column for each flag."""
    table = Table("指标 metric", *found)
    for name in next(iter(found.values())):
        cells = [Text(str(figures[name]) if name in figures else "") for figures in found.values()]
        table.add_row(Text(name), *cells)
    return table
