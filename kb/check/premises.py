"""Where a shop sends from, where goods go back to, and when somebody is there: what a text says of it, held against the handover
form and the shop's own answers.

Only what is told as a fact counts: not 您是从杭州来的吗, not 新疆发货要补运费, not a parcel that has come to 武汉转运中心.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from kb.check.claims import denied
from kb.check.contradiction import of_said
from kb.check.finding import Finding
from kb.check.own import Own
from kb.check.places import Place, agree, places_in
from kb.check.told import HOURS, ORIGIN, RETURN, Said
from kb.check.view import Read, solid

Placed = tuple[int, int, Place]

_REACH = 14  # characters around a place that say what it is told for
_FROM = re.compile(r"(?:从|由)(?:我们)?$")
_OUR = re.compile(
    r"(?:发货(?:地|点|仓|仓库|城市)(?:址)?(?:在|是|为|:| ){0,2}|(?:仓库?|库房)(?:都|就)?(?:在|位于|是)"
    r"|(?:我们|本店|全店|统一|默认|都)(?:都)?(?:是|在))$"
)
_SENDS = re.compile(
    r"[省市区县]?(?:这边|本地|当地|直)?(?:的)?(?P<store>(?:总|中心|大|分|云|自营|保税)?仓库?)?(?:统一|直接|直|给您|为您|帮您|安排){0,2}"
    r"(?:发(?:货|出|的|走|过来|快递|哦|呢|$)|寄出|出货|出库)"
)
_STORE = re.compile(r"[省市区县]?(?:总|中心|大|分|云|自营)?仓库?(?:统一|直接|直)?发")
_ON_ITS_WAY = re.compile(
    r"转运|中转|分拨|集散|网点|营业部|包裹|快件|物流|派送|已从|已经从|如果|要是|假如|若|您[在是从]|你[在是从]"
)
_BACK = re.compile(
    r"(?:退换?货?(?:的)?(?:寄件|收件|收货)?地址|退货(?:请|麻烦)?(?:您)?(?:寄|发)|寄回|退回|退到|退至|寄还)"
    r"(?:到|至|往|是|为|在|:| |我们|本店|仓库|这边|的|给|哦|亲|请|,){0,4}$"
)
_STREET = re.compile(r"[^，。；;!！?？\n]{0,30}?([\u4e00-\u9fff]{2}(?:大道|路|街|巷|弄)\d{1,5}(?:弄|号))")
_TIME = (
    r"(?P<when{0}>早上?|上午|中午|下午|傍晚|晚上?|夜里|凌晨|次日|第二天|隔天)?(?P<hour{0}>[012]?\d)"
    r"(?:(?::|点)(?P<minute{0}>[0-5]\d)分?|(?:点|:)(?P<half{0}>半)?|(?=\s?[-~到至—–]))"
)
_WHO = (
    r"(?:客服|人工|服务|接待|上班|在线|值班|营业)(?:的)?(?:时间|在线|客服|服务|上班)?(?:都|一般)?"
    r"(?:是|为|在|:| |每天|每日|周一至周[五六日]){0,3}"
)
_THERE = r"[^，。；\n\d]{0,4}(?:在线|上班|有人|值班|人工|接待|客服|都在)"
_HOURS = re.compile(
    rf"(?P<who>{_WHO})?{_TIME.format(1)}\s?[-~到至—–]{{1,2}}\s?(?P<second>{_TIME.format(2)})(?P<there>{_THERE})?"
)
_HALF_DAY = 12 * 60


def off_premises(plain: Read, own: Own, now: int) -> Iterator[Finding]:
    """Places, streets and hours that are told as the shop's and are not."""
    text = plain.text
    yield from _elsewhere(plain, list(sent_from(text)), places_of(own, ORIGIN, sent_from), "origin", ORIGIN, now)
    yield from _elsewhere(plain, list(sent_back(text)), places_of(own, RETURN, sent_back), "return", RETURN, now)
    yield from _streets(plain, own)
    yield from _hours(plain, own, now)


def sent_from(plain: str) -> Iterator[Placed]:
    """The places that goods are said to come from."""
    if "发" in plain or "仓" in plain or "寄" in plain or "库" in plain:
        for first, last, run in _runs(plain):
            before, after = _around(plain, first, last)
            from_there = _FROM.search(before) and _SENDS.match(after)
            ours = _OUR.search(before) and (
                _SENDS.match(after) or not before.endswith(("我们是", "都是", "统一是", "默认是"))
            )
            if (from_there or ours or _STORE.match(after)) and not _ON_ITS_WAY.search(before + after):
                yield from _exact(run)


def sent_back(plain: str) -> Iterator[Placed]:
    """The places that goods are said to go back to."""
    if "退" in plain or "寄回" in plain or "寄还" in plain:
        for first, _, run in _runs(plain):
            before = plain[max(0, first - _REACH) : first]
            if _BACK.search(before):
                yield from _exact(run)


def places_of(own: Own, label: str, read: Callable[[str], Iterator[Placed]]) -> list[tuple[Place, Said]]:
    """The places that the shop says, its form first: every one in the item of this label, elsewhere those that are read."""
    return own.stated(
        label,
        lambda text: [place for _, _, run in _runs(text) for _, _, place in _exact(run)],
        lambda text: [place for _, _, place in read(text)],
    )


def clock_times(text: str) -> list[int]:
    """The times of day in a text, in minutes; the end of a range that cannot be before its beginning is in the afternoon."""
    return [minute for _, _, pair in _ranges(text, anyway=True) for minute in pair] + [
        (int(m[1]) * 60 + int(m[2])) % 1440 for m in re.finditer(r"(?<!\d)([012]?\d):([0-5]\d)", text)
    ]


def _elsewhere(
    plain: Read, said: Sequence[Placed], ours: Sequence[tuple[Place, Said]], rule: str, label: str, now: int
) -> Iterator[Finding]:
    held = [(place, one) for place, one in ours if one.holds(now)]
    for start, end, place in said:
        if held and not any(agree(place, own) for own, _ in held) and not denied(plain.text, start, end):
            yield of_said(plain.span(start, end), rule, label, held[0][1])


def _streets(plain: Read, own: Own) -> Iterator[Finding]:
    """寄回测试路99号 of a form that says 测试路88号."""
    form = next((said for said in own.told.said if said.label == RETURN and _STREET.search(said.text)), None)
    if form is None or ("退" not in plain.text and "寄回" not in plain.text):
        return
    for match in re.finditer(_BACK.pattern.removesuffix("$"), plain.text):
        street = _STREET.match(plain.text, match.end())
        if street and not own.has(solid(street[1])) and not denied(plain.text, *street.span(1)):
            yield of_said(plain.span(*street.span(1)), "return", RETURN, form)


def _hours(plain: Read, own: Own, now: int) -> Iterator[Finding]:
    ranges = list(_ranges(plain.text))
    if not ranges:
        return
    stated = own.stated(HOURS, clock_times, lambda t: [m for _, _, pair in _ranges(t) for m in pair])
    ours = [(minute, said) for minute, said in stated if said.holds(now)]
    for start, end, pair in ranges:
        if ours and not {minute for minute, _ in ours}.issuperset(pair) and not denied(plain.text, start, end):
            yield of_said(plain.span(start, end), "hours", HOURS, ours[0][1])


def _ranges(plain: str, *, anyway: bool = False) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """The hours of service that a text names; of a cell that holds nothing else, `anyway`."""
    for match in _HOURS.finditer(plain):
        if anyway or match["who"] or match["there"]:
            begin, end = _minute(match, 1), _minute(match, 2)
            if end <= begin and end < _HALF_DAY and not match["when2"] and end:
                end += _HALF_DAY  # 9点到6点
            yield match.start("hour1"), match.end("second"), (begin % 1440, end % 1440)


def _minute(match: re.Match[str], which: int) -> int:
    hour, minute, when = int(match[f"hour{which}"]), match[f"minute{which}"], match[f"when{which}"] or ""
    later = when[:1] in {"下", "傍", "晚", "夜"} and hour <= 12
    half = 30 if match[f"half{which}"] else 0
    return (hour + 12 * later) * 60 + int(minute or 0) + half


def _runs(plain: str) -> Iterator[tuple[int, int, list[Placed]]]:
    """Places that stand together (浙江省杭州市, 广州、杭州): where they begin and end, and each."""
    run: list[Placed] = []
    for one in places_in(plain):
        if run and not re.fullmatch(r"[省市区县、和及与或/ ·-]{0,2}", plain[run[-1][1] : one[0]]):
            yield run[0][0], run[-1][1], run
            run = []
        run.append(one)
    if run:
        yield run[0][0], run[-1][1], run


def _exact(run: Sequence[Placed]) -> Iterator[Placed]:
    """Of 浙江省杭州市 the 杭州: a province that a city of it follows says nothing of its own."""
    for one in run:
        if not any(other[2] != one[2] and other[2][: len(one[2])] == one[2] for other in run):
            yield one


def _around(plain: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after within the same part of the sentence."""
    before = re.split(r"[，。！？；\n]", plain[max(0, start - _REACH) : start])[-1]
    after = re.split(r"[，。！？；\n]", plain[end : end + _REACH])[0]
    return before, after
