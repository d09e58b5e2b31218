"""Whether two answers to one question contradict each other, and in what.

Silence never contradicts: an answer that merely says more is no conflict, one that gives a value within the other's
range neither. A contradiction needs the same thing said of, in the same case, with nothing in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.review.altered import altered_denial, altered_number
from ingest.review.amounts import Amount
from ingest.review.choice import name, only_and_more, order, other_name, payers
from ingest.review.claims import Claims, Named, Said, claims
from ingest.review.question import PLAIN, Kind, Question
from ingest.review.scope import apart
from ingest.review.verdict import verdict

_ALIKE = 0.5  # Dice overlap of two clauses without their numbers, from which both are about the same thing
_OFTEN = {"时间", "频率", "次"}
_PERIODS = {"天": 24, "日": 24, "周": 168, "月": 720, "年": 8760}
_PERIOD = re.compile("(?:一|1|每)个?([天日周月年])")
_CODES = {
    "时间": "conflict_time", "元": "conflict_price", "折": "conflict_percent", "%": "conflict_percent", "成": "conflict_percent",
    "日期": "conflict_date", "星期": "conflict_date", "农历": "conflict_date", "年份": "conflict_date", "月份": "conflict_date",
    "频率": "conflict_time", "钟点": "conflict_date",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clash:
    """One contradiction: its stable code, what it is about, and both sides as they were written."""

    code: str
    about: str
    ours: str
    theirs: str


def disagree(one: str, other: str, asked: Question = PLAIN) -> Clash | None:
    """The first contradiction of two answers to the same question."""
    if one == other:
        return None
    ours, theirs = claims(one, asked), claims(other, asked)
    return next(_clashes(one, other, ours, theirs, asked), None)


def _clashes(one: str, other: str, ours: Claims, theirs: Claims, asked: Question) -> Iterator[Clash]:
    yield from _of_amounts(ours, theirs, asked)
    yield from _of_one_value(one, other)
    yield from _of_options(ours, theirs)
    yield from _of_payers(one, other, asked)
    yield from _of_orders(one, other, asked)
    if asked.kind is Kind.WHETHER:
        yield from _of_whether(one, other, asked)
    yield from _of_denials(ours, theirs)
    if asked.kind is not Kind.OPEN:
        yield from _of_only(one, other)
    yield from _of_names(one, other, ours, theirs, asked)


def _of_one_value(one: str, other: str) -> Iterator[Clash]:
    """All else being the same, letter for letter."""
    if found := altered_number(one, other):
        yield Clash("conflict_number", "", *found)
    if found := altered_denial(one, other):
        yield Clash("conflict_yes_no", "", *found)


# -- amounts


def _of_amounts(ours: Claims, theirs: Claims, asked: Question) -> Iterator[Clash]:
    for said in ours.said:
        rivals = _about_same(said, ours.said, theirs.said, asked)
        if not rivals or any(said.amount.agrees(rival.amount) for rival in rivals):
            continue
        for rival in rivals:
            back = _about_same(rival, theirs.said, ours.said, asked)
            if not any(rival.amount.agrees(each.amount) for each in back):
                code = _CODES.get(said.amount.axis, "conflict_number")
                yield Clash(code, "", said.amount.shown, rival.amount.shown)
                break
    yield from _of_rates(ours, theirs, asked)
    yield from _of_units(ours, theirs)


def _of_rates(ours: Claims, theirs: Claims, asked: Question) -> Iterator[Clash]:
    """How often, said as a time on one side and as a rate on the other: 半年换 and 一年一次; 一天几次 and 每天三次."""
    for one, other in _only_pair(ours, theirs):
        a, b = (_as_rate(each.amount, asked) for each in (one, other))
        if one.amount.axis != other.amount.axis and a and b and not apart(one.scope, other.scope) and not a.agrees(b):
            yield Clash("conflict_time", "", a.shown, b.shown)


def _only_pair(ours: Claims, theirs: Claims) -> Iterator[tuple[Said, Said]]:
    mine, yours = ([each for each in side.said if each.amount.axis in _OFTEN] for side in (ours, theirs))
    if len(mine) == len(yours) == 1:
        yield mine[0], yours[0]


def _as_rate(amount: Amount, asked: Question) -> Amount | None:
    """An amount as the hours from one time to the next."""
    if amount.axis in {"时间", "频率"}:
        return replace(amount, axis="频率")
    period = _PERIOD.search(asked.text)
    if amount.axis != "次" or not period or not amount.low:
        return None
    hours = _PERIODS[period[1]]
    return replace(amount, axis="频率", low=hours / amount.high, high=hours / amount.low)


def _about_same(said: Said, own: Sequence[Said], others: Sequence[Said], asked: Question) -> list[Said]:
    """The amounts of the other answer that speak about the same thing as this one."""
    alone = asked.kind is Kind.HOW_MUCH and len(own) == len(others) == 1
    rivals = [other for other in others if _comparable(said, other, alone=alone)]
    single = len(rivals) == 1 and sum(_comparable(each, rivals[0], alone=alone) for each in own) == 1
    if single and (
        asked.kind is Kind.HOW_MUCH or not said.topics or not rivals[0].topics or said.topics & rivals[0].topics
    ):
        return rivals
    return [other for other in rivals if said.topics & other.topics or _alike(said, other) >= _ALIKE]


def _comparable(one: Said, other: Said, *, alone: bool = False) -> bool:
    a, b = one.amount, other.amount
    axes = {a.axis, b.axis}
    same_axis = len(axes) == 1 or axes == {"元", "数"}
    return (
        same_axis
        and (a.role == b.role or not (a.role and b.role))
        and one.case == other.case
        and (alone or _sides(a.axis, a.role, b.role))
        and not apart(one.scope, other.scope)
    )


def _sides(axis: str, one: str, other: str) -> bool:
    """A beginning is not compared with an end."""
    return one == other or axis not in {"日期", "钟点"}


def _alike(one: Said, other: Said) -> float:
    total = len(one.words) + len(other.words)
    return 2 * len(one.words & other.words) / total if total else 1.0


def _of_units(ours: Claims, theirs: Claims) -> Iterator[Clash]:
    """One number with two units that cannot both be right: 100ml and 100g."""
    if len(ours.said) != 1 or len(theirs.said) != 1:
        return
    one, other = ours.said[0], theirs.said[0]
    a, b = one.amount, other.amount
    if {a.axis, b.axis} & {"数", "频率", "星期", "月份", "农历"} or a.axis == b.axis or one.case != other.case:
        return
    if _alike(one, other) >= _ALIKE and a.shown != b.shown:
        yield Clash("conflict_unit", "单位", a.shown, b.shown)


# -- options


def _of_options(ours: Claims, theirs: Claims) -> Iterator[Clash]:
    for key, mine in ours.named.items():
        family, case = key
        yours = theirs.named.get(key, {})
        if not mine.keys() & yours.keys() and (rivals := _rivals(mine, yours)):
            yield Clash("conflict_option", family, *rivals)
        if not case:
            for option, named in mine.items():
                if (family, option) in theirs.refused and option not in yours:
                    yield Clash("conflict_option", family, named.word, f"不{named.word}")
    for (family, case), yours in theirs.named.items():
        for option, named in yours.items():
            if not case and (family, option) in ours.refused and option not in ours.named.get((family, case), {}):
                yield Clash("conflict_option", family, f"不{named.word}", named.word)


def _rivals(mine: dict[str, Named], yours: dict[str, Named]) -> tuple[str, str] | None:
    """The words of the options that are named for the same case on both sides."""
    pairs = [(a, b) for a in mine.values() for b in yours.values() if not _apart_options(a, b)]
    if not pairs:
        return None
    return "、".join(dict.fromkeys(a.word for a, _ in pairs)), "、".join(dict.fromkeys(b.word for _, b in pairs))


def _apart_options(one: Named, other: Named) -> bool:
    """A single character before an option is part of its name: 白鹅绒, 灰鸭绒."""
    return len(one.scope.words) > 1 and len(other.scope.words) > 1 and apart(one.scope, other.scope)


def _of_payers(one: str, other: str, asked: Question) -> Iterator[Clash]:
    ours, theirs = payers(one, asked), payers(other, asked)
    pairs = [(a, b) for a in ours for b in theirs if a.case == b.case and not apart(a.scope, b.scope)]
    if pairs and not any(a.what & b.what for a, b in pairs):
        yield Clash("conflict_option", "谁承担", pairs[0][0].shown, pairs[0][1].shown)


def _of_orders(one: str, other: str, asked: Question) -> Iterator[Clash]:
    ours, theirs = order(one, asked), order(other, asked)
    if ours and theirs and ours.reverses(theirs):
        yield Clash("conflict_option", "先后", ours.shown, theirs.shown)


def _of_only(one: str, other: str) -> Iterator[Clash]:
    if found := only_and_more(one, other):
        yield Clash("conflict_option", "", *found)
    elif found := only_and_more(other, one):
        yield Clash("conflict_option", "", found[1], found[0])


def _of_names(one: str, other: str, ours: Claims, theirs: Claims, asked: Question) -> Iterator[Clash]:
    """Two short answers that name different things; what a family knows to be one thing is one."""
    a, b = name(one, asked), name(other, asked)
    if payers(one, asked) or payers(other, asked):
        return
    known = any(mine.keys() & theirs.named.get(key, {}).keys() for key, mine in ours.named.items())
    if a and b and not known and other_name(a, b):
        yield Clash("conflict_option", "", a.shown, b.shown)


# -- yes and no


def _of_whether(one: str, other: str, asked: Question) -> Iterator[Clash]:
    ours, theirs = verdict(one, asked), verdict(other, asked)
    if not ours or not theirs or ours.case != theirs.case or apart(ours.scope, theirs.scope):
        return
    if ours.says is not theirs.says:
        yield Clash("conflict_yes_no", "", ours.shown, theirs.shown)


def _of_denials(ours: Claims, theirs: Claims) -> Iterator[Clash]:
    for what, shown in _denied_and_granted(ours, theirs):
        yield Clash("conflict_yes_no", what, f"不{shown}", what)
    for what, shown in _denied_and_granted(theirs, ours):
        yield Clash("conflict_yes_no", what, what, f"不{shown}")


def _denied_and_granted(no: Claims, yes: Claims) -> Iterator[tuple[str, str]]:
    """What one answer denies and the other grants, where neither says both."""
    for denied in no.denied:
        stem = denied[:2]
        granted = any(stem in what for what in yes.granted)
        both = any(stem in what for what in no.granted) or any(what.startswith(stem) for what in yes.denied)
        if granted and not both:
            yield stem, stem
