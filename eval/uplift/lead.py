"""Page one: what the bot earned and how sure that is, in sentences for whoever pays. No sentence claims more than is known."""

from __future__ import annotations

from eval.paper.number import bare, shown, whole
from eval.paper.paper import Unit
from eval.uplift.analysis import Analysis, Measured
from eval.uplift.guard import State as GuardState
from eval.uplift.metric import NET, ORDER_VALUE
from eval.uplift.verdict import State
from eval.uplift.words import say

_FIRST = 3  # covariates named in a refusal


def lead(found: Analysis, lang: str) -> tuple[str, ...]:
    """The sentences of page one, the most important first."""
    if found.refused:
        return (say("refused", lang), *reasons(found, lang), say("refused_do", lang))
    lines = [_change(found, lang), _verdict(found, lang), _money(found, lang), _order(found, lang)]
    lines += [*_guards(found, lang), _trust(found, lang)]
    if found.ramped:
        lines.insert(0, say("ramped", lang, p=p_text(found.steady)))
    if found.suspect:
        lines = [say("warned", lang), *reasons(found, lang), *lines[:-1]]
    return tuple(line for line in lines if line)


def reasons(found: Analysis, lang: str) -> tuple[str, ...]:
    """Why the assignment is not what it should be."""
    told = []
    ratio, balance = found.ratio, found.balance
    if balance.refused:
        worst = [f"{one.name}（{one.standardised:+.2f}）" for one in balance.differences[:_FIRST]]
        told.append(say("refused_balance", lang, p=p_text(balance.p), names=say("and", lang).join(worst)))
    if ratio.broken:
        whole = sum(ratio.counts.values())
        seen = " : ".join(f"{count / whole:.1%}" for count in ratio.counts.values())
        planned = " : ".join(f"{share:.1%}" for share in ratio.shares.values())
        told.append(say("refused_ratio", lang, planned=planned, seen=seen, p=p_text(ratio.p)))
    return tuple(told)


def _change(found: Analysis, lang: str) -> str:
    one = found.measured[0]
    if not one.effect.known:
        return say("unknown", lang)
    unit, change = one.metric.unit, one.metric.change
    value = shown(one.effect.value, change, lang)
    values = {"value": value.lstrip("+") if one.effect.value > 0 else value, **_bounds(one, change)}
    if unit == "%":
        treated, control = (f"{100 * arm.value:.1f}" for arm in (one.effect.treated, one.effect.control))
        key = "change_up" if one.effect.value > 0 else "change_down"
        return say(key, lang, treated=treated, control=control, **values)
    treated, control = (shown(arm.value, unit, lang) for arm in (one.effect.treated, one.effect.control))
    return say("change_money", lang, treated=treated, control=control, **values)


def _bounds(one: Measured, unit: Unit) -> dict[str, str]:
    """The interval as bare numbers; with signs where it lies on both sides of 0."""
    sign = "" if one.effect.sign else "+"
    ends = {"low": one.effect.low, "high": one.effect.high}
    return {key: (sign if end and end > 0 else "") + bare(end, unit) for key, end in ends.items()}


def _verdict(found: Analysis, lang: str) -> str:
    one, state = found.measured[0], found.verdict.state
    if not one.effect.known:
        return ""
    if state is State.GAIN and not found.verdict.always:
        return say("gain_once", lang)
    count = found.verdict.more
    more = say("more", lang, count=f"{count:,}") if count else say("no_more", lang)
    worth = found.plan.worth if one.metric.unit == "%" else abs(one.effect.control.value) * 0.05
    return say(state.value, lang, more=more, worth=shown(worth, one.metric.change, lang).lstrip("+"))


def _money(found: Analysis, lang: str) -> str:
    one = found.of(NET)
    if one is None or one.effect.low is None or one.effect.high is None:
        return ""
    n = one.effect.treated.n
    low, high = one.effect.low * n, one.effect.high * n
    if low > 0:
        each = shown(one.effect.value, "元", lang)
        total = {"sum": yuan(one.effect.value * n, lang), "low": yuan(low, lang), "high": yuan(high, lang)}
        return say("earned", lang, n=f"{n:,.0f}", each=each, **total) + _once(found, one, lang)
    ends = {
        key: say("more_money" if end > 0 else "less_money", lang, sum=yuan(abs(end), lang))
        for key, end in (("low", low), ("high", high))
    }
    return say("earned_open", lang, n=f"{n:,.0f}", **ends)


def _once(found: Analysis, one: Measured, lang: str) -> str:
    """Said after what holds only for one planned look, to whoever may have looked more often."""
    return say("once_only", lang) if one.once_only and not found.plan.once else ""


def _order(found: Analysis, lang: str) -> str:
    one = found.of(ORDER_VALUE)
    if one is None or not one.effect.known:
        return ""
    effect = one.effect
    told = say(f"order_{effect.sign}", lang, value=shown(abs(effect.value), "元", lang))
    treated, control = (shown(arm.value, "元", lang) for arm in (effect.treated, effect.control))
    return say("order", lang, treated=treated, control=control, told=told, **_bounds(one, "元")) + _once(
        found, one, lang
    )


def _guards(found: Analysis, lang: str) -> tuple[str, ...]:
    lines = []
    for state, key in (
        (GuardState.BROKEN, "guards_broken"),
        (GuardState.UNCLEAR, "guards_unclear"),
        (GuardState.HOLDS, "guards_hold"),
    ):
        names = [say(one.metric.key, lang) for one in found.guards if one.state is state]
        if names:
            lines.append(say(key, lang, names=say("and", lang).join(names)))
    return tuple(lines)


def _trust(found: Analysis, lang: str) -> str:
    ratio, balance = p_text(found.ratio.p), p_text(found.balance.p)
    if found.balance.p is None:
        return say("trust_unchecked", lang, ratio=ratio)
    if found.balance.blind:
        return say("trust_blind", lang, ratio=ratio, units=found.balance.units)
    unit = say("units_cluster" if found.trial.clustered else "units_conversation", lang)
    units = f"{sum(found.ratio.counts.values()):,}"
    return say("trust", lang, units=units, unit=unit, arms=len(found.ratio.counts), ratio=ratio, balance=balance)


def yuan(value: float, lang: str) -> str:
    """A sum of money in whole 元: nobody knows it better."""
    return f"{whole(value)} {'元' if lang == 'zh' else 'CNY'}"


def p_text(p: float | None) -> str:
    """A p value as a reader needs it: "p=0.03"."""
    if p is None:
        return "p —"
    return "p<0.0001" if p < 0.0001 else f"p={p:.4f}" if p < 0.01 else f"p={p:.2f}"


def p_cell(p: float) -> str:
    """The same below a header that says p already: "0.03", "<0.0001"."""
    return p_text(p).removeprefix("p").removeprefix("=")
