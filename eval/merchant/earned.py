"""What the bot earned in a shop: the difference that random assignment shows, and whether it may be believed at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from eval.rows import Rows
from eval.uplift.balance import check_balance
from eval.uplift.effect import Effect
from eval.uplift.guard import Guard, guards
from eval.uplift.metric import CONVERSION, NET, ORDER_VALUE
from eval.uplift.power import needed
from eval.uplift.ratio import check_ratio
from eval.uplift.trial import trial_of
from kb.errors import Invalid

MONTH = 30  # days of the month that is promised


class Verdict(StrEnum):
    """How sure we are."""

    SURE = "sure"
    UNSURE = "unsure"
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
    """Effects of one shop's trial. `needed`: chats in all to be sure of an effect as large as a tenth of what a chat brings."""

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
    needed: int | None

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
) -> Earned:
    """The effects in one shop; `shares`: of the arms as planned, by name (None: equal).

    Raises Invalid where the rows hold nothing of it, or no two arms."""
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
    broken = (
        "why_ratio"
        if check_ratio(trial.unit_counts(), shares).broken
        else "why_balance"
        if check_balance(trial, seed).refused
        else ""
    )
    return Earned(
        verdict=_verdict(net, bool(broken)),
        why=broken,
        net=net,
        conversion=trial.effect(CONVERSION, arm),
        order_value=trial.effect(ORDER_VALUE, arm),
        guards=guards(trial, arm, {}),
        first=days[0],
        last=days[-1],
        days=(date.fromisoformat(days[-1]) - date.fromisoformat(days[0])).days + 1,
        chats=len(trial.rows),
        treated=int(trial.in_arm(arm).sum()),
        needed=_needed(net, len(trial.rows)),
    )


def _verdict(net: Effect, broken: bool) -> Verdict:
    if broken:
        return Verdict.REFUSED
    return {1: Verdict.SURE, 0: Verdict.UNSURE, -1: Verdict.LOSS}[net.sign]


def _needed(net: Effect, chats: int) -> int | None:
    """Chats to be sure of a tenth more: what a merchant would call worth it."""
    return needed(net.se, chats, net.control.value / 10) if net.se > 0 and net.control.value > 0 else None
