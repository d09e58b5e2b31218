"""All rehearsals over one file, as numbers: what `huashu eval uplift --check` prints."""

from __future__ import annotations

from eval.rows.rows import Floats
from eval.uplift import rehearse as one
from eval.uplift.metric import CONVERSION, NET
from eval.uplift.rehearse import Rate
from eval.uplift.trial import Trial
from kb.vectorise import Progress

LOOKED_AT = 10_000  # units of the ratio check's rehearsal


def rehearse(
    trial: Trial, seed: int, truth: tuple[str, str] | None, times: int, progress: Progress | None = None
) -> dict[str, object]:
    """Rates by name, each {"count", "n", "share", "ci95"}. `truth`: columns of the outcomes without and with treatment."""
    share = float((trial.order() > 0).mean())
    found: dict[str, Rate | None] = {}
    if truth:
        y0, y1 = (trial.rows.number(name) for name in truth)
        for name, redraw in (("covered_assigned_anew", False), ("covered_drawn_and_assigned_anew", True)):
            found[name] = one.coverage(y0, y1, share, seed, redraw=redraw, times=times, progress=progress)
    for name, y in _outcomes(trial, truth).items():
        seen = one.peeking(y, share, seed, times=times, progress=progress)
        found |= {
            f"aa_daily_always_valid_wrong_{name}": seen.always,
            f"aa_daily_naive_wrong_{name}": seen.naive,
            f"aa_one_look_wrong_{name}": seen.at_end,
        }
    found["balance_false_refusals"] = one.false_refusals(trial, seed, times, progress)
    found["ratio_alarms_50_50"] = one.ratio_alarms(0.5, LOOKED_AT, seed, times)
    found["ratio_alarms_52_48"] = one.ratio_alarms(0.52, LOOKED_AT, seed, times)
    rates = {name: _json(rate) for name, rate in found.items() if rate}
    return {"rates": rates, "rows": len(trial.rows), "times": times, "days": one.DAYS, "seed": seed}


def _outcomes(trial: Trial, truth: tuple[str, str] | None) -> dict[str, Floats]:
    """What an experiment without effect would have given: the control group's outcomes, or the known ones without treatment."""
    if truth:
        return {CONVERSION.key: trial.rows.number(truth[0])}
    control = trial.rows.where(trial.in_arm(trial.control))
    return {metric.key: metric.top(control) for metric in (CONVERSION, NET) if metric.known(control)}


def _json(rate: Rate) -> dict[str, object]:
    low, high = rate.interval
    return {
        "count": rate.count,
        "n": rate.n,
        "share": round(rate.share, 4),
        "ci95": [low and round(low, 4), high and round(high, 4)],
    }
