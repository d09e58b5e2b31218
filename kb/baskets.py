"""Bought together: for each item its partners, how often, and how much oftener than chance would have it.

Over n baskets, with n_a and n_b of them holding a and b, and both in `count` of them:

    support   count / n
    expected  E = n_a * n_b / n                   if a and b had nothing to do with each other
    lift      (count + 1/2) / (E + 1/2)           count / E, shrunk towards 1 where there is little to go by
    at_least  Gamma quantile(0.05; count + 1/2, rate E + 1/2): the lift is larger with 95 % probability

The shrinkage and its posterior: Norén, Hopstadius and Bate, "Shrinkage observed-to-expected ratios for robust and
transparent large-scale pattern discovery", Statistical Methods in Medical Research 22 (2013) 57–69. Plain lift would put
two items bought once, by the same person, above all others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, triu
from scipy.special import gammaincinv

from kb.model import Basket

LEAST = 2  # baskets that must hold both: one says nothing
LARGEST = 50  # items; a wholesale order of half the shop says nothing about taste and costs its square
_PRIOR = 0.5
_DOUBT = 0.05


@dataclass(frozen=True, slots=True)
class Partner:
    """An item bought together with another. `count`: baskets that hold both; `support`, `lift`, `at_least`: see above."""

    item: str
    count: int
    support: float
    lift: float
    at_least: float


@dataclass(frozen=True, slots=True)
class Together:
    """What the baskets of a shop say: how many there were, in how many each item was, and its partners, best first."""

    baskets: int
    bought: Mapping[str, int]
    partners: Mapping[str, tuple[Partner, ...]]


def bought_together(baskets: Iterable[Basket], *, least: int = LEAST) -> Together:
    """The partners of every item that share at least `least` baskets, by `at_least`, then count, then name.

    Deterministic, whatever the order of the baskets. Emptied baskets count nowhere; larger ones than LARGEST count for
    their items but make no pairs.
    """
    held = [basket.items for basket in baskets if basket.items]
    names = sorted({item for items in held for item in items})
    places = {name: place for place, name in enumerate(names)}
    single = _incidence(held, places)
    counts = single.sum(axis=0)
    paired = _incidence([items for items in held if len(items) <= LARGEST], places)
    both = triu(paired.T @ paired, k=1).tocoo()
    enough = both.data >= least
    first, second, count = both.coords[0][enough], both.coords[1][enough], both.data[enough]
    expected = counts[first] * counts[second] / max(len(held), 1)
    lift = (count + _PRIOR) / (expected + _PRIOR)
    at_least = gammaincinv(count + _PRIOR, _DOUBT) / (expected + _PRIOR)
    found: defaultdict[str, list[Partner]] = defaultdict(list)
    for a, b, n, up, low in zip(first, second, count.tolist(), lift.tolist(), at_least.tolist(), strict=True):
        for one, other in ((a, b), (b, a)):
            found[names[one]].append(Partner(names[other], n, n / len(held), up, low))
    best = {name: tuple(sorted(found[name], key=_order)) for name in names if name in found}
    return Together(len(held), dict(zip(names, counts.tolist(), strict=True)), best)


def _incidence(held: list[tuple[str, ...]], places: Mapping[str, int]) -> csr_array:
    """Baskets by items, 1 where a basket holds an item."""
    columns = [places[item] for items in held for item in items]
    starts = np.cumsum([0, *map(len, held)])
    return csr_array((np.ones(len(columns), np.int64), columns, starts), shape=(len(held), len(places)))


def _order(partner: Partner) -> tuple[float, int, str]:
    return -partner.at_least, -partner.count, partner.item
