"""What the bot earned in a shop: the difference that random assignment shows, and whether it may be believed at all.

Whoever prints the page every day looks every day, so being sure is decided by the interval that is right at all looks
together (`eval.uplift.anytime`); the 95 % interval beside the sums is that of today's look alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from eval.rows.rows import Rows
from eval.uplift import power
from eval.uplift.analysis import daily
from eval.uplift.anytime import PLANNED, Look
from eval.uplift.balance import Balance, check_balance
from eval.uplift.days import Calendar, calendar, date_of, unit_table
from eval.uplift.effect import Effect
from eval.uplift.guard import Guard, guards
from eval.uplift.metric import CONVERSION, NET, ORDER_VALUE
from eval.uplift.ratio import REFUSED, check_ratio, steady
from eval.uplift.trial import Trial, trial_of
from eval.uplift.verdict import rounded_up
from kb.errors import Invalid

MONTH = 30  # days of the month that is promised
WORTH = 0.1  # of what a chat brings: what a merchant would call worth it


class Verdict(StrEnum):
    """How sure we are. NONE: chats enough to have seen a difference worth having, and none is there."""

    SURE = "sure"
    UNSURE = "unsure"
    NONE = "none"
    LOSS = "loss"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Money:
    """元, with its interval; None where it has none."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Earned:
    """Effects of one shop's trial. `look`: the interval that decides, None where there is none; `daily`: could there be one?

    `more`: chats still missing; `balance`: the check that the arms were alike beforehand, and whether it could say anything;
    `crossed`: chats left out since their shift met both arms.
    """

    verdict: Verdict
    why: str  # key of `words` where refused
    net: Effect
    conversion: Effect
    order_value: Effect
    guards: tuple[Guard, ...]
    first: str
    last: str
    days: int
    chats: int
    treated: int
    look: Look | None
    daily: bool
    more: int | None
    balance: Balance
    crossed: int = 0

    @property
    def early(self) -> bool:
        """Would today's look alone have said that there is a difference?"""
        return self.verdict is Verdict.UNSURE and self.net.sign != 0

    @property
    def unchecked(self) -> str:
        """Why nobody knows whether the arms were alike beforehand, as a key of `words`; "": it was checked. A check that could
        not have found anything is not one that was passed."""
        if self.balance.p is None:
            return "not_checked"
        return "blind" if self.balance.blind else ""

    @property
    def always(self) -> Money:
        """Per 100 chats, with the interval that may be looked at every day."""
        low, high = (self.look.low * 100, self.look.high * 100) if self.look else (None, None)
        return Money(self.net.value * 100, low, high)

    def times(self, chats: float) -> Money:
        """The effect on net money over so many chats."""
        low, high = (None if edge is None else edge * chats for edge in (self.net.low, self.net.high))
        return Money(self.net.value * chats, low, high)

    @property
    def so_far(self) -> Money:
        return self.times(self.treated)

    @property
    def per_100(self) -> Money:
        return self.times(100)

    @property
    def monthly_chats(self) -> float:
        return self.chats / self.days * MONTH

    @property
    def monthly(self) -> Money:
        return self.times(self.monthly_chats)


def earned(
    rows: Rows,
    shop: str,
    *,
    experiment: str = "",
    control: str = "",
    shares: Mapping[str, float] | None = None,
    seed: int = 0,
    planned: int = PLANNED,
) -> Earned:
    """The effects in one shop; `shares`: what each arm was to get, else equal ones; `planned`: chats at which the interval for
    daily looking is narrowest. Raises Invalid where the rows hold nothing of it, or no two arms."""
    if shop not in rows.text("shop").used():
        there = "、".join(rows.text("shop").used()) or "（没有写）"
        raise Invalid(f"会话数据里没有店铺“{shop}”。", remedy=f"里面的店铺：{there}。")
    trial = trial_of(rows.where(rows.text("shop").is_(shop)), control=control, experiment=experiment)
    if len(trial.treatments) != 1:
        raise Invalid("有不止一种做法在试，商家的一页只说一种。", remedy="请只导出一种做法和对照组。")
    arm = trial.treatments[0]
    net = trial.effect(NET, arm)
    days = trial.rows.text("day").used()
    if not days:
        raise Invalid("会话数据里没有日期（day）。", remedy="请用 huashu experiment export 重新导出。")
    first, last = date_of(days[0]), date_of(days[-1])
    dates, balance = calendar(trial), check_balance(trial, seed)
    looks = daily(trial, NET, arm, dates, planned) if dates else ()
    look = looks[-1] if looks else None
    broken = _broken(trial, balance, dates, shares)
    more = _more(net, planned)
    return Earned(
        verdict=Verdict.REFUSED if broken else _verdict(net, look, more),
        why=broken,
        net=net,
        conversion=trial.effect(CONVERSION, arm),
        order_value=trial.effect(ORDER_VALUE, arm),
        guards=guards(trial, arm, {}),
        first=days[0],
        last=days[-1],
        days=(last - first).days + 1,
        chats=len(trial.rows),
        treated=int(trial.in_arm(arm).sum()),
        look=look,
        daily=dates is not None,
        more=more,
        balance=balance,
        crossed=trial.crossed_rows,
    )


def _broken(trial: Trial, balance: Balance, days: Calendar | None, shares: Mapping[str, float] | None) -> str:
    """Why the arms cannot be compared, as a key of `words`; "": they can. The analyst's report warns of shares that changed
    on the way and goes on; a page for a merchant has no room for half a truth."""
    if check_ratio(trial.unit_counts(), shares).broken:
        return "why_ratio"
    if balance.refused:
        return "why_balance"
    return "why_ramped" if days and steady(unit_table(trial, days)) < REFUSED else ""


def _verdict(net: Effect, look: Look | None, more: int | None) -> Verdict:
    if look is None:
        return Verdict.UNSURE
    if look.low > 0 or look.high < 0:
        return Verdict.SURE if look.low > 0 else Verdict.LOSS
    return Verdict.NONE if more == 0 and not net.sign else Verdict.UNSURE


def _more(net: Effect, planned: int) -> int | None:
    """Chats still missing, to two digits: until the difference that is seen would be sure as often as not, or, where none is
    seen, until a tenth more would be with probability 80 %. 0: none; None: it cannot be told."""
    if not (net.known and net.se > 0 and net.control.value > 0):
        return None
    n, least = net.treated.n + net.control.n, abs(net.sign)
    seen, chance = (net.value, 0.5) if net.sign else (net.control.value * WORTH, power.POWER)
    return rounded_up(max(power.needed_always(net.se, n, seen, chance, planned) - int(n), least))
