"""The vendor's shops side by side, as digests: what belongs to one of them, without a word of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kb.check.couriers import couriers_in
from kb.check.crowd import SEATS, Crowd, rows
from kb.check.finding import Concern, Finding, Severity
from kb.check.marks import NAME_RUN, OF_A_SUM, SENTENCE_RUN, Marks, codes_in, money_in, numbers_in
from kb.check.own import Own
from kb.check.salted import NONE, Salted, held
from kb.check.view import View

_LONG_NAME = 6  # characters of a product's name that nobody says by chance
_SHORT_NAME = 5
_SENTENCE = 12  # characters in common with one other shop, and with no second one, that are a copied sentence
_GAP = 10  # characters changed within a copied sentence
_SUM_BEFORE = re.compile(f"{OF_A_SUM}|总")
_SENDS = re.compile("发|走|寄|默认|合作")
_PRICE_BEFORE = ("价", "卖", "售", "只要", "仅需", "只需", "到手", "特惠", "优惠后", "¥", "拍下", "是", "现在", "款")
_CLAUSE_BEFORE = re.compile(r"[^，。！？；,!?;\n]{0,8}$")
_ADVICE = "请核对左上角的店铺；本店没有这一项，请按本店的资料回复。"


@dataclass(frozen=True, slots=True)
class _Table:
    """Shops that are looked through together, by their seats."""

    products: Crowd
    sentences: Crowd
    seats: Mapping[str, int]

    def seated(self, slug: str, seat: int, marks: Marks) -> _Table:
        crowds = self.products.seated(seat, marks.products), self.sentences.seated(seat, marks.sentences)
        return _Table(*crowds, {**self.seats, slug: seat})

    def without(self, slug: str) -> _Table:
        seat, others = self.seats[slug], {one: at for one, at in self.seats.items() if one != slug}
        return _Table(self.products.without(seat), self.sentences.without(seat), others)


class Neighbours:
    """The marks of all the vendor's shops. One shop's are put in at the cost of that shop and the few beside it, however many
    there are: what is short (values, names) is counted over all, what is long (products, sentences) lies together by
    `SEATS` shops and is looked for in all of them at once.

    Writers take turns (`Watch`); a reader beside them sees a shop as it was or as it is.
    """

    def __init__(self) -> None:
        self.marks: Mapping[str, Marks] = {}  # without what the tables hold
        self.tables: tuple[_Table, ...] = ()
        self.values: Counter[int] = Counter()
        self.names: dict[int, Counter[int]] = {}  # by length

    def put(self, slug: str, marks: Marks | None) -> None:
        """Know a shop by these marks from now on; None: no longer."""
        before, others = self.marks.get(slug), {key: each for key, each in self.marks.items() if key != slug}
        if marks is not None:
            self._count(marks, 1)
            others[slug] = replace(marks, products=NONE, sentences=NONE)
        self._seat(slug, marks)
        self.marks = others
        if before is not None:
            self._count(before, -1)

    def _seat(self, slug: str, marks: Marks | None) -> None:
        """Make the one table anew that the shop sits at; a new shop sits down where there is room."""
        tables = list(self.tables)
        at = next((i for i, table in enumerate(tables) if slug in table.seats), None)
        if at is not None and marks is None:
            tables[at] = tables[at].without(slug)
        elif marks is not None:
            if at is None:
                at = next((i for i, table in enumerate(tables) if len(table.seats) < SEATS), len(tables))
                tables[at:] = tables[at:] or [_Table(Crowd.empty(), Crowd.empty(), {})]
            free = set(range(SEATS)) - set(tables[at].seats.values())
            seat = tables[at].seats.get(slug, min(free, default=0))
            tables[at] = tables[at].seated(slug, seat, marks)
        self.tables = tuple(tables)

    def _count(self, marks: Marks, by: int) -> None:
        counted = [(self.values, marks.values)]
        counted += [
            (self.names.setdefault(n, Counter()), frozenset(found.tolist())) for n, found in marks.names.items()
        ]
        for counter, digests in counted:
            for digest in digests:
                counter[digest] += by
                if not counter[digest]:
                    del counter[digest]


def foreign(view: View, own: Own, others: Neighbours, salted: Salted, now: int) -> Iterator[Finding]:
    """What the text names that is not this shop's and is another's."""
    yield from _names(view, own, others, salted)
    yield from _products(view, own, others, salted)
    yield from _values(view, own, others, salted)
    yield from _prices(view, own, others, salted, now)
    yield from _sentences(view, own, others, salted)


def _names(view: View, own: Own, others: Neighbours, salted: Salted) -> Iterator[Finding]:
    solid = view.solid
    for length, names in list(others.names.items()):
        for at in [i for i, run in enumerate(salted.runs(solid.text, length).tolist()) if run in names]:
            name = solid.text[at : at + length]
            if not own.has(name) and _whole(solid.text, at, at + length):
                yield _found(view, solid.span(at, at + length), "name", "“{}”是别家店的名称，不是本店的。")


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a name in Latin letters is not part of a longer word."""
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return not text[start:end].isascii() or not any(c.isascii() and c.isalnum() for c in around)


def _products(view: View, own: Own, others: Neighbours, salted: Salted) -> Iterator[Finding]:
    solid = view.solid
    runs = salted.runs(solid.text, NAME_RUN)
    strange = np.flatnonzero(~held(runs, own.names))
    tables = others.tables
    theirs = rows([table.products for table in tables], runs[strange], _seat_of(own, tables))
    for first, last in _stretches(strange[_any(len(strange), theirs)], 1):
        length = last - first + NAME_RUN
        if length >= _SHORT_NAME and not solid.text[first : first + length].isdigit():
            severity = Severity.BLOCK if length >= _LONG_NAME else Severity.WARN
            why = "“{}”是别家店的商品或地址，本店没有。"
            yield _found(view, solid.span(first, first + length), "product", why, severity)


def _values(view: View, own: Own, others: Neighbours, salted: Salted) -> Iterator[Finding]:
    plain = view.plain
    for start, end, code in codes_in(plain.text):
        if salted.value("code", code) in others.values and not own.has(code):
            yield _found(view, plain.span(start, end), "code", "“{}”是别家店的货号或型号，本店没有。")
    for start, end, number in numbers_in(plain.text):
        if salted.value("number", number) in others.values and not own.has(number):
            yield _found(view, plain.span(start, end), "number", "“{}”是别家店的电话或号码，不是本店的。")
    if not own.couriers:
        return  # a shop that says nothing of couriers may send by any
    for start, end, courier in couriers_in(plain.text):
        if salted.value("courier", courier) in others.values and courier not in own.couriers:
            sends = _SENDS.search(plain.text, max(0, start - 8), start)
            severity = Severity.BLOCK if sends else Severity.WARN
            yield _found(view, plain.span(start, end), "courier", "本店不发“{}”，那是别家店合作的快递。", severity)


def _prices(view: View, own: Own, others: Neighbours, salted: Salted, now: int) -> Iterator[Finding]:
    plain = view.plain
    for start, end, money in money_in(plain.text):
        before = _CLAUSE_BEFORE.search(plain.text, max(0, start - 8), start)[0]  # type: ignore[index]  # it may be empty
        if own.says_money(money, now) or own.charges(money) or _SUM_BEFORE.search(before):
            continue
        if salted.value("price", money) in others.values:
            told = any(word in before for word in _PRICE_BEFORE) or plain.text[start] == "¥"
            severity = Severity.BLOCK if told else Severity.WARN
            yield _found(view, plain.span(start, end), "price", "本店没有“{}”这个价格，别家店有。", severity)


def _sentences(view: View, own: Own, others: Neighbours, salted: Salted) -> Iterator[Finding]:
    solid = view.solid
    runs = salted.runs(solid.text, SENTENCE_RUN)
    strange = np.flatnonzero(~held(runs, own.sentences))
    tables = others.tables
    said = rows([table.sentences for table in tables], runs[strange], _seat_of(own, tables))
    once = np.sum(said, axis=0) == 1  # what several shops say is how everybody speaks
    for theirs in said:
        places = strange[theirs & once]
        for first, last in _stretches(places, _GAP):
            covered = np.zeros(last - first + SENTENCE_RUN, np.bool_)
            for at in (places[(first <= places) & (places <= last)] - first).tolist():
                covered[at : at + SENTENCE_RUN] = True
            if int(covered.sum()) >= _SENTENCE:
                text = solid.text[first : last + SENTENCE_RUN]
                severity = Severity.BLOCK if any(map(str.isdigit, text)) else Severity.WARN
                why = "这一段和别家店的话术一样，本店没有这样的说法。"
                yield _found(view, solid.span(first, last + SENTENCE_RUN), "sentence", why, severity)


def _seat_of(own: Own, tables: tuple[_Table, ...]) -> tuple[int, int] | None:
    """Where the shop that asks sits itself."""
    slug = own.told.slug
    return next(((i, table.seats[slug]) for i, table in enumerate(tables) if slug in table.seats), None)


def _any(length: int, rows: list[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    return np.logical_or.reduce(rows) if rows else np.zeros(length, np.bool_)


def _stretches(places: NDArray[np.int64], gap: int) -> Iterator[tuple[int, int]]:
    """First and last of each row of places with no gap beyond this between two neighbours."""
    if len(places):
        for part in np.split(places, np.flatnonzero(np.diff(places) > gap) + 1):
            yield int(part[0]), int(part[-1])


def _found(view: View, span: tuple[int, int], rule: str, why: str, severity: Severity = Severity.BLOCK) -> Finding:
    said = view.typed[span[0] : span[1]]
    return Finding(*span, f"wrong_shop.{rule}", Concern.WRONG_SHOP, severity, why.format(said), _ADVICE)
