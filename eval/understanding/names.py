"""Small shops: is the product that a buyer names by a part of its name found, and is no other product's answer offered?

    set = "dev"                       # or "held": written before the rules, looked at by nobody who changes them
    products = [{key, name, brand, category, facts = {name = value}}, …]
    faq = [{id, question, phrasings, answer}, …]
    cases = [{says, products = [key, …], entries = [id, …], states = [key, …], kind}, …]

One TOML file a shop (`eval/sets/names`). `products` are all that the message may mean (none: it names none), `entries`
those that answer it (none: no entry does), `states` the products whose sheet states the answer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from eval import interval
from eval.cases import FaqLine
from eval.report import Figure
from eval.shop import shop_from_lines
from kb.embed import Engine
from kb.errors import BadFile
from kb.model import Band, Fact, Found, Product, Query
from kb.search import search
from kb.shard import Shard
from kb.vectorise import Progress

LABELS = {
    "wrong_direct": "可直接用里给错的（占全部消息）",
    "direct_right": "可直接用的首条答对",
    "hit@1": "有答案的，首条答对",
    "direct": "有答案的，首条答对且可直接用",
    "product": "点到的商品认对",
    "no_product": "没点商品的，不瞎认",
    "stated": "商品表能答的，答出来",
    "wrong_stated": "说了别的商品的参数（占全部消息）",
}


@dataclass(frozen=True, slots=True)
class Named:
    """One message; see the head of this file."""

    says: str
    kind: str
    products: frozenset[str]
    entries: frozenset[str]
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class SmallShop:
    """An invented shop and what its buyers say."""

    name: str
    held: bool
    products: tuple[Product, ...]
    faq: tuple[FaqLine, ...]
    cases: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one message: its products as told, its first entry, and every verdict that applies to it."""

    shop: str
    case: Named
    products: tuple[str, ...]
    first: str
    direct: tuple[str, ...]
    verdicts: Mapping[str, bool]

    def __str__(self) -> str:
        told = f"首条 {self.first or '（无）'}，可直接用 {'、'.join(self.direct) or '（无）'}"
        return f"{self.shop}  {self.case.says} → {told}；商品 {'、'.join(self.products) or '（无）'}"


@dataclass(frozen=True, slots=True)
class NamesReport:
    """The verdicts on all messages."""

    judged: tuple[Judged, ...]
    about: dict[str, str | int] = field(default_factory=dict)

    @property
    def figures(self) -> dict[str, Figure]:
        return {name: _figure([j.verdicts[name] for j in self.judged if name in j.verdicts]) for name in LABELS}

    @property
    def wrong(self) -> list[Judged]:
        """The messages with an answer that an agent would have sent wrongly, or with a wrong product."""
        bad = ("wrong_direct", "wrong_stated")
        good = ("product", "no_product", "hit@1")
        return [
            j
            for j in self.judged
            if any(j.verdicts.get(name) for name in bad) or any(j.verdicts.get(name) is False for name in good)
        ]

    def to_json(self) -> dict[str, object]:
        """One object, ready for json.dumps."""
        figures = {name: figure.to_json() for name, figure in self.figures.items()}
        return {**figures, "wrong": [str(j) for j in self.wrong], "about": dict(self.about)}


def read_shops(folder: Path) -> tuple[SmallShop, ...]:
    """The shops of a folder, by file name. BadFile names the file that is not as agreed."""
    shops = tuple(_shop(path) for path in sorted(folder.glob("*.toml")))
    if not shops:
        raise BadFile(f"{folder.name}：里面没有店铺", remedy="格式见 docs/evaluation.md。")
    return shops


@contextmanager
def opened(shop: SmallShop, engine: Engine | None) -> Iterator[Shard]:
    """The shop's index."""
    with shop_from_lines(shop.faq, engine, products=shop.products) as shard:
        yield shard


def measure(shops: Iterable[SmallShop], engine: Engine | None, progress: Progress | None = None) -> NamesReport:
    """Ask every message in its own shop."""
    shops = tuple(shops)
    total = sum(len(shop.cases) for shop in shops)
    judged: list[Judged] = []
    for shop in shops:
        with opened(shop, engine) as shard:
            for case in shop.cases:
                judged.append(judge(shop.name, case, search(shard, Query(case.says), engine)))
                if progress:
                    progress(len(judged), total)
    return NamesReport(tuple(judged), {"engine": engine.fingerprint if engine else "none", "shops": len(shops)})


def judge(shop: str, case: Named, found: Found) -> Judged:
    """The verdicts on what was found for one message; only those that apply to it."""
    hits = () if found.quiet else found.hits
    keys = [hit.entry.key for hit in hits]
    direct = tuple(hit.entry.key for hit in hits if hit.band is Band.DIRECT)
    said = {stated.product.key for stated in found.facts if stated.product}
    verdicts = {
        "wrong_direct": any(key not in case.entries for key in direct),
        "wrong_stated": not said <= case.products,
    }
    if direct:
        verdicts["direct_right"] = direct[0] in case.entries
    if case.entries:
        verdicts["hit@1"] = bool(keys) and keys[0] in case.entries
        verdicts["direct"] = bool(direct) and direct[0] in case.entries
    if case.states:
        verdicts["stated"] = bool(said) and said <= case.states
    products = tuple(hit.product.key for hit in found.products)
    verdicts["product" if case.products else "no_product"] = _meant(case, found)
    return Judged(shop, case, products, keys[0] if keys else "", direct, verdicts)


def _meant(case: Named, found: Found) -> bool:
    """Whether what is told of the products is right: the one that is meant stands first and alone there; of several that may
    be meant two or more stand first together, or none is told; and none where none is named."""
    first = {hit.product.key for hit in found.products if hit.score == found.products[0].score}
    if len(case.products) == 1:
        return first == case.products
    return not first or (len(first) > 1 and first <= case.products)


def to_table(report: NamesReport) -> Table:
    table = Table("指标", "数值")
    for name, figure in report.figures.items():
        # Text, not str: rich would read "[…]" as markup.
        table.add_row(Text(f"{name} {LABELS[name]}"), Text(str(figure)))
    return table


def _figure(verdicts: Sequence[bool]) -> Figure:
    value = sum(verdicts) / len(verdicts) if verdicts else None
    return Figure(value, len(verdicts), *interval.proportion(sum(verdicts), len(verdicts)))


def _shop(path: Path) -> SmallShop:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        return SmallShop(
            path.stem,
            told["set"] == "held",
            tuple(map(_product, told["products"])),
            tuple(FaqLine(f["id"], f["question"], tuple(f["phrasings"]), f["answer"]) for f in told["faq"]),
            tuple(map(_case, told["cases"])),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadFile(f"{path.name}：{error}", remedy="格式见 docs/evaluation.md。") from error


def _product(told: Mapping[str, Any]) -> Product:
    facts = tuple(Fact(name, value) for name, value in told.get("facts", {}).items())
    more = {name: told[name] for name in ("brand", "category", "model") if name in told}
    return Product(id=f"p_{told['key']}", key=told["key"], name=told["name"], facts=facts, version=0, **more)


def _case(told: Mapping[str, Any]) -> Named:
    sets = (frozenset(told.get(name, ())) for name in ("products", "entries", "states"))
    return Named(told["says"], told["kind"], *sets)
