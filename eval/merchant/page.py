"""The page itself: one self-contained HTML file that fits on one sheet of A4. No script, nothing from outside."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from eval.kpi.report import in_unit
from eval.merchant.earned import Earned, Money, Verdict
from eval.merchant.report import Compared, MerchantReport
from eval.merchant.words import say
from eval.paper.number import plus, shown, signed, whole
from eval.paper.page import escaped, page
from eval.paper.paper import Unit
from eval.uplift.effect import Effect
from eval.uplift.guard import Guard

_DASH = "—"
_STYLE = Path(__file__).with_name("page.css")


def to_page(report: MerchantReport, lang: str = "zh") -> str:
    """The whole page. The same report gives the same bytes."""
    made = report.earned
    title = f"{report.name} · {say('title', lang)}"
    period = say("period", lang, first=made.first, last=made.last, days=made.days)
    how, guards = ("", "") if made.verdict is Verdict.REFUSED else (_how(made, lang), _guards(made.guards, lang))
    body = (
        f"<header><h1>{escaped(title)}</h1><p>{escaped(period)}</p></header>\n<main>\n"
        f"{_earned(made, lang)}{how}{_five(report.five, lang)}"
        f'<div class="two">{_along(report, lang)}{_open(report, lang)}</div>\n{guards}</main>\n'
        f"{_footer(report, lang)}"
    )
    return page(title, _STYLE, body, lang)


# -- what was earned


def _earned(made: Earned, lang: str) -> str:
    """What was earned; of a trial that cannot be relied on only that: a number that is struck through is still read."""
    if made.verdict is Verdict.REFUSED:
        body = f'<div class="verdict"><p class="word">{_word(made.verdict, lang)}</p></div>\n'
        note = f'<p class="note">{escaped(_note(made, lang))}</p>'
        return f'<section class="earned refused">\n<h2>{say("earned", lang)}</h2>\n{body}{note}</section>\n'
    base = _money(made.net.control.value * 100)
    warned, ranges = _unchecked(made, lang), say("ranges_note", lang) if made.look else ""
    cards = (
        _card("so_far", made.so_far, say("so_far_note", lang, n=f"{made.treated:,}"), lang, main=True),
        _card("per_100", made.per_100, say("per_100_note", lang, base=base), lang),
        _card("monthly", made.monthly, say("monthly_note", lang, n=f"{made.monthly_chats:,.0f}"), lang),
    )
    return (
        f'<section class="earned {made.verdict}">\n<h2>{say("earned", lang)}</h2>\n'
        f'<div class="cards">{"".join(cards)}</div>\n'
        f'<div class="verdict"><p class="word">{_word(made.verdict, lang)}</p>{_scale(made.per_100, made.always, lang)}</div>\n'
        f'<p class="note">{escaped(_note(made, lang))}</p>\n{warned}'
        f'<p class="small">{say("net_only" if warned else "net_note", lang)}{ranges}</p>\n</section>\n'
    )


def _card(key: str, money: Money, note: str, lang: str, *, main: bool = False) -> str:
    return (
        f'<div class="card{" main" if main else ""}"><p class="name">{say(key, lang)}</p>'
        f'<p class="big">{_money(money.value)}<span>{say("yuan", lang, value="").strip()}</span></p>'
        f"<p>{_range(money, lang)}</p><p>{escaped(note)}</p></div>"
    )


def _word(verdict: Verdict, lang: str) -> str:
    mark = {Verdict.SURE: "✓", Verdict.UNSURE: "?", Verdict.NONE: "=", Verdict.LOSS: "!", Verdict.REFUSED: "✕"}[verdict]
    return f'<b aria-hidden="true">{mark}</b>{say(verdict, lang)}'


def _note(made: Earned, lang: str) -> str:
    if made.verdict is Verdict.REFUSED:
        return say("refused_note", lang, why=say(made.why, lang))
    if made.verdict is not Verdict.UNSURE:
        return say(f"{made.verdict}_note", lang)
    if not made.daily:
        return say("unsure_never", lang)
    if made.look is None and made.net.se != 0:
        return say("unsure_few", lang)
    if made.look is None or not made.more:
        return say("unsure_open", lang)
    return say("early_note" if made.early else "unsure_note", lang, more=f"{made.more:,}", n=f"{made.chats:,}")


def _unchecked(made: Earned, lang: str) -> str:
    if not made.unchecked:
        return ""
    return f'<p class="note warn">{escaped(say(made.unchecked, lang, units=f"{made.balance.units:,}"))}</p>\n'


def _scale(money: Money, always: Money, lang: str) -> str:
    """Today's interval on a line with 0 on it, and thin around it the one that decides: what 'sure' means, to be seen."""
    if money.low is None or money.high is None:
        return f'<p class="small">{say("no_range", lang)}</p>'
    wide = (money.low if always.low is None else always.low, money.high if always.high is None else always.high)
    edge = max(abs(wide[0]), abs(wide[1]), abs(money.value)) * 1.15 or 1.0
    least, most = min(-0.25 * edge, wide[0] * 1.15), max(0.25 * edge, wide[1] * 1.15)

    def x(value: float) -> float:
        return round(20 + 440 * (value - least) / (most - least), 1)

    told = {"value": _money(money.value), "low": _money(money.low), "high": _money(money.high)}
    ends = f'<text x="{x(money.low)}" y="52">{told["low"]}</text><text x="{x(money.high)}" y="52">{told["high"]}</text>'
    zero = f'<text x="{x(0)}" y="70" class="zero">0 · {say("nothing", lang)}</text>'
    return (
        f'<svg viewBox="0 0 480 76" role="img" aria-label="{escaped(say("scale_alt", lang, **told))}">'
        f'<line x1="20" x2="460" y1="30" y2="30" class="axis"/><line x1="{x(0)}" x2="{x(0)}" y1="14" y2="54" class="null"/>'
        f'<path d="M{x(wide[0])} 25v10m0 -5H{x(wide[1])}m0 -5v10" class="always"/>'
        f'<rect x="{x(money.low)}" y="23" width="{round(x(money.high) - x(money.low), 1)}" height="14" rx="7" class="range"/>'
        f'<circle cx="{x(money.value)}" cy="30" r="9" class="point"/>'
        f'<text x="{x(money.value)}" y="14" class="middle">{told["value"]}</text>{ends}{zero}</svg>'
    )


def _how(made: Earned, lang: str) -> str:
    rows = (
        _effect(say("conversion", lang), made.conversion, "%", "pp", lang),
        _effect(say("order_value", lang), made.order_value, "元", "元", lang),
    )
    head = ["", say("without", lang), say("with", lang), say("difference", lang), say("likely", lang)]
    return f"<section>\n<h2>{say('how', lang)}</h2>\n{_table(head, rows, 'effects')}</section>\n"


def _effect(name: str, effect: Effect, unit: Unit, change: Unit, lang: str) -> list[str]:
    likely = _likely(effect, change, lang) or _DASH
    arms = (shown(arm.value, unit, lang) for arm in (effect.control, effect.treated))
    return [name, *arms, signed(effect.value, change, lang), likely]


# -- how the shop was served


def _five(five: Sequence[Compared], lang: str) -> str:
    head = [say(key, lang) for key in ("measure", "now", "likely", "before", "change")]
    silent = any(one.measure.key == "inquiries" and not one.now.value for one in five)
    told = (
        f'<p class="note">{say("no_log", lang)}</p>\n'
        if silent
        else _table(head, [_measure(one, lang) for one in five])
    )
    return f"<section>\n<h2>{say('five', lang)}</h2>\n{told}</section>\n"


def _measure(one: Compared, lang: str) -> list[str]:
    unit = one.measure.unit
    name = one.measure.zh if lang == "zh" else one.measure.en
    likely = _DASH
    if one.now.low is not None and one.now.high is not None:
        low = _plain(one.now.low, unit, lang).split(" ")[0].removesuffix("%")
        likely = f"{low} {say('to', lang)} {_plain(one.now.high, unit, lang)}"
    before = one.before.value if one.before else None
    return [name, _plain(one.now.value, unit, lang), likely, _plain(before, unit, lang), _change(one, lang)]


def _plain(value: float | None, unit: str, lang: str) -> str:
    if value is None:
        return _DASH
    text = in_unit(value, unit).replace(" %", "%")
    words = {"元": "CNY", "秒": "s", "分": "", "次": ""}
    return text if lang == "zh" else " ".join(words.get(part, part) for part in text.split(" ")).strip()


def _change(one: Compared, lang: str) -> str:
    """The change, and in words whether it is for the better; a change within chance is none."""
    if one.change is None:
        return _DASH
    unit = one.measure.unit
    sign = "+" if one.change > 0 else "−" if one.change < 0 else ""
    text = signed(one.change, "pp", lang) if unit == "%" else sign + _plain(abs(one.change), unit, lang)
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("+−")
    return f"{text} {say(word, lang)}" if (word := _judged(one)) else text


def _judged(one: Compared) -> str:
    """better, worse or same; "" where chance is not known. Half-widths of independent intervals add in squares."""
    halves = [
        (found.high - found.low) / 2
        for found in (one.now, one.before)
        if found and found.low is not None and found.high is not None
    ]
    if one.change is None or len(halves) < 2:
        return ""
    if abs(one.change) <= math.hypot(*halves):
        return "same"
    return "better" if (one.change < 0) == one.measure.less_is_better else "worse"


def _along(report: MerchantReport, lang: str) -> str:
    share = in_unit(report.attach.value, "%").replace(" %", "%") if report.attach.value is not None else ""
    note = say("along_note", lang, share=share) if share else ""
    return _list("along", report.along, ("product", "orders"), note, lang)


def _open(report: MerchantReport, lang: str) -> str:
    return _list("open", report.open, ("question", "times"), say("open_note", lang) if report.open else "", lang)


def _list(key: str, lines: Sequence[tuple[str, int]], head: tuple[str, str], note: str, lang: str) -> str:
    told = _table([say(name, lang) for name in head], [[name, f"{n:,}"] for name, n in lines])
    body = told if lines else f"<p>{say(f'{key}_none', lang)}</p>"
    return f'<section>\n<h2>{say(key, lang)}</h2>\n{body}<p class="small">{escaped(note)}</p></section>\n'


def _guards(found: Iterable[Guard], lang: str) -> str:
    items = "".join(_guard(one, lang) for one in found)
    return f'<section class="guards">\n<h2>{say("guards", lang)}</h2>\n<ul>{items}</ul>\n</section>\n'


def _guard(one: Guard, lang: str) -> str:
    unit = one.metric.unit
    change: Unit = "pp" if unit == "%" else unit
    arms = f"{shown(one.effect.control.value, unit, lang)} → {shown(one.effect.treated.value, unit, lang)}"
    likely = _likely(one.effect, change, lang)
    told = f"{say('difference', lang)} {likely}" if likely else ""
    return (
        f'<li class="{one.state}"><b>{say(one.metric.key, lang)}<em>{say(one.state, lang)}</em></b>'
        f"<span>{escaped(arms)}</span><span>{escaped(told)}</span></li>"
    )


def _footer(report: MerchantReport, lang: str) -> str:
    made = report.earned
    numbers = {"n": made.chats, "treated": made.treated, "rest": made.chats - made.treated}
    counted = say("counted", lang, **{name: f"{n:,}" for name, n in numbers.items()})
    told = f"{counted} · {say('method_refused' if made.verdict is Verdict.REFUSED else 'method', lang)}"
    if made.crossed:
        told = f"{told} · {say('crossed', lang, n=f'{made.crossed:,}')}"
    rests = say("rests", lang, knowledge=report.knowledge or _DASH, model=report.model or _DASH, seed=report.seed)
    lines = (told, f"{say('settled', lang)} {rests}")
    return f"<footer>{''.join(f'<p>{escaped(line)}</p>' for line in lines)}</footer>\n"


# -- small things


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """The first column is of names, the others of numbers."""
    top = "".join(f'<th scope="col">{escaped(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{escaped(row[0])}</th>'
        + "".join(f"<td>{escaped(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in rows
    )
    return f"<table{f' class={kind}' if kind else ''}><thead><tr>{top}</tr></thead>\n<tbody>{body}</tbody></table>\n"


def _range(money: Money, lang: str) -> str:
    if money.low is None or money.high is None:
        return say("no_range", lang)
    return escaped(say("range", lang, low=_money(money.low), high=_money(money.high)))


def _likely(effect: Effect, unit: Unit, lang: str) -> str:
    """−2.08 到 +3.03 个百分点; "" where it is not known."""
    if effect.low is None or effect.high is None:
        return ""
    return f"{plus(effect.low, unit)} {say('to', lang)} {signed(effect.high, unit, lang)}"


def _money(value: float) -> str:
    """To three digits: no interval of a month's sales says more."""
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    return whole(round(value, min(digits, 0)))
