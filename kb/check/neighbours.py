"""The vendor's shops side by side, as digests: what belongs to one of them, without a word of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kb.check.couriers import couriers_in
from kb.check.finding import Concern, Finding, Severity
from kb.check.marks import NAME_RUN, SENTENCE_RUN, Marks, codes_in, money_in, numbers_in
from kb.check.own import Own
from kb.check.salted import NONE, Digests, Salted, held
from kb.check.view import View

_LONG_NAME = 6  # characters of a product's name that nobody says by chance
_SHORT_NAME = 5
_SENTENCE = 12  # characters in common with one other shop, and with no second one, that are a copied sentence
_GAP = 10  # characters changed within a copied sentence
_ANYBODY = np.uint16(65535)  # said by several shops: how everybody speaks
_SUM_BEFORE = (
    "补",
    "差",
    "退",
    "运费",
    "邮费",
    "共",
    "合计",
    "总",
    "减",
    "券",
    "红包",
    "返",
    "赔",
    "省",
    "满",
    "押",
    "加",
)
_PRICE_BEFORE = ("价", "卖", "售", "只要", "仅需", "只需", "到手", "特惠", "优惠后", "¥", "拍下", "是", "现在", "款")
_CLAUSE_BEFORE = re.compile(r"[^，。！？；,!?;\n]{0,8}$")
_ADVICE = "请核对左上角的店铺；本店没有这一项，请按本店的资料回复。"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The marks of all the vendor's shops. `owners` says by whom each of `sentences` is said."""

    values: frozenset[int] = frozenset()
    names: Mapping[int, Digests] = field(default_factory=dict)
    products: Digests = field(default_factory=lambda: NONE)
    sentences: Digests = field(default_factory=lambda: NONE)
    owners: NDArray[np.uint16] = field(default_factory=lambda: np.zeros(0, np.uint16))
    shops: frozenset[str] = frozenset()

    @classmethod
    def of(cls, marks: Mapping[str, Marks]) -> Neighbours:
        shops = list(marks.values())
        lengths = {length for one in shops for length in one.names}
        names = {n: np.unique(np.concatenate([one.names[n] for one in shops if n in one.names])) for n in lengths}
        products = np.unique(np.concatenate([NONE, *(one.products for one in shops)]))
        return cls(frozenset().union(*(one.values for one in shops)), names, products, *_owned(shops), frozenset(marks))


def _owned(shops: list[Marks]) -> tuple[Digests, NDArray[np.uint16]]:
    every = np.concatenate([NONE, *(one.sentences for one in shops)])
    whose = np.repeat(np.arange(len(shops), dtype=np.uint16), [len(one.sentences) for one in shops])
    found, first, counts = np.unique(every, return_index=True, return_counts=True)
    owners = whose[first] if len(whose) else np.zeros(0, np.uint16)
    return found, np.where(counts > 1, _ANYBODY, owners).astype(np.uint16)


def foreign(view: View, own: Own, others: Neighbours, salted: Salted, now: int) -> Iterator[Finding]:
    """What the text names that is not this shop's and is another's."""
    yield from _names(view, own, others, salted)
    yield from _products(view, own, others, salted)
    yield from _values(view, own, others, salted)
    yield from _prices(view, own, others, salted, now)
    yield from _sentences(view, own, others, salted)


def _names(view: View, own: Own, others: Neighbours, salted: Salted) -> Iterator[Finding]:
    solid = view.solid
    for length, names in others.names.items():
        for at in np.flatnonzero(held(salted.runs(solid.text, length), names)).tolist():
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
    hits = held(runs, others.products) & ~held(runs, own.names)
    for first, last in _stretches(np.flatnonzero(hits), 1):
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
    for start, end, courier in couriers_in(plain.text):
        if salted.value("courier", courier) in others.values and courier not in own.couriers:
            yield _found(view, plain.span(start, end), "courier", "本店不发“{}”，那是别家店合作的快递。")


def _prices(view: View, own: Own, others: Neighbours, salted: Salted, now: int) -> Iterator[Finding]:
    plain = view.plain
    for start, end, money in money_in(plain.text):
        before = _CLAUSE_BEFORE.search(plain.text, max(0, start - 8), start)[0]  # type: ignore[index]  # it may be empty
        if own.says_money(money, now) or own.charges(money) or any(word in before for word in _SUM_BEFORE):
            continue
        if salted.value("price", money) in others.values:
            told = any(word in before for word in _PRICE_BEFORE) or plain.text[start] == "¥"
            severity = Severity.BLOCK if told else Severity.WARN
            yield _found(view, plain.span(start, end), "price", "本店没有“{}”这个价格，别家店有。", severity)


def _sentences(view: View, own: Own, others: Neighbours, salted: Salted) -> Iterator[Finding]:
    solid = view.solid
    runs = salted.runs(solid.text, SENTENCE_RUN)
    if not len(runs) or not len(others.sentences):
        return
    places = np.minimum(np.searchsorted(others.sentences, runs), len(others.sentences) - 1)
    hits = (others.sentences[places] == runs) & ~held(runs, own.sentences)
    owners = np.where(hits, others.owners[places], _ANYBODY)
    for owner in np.unique(owners[owners != _ANYBODY]).tolist():
        for first, last in _stretches(np.flatnonzero(owners == owner), _GAP):
            covered = np.zeros(last - first + SENTENCE_RUN, np.bool_)
            for at in np.flatnonzero(owners[first : last + 1] == owner).tolist():
                covered[at : at + SENTENCE_RUN] = True
            if int(covered.sum()) >= _SENTENCE:
                text = solid.text[first : last + SENTENCE_RUN]
                severity = Severity.BLOCK if any(map(str.isdigit, text)) else Severity.WARN
                why = "这一段和别家店的话术一样，本店没有这样的说法。"
                yield _found(view, solid.span(first, last + SENTENCE_RUN), "sentence", why, severity)


def _stretches(places: NDArray[np.int64], gap: int) -> Iterator[tuple[int, int]]:
    """First and last of each row of places with no gap beyond this between two neighbours."""
    if len(places):
        for part in np.split(places, np.flatnonzero(np.diff(places) > gap) + 1):
            yield int(part[0]), int(part[-1])


def _found(view: View, span: tuple[int, int], rule: str, why: str, severity: Severity = Severity.BLOCK) -> Finding:
    said = view.typed[span[0] : span[1]]
    return Finding(*span, f"wrong_shop.{rule}", Concern.WRONG_SHOP, severity, why.format(said), _ADVICE)
