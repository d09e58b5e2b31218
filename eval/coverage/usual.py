"""What buyers usually ask, of every shop and of the shops of a trade. Written for this project (`eval/sets/usual`).

`often` is a judgement in three steps, not a measurement: 3 every day, 2 often, 1 now and then.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kb.model import Product

GENERAL = "general"
_SETS = Path(__file__).parents[1] / "sets" / "usual"
_LEAST_SHARE = 0.3  # of the products; a fashion shop with one phone case is no digital shop


@dataclass(frozen=True, slots=True)
class Usual:
    """A question in several words, and how the merchant is asked for its answer."""

    id: str
    question: str
    asks: tuple[str, ...]
    scene: str
    often: int
    to_merchant: str

    @property
    def wordings(self) -> tuple[str, ...]:
        return (self.question, *self.asks)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An attribute that buyers ask about (its code in `kb.facts.attributes`), of products that match `only`."""

    code: str
    often: int
    only: re.Pattern[str] | None = None

    def asked_of(self, product: Product) -> bool:
        return self.only is None or bool(self.only.search(f"{product.name} {product.category}"))


@dataclass(frozen=True, slots=True)
class Trade:
    """A line of business: its usual questions and wanted attributes."""

    code: str
    label: str
    words: re.Pattern[str] | None
    questions: tuple[Usual, ...]
    attributes: tuple[Wanted, ...]


@lru_cache(maxsize=1)
def trades() -> dict[str, Trade]:
    """Every trade by its code; "general" is for all shops."""
    listed = tomllib.loads((_SETS / "trades.toml").read_text(encoding="utf-8"))
    return {code: _trade(code, told) for code, told in listed.items()}


def trades_of(products: Sequence[Product]) -> list[Trade]:
    """The general one, and those that the products speak of: each with at least three in ten of them."""
    known = trades()
    counts = Counter(
        code
        for product in products
        for code, trade in known.items()
        if trade.words and trade.words.search(f"{product.name} {product.category}")
    )
    return [known[GENERAL], *(known[c] for c in known if products and counts[c] / len(products) >= _LEAST_SHARE)]


def _trade(code: str, told: dict[str, object]) -> Trade:
    lines = (_SETS / f"{code}.jsonl").read_text(encoding="utf-8").splitlines()
    attributes = told["attributes"]
    if not isinstance(attributes, list):
        raise TypeError(f"trades.toml: {code}.attributes")
    return Trade(
        code,
        str(told["label"]),
        re.compile(str(told["words"]), re.IGNORECASE) if "words" in told else None,
        tuple(_usual(json.loads(line)) for line in lines),
        tuple(
            Wanted(a["code"], a["often"], re.compile(a["only"], re.IGNORECASE) if "only" in a else None)
            for a in attributes
        ),
    )


def _usual(told: dict[str, object]) -> Usual:
    return Usual(
        id=str(told["id"]),
        question=str(told["question"]),
        asks=tuple(told["asks"]),  # type: ignore[arg-type]
        scene=str(told["scene"]),
        often=int(told["often"]),  # type: ignore[call-overload]
        to_merchant=str(told["to_merchant"]),
    )
