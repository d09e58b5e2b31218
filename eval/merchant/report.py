"""Everything that the merchant's page tells, gathered from rows and log; nothing of a buyer, and no agent by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b

from eval.kpi.book import Book, open_book
from eval.kpi.count import Counted
from eval.kpi.formulas import BY_KEY, FIVE, Measure
from eval.kpi.log import Line, Log, MarkKind, basis_of, gather
from eval.kpi.rules import Rules
from eval.merchant.earned import Earned, earned
from eval.merchant.words import say
from eval.rows.rows import Rows
from kb.language.mask import mask

MOST = 5  # lines of each list


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the five measures, now and in as many days before; `before` None where the log does not reach back."""

    measure: Measure
    now: Counted
    before: Counted | None

    @property
    def change(self) -> float | None:
        if self.before is None or self.now.value is None or self.before.value is None:
            return None
        return self.now.value - self.before.value


@dataclass(frozen=True, slots=True)
class MerchantReport:
    """One shop's page. `along`: products sold beside another, with orders; `open`: questions nobody could answer, with times."""

    shop: str
    name: str
    earned: Earned
    five: tuple[Compared, ...]
    attach: Counted
    along: tuple[tuple[str, int], ...]
    open: tuple[tuple[str, int], ...]
    rows: Rows  # of this shop
    knowledge: str = ""  # version of what the shop knows, "" where the log does not say
    model: str = ""  # fingerprint of the model that searched, likewise
    seed: int = 0


def merchant_report(
    rows: Rows,
    log: Log,
    rules: Rules,
    shop: str,
    *,
    name: str = "",
    experiment: str = "",
    control: str = "",
    shares: Mapping[str, float] | None = None,
    seed: int = 0,
) -> MerchantReport:
    """The page of one shop over the days of its rows. Raises Invalid where the rows have no trial of it."""
    found = earned(rows, shop, experiment=experiment, control=control, shares=shares, seed=seed)
    whole = open_book(_of_shop(log, shop), rules)
    knowledge, model = basis_of(log, shop)
    now, before = whole.part(days=(found.first, found.last)), _before(whole, found)
    return MerchantReport(
        shop=shop,
        name=name or shop,
        earned=found,
        five=tuple(_compared(BY_KEY[key], now, before) for key in FIVE),
        attach=BY_KEY["attach_rate"].of(now),
        along=_most(product for sale in now.sales if sale.session for product in dict.fromkeys(sale.products[1:])),
        open=_most(mask(mark.value).strip() for mark in now.marks_of(MarkKind.NO_ANSWER)),
        rows=rows.where(rows.text("shop").is_(shop)),
        knowledge=knowledge,
        model=model,
        seed=seed,
    )


def pseudonyms(names: Sequence[str], lang: str) -> Mapping[str, str]:
    """客服01 … in the order of a digest of the names, so that their order says nothing of them."""
    ordered = sorted(set(names) - {""}, key=lambda name: blake2b(name.encode()).digest())
    return {name: say("agent", lang, number=f"{place:02d}") for place, name in enumerate(ordered, 1)}


def _of_shop(log: Log, shop: str) -> Log:
    lines: list[Line] = [*log.said, *log.money, *log.uses, *log.marks, *log.told]
    return gather(one for one in lines if one.shop == shop)


def _before(whole: Book, found: Earned) -> Book | None:
    last = date.fromisoformat(found.first) - timedelta(days=1)
    first = last - timedelta(days=found.days - 1)
    part = whole.part(days=(first.isoformat(), last.isoformat()))
    return part if part.sessions else None


def _compared(measure: Measure, now: Book, before: Book | None) -> Compared:
    return Compared(measure, measure.of(now), measure.of(before) if before else None)


def _most(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counted = Counter(name for name in names if name)
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:MOST])
