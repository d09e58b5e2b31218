"""The identity of what a row says: all that is derived from it except where it stood.

The same sheet imported twice, or with its rows moved, has the same hashes; so nothing is written again, and a
trainer's edit survives. Order that a move of rows changes (of phrasings, facts, SKUs) is therefore left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from kb.model import Answer, Entry, Fact, Product, Window

_ALWAYS = Window()
_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def entry_hash(entry: Entry) -> str:
    return _digest(
        [
            str(entry.kind),
            entry.key,
            entry.question,
            sorted([p.text, str(p.polarity)] for p in entry.phrasings),
            _answers(entry.answers),
            entry.scene,
            entry.category,
            entry.shortcut,
            [entry.window.start, entry.window.end],
            entry.must_read,
        ]
    )


def _answers(answers: Sequence[Answer]) -> list[list[object]]:
    said = [_answer(answer) for answer in answers]
    return sorted(said, key=json.dumps) if len(said) > 1 else said


def _answer(answer: Answer) -> list[object]:
    said: list[object] = [answer.text, sorted(answer.condition.platforms), sorted(answer.condition.products)]
    if answer.window != _ALWAYS:  # hashes from before answers had windows of their own stay what they are
        said.append([answer.window.start, answer.window.end])
    if answer.condition.states:
        said.append({"states": sorted(answer.condition.states)})
    return said


def product_hash(product: Product) -> str:
    return _digest(
        [
            product.key,
            product.name,
            product.brand,
            product.category,
            product.model,
            _facts(product.facts),
            sorted([sku.key, sku.name, _facts(sku.facts)] for sku in product.skus),
        ]
    )


def _facts(facts: Iterable[Fact]) -> list[list[str]]:
    return sorted([fact.name, fact.value, fact.unit] for fact in facts)


def _digest(value: object) -> str:
    return hashlib.blake2b(_canonical(value).encode(), digest_size=16).hexdigest()
