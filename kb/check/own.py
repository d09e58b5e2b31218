"""What is this shop's own, looked up while its agents' sentences are checked: made once for each generation."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from kb.check.claims import Claim, claims_in
from kb.check.couriers import couriers_in
from kb.check.marks import NAME_RUN, SENTENCE_RUN, amount, codes_in, money_in, prices_of, runs_of
from kb.check.salted import Digests, Salted, held
from kb.check.told import Said, Told
from kb.check.view import View, solid
from kb.model import Product

_NUMBER = re.compile(r"(?<![\d.])\d{1,6}(?:\.\d{1,2})?(?![\d.])")
_FEWEST_RUNS = 2  # runs of a name that name its product: five characters


class Own:
    """One shop at one generation. Each part is made when it is first asked for, and then only read."""

    def __init__(self, told: Told, salted: Salted) -> None:
        self.told = told
        self._salted = salted

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

    def charges(self, money: str) -> bool:
        """Whether any of the shop's products costs this."""
        return money in self._prices

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
            for _, _, courier in couriers_in(View(said.text).plain.text):
                found.setdefault(courier, said)
        return found

    @cached_property
    def claims(self) -> dict[str, list[tuple[Claim, Said]]]:
        """What it says of each topic, its handover form first."""
        found: defaultdict[str, list[tuple[Claim, Said]]] = defaultdict(list)
        for said in self.told.said:
            for claim in claims_in(View(said.text).plain.text):
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

    def product(self, key: str) -> Product | None:
        return self._by_key.get(key)

    @cached_property
    def _corpus(self) -> str:
        return "\n".join(map(solid, self.told.texts()))

    @cached_property
    def _money(self) -> dict[str, list[Said]]:
        found: defaultdict[str, list[Said]] = defaultdict(list)
        for said in self.told.said:
            plain = View(said.text).plain.text
            # Every number of a text counts: 满199减20 names no 元.
            for number in {amount(n) for n in _NUMBER.findall(plain)} | {n for _, _, n in money_in(plain)}:
                found[number].append(said)
        return dict(found)

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
        plain = View(key).plain.text
        yield from (code for _, _, code in codes_in(plain))
        if tail := re.search(r"[a-z]{1,4}\d{2,6}$", re.sub(r"[^a-z0-9]", "", plain)):
            yield tail[0]
