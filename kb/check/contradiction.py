"""How a contradiction to this shop's own files is told: what they say, and in which cell."""

from __future__ import annotations

from collections.abc import Sequence

from kb.check.finding import Concern, Finding, Severity
from kb.check.told import Said
from kb.facts.sentences import worth
from kb.model import Fact, Product, Source

_MOST_VALUES, _MOST_PRODUCTS, _LONGEST = 8, 3, 80
_WHY, _ADVICE = "和本店资料对不上。", "请按资料改正后再发。"


def of_fact(
    span: tuple[int, int], rule: str, product: Product, facts: Sequence[Fact], severity: Severity = Severity.WARN
) -> Finding:
    """Against these facts, of which there is one at least, of a product or of its variants."""
    values = list(dict.fromkeys(map(worth, facts)))
    more = "…" if len(values) > _MOST_VALUES else ""
    stated = f"{product.name}的{facts[0].name}：{'、'.join(values[:_MOST_VALUES])}{more}"
    source = next((fact.source for fact in facts if fact.source is not None), product.source)
    return _made(span, rule, stated, source, severity)


def of_prices(span: tuple[int, int], priced: Sequence[tuple[Product, Sequence[Fact]]]) -> Finding:
    """Against the prices of several products, none of which costs that."""
    each = [f"{product.name} {'、'.join(dict.fromkeys(map(worth, facts)))}" for product, facts in priced]
    stated = "；".join(each[:_MOST_PRODUCTS]) + ("…" if len(each) > _MOST_PRODUCTS else "")
    product, facts = priced[0]
    source = next((fact.source for fact in facts if fact.source is not None), product.source)
    return _made(span, "price", stated, source, Severity.WARN)


def of_said(span: tuple[int, int], rule: str, label: str, said: Said) -> Finding:
    """Against something that the shop says; `label` names the topic to a person."""
    text = said.text if len(said.text) <= _LONGEST else said.text[:_LONGEST] + "…"
    return _made(span, rule, f"{label}：{text}", said.source, Severity.WARN)


def _made(span: tuple[int, int], rule: str, stated: str, source: Source | None, severity: Severity) -> Finding:
    return Finding(*span, f"fact.{rule}", Concern.FACT, severity, _WHY, _ADVICE, stated, source)
