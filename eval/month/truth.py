"""What is true of a world and of one month drawn from it.

*Population*: the expectation over all months the world could bring, an exact sum over its cells (shop × hour × agent × buyer × scene),
since chances are added and what is drawn beside them is independent: E[Y(1)] − E[Y(0)]. *Sample*: the mean of Y(1) − Y(0)
over the conversations of this month, which nobody could see in life. An interval of a difference of means aims at the
population's.

Per conversation: `conversion`, `net` (元 paid less refunds), `paid`, `items`, `refund`, `complaint`. `order_value` is net money per
conversation that buys (客单价), a ratio of expectations. Money is drawn in whole fen: that rounds by less than .005 元.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from eval.month.draw import Month
from eval.month.world import SHIFTS, Shop, World

_EXTRA_ITEMS = 0.25  # mean of the pieces beyond the first (eval.month.draw)


@dataclass(frozen=True, slots=True)
class Cell:
    """A kind of conversation: how likely it is, its chance of buying without the upsell, the value if it does, P(an offer is due)."""

    weight: float
    chance: float
    value: float
    exposed: float


def population(world: World, shop: str = "") -> dict[str, dict[str, float]]:
    """{measure: {control, treatment, effect}} of one conversation of the world, or of one of its shops."""
    control, treatment = (_expected(world, list(_cells(world, shop)), effect) for effect in (False, True))
    return _compared(control, treatment)


def sample(month: Month, shop: str = "") -> dict[str, dict[str, float]]:
    """The same of the conversations that happened, both ways."""
    mine = np.ones(len(month), bool)
    if shop:
        mine = month.shop == [one.slug for one in month.world.shops].index(shop)
    return _compared(*(_happened(month, mine, bought, paid, items) for bought, paid, items in (
        (month.y0, month.paid0, month.items0), (month.y1, month.paid1, month.items1),
    )))  # fmt: skip


def _cells(world: World, named: str) -> Iterator[Cell]:
    shops = [one for one in world.shops if named in ("", one.slug)]
    traffic = sum(one.a_day for one in shops)
    for shop in shops:
        for weight, chance in _times(world):
            yield from _of_shop(world, shop, shop.a_day / traffic * weight, shop.conversion + chance)


def _times(world: World) -> Iterator[tuple[float, float]]:
    """(share, what is added to the chance) by hour and agent."""
    total = sum(world.hours)
    for hour, busy in enumerate(world.hours):
        rush = world.numbers["rush_conversion"] * (hour in world.rush_hours)
        agents = world.on_shift(SHIFTS[hour // 8])
        for place in agents:
            yield busy / total / len(agents), rush + world.agents[place].skill


def _of_shop(world: World, shop: Shop, weight: float, chance: float) -> Iterator[Cell]:
    n = world.numbers
    shares = sum(one.share for one in world.scenes)
    for scene in world.scenes:
        for share, more, times in (
            (n["buyers.returning"], n["buyers.returning_conversion"], n["buyers.returning_value"]),
            (1 - n["buyers.returning"], 0.0, 1.0),
        ):
            # Leaning and the luck of a shift are as often above as below: they leave the mean where it is.
            part = weight * scene.share / shares * share
            yield Cell(part, chance + scene.conversion + more, shop.value * times, scene.exposed)


def _expected(world: World, cells: list[Cell], treated: bool) -> dict[str, float]:
    effect, n = world.effect, world.numbers
    bought = paid = items = 0.0
    for one in cells:
        for exposed, share in ((True, one.exposed), (False, 1 - one.exposed)):
            acts = treated and exposed
            chance = one.chance + effect.conversion * acts
            bought += one.weight * share * chance
            paid += one.weight * share * chance * one.value * (1 + effect.value * acts)
            items += one.weight * share * chance * (1 + _EXTRA_ITEMS + effect.item * acts)
    refund, complaint = n["guardrails.refund"], n["guardrails.complaint"]
    return _told(bought, paid, paid * (1 - refund), items, bought * refund, complaint)


def _happened(
    month: Month, mine: np.ndarray, bought: np.ndarray, paid: np.ndarray, items: np.ndarray
) -> dict[str, float]:
    bought, money = bought[mine], paid[mine] / 100
    kept = money * ~month.refund[mine]
    return _told(
        float(bought.mean()),
        float((money * bought).mean()),
        float((kept * bought).mean()),
        float((items[mine] * bought).mean()),
        float((month.refund[mine] & bought).mean()),
        float(month.complaint[mine].mean()),
    )


def _told(bought: float, paid: float, net: float, items: float, refund: float, complaint: float) -> dict[str, float]:
    return {
        "conversion": bought, "net": net, "paid": paid, "items": items, "refund": refund, "complaint": complaint,
        "order_value": net / bought,
    }  # fmt: skip


def _compared(control: Mapping[str, float], treatment: Mapping[str, float]) -> dict[str, dict[str, float]]:
    return {
        name: {"control": control[name], "treatment": treatment[name], "effect": treatment[name] - control[name]}
        for name in control
    }
