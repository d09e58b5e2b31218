"""Does a sentence agree with this shop's own files? Its terms, its couriers, and the facts of the product it is about."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from kb.check.claims import LABELS, claims_in, denied
from kb.check.contradiction import of_fact, of_said
from kb.check.couriers import couriers_in
from kb.check.finding import Finding
from kb.check.marks import amount
from kb.check.own import Own
from kb.check.premises import off_premises
from kb.check.prices import About, spoken_of, wrong_prices
from kb.check.told import facts_of
from kb.check.view import Read, View, as_read
from kb.facts.attributes import plain_name
from kb.facts.sentences import worth
from kb.facts.variants import wanted
from kb.language.names import ATTRIBUTES
from kb.model import Product

_CLAUSE = re.compile(r"[^，。！？；;!?\n]{2,200}")
_CLOSELY = 30  # parts of a text that are read for variants, of which a product may have hundreds
_DIGIT = re.compile(r"\d")
_ENDS = "。！？!?\n"
_MATERIALS = frozenset(map(plain_name, ATTRIBUTES["material"].split()))
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,2})?")
_MEASURE = re.compile(r"(?<![\d.a-z])(\d{1,6}(?:\.\d{1,2})?)\s?(w|v|mah|ml|毫升|瓦|毫安|伏)(?![a-z])")
_SAME_UNIT = {"毫升": "ml", "瓦": "w", "毫安": "mah", "伏": "v"}
_DENIED = re.compile(r"[没无不非别勿未缺断售]|[吗么呢？?]$")
_FIBRE = re.compile(
    r"(?<![仿似像比如])(真丝|桑蚕丝|蚕丝|羊绒|羊毛|纯棉|全棉|真皮|牛皮|羊皮|鹅绒|鸭绒|羽绒|亚麻|纯铜|不锈钢|实木|纯银|硅胶|乳胶)(?=的|做|材质|面料|制|$)"
)
_IS = re.compile(r"是|为|用的|采用|材质|面料|成分|：|:")


def untrue(view: View, own: Own, focus: str, now: int) -> Iterator[Finding]:
    """What contradicts the shop's files. `focus` is the key of the product that the chat is about, "" if unknown."""
    plain = view.plain
    yield from _terms(plain, own, now)
    yield from _couriers(view, own)
    yield from off_premises(plain, own, now)
    chosen = own.product(focus)
    about = focused = About((chosen,) if chosen is not None else ())
    calls = bool(about.products or _DIGIT.search(plain.text))  # else no price can be wrong, nor be taken for another's
    for number, clause in enumerate(_CLAUSE.finditer(plain.text)):
        if not about.surely and plain.text[clause.start() - 1] in _ENDS:
            about = focused  # what was only called is meant until the full stop
        about = spoken_of(clause[0], about, focused, own, calls=calls)
        yield from wrong_prices(plain, clause, about, own, now, closely=number < _CLOSELY)
        if about.product is not None:
            yield from _of_product(plain, clause, about.product, own)


def _terms(plain: Read, own: Own, now: int) -> Iterator[Finding]:
    for claim in claims_in(plain.text):
        ours = [(c.value, said) for c, said in own.claims.get(claim.topic, ()) if said.holds(now)]
        if ours and claim.value not in {value for value, _ in ours} and not denied(plain.text, claim.start, claim.end):
            said = next((s for _, s in ours if s.source is not None), ours[0][1])
            yield of_said(plain.span(claim.start, claim.end), claim.topic, LABELS[claim.topic], said)


def _couriers(view: View, own: Own) -> Iterator[Finding]:
    said = next((one for one in own.told.said if "合作快递" in one.label), None)
    if said is not None:
        for start, end, courier in couriers_in(view.plain.text):
            if courier not in own.couriers:
                yield of_said(view.plain.span(start, end), "courier", "合作快递", said)


def _of_product(plain: Read, clause: re.Match[str], product: Product, own: Own) -> Iterator[Finding]:
    text, at = clause[0], clause.start()
    yield from _measures(plain, text, at, product, own)
    if not _DENIED.search(text):
        yield from _material(plain, text, at, product)
        yield from _variants(plain, text, at, product)


def _measures(plain: Read, text: str, at: int, product: Product, own: Own) -> Iterator[Finding]:
    measures = list(_MEASURE.finditer(text))
    if not measures:
        return
    # Once a clause, whatever it holds: a product may have hundreds of variants, and a text thousands of numbers.
    by_unit = defaultdict(list)
    for fact in facts_of(product):
        for unit in _axes(worth(fact)):
            by_unit[unit].append(fact)
    whole = f"{product.name} {' '.join(sku.name for sku in product.skus)} {' '.join(map(worth, facts_of(product)))}"
    stated = _numbers(whole)
    for match in measures:
        axis = by_unit.get(_SAME_UNIT.get(match[2], match[2]))
        if axis and amount(match[1]) not in stated and not own.has(match[0]):
            yield of_fact(plain.span(at + match.start(), at + match.end()), "measure", product, axis)


def _numbers(text: str) -> set[str]:
    return {amount(number) for number in _NUMBER.findall(text)}


@lru_cache(maxsize=20_000)
def _axes(text: str) -> frozenset[str]:
    return frozenset(_SAME_UNIT.get(match[2], match[2]) for match in _MEASURE.finditer(as_read(text)))


def _material(plain: Read, text: str, at: int, product: Product) -> Iterator[Finding]:
    facts = [fact for fact in facts_of(product) if plain_name(fact.name).endswith(tuple(_MATERIALS))]
    whole = " ".join(map(worth, facts)) + product.name
    if facts and _IS.search(text):
        for match in _FIBRE.finditer(text):
            if match[1].removeprefix("纯").removeprefix("全").removeprefix("真") not in whole:
                yield of_fact(plain.span(at + match.start(), at + match.end()), "material", product, facts)


def _variants(plain: Read, text: str, at: int, product: Product) -> Iterator[Finding]:
    """有XXL码, 有红色的: of a product whose variants are known and are others."""
    if not product.skus or "有" not in text:
        return
    found = wanted(product, text)
    if found.missing and found.missing_kind in {"size", "colour"}:
        facts = [
            fact for sku in product.skus for fact in sku.facts if plain_name(fact.name) in _OF_KIND[found.missing_kind]
        ]
        place = text.find(found.missing[0].lower())
        if facts and place >= 0:
            span = plain.span(at + place, at + place + len(found.missing[0]))
            yield of_fact(span, found.missing_kind, product, facts)


_OF_KIND = {kind: frozenset(map(plain_name, ATTRIBUTES[kind].split())) for kind in ("size", "colour")}
