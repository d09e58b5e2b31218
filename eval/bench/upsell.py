"""What goes with a basket: ours beside popularity, co-occurrence and two libraries, on the same hidden items in the same run.

A folder holds `train_baskets.jsonl` (a list of items a line, oldest first) and `test_cases.jsonl` ({"context": [...], "target": item}):
one item of a later basket is hidden, and each method ranks all others by what is left. A target that no train basket holds counts
as missed, for everybody. Peers that are not installed are named and left out; none is a dependency of the project.

    hit@k     share of the cases whose target is among the first k       Wilson's interval
    MRR@10    mean of 1 / rank, 0 beyond ten                              percentile bootstrap
"""

from __future__ import annotations

import json
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from eval.bench.figures import Figure, one, percentile
from eval.interval import mean, proportion
from eval.interval import percentile as around
from kb.errors import Invalid, NotFound
from kb.model import Fact, OfferRule, OfferWay, Product, Scene, Tone
from kb.upsell.book import Book
from kb.upsell.chat import Chat
from kb.upsell.ease import fit
from kb.upsell.offer import choose

DEPTH = 10
LINES = 400_000  # of the training that is timed
GOALS = {"online_retail": 0.26, "groceries_zh": 0.275}  # hit@5, by the name of the folder
_SEED = 20261122

Ranker = Callable[[Sequence[str]], list[str]]  # a basket → at most DEPTH items, best first
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Trial:
    """A basket without one of its items, and that item."""

    context: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Scored:
    """What a method did: the rank of each target (0: not among the first ten), and the seconds of each ranking."""

    ranks: tuple[int, ...]
    seconds: tuple[float, ...]

    def hit(self, k: int) -> int:
        """How many targets are among the first k."""
        return sum(0 < rank <= k for rank in self.ranks)

    @property
    def gains(self) -> list[float]:
        """1 / rank, 0 where it is beyond ten; their mean is MRR@10."""
        return [1 / rank if rank else 0.0 for rank in self.ranks]


def read_set(folder: Path) -> tuple[list[tuple[str, ...]], list[Trial]]:
    """The train baskets, oldest first, and the test cases. Raises NotFound or Invalid with what is wrong."""
    train, cases = folder / "train_baskets.jsonl", folder / "test_cases.jsonl"
    for file in (train, cases):
        if not file.is_file():
            raise NotFound(f"{folder} 里没有 {file.name}。")
    try:
        baskets = [tuple(sorted(set(json.loads(line)))) for line in _lines(train)]
        told = [json.loads(line) for line in _lines(cases)]
        return baskets, [Trial(tuple(one["context"]), one["target"]) for one in told]
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(f"{folder} 的数据看不懂：{error}") from None


def score(rank: Ranker, trials: Iterable[Trial]) -> Scored:
    """Ask a method about every case."""
    ranks, seconds = [], []
    for trial in trials:
        began = time.perf_counter()
        ranked = rank(trial.context)[:DEPTH]
        seconds.append(time.perf_counter() - began)
        ranks.append(ranked.index(trial.target) + 1 if trial.target in ranked else 0)
    return Scored(tuple(ranks), tuple(seconds))


def measure(folder: Path, say: Say) -> list[Figure]:
    """The figures of one set."""
    baskets, trials = read_set(folder)
    figures: list[Figure] = []
    for name, make in methods().items():
        say(f"{folder.name} · {name}")
        began = time.process_time()
        rank = make(baskets)
        spent = time.process_time() - began
        figures += _figures(
            f"{folder.name} · {name}", score(rank, trials), GOALS.get(folder.name) if name == OURS else None
        )
        figures.append(one(f"{folder.name} · {name} · 训练（处理器）", spent, "s", len(baskets)))
    return figures


def training(folder: Path, lines: int = LINES) -> list[Figure]:
    """Seconds that training takes on so many order lines: the set's own baskets, over and over."""
    baskets, _ = read_set(folder)
    many = _so_many(baskets, lines)
    count = sum(map(len, many))
    began, busy = time.perf_counter(), time.process_time()
    fit(many)
    wall, spent = time.perf_counter() - began, time.process_time() - busy
    items = len({item for basket in baskets for item in basket})
    what = f"{folder.name} · 训练 {count:,} 行、{items:,} 种商品"
    return [one(f"{what}，钟表", wall, "s", count, most=30), one(f"{what}，处理器", spent, "s", count)]


def cost(folder: Path, rounds: int = 400) -> list[Figure]:
    """Milliseconds of one offer in a shop that sells all items of the set, with a rule for every tenth and two 满减: at a first
    message, and at the sixth. Prices and conversations are made up; processor time, which a busy machine does not change."""
    baskets, trials = read_set(folder)
    model, names = fit(baskets), sorted({item for basket in baskets for item in basket})
    products = [Product(f"p{n}", name, name, facts=(_price(n),)) for n, name in enumerate(names)]
    book = Book([*_rules(names), *_thresholds()], products)
    book.warm()  # as the service does in the background
    spent = []
    for place, trial in enumerate(trials[:rounds] or ()):
        product = next((products[names.index(item)] for item in trial.context if item in model.places), products[0])
        said = ("多少钱",) if place % 2 else ("在吗", "多少钱", "有货吗", "材质是什么", "能便宜吗", "今天发吗")
        began = time.thread_time()
        choose(book, model, Chat(said, tone=Tone(Scene.BEFORE), product=product, now=1), shop="店")
        spent.append(1000 * (time.thread_time() - began))
    what = f"{folder.name} · 一次推荐、{len(names):,} 种商品（处理器）"
    return [
        one(f"{what} p50", percentile(spent, 50), "ms", len(spent), most=2.0),
        one(f"{what} p95", percentile(spent, 95), "ms", len(spent), most=2.0),
    ]


def missing_peers() -> list[str]:
    """The libraries that are not installed here."""
    return [package for package, module in _PEERS.items() if find_spec(module) is None]


# -- the methods

OURS = "话术（EASE）"
_PEERS = {"implicit": "implicit", "efficient-apriori": "efficient_apriori"}


def methods() -> Mapping[str, Callable[[Sequence[Sequence[str]]], Ranker]]:
    """Every method that can run here, by name: it learns from baskets and gives what ranks."""
    found: dict[str, Callable[[Sequence[Sequence[str]]], Ranker]] = {
        OURS: ours, "最畅销": popularity, "同单次数": co_occurrence
    }  # fmt: skip
    if find_spec("implicit") is not None:
        found |= {"implicit BM25": _implicit_items, "implicit ALS": _implicit_factors}
    if find_spec("efficient_apriori") is not None:
        found["efficient-apriori"] = _apriori
    return found


def ours(baskets: Sequence[Sequence[str]]) -> Ranker:
    """`kb.upsell.ease`, as the service trains and asks it."""
    model = fit(baskets)
    return lambda held: [item for item, _ in model.best(held, DEPTH)]


def popularity(baskets: Sequence[Sequence[str]]) -> Ranker:
    """What is in most baskets; ties by name."""
    counts = Counter(item for basket in baskets for item in basket)
    order = sorted(counts, key=lambda item: (-counts[item], item))
    return lambda held: [item for item in order[: DEPTH + len(held)] if item not in set(held)][:DEPTH]


def co_occurrence(baskets: Sequence[Sequence[str]]) -> Ranker:
    """Σ over what is held of the baskets that hold both; ties by name."""
    items, matrix = _matrix(baskets)
    both = (matrix.T @ matrix).toarray()
    np.fill_diagonal(both, 0)
    return _by_columns(items, lambda places: both[places].sum(axis=0))


def _implicit_items(baskets: Sequence[Sequence[str]]) -> Ranker:
    """implicit's item-to-item neighbours, BM25-weighted, with more neighbours than its default of 20."""
    from implicit.nearest_neighbours import BM25Recommender

    return _implicit(lambda: BM25Recommender(K=200, num_threads=1), baskets)


def _implicit_factors(baskets: Sequence[Sequence[str]]) -> Ranker:
    """implicit's alternating least squares, 64 factors, a new basket folded in."""
    from implicit.als import AlternatingLeastSquares

    return _implicit(
        lambda: AlternatingLeastSquares(factors=64, num_threads=1, random_state=_SEED), baskets, recalculate_user=True
    )


def _implicit(make: Callable[[], Any], baskets: Sequence[Sequence[str]], **more: Any) -> Ranker:
    items, matrix = _matrix(baskets)
    places = {item: place for place, item in enumerate(items)}
    with warnings.catch_warnings():  # of conversions that it does itself, and of how many threads there are
        warnings.simplefilter("ignore")
        model = make()
        model.fit(csr_matrix(matrix, dtype=np.float32), show_progress=False)

    def rank(held: Sequence[str]) -> list[str]:
        columns = sorted({places[item] for item in held if item in places})
        row = csr_matrix((np.ones(len(columns), np.float32), ([0] * len(columns), columns)), shape=(1, len(items)))
        found, _ = model.recommend(0, row, N=DEPTH, filter_already_liked_items=True, **more)
        return [items[place] for place in found if 0 <= place < len(items)]

    return rank


def _apriori(baskets: Sequence[Sequence[str]]) -> Ranker:
    """Association rules of one item and another; for a basket, each item by the surest rule that leads to it, then lift."""
    from efficient_apriori import apriori

    least = max(5, len(baskets) // 1000) / len(baskets)
    _, rules = apriori([tuple(basket) for basket in baskets], min_support=least, min_confidence=0.01, max_length=2)
    leads: defaultdict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for rule in rules:
        leads[rule.lhs[0]].append((rule.confidence, rule.lift, rule.rhs[0]))

    def rank(held: Sequence[str]) -> list[str]:
        best: dict[str, tuple[float, float]] = {}
        for sure, lift, other in (lead for item in held for lead in leads.get(item, ())):
            if other not in held:
                best[other] = max(best.get(other, (0.0, 0.0)), (sure, lift))
        return sorted(best, key=lambda item: (-best[item][0], -best[item][1], item))[:DEPTH]

    return rank


def _by_columns(items: Sequence[str], scores: Callable[[list[int]], Any]) -> Ranker:
    places = {item: place for place, item in enumerate(items)}

    def rank(held: Sequence[str]) -> list[str]:
        columns = [places[item] for item in held if item in places]
        found = np.asarray(scores(columns), float)
        found[columns] = -np.inf
        return [items[place] for place in np.argsort(-found, kind="stable")[:DEPTH]]

    return rank


# -- helpers


def _price(number: int) -> Fact:
    return Fact("价格", str(9 + number % 190), "元")


def _rules(names: Sequence[str]) -> list[OfferRule]:
    pairs = zip(names[::10], names[5::10], strict=False)
    return [OfferRule(f"o{n}", f"r{n}", OfferWay.PAIR, (one,), other) for n, (one, other) in enumerate(pairs)]


def _thresholds() -> list[OfferRule]:
    return [OfferRule(f"t{n}", f"t{n}", OfferWay.THRESHOLD, threshold=n * 100, cut=1_000) for n in (99, 199)]


def _figures(what: str, scored: Scored, goal: float | None) -> Iterator[Figure]:
    n = len(scored.ranks)
    for k in (5, 10):
        hits = scored.hit(k)
        yield Figure(
            f"{what} · hit@{k}", (hits / n,), "", n, least=goal if k == 5 else None, between=proportion(hits, n)
        )
    yield Figure(f"{what} · MRR@10", (float(np.mean(scored.gains)),), "", n, between=mean(scored.gains, _SEED))
    cost = [1000 * second for second in scored.seconds]
    yield Figure(f"{what} · 一次 p95", (percentile(cost, 95),), "ms", n, between=around(cost, 95))


def _matrix(baskets: Sequence[Sequence[str]]) -> tuple[list[str], Any]:
    items = sorted({item for basket in baskets for item in basket})
    places = {item: place for place, item in enumerate(items)}
    columns = [places[item] for basket in baskets for item in basket]
    starts = np.cumsum([0, *map(len, baskets)])
    return items, csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(baskets), len(items)))


def _so_many(baskets: Sequence[tuple[str, ...]], lines: int) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    count = 0
    for basket in cycle(baskets):
        if count >= lines:
            return found
        found.append(basket)
        count += len(basket)
    return found


def _lines(file: Path) -> Iterator[str]:
    return (line for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
