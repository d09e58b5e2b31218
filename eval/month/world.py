"""What a month is drawn from: shops, agents, buyers, hours, and the true effect. All of it in `world.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from eval.kpi.rules import BEIJING
from kb.errors import Invalid

SHIPPED = Path(__file__).with_name("world.toml")
SHIFTS = ("夜班", "早班", "晚班")  # eight hours each, from midnight (eval/kpi/rules.toml)


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop: `a_day` conversations, the chance that one of them buys, the mean value of what is bought (元)."""

    slug: str
    platform: str
    a_day: float
    conversion: float
    value: float
    spread: float  # of the logarithm of the value
    visitors: int
    dsr: tuple[float, float, float]
    products: tuple[str, ...]
    along: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agent:
    """Who serves, and in which shift."""

    name: str
    shift: str
    skill: float
    speed: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A kind of conversation."""

    name: str
    share: float
    conversion: float
    exposed: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What the upsell truly does where it is due."""

    conversion: float
    value: float
    item: float


@dataclass(frozen=True, slots=True)
class World:
    """Everything there is. `numbers` are the plain values of the file, by `table.name`."""

    first_day: date
    days: int
    hours: tuple[float, ...]
    weekday: tuple[float, ...]
    sale_days: tuple[int, ...]
    rush_hours: tuple[int, ...]
    shops: tuple[Shop, ...]
    agents: tuple[Agent, ...]
    scenes: tuple[Scene, ...]
    effect: Effect
    numbers: Mapping[str, float]

    @property
    def start(self) -> int:
        """Unix seconds of the first midnight, Beijing time."""
        return int(datetime(self.first_day.year, self.first_day.month, self.first_day.day, tzinfo=BEIJING).timestamp())

    def smaller(self, *, days: int, share: float = 1.0) -> World:
        """The same world for fewer days, with a share of the conversations."""
        return replace(self, days=days, shops=tuple(replace(shop, a_day=shop.a_day * share) for shop in self.shops))

    def without_effect(self) -> World:
        return replace(self, effect=Effect(0.0, 0.0, 0.0))

    def on_shift(self, shift: str) -> tuple[int, ...]:
        """Places of the agents of a shift."""
        return tuple(place for place, agent in enumerate(self.agents) if agent.shift == shift)


def read_world(path: Path | None = None) -> World:
    """The shipped world, or another of the same form. Raises Invalid where chances would leave 0 … 1 or something lacks."""
    try:
        world = _world(tomllib.loads((path or SHIPPED).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Invalid(
            f"模拟设定 {(path or SHIPPED).name} 读不出来：{error}", remedy="请对照 eval/month/world.toml 改正。"
        ) from error
    low, high = chances(world)
    if not (low > 0 and high < 1):
        raise Invalid(
            f"模拟设定里的成交机会在 {low:.2f} 到 {high:.2f} 之间，应在 0 和 1 之间。", remedy="请减小各项加减。"
        )
    return world


def chances(world: World) -> tuple[float, float]:
    """The lowest and the highest chance of buying that the world's sums can give: they must not be cut off."""
    n = world.numbers
    skills = [agent.skill for agent in world.agents]
    scenes = [scene.conversion for scene in world.scenes]
    bases = [shop.conversion for shop in world.shops]
    swing = n["shift_spread"] + n["buyers.leaning"]
    low = (
        min(bases)
        + min(skills)
        + min(scenes)
        + min(0.0, n["rush_conversion"])
        + min(0.0, n["buyers.returning_conversion"])
        - swing
    )
    high = (
        max(bases)
        + max(skills)
        + max(scenes)
        + max(0.0, n["rush_conversion"])
        + max(0.0, n["buyers.returning_conversion"])
        + swing
    )
    return low + min(0.0, world.effect.conversion), high + max(0.0, world.effect.conversion)


def _world(told: Mapping[str, Any]) -> World:
    scenes = tuple(Scene(name, **one) for name, one in told["scenes"].items())
    plain = {name: value for name, value in told.items() if isinstance(value, int | float)}
    nested = {
        f"{table}.{name}": value for table in ("buyers", "replies", "guardrails") for name, value in told[table].items()
    }
    return World(
        first_day=date.fromisoformat(told["first_day"]),
        days=told["days"],
        hours=tuple(told["hours"]),
        weekday=tuple(told["weekday"]),
        sale_days=tuple(told["sale_days"]),
        rush_hours=tuple(told["rush_hours"]),
        shops=tuple(
            Shop(**{**one, "dsr": tuple(one["dsr"]), "products": tuple(one["products"]), "along": tuple(one["along"])})
            for one in told["shop"]
        ),
        agents=tuple(Agent(**one) for one in told["agent"]),
        scenes=scenes,
        effect=Effect(**told["effect"]),
        numbers={**plain, **nested},
    )
