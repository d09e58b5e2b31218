"""The grade of a KPI sheet (绩效分档 A–E): weighted attainment of targets, and the band it falls in. All values are in rules.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eval.kpi.count import Counted
from eval.kpi.rules import Band, Rules, Target

FULL = 100.0


@dataclass(frozen=True, slots=True)
class Grade:
    """`score` 0 … 100 over the measures that are known; `known` their share of all weights; both None and "" where none is."""

    score: float | None
    band: str
    known: float
    attained: Mapping[str, float]


def grade(found: Mapping[str, Counted], rules: Rules) -> Grade:
    """Σ weight × attainment / Σ weight over the targets whose measure has a value."""
    attained = {
        target.measure: attainment(value, target)
        for target in rules.targets
        if (value := found[target.measure].value) is not None
    }
    weights = {target.measure: target.weight for target in rules.targets}
    known = sum(weights[key] for key in attained)
    total = sum(weights.values())
    if not known:
        return Grade(None, "", 0.0, {})
    score = sum(weights[key] * attained[key] for key in attained) / known
    return Grade(score, band_of(score, rules.bands), known / total, attained)


def attainment(value: float, target: Target) -> float:
    """100 × value/target, at most 100; where less is better 100 × target/value. Nothing bad at all attains it whole."""
    if target.less_is_better:
        return FULL if value <= target.target else FULL * target.target / value
    return min(FULL, FULL * max(value, 0.0) / target.target)


def band_of(score: float, bands: tuple[Band, ...]) -> str:
    """The first band, best first, that the score reaches; rounded to whole points as the sheet prints it: 94.6 is 95."""
    whole = int(score + 0.5)
    return next((band.name for band in bands if (whole > band.least if band.above else whole >= band.least)), "")
