"""Whether two answers to one question contradict each other, and in what.

Silence never contradicts: an answer that merely says more is no conflict, one that gives a value within the other's
range neither. A contradiction needs the same thing said of, in the same case, with nothing in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.review.claims import Claims, Said, claims

_ALIKE = 0.5  # Dice overlap of two clauses without their numbers, from which both are about the same thing
_CODES = {
    "时间": "conflict_time", "元": "conflict_price", "折": "conflict_percent", "%": "conflict_percent", "成": "conflict_percent",
    "日期": "conflict_date", "钟点": "conflict_date",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clash:
    """One contradiction: its stable code, what it is about, and both sides as they were written."""

    code: str
    about: str
    ours: str
    theirs: str


def disagree(one: str, other: str, asked: frozenset[str] = frozenset()) -> Clash | None:
    """The first contradiction of two answers to the same question; `asked` are the cases the question is about."""
    if one == other:
        return None
    ours, theirs = claims(one, asked), claims(other, asked)
    checks = (_of_amounts, _of_options, _of_verdicts, _of_denials)
    return next((clash for check in checks for clash in check(ours, theirs)), None)


# -- amounts


def _of_amounts(ours: Claims, theirs: Claims) -> Iterator[Clash]:
    for said in ours.said:
        rivals = _about_same(said, ours.said, theirs.said)
        if not rivals or any(said.amount.agrees(rival.amount) for rival in rivals):
            continue
        for rival in rivals:
            back = _about_same(rival, theirs.said, ours.said)
            if not any(rival.amount.agrees(each.amount) for each in back):
                code = _CODES.get(said.amount.axis, "conflict_number")
                yield Clash(code, "", said.amount.shown, rival.amount.shown)
                break
    yield from _of_units(ours, theirs)


def _about_same(said: Said, own: Sequence[Said], others: Sequence[Said]) -> list[Said]:
    """The amounts of the other answer that speak about the same thing as this one."""
    rivals = [other for other in others if _comparable(said, other)]
    single = len(rivals) == 1 and sum(_comparable(each, rivals[0]) for each in own) == 1
    if single and (not said.topics or not rivals[0].topics or said.topics & rivals[0].topics):
        return rivals
    return [other for other in rivals if said.topics & other.topics or _alike(said, other) >= _ALIKE]


def _comparable(one: Said, other: Said) -> bool:
    a, b = one.amount, other.amount
    axes = {a.axis, b.axis}
    same_axis = len(axes) == 1 or axes == {"元", "数"}
    return (
        same_axis
        and (a.role == b.role or not (a.role and b.role))
        and one.case == other.case
        and _sides(a.axis, a.role, b.role)
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
    if "数" in (a.axis, b.axis) or a.axis == b.axis or one.case != other.case:
        return
    if _alike(one, other) >= _ALIKE and a.shown != b.shown:
        yield Clash("conflict_unit", "单位", a.shown, b.shown)


# -- options


def _of_options(ours: Claims, theirs: Claims) -> Iterator[Clash]:
    for key, mine in ours.named.items():
        family, case = key
        yours = theirs.named.get(key, {})
        if yours and not mine.keys() & yours.keys():
            yield Clash("conflict_option", family, "、".join(mine.values()), "、".join(yours.values()))
        if not case:
            for option, word in mine.items():
                if (family, option) in theirs.refused and option not in yours:
                    yield Clash("conflict_option", family, word, f"不{word}")
    for (family, case), yours in theirs.named.items():
        for option, word in yours.items():
            if not case and (family, option) in ours.refused and option not in ours.named.get((family, case), {}):
                yield Clash("conflict_option", family, f"不{word}", word)


# -- yes and no


def _of_verdicts(ours: Claims, theirs: Claims) -> Iterator[Clash]:
    if ours.verdict is None or theirs.verdict is None or not (ours.general and theirs.general):
        return
    if ours.verdict is not theirs.verdict:
        yield Clash("conflict_yes_no", "", ours.verdict_shown, theirs.verdict_shown)


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
