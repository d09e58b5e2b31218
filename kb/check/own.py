"""What is this shop's own, looked up while its agents' sentences are checked: made once for each generation."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeVar, cast

from kb.catalog import Catalog
from kb.check.banned import FOR_AGENTS, Ban, bans_of
from kb.check.claims import Claim, claims_in, claims_of_item
from kb.check.couriers import couriers_in
from kb.check.marks import NAME_RUN, OF_A_SUM, SENTENCE_RUN, amount, codes_in, money_in, prices_of, runs_of
from kb.check.salted import Digests, Salted, held
from kb.check.told import Said, Told
from kb.check.view import as_read, solid
from kb.language.text import Analyzer
from kb.language.words import dictionary
from kb.model import Product

T = TypeVar("T")

_NUMBER = re.compile(r"(?<![\d.])\d{1,6}(?:\.\d{1,2})?(?![\d.])")
_SUM = re.compile(r"(?<![\d.:a-z])\d{1,6}(?:\.\d{1,2})?(?![\d.:a-z%]|小时|个?工作日|[天号点日月年分折])")
_NOT_ASKED = re.compile(OF_A_SUM)
_BESIDE = 3  # characters before a sum that say what it is
_MANY = 40  # products that share a noun: of so many, some cost anything
_FEWEST_RUNS = 2  # runs of a name that name its product: five characters


class Own:
    """One shop at one generation. Each part is made when it is first asked for, and then only read."""

    def __init__(self, told: Told, salted: Salted) -> None:
        self.told = told
        self._salted = salted
        self._stated: dict[str, list[tuple[object, Said]]] = {}

    def has(self, text: str) -> bool:
        """Whether the shop itself says or sells something that holds this solid text."""
        return text in self._corpus

    def says_half(self, text: str) -> bool:
        """Whether half of the runs of this solid text, or more, are in what the shop itself says or sells."""
        runs = self._salted.runs(text, NAME_RUN)
        return len(runs) > 0 and float(held(runs, self.names).mean()) >= 0.5

    def says_money(self, money: str, now: int) -> bool:
        """Whether a text of the shop that holds now names this sum."""
        return any(said.holds(now) for said in self._money.get(money, ()))

    def asks(self, money: str, now: int) -> bool:
        """Whether a text of the shop that holds now asks this sum: 满199减20 asks neither."""
        return any(said.holds(now) for said, _ in self._asked.get(money, ()))

    def asked(self, money: str, now: int) -> list[str]:
        """The parts of sentences that hold now and ask this sum, each without what belongs to the sums beside it."""
        return [part for said, part in self._asked.get(money, ()) if said.holds(now)]

    def charges(self, money: str) -> bool:
        """Whether any of the shop's products costs this."""
        return money in self._prices

    def answers(self, text: str) -> bool:
        """Whether an answer of the shop, which buyers are told, holds this solid text."""
        return text in self._answers

    @cached_property
    def bans(self) -> tuple[Ban, ...]:
        """The words that the merchant forbids."""
        return bans_of(self.told)

    @cached_property
    def names(self) -> Digests:
        return runs_of(self._corpus.split("\n"), NAME_RUN, self._salted)

    @cached_property
    def sentences(self) -> Digests:
        return runs_of(self._corpus.split("\n"), SENTENCE_RUN, self._salted)

    @cached_property
    def couriers(self) -> dict[str, Said]:
        """The couriers it uses, each with a text that says so."""
        found: dict[str, Said] = {}
        for said in self.told.said:
            for _, _, courier in couriers_in(as_read(said.text)):
                found.setdefault(courier, said)
        return found

    @cached_property
    def claims(self) -> dict[str, list[tuple[Claim, Said]]]:
        """What it says of each topic, its handover form first."""
        found: defaultdict[str, list[tuple[Claim, Said]]] = defaultdict(list)
        for said in self.told.said:
            plain = as_read(said.text)
            for claim in (*claims_in(plain), *claims_of_item(said.label, plain)):
                found[claim.topic].append((claim, said))
        return dict(found)

    def named(self, clause: str) -> list[Product]:
        """The products that a plain clause names: by their codes, else the one whose name it says most of."""
        coded = {place for _, _, code in codes_in(clause) for place in self._codes.get(code, ())}
        if coded:
            return [self.told.products[place] for place in sorted(coded)]
        said = solid(clause)
        runs = (said[at : at + NAME_RUN] for at in range(len(said) - NAME_RUN + 1))
        counts = Counter(place for run in runs for place in self._by_run.get(run, ()))
        most = max(counts.values(), default=0)
        best = [place for place, count in counts.items() if count == most]
        return [self.told.products[place] for place in best] if most >= _FEWEST_RUNS else []

    def called(self, clause: str) -> tuple[str, tuple[Product, ...]]:
        """What a plain clause calls products by, and which it may mean; none of them where it may mean a great many."""
        noun, keys = self._catalog.called(clause)
        return noun, tuple(self._by_key[key] for key in sorted(keys)) if len(keys) <= _MANY else ()

    def stated(
        self, label: str, of_item: Callable[[str], Sequence[T]], elsewhere: Callable[[str], Sequence[T]]
    ) -> list[tuple[T, Said]]:
        """What the shop says of one thing, read once: first as the item of its form has it, then as other texts do."""
        if label not in self._stated:
            said = sorted(self.told.said, key=lambda one: not one.label.startswith(label))
            readers = [of_item if one.label.startswith(label) else elsewhere for one in said]
            values = ((read(as_read(one.text)), one) for read, one in zip(readers, said, strict=True))
            self._stated[label] = [(value, one) for found, one in values for value in found]
        return cast("list[tuple[T, Said]]", self._stated[label])

    def product(self, key: str) -> Product | None:
        return self._by_key.get(key)

    @cached_property
    def _corpus(self) -> str:
        return "\n".join(map(solid, self.told.texts()))

    @cached_property
    def _answers(self) -> str:
        told = (e for e in self.told.entries if e.kind not in FOR_AGENTS)
        return "\n".join(solid(answer.text) for entry in told for answer in entry.answers)

    @cached_property
    def _money(self) -> dict[str, list[Said]]:
        found: defaultdict[str, list[Said]] = defaultdict(list)
        for said in self.told.said:
            plain = as_read(said.text)
            # Every number of a text counts: 满199减20 names no 元.
            for number in {amount(n) for n in _NUMBER.findall(plain)} | {n for _, _, n in money_in(plain)}:
                found[number].append(said)
        return dict(found)

    @cached_property
    def _asked(self) -> dict[str, list[tuple[Said, str]]]:
        """Every sum that a text asks, with the part of the sentence that it stands in."""
        found: defaultdict[str, list[tuple[Said, str]]] = defaultdict(list)
        for said in self.told.said:
            for part in re.split(r"[，。！？；、/\n]|(?<=元)", as_read(said.text)):
                for number in _SUM.finditer(part):
                    if not _NOT_ASKED.search(part[: number.start()][-_BESIDE:]):
                        found[amount(number[0])].append((said, part))
        return dict(found)

    @cached_property
    def _catalog(self) -> Catalog:
        products = self.told.products
        return self.told.catalog or Catalog(products, Analyzer(dictionary(products)))

    @cached_property
    def _prices(self) -> set[str]:
        return prices_of(self.told)

    @cached_property
    def _by_key(self) -> dict[str, Product]:
        return {product.key: product for product in self.told.products}

    @cached_property
    def _codes(self) -> dict[str, set[int]]:
        found: defaultdict[str, set[int]] = defaultdict(set)
        for place, product in enumerate(self.told.products):
            for code in _all_codes(product):
                found[code].add(place)
        return dict(found)

    @cached_property
    def _by_run(self) -> dict[str, set[int]]:
        found: defaultdict[str, set[int]] = defaultdict(set)
        for place, product in enumerate(self.told.products):
            name = solid(product.name)
            for at in range(len(name) - NAME_RUN + 1):
                found[name[at : at + NAME_RUN]].add(place)
        return dict(found)


def _all_codes(product: Product) -> Iterator[str]:
    keys: Iterable[str] = (product.key, product.model, *(sku.key for sku in product.skus))
    for key in keys:
        plain = as_read(key)
        yield from (code for _, _, code in codes_in(plain))
        if tail := re.search(r"[a-z]{1,4}\d{2,6}$", re.sub(r"[^a-z0-9]", "", plain)):
            yield tail[0]
