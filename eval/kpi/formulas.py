"""Every figure of the KPI sheet: a function each; what it is in words and who asks for it is `measures.toml`.

`source` A… is the row of the field study's list; "—" where only this project asks. Shares have Wilson intervals, means Student's,
medians order statistics; sums are counted and have none. A figure of nothing (n = 0) has no value, never 0.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from eval.kpi.book import Book, Card
from eval.kpi.count import NOTHING, Counted, amount, mean, middle, share
from eval.kpi.log import MarkKind, ToldName
from eval.kpi.rules import DAY_MS, Hours, day_of, within
from eval.kpi.sessions import Session, Wait
from kb.model import EventKind

_USED = (EventKind.INSERTED, EventKind.EDITED, EventKind.SENT)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: its formula in code (`of`) and in words."""

    key: str
    zh: str
    en: str
    unit: str  # "%" (of a share, told as 0 … 1), "元", "秒", "分", "件", "次", ""
    numerator: str
    denominator: str
    source: str
    of: Callable[[Book], Counted]
    less_is_better: bool = False

    @property
    def definition(self) -> str:
        return self.numerator if self.denominator == "1" else f"{self.numerator} ÷ {self.denominator}"


# -- asking and buying


def _paid_within(book: Book, span_ms: int) -> Counted:
    """Of contacts before buying whose span was over by the end of the log."""
    asked = [one for one in book.contacts if one.presale and book.end_ms - one.sessions[0].begun_ms >= span_ms]
    return share(one.paid_within(span_ms) for one in asked)


def inquiry_conversion(book: Book) -> Counted:
    return _paid_within(book, book.rules.attribution_ms)


def paid_1d(book: Book) -> Counted:
    return _paid_within(book, DAY_MS)


def paid_4d(book: Book) -> Counted:
    return _paid_within(book, 4 * DAY_MS)


def inquiries(book: Book) -> Counted:
    return amount(len(book.sessions), len(book.sessions))


def inquirers(book: Book) -> Counted:
    return amount(len(book.contacts), len(book.contacts))


def _buyers(book: Book) -> dict[tuple[str, str], list[float]]:
    """Of each buyer that paid after asking: money kept in 元, and pieces."""
    found: dict[tuple[str, str], list[float]] = {}
    for sale in book.sales:
        if sale.session is not None:
            told = found.setdefault((sale.shop, sale.session.buyer), [0.0, 0.0])
            told[0] += sale.net / 100
            told[1] += sale.items if sale.items else len(sale.products)
    return found


def order_value(book: Book) -> Counted:
    return mean(money for money, _ in _buyers(book).values())


def items_per_buyer(book: Book) -> Counted:
    return mean(items for _, items in _buyers(book).values() if items)


def attach_rate(book: Book) -> Counted:
    return share(sale.along for sale in book.sales if sale.session is not None and sale.along is not None)


def sales_paid(book: Book) -> Counted:
    own = [sale.fen for sale in book.sales if sale.session is not None]
    return amount(sum(own) / 100, len(own))


def sales_net(book: Book) -> Counted:
    own = [sale.net for sale in book.sales if sale.session is not None]
    return amount(sum(own) / 100, len(own))


def refund_rate(book: Book) -> Counted:
    return share(sale.refunded > 0 for sale in book.sales if sale.session is not None)


def silent_share(book: Book) -> Counted:
    return share(sale.session is None for sale in book.sales)


def silent_conversion(book: Book) -> Counted:
    visitors = sum(one.value for one in book.told if one.name is ToldName.VISITORS)
    silent = visitors - len(book.contacts)
    buyers = len(
        {(sale.shop, sale.buyer or sale.order, day_of(sale.paid_ms)) for sale in book.sales if sale.session is None}
    )
    if silent <= 0 or buyers > silent:  # no visitors told, or fewer than came
        return NOTHING
    return share([True] * buyers + [False] * int(silent - buyers))


# -- waiting


def _took(book: Book, *, first: bool | None = None) -> list[float]:
    return [wait.took_ms / 1000 for wait in book.waits if wait.took_ms is not None and first in (None, wait.first)]


def first_reply_mean(book: Book) -> Counted:
    return mean(_took(book, first=True))


def first_reply_median(book: Book) -> Counted:
    return middle(_took(book, first=True))


def _quick(waits: Iterator[Wait], most_ms: int) -> Counted:
    return share(wait.took_ms is not None and wait.took_ms <= most_ms for wait in waits)


def first_reply_30s(book: Book) -> Counted:
    return _quick((wait for wait in book.waits if wait.first), book.rules.first_reply_ms)


def reply_mean(book: Book) -> Counted:
    return mean(_took(book))


def _asked(book: Book, hours: tuple[Hours, ...]) -> Iterator[Wait]:
    return (wait for wait in book.waits if within(hours, wait.asked_ms))


def taobao_3min(book: Book) -> Counted:
    return _quick(_asked(book, book.rules.taobao), book.rules.platform_reply_ms)


def pdd_3min(book: Book) -> Counted:
    """A buyer is lost by one round that took longer: the strictest reading."""
    most = book.rules.platform_reply_ms
    held = {one.key: one for one in book.sessions}  # of an agent's part: her own waits only
    rounds = [
        [
            w
            for part in one.sessions
            if part.key in held
            for w in held[part.key].waits
            if within(book.rules.pdd, w.asked_ms)
        ]
        for one in book.contacts
    ]
    return share(all(w.took_ms is not None and w.took_ms <= most for w in waits) for waits in rounds if waits)


def unanswered(book: Book) -> Counted:
    return share(not one.answered for one in book.sessions if one.waits)


def key_facts_60s(book: Book) -> Counted:
    return share(took is not None and took <= book.rules.key_facts_ms for took in _until(book, MarkKind.KEY_FACTS))


def _until(book: Book, kind: MarkKind) -> Iterator[int | None]:
    """From the beginning of each session to its first such mark, in milliseconds; none where no session has one at all."""
    marks: dict[tuple[str, str], list[int]] = {}
    for mark in book.marks_of(kind):
        marks.setdefault((mark.shop, mark.conversation), []).append(mark.at_ms)
    following: dict[tuple[str, str], int] = {}
    for one in reversed(book.sessions if marks else ()):
        chat = (one.shop, one.conversation)
        end = following.get(chat, book.end_ms + 1)
        following[chat] = one.begun_ms
        yield min((at - one.begun_ms for at in marks.get(chat, ()) if one.begun_ms <= at < end), default=None)


def help_30s(book: Book) -> Counted:
    answered = {(one.shop, one.value): one.at_ms for one in reversed(book.marks_of(MarkKind.HELPED))}
    asked = book.marks_of(MarkKind.HELP)
    ends = [answered.get((one.shop, one.value)) for one in asked]
    return share(
        end is not None and end - one.at_ms <= book.rules.help_ms for one, end in zip(asked, ends, strict=True)
    )


def session_length(book: Book) -> Counted:
    return mean((one.ended_ms - one.begun_ms) / 1000 for one in book.sessions if one.answered)


# -- quality


def one_contact(book: Book) -> Counted:
    return share(not book.again[one.key] for one in book.sessions if one.answered and book.again[one.key] is not None)


def transfer_rate(book: Book) -> Counted:
    moved = {(one.shop, one.conversation) for one in book.marks_of(MarkKind.TRANSFER)}
    answered = [one for one in book.sessions if one.agents]
    return share((one.shop, one.conversation) in moved or _handed_over(book, one) for one in answered)


def _handed_over(book: Book, one: Session) -> bool:
    """Whether two agents spoke within one shift: the next shift taking over is no transfer."""
    seen: dict[str, str] = {}
    return any(seen.setdefault(book.rules.shift_of(at), agent) != agent for agent, at in one.spells)


def _accuracy(book: Book, kind: MarkKind) -> Counted:
    wrong = {(one.shop, one.conversation) for one in book.marks_of(kind)}
    checked = any(one.kind in (MarkKind.FATAL, MarkKind.MINOR) for one in book.marks)
    return (
        share((one.shop, one.conversation) not in wrong for one in book.sessions if one.agents) if checked else NOTHING
    )


def fatal_accuracy(book: Book) -> Counted:
    return _accuracy(book, MarkKind.FATAL)


def minor_accuracy(book: Book) -> Counted:
    return _accuracy(book, MarkKind.MINOR)


def complaint_rate(book: Book) -> Counted:
    complained = {(one.shop, one.conversation) for one in book.marks_of(MarkKind.COMPLAINT)}
    return share((one.shop, one.conversation) in complained for one in book.sessions)


def satisfaction(book: Book) -> Counted:
    return mean(float(one.value) for one in book.marks_of(MarkKind.CSAT) if one.value.replace(".", "", 1).isdecimal())


# -- what became of suggestions


def _suggestions(book: Book) -> dict[tuple[str, str], list[Card]]:
    """The cards of each suggestion that was shown."""
    found: dict[tuple[str, str], list[Card]] = {}
    for card in book.cards:
        if card.life.shown:
            found.setdefault((card.use.shop, card.use.suggestion), []).append(card)
    return found


def _was_used(card: Card, *kinds: EventKind) -> bool:
    return card.life.end is not None and card.life.end.kind in (kinds or _USED)


def adoption_viewed(book: Book) -> Counted:
    return share(any(card.life.viewed or _was_used(card) for card in cards) for cards in _suggestions(book).values())


def adoption_inserted(book: Book) -> Counted:
    return share(any(map(_was_used, cards)) for cards in _suggestions(book).values())


def adoption_sent(book: Book) -> Counted:
    return share(any(_was_used(card, EventKind.SENT) for card in cards) for cards in _suggestions(book).values())


def hit_in_use(book: Book) -> Counted:
    seen = [
        cards for cards in _suggestions(book).values() if any(card.life.viewed or _was_used(card) for card in cards)
    ]
    return share(any(map(_was_used, cards)) for cards in seen)


def first_in_use(book: Book) -> Counted:
    used = [card for cards in _suggestions(book).values() for card in cards if _was_used(card)]
    return share(bool(card.life.shown and card.life.shown.rank == 1) for card in used)


def script_20s(book: Book) -> Counted:
    spans = [
        card.life.end.at - card.life.shown.at
        for card in book.cards
        if card.life.shown and card.life.end and _was_used(card)
    ]
    return share(span <= book.rules.script_ms for span in spans)


def complete(book: Book) -> Counted:
    return share(card.life.end is not None for card in book.cards if card.life.shown)


# -- what the platform states


def _dsr(name: ToldName) -> Callable[[Book], Counted]:
    def latest(book: Book) -> Counted:
        """The mean over shops of the last value told of each."""
        last = {one.shop: one.value for one in sorted(book.told, key=lambda one: one.at_ms) if one.name is name}
        return replace(mean(last.values()), low=None, high=None) if last else NOTHING

    return latest


# A function of the same name each, but for what the platform states.
_TOLD = {f"dsr_{what}": _dsr(ToldName(f"dsr_{what}")) for what in ("describe", "service", "logistics")}


def _measures() -> tuple[Measure, ...]:
    told = tomllib.loads(Path(__file__).with_name("measures.toml").read_text(encoding="utf-8"))
    return tuple(Measure(key=key, of=_TOLD.get(key) or globals()[key], **words) for key, words in told.items())


MEASURES = _measures()
FIVE = (
    "inquiry_conversion", "first_reply_mean", "first_reply_median", "first_reply_30s", "dsr_describe", "dsr_service", "dsr_logistics",
    "inquiries", "order_value",
)  # fmt: skip
BY_KEY = {one.key: one for one in MEASURES}


def compute(book: Book) -> dict[str, Counted]:
    """Every measure of a book, by key, in the order of the sheet."""
    return {one.key: one.of(book) for one in MEASURES}
