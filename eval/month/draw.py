"""A month drawn at once, as columns: for every conversation what happens with the upsell and what without it.

Both potential outcomes (Rubin, 1974) are made of the same draws, so that the effect on each conversation is known, and one
of them is shown by its arm. Nothing here loops over conversations: a thousand small months take a second or two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from eval.month.world import SHIFTS, World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Unit(StrEnum):
    """What is assigned to an arm."""

    CONVERSATION = "conversation"
    SHIFT = "agent-shift"


@dataclass(frozen=True, slots=True)
class Month:
    """Columns of equal length, one row a conversation. `y0…` without, `y1…` with the upsell; `treated` says which was seen.

    Money in whole fen, times in unix seconds. Texts are places in the world's lists.
    """

    world: World
    unit: Unit
    shop: Ints
    day: Ints  # since the first
    at: Ints
    agent: Ints
    shift: Ints
    scene: Ints
    returning: Flags
    leaning: Ints  # −1, 1
    bought_before: Flags  # in the month before; only of 老客
    paid_before: Ints
    exposed: Flags
    y0: Flags
    y1: Flags
    paid0: Ints
    paid1: Ints
    items0: Ints
    items1: Ints
    refund: Flags  # of what was paid, if anything was; the same in both arms
    complaint: Flags
    reply_s: Floats  # NaN: never
    delay_s: Ints  # from the beginning to the payment
    treated: Flags
    null_treated: Flags  # the arm of an experiment that does nothing
    units: Ints  # number of the unit of assignment

    def __len__(self) -> int:
        return len(self.shop)

    @property
    def converted(self) -> Flags:
        return np.where(self.treated, self.y1, self.y0)

    @property
    def paid(self) -> Ints:
        return np.where(self.treated, self.paid1 * self.y1, self.paid0 * self.y0)

    @property
    def refunded(self) -> Ints:
        return self.paid * self.refund

    @property
    def items(self) -> Ints:
        return np.where(self.treated, self.items1 * self.y1, self.items0 * self.y0)


def draw(world: World, seed: int, unit: Unit = Unit.CONVERSATION, *, share: float = 0.5) -> Month:
    """One month. `share`: of the units that get the upsell. The same arguments give the same month."""
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    shop, day, at, hour = _arrivals(world, rng)
    n = len(shop)
    shift = hour // 8
    agent = _agents(world, shift, rng)
    scene = rng.choice(len(world.scenes), n, p=_shares([one.share for one in world.scenes]))
    returning = rng.random(n) < world.numbers["buyers.returning"]
    leaning = rng.choice(np.array([-1, 1]), n)
    exposed = rng.random(n) < np.array([one.exposed for one in world.scenes])[scene]
    chance = _chance(world, shop, hour, agent, scene, returning, leaning) + _luck(world, day, agent, rng)
    luck = rng.random(n)
    value = _value(world, shop, returning) * _skewed(world, shop, rng)
    items = 1 + rng.poisson(0.25, n)
    bought = returning & (rng.random(n) < 0.5 + world.numbers["buyers.leaning_bought"] * leaning)
    units = _units(world, unit, day, agent)
    return Month(
        world=world,
        unit=unit,
        shop=shop,
        day=day,
        at=at,
        agent=agent,
        shift=shift,
        scene=scene,
        returning=returning,
        leaning=leaning,
        bought_before=bought,
        paid_before=_fen(bought * _value(world, shop, returning) * _skewed(world, shop, rng)),
        exposed=exposed,
        y0=luck < chance,
        y1=luck < chance + world.effect.conversion * exposed,
        paid0=_fen(value),
        paid1=_fen(value * (1 + world.effect.value * exposed)),
        items0=items,
        items1=items + (exposed & (rng.random(n) < world.effect.item)),
        refund=rng.random(n) < world.numbers["guardrails.refund"],
        complaint=rng.random(n) < world.numbers["guardrails.complaint"],
        reply_s=_replies(world, hour, agent, rng),
        delay_s=np.minimum(np.round(rng.lognormal(np.log(900), 1.9, n)), 90 * 3600).astype(np.int64) + 60,
        treated=_assigned(units, share, rng),
        null_treated=_assigned(np.arange(n), 0.5, rng),
        units=units,
    )


def _arrivals(world: World, rng: np.random.Generator) -> tuple[Ints, Ints, Ints, Ints]:
    """Shop, day, moment and hour of each conversation, in the order of time."""
    factor = np.array([_busy(world, day) for day in range(world.days)])
    mean = np.array([one.a_day for one in world.shops])[:, None] * factor
    counts = rng.poisson(mean)
    shop, day = (np.repeat(place.ravel(), counts.ravel()) for place in np.indices(counts.shape))
    hour = rng.choice(24, len(shop), p=_shares(list(world.hours)))
    at = world.start + day * 86_400 + hour * 3_600 + rng.integers(0, 3_600, len(shop))
    order = np.lexsort((shop, at))
    return shop[order], day[order], at[order], hour[order]


def _busy(world: World, day: int) -> float:
    date = world.first_day + timedelta(days=day)
    return world.weekday[date.weekday()] * (world.numbers["sale_factor"] if date.day in world.sale_days else 1.0)


def _agents(world: World, shift: Ints, rng: np.random.Generator) -> Ints:
    agent = np.zeros(len(shift), np.int64)
    for place, name in enumerate(SHIFTS):
        mine = shift == place
        agent[mine] = rng.choice(np.array(world.on_shift(name)), int(mine.sum()))
    return agent


def _chance(world: World, shop: Ints, hour: Ints, agent: Ints, scene: Ints, returning: Flags, leaning: Ints) -> Floats:
    """The chance of buying without the upsell, before the luck of the agent's shift. A sum, so that its mean is exact."""
    rush = np.isin(hour, world.rush_hours)
    return np.asarray(
        np.array([one.conversion for one in world.shops])[shop]
        + np.array([one.skill for one in world.agents])[agent]
        + np.array([one.conversion for one in world.scenes])[scene]
        + world.numbers["rush_conversion"] * rush
        + world.numbers["buyers.returning_conversion"] * returning
        + world.numbers["buyers.leaning"] * leaning
    )


def _luck(world: World, day: Ints, agent: Ints, rng: np.random.Generator) -> Floats:
    """An agent's shift is better or worse as a whole: what makes conversations of one shift alike."""
    signs = rng.choice(np.array([-1.0, 1.0]), (world.days, len(world.agents)))
    return np.asarray(world.numbers["shift_spread"] * signs[day, agent])


def _value(world: World, shop: Ints, returning: Flags) -> Floats:
    """The mean value of what is bought, 元."""
    more = np.where(returning, world.numbers["buyers.returning_value"], 1.0)
    return np.asarray(np.array([one.value for one in world.shops])[shop] * more)


def _skewed(world: World, shop: Ints, rng: np.random.Generator) -> Floats:
    """Lognormal with mean 1: many small orders, few large ones."""
    spread = np.array([one.spread for one in world.shops])[shop]
    return np.asarray(np.exp(spread * rng.standard_normal(len(shop)) - spread**2 / 2))


def _replies(world: World, hour: Ints, agent: Ints, rng: np.random.Generator) -> Floats:
    n = world.numbers
    slower = np.where(np.isin(hour, world.rush_hours), n["rush_slower"], 1.0)
    speed = np.array([one.speed for one in world.agents])[agent]
    seconds = n["replies.median_s"] * slower / speed * rng.lognormal(0, n["replies.spread"], len(hour))
    never = rng.random(len(hour)) < n["replies.unanswered"]
    return np.where(never, np.nan, np.round(np.maximum(seconds, 1.0), 1))


def _units(world: World, unit: Unit, day: Ints, agent: Ints) -> Ints:
    if unit is Unit.CONVERSATION:
        return np.arange(len(day))
    return day * len(world.agents) + agent


def _assigned(units: Ints, share: float, rng: np.random.Generator) -> Flags:
    """Each unit by its own coin."""
    coins = rng.random(int(units.max(initial=0)) + 1) < share
    return np.asarray(coins[units])


def _shares(weights: list[float]) -> Floats:
    told = np.array(weights, float)
    return np.asarray(told / told.sum())


def _fen(yuan: Floats) -> Ints:
    return np.round(yuan * 100).astype(np.int64)
