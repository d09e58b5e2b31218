"""All that a shop says in its published knowledge, as a check compares it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kb.catalog import Catalog
from kb.facts.sentences import worth
from kb.model import Entry, Fact, Product, Source, Window

ORIGIN, RETURN, HOURS, BANNED = (
    "发货地",
    "退货地址",
    "服务时间",
    "禁用话术",
)  # items of the handover form that are compared


@dataclass(frozen=True, slots=True)
class Said:
    """One thing the shop says, when it holds, and where it stands in its files; `label` names it to a person."""

    text: str
    label: str
    source: Source | None
    windows: tuple[Window, ...] = ()
    answer: bool = True  # a text that buyers are told; not a question they ask, nor a value of a sheet

    def holds(self, now: int) -> bool:
        return all(window.contains(now) for window in self.windows)


@dataclass(frozen=True, slots=True)
class Told:
    """A shop as a check knows it."""

    slug: str
    name: str
    generation: int
    entries: Sequence[Entry]
    products: Sequence[Product]
    profile: Sequence[Fact]
    platform: str = ""
    catalog: Catalog | None = None  # of the same products, where there is one
    said: tuple[Said, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "said", (*_profile(self.profile), *_entries(self.entries)))

    @property
    def category(self) -> str:
        """What the shop deals in, in the merchant's words; "" where its file does not say."""
        return " ".join(fact.value for fact in self.profile if "类目" in fact.name)

    @property
    def platforms(self) -> str:
        """Where the shop sells: a shop on two platforms may speak of both."""
        return " ".join([self.platform, *(fact.value for fact in self.profile if fact.name.startswith("平台"))]).strip()

    def texts(self) -> Iterator[str]:
        """Everything there is, for telling what is the shop's own; what it forbids is not."""
        yield self.name
        yield from (said.text for said in self.said if not said.label.startswith(BANNED))
        for entry in self.entries:
            yield from entry.askable()
        for product in self.products:
            yield from (product.name, product.brand, product.model, product.key, product.category)
            yield from map(worth, facts_of(product))
            yield from (text for sku in product.skus for text in (sku.key, sku.name))


def facts_of(product: Product) -> Iterator[Fact]:
    """The facts of a product and of its variants."""
    yield from product.facts
    for sku in product.skus:
        yield from sku.facts


def _profile(facts: Iterable[Fact]) -> Iterator[Said]:
    return (Said(worth(fact), fact.name, fact.source) for fact in facts)


def _entries(entries: Iterable[Entry]) -> Iterator[Said]:
    for entry in entries:
        for answer in entry.answers:
            label = entry.question or answer.text.splitlines()[0][:20]
            yield Said(answer.text, label, entry.source, (entry.window, answer.window))
