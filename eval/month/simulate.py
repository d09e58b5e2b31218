"""A month, and the one before it without an experiment, written as the files that the other commands read, with their truth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from eval.kpi.log import Basis, write_log
from eval.month.draw import Month, Unit, draw
from eval.month.rows import null_rows, rows
from eval.month.story import sayings, story
from eval.month.truth import population, sample
from eval.month.world import World
from eval.rows.rows import write_rows

_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and how much."""

    folder: Path
    conversations: int
    before: int
    truth: Mapping[str, object]


def simulate(world: World, folder: Path, demo: Path, seed: int, unit: Unit = Unit.CONVERSATION) -> Written:
    """rows.csv, rows_null.csv, log.jsonl (both months) and truth.json. The same arguments write the same bytes."""
    month = draw(world, seed, unit)
    before = draw(_month_before(world), seed + 1, unit)
    told = sayings(demo, [shop.slug for shop in world.shops])
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(rows(month), folder / "rows.csv")
    write_rows(null_rows(month), folder / "rows_null.csv")
    lines = (line for one, cards in ((before, False), (month, True)) for line in story(one, told, seed, cards=cards))
    write_log([*_basis(world, seed), *lines], folder / "log.jsonl")
    truth = _truth(month, seed)
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    return Written(folder, len(month), len(before), truth)


def _basis(world: World, seed: int) -> list[Basis]:
    """Nobody searched in a simulated month: the model is the world it was drawn from."""
    drawn = f"eval/month {sha256(repr(world).encode()).hexdigest()[:12]} (simulated, seed {seed})"
    return [Basis(shop.slug, "demo (simulated)", drawn) for shop in world.shops]


def _month_before(world: World) -> World:
    """As many days before, nobody treated any differently."""
    return replace(world.without_effect(), first_day=world.first_day - timedelta(days=world.days))


def _truth(month: Month, seed: int) -> dict[str, object]:
    world = month.world
    shops = [shop.slug for shop in world.shops]
    return {
        "seed": seed,
        "unit": str(month.unit),
        "first_day": world.first_day.isoformat(),
        "days": world.days,
        "conversations": len(month),
        "treated": int(month.treated.sum()),
        "effect": asdict(world.effect),
        "population": {
            "all": _rounded(population(world)),
            **{slug: _rounded(population(world, slug)) for slug in shops},
        },
        "sample": {"all": _rounded(sample(month)), **{slug: _rounded(sample(month, slug)) for slug in shops}},
        "null": "rows_null.csv: every effect is 0",
    }


def _rounded(told: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {name: {arm: round(value, _DIGITS) for arm, value in arms.items()} for name, arms in told.items()}
