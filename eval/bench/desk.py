"""The live service under load: hundreds of open sidebars, and messages at a steady rate, each to be told to whoever serves.

What is measured is the time from when a buyer's message was due to when its suggestion had arrived, at every stream that
should get it, and whether anything is missing. Clients and service share the machine's cores: the same clients with a
service that does nothing (`hollow`) say how much of the time is theirs.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.bench import bench
from eval.bench.ask import Client
from eval.bench.child import Child, serving
from eval.bench.figures import Figure, busy_s, one, percentile, three
from eval.bench.post import Post, Sent, post_all
from eval.bench.streams import Heard, open_streams
from eval.bench.town import slug_of
from kb.store.folder import DataFolder
from kb.store.grant import Role
from kb.vectorise import Progress

Served = Mapping[str, Sequence[str]]  # key → shops

_LABEL = "基准坐席"
_SETTLE_S = 3.0  # after the last message: what has not arrived by then is lost
_SERVES = (5, 20)  # shops of an agent
_BEFORE_A_REPLY = 2  # messages of a buyer


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything; the defaults are the issue's, tests scale down."""

    folder: Path
    shops: int = 200
    entries: int = 200
    streams: int = 500
    per_second: float = 30.0  # of buyers' messages; agents' replies come on top, one for two of them
    seconds: float = 60.0
    pause_s: float = 10.0  # between two messages of one conversation
    seed: int = 20261122

    @property
    def all_per_second(self) -> float:
        """Messages of buyers and agents."""
        return self.per_second * (1 + 1 / _BEFORE_A_REPLY)


@dataclass(frozen=True, slots=True)
class Run:
    """What was sent and what arrived."""

    posts: Sequence[Post]
    sent: Sent
    heard: Heard
    served: Served
    ended: int  # streams that broke off
    client_cpu_s: float
    took_s: float


@dataclass(frozen=True, slots=True)
class Tally:
    """Deliveries: how late each was (ms), how many there should have been, and how many are missing."""

    late_ms: NDArray[np.float64]
    due: int
    lost: int
    unheard: int  # messages without any such event


def tally(run: Run, kind: str, ids: Sequence[str], shops: Mapping[str, str]) -> Tally:
    """The events of a kind about these messages, at the streams whose agents serve the message's shop."""
    keys = list(run.served)
    watching = {shop: {n for n, key in enumerate(keys) if shop in run.served[key]} for shop in set(shops.values())}
    late, due, lost, unheard = [], 0, 0, 0
    for id in ids:
        streams, got = watching[shops[id]], run.heard.at[kind].get(id, {})
        late += [(at - run.sent.due[id]) * 1000 for at in got.values()]
        if got or not streams:
            due += len(streams)
            lost += len(streams - got.keys())
        else:
            unheard += 1
    return Tally(np.array(late), due, lost, unheard)


def script(plan: Plan, questions: Iterator[str]) -> list[Post]:
    """Messages in the order of their times (Poisson): two of a buyer, an agent's reply, and so on in each conversation."""
    draw = random.Random(plan.seed)  # noqa: S311 (a benchmark's choice, no secret)
    said = [0] * max(round(plan.all_per_second * plan.pause_s), 1)
    posts: list[Post] = []
    at, run = 0.0, f"{int(time.time()):x}"
    while (at := at + draw.expovariate(plan.all_per_second)) < plan.seconds:
        number = len(posts) % len(said)
        buyer = said[number] % (_BEFORE_A_REPLY + 1) < _BEFORE_A_REPLY
        text = next(questions) if buyer else "好的亲，我帮您看一下，请稍等哦～"
        speaker, conversation = "buyer" if buyer else "agent", f"desk-{run}-{number}"
        shop = slug_of(number % plan.shops)
        posts.append(Post(at, shop, conversation, f"{conversation}.{said[number]}", speaker, text))
        said[number] += 1
    return posts


@dataclass(slots=True)
class Bench(bench.Bench[Plan]):
    """The shops, the agents, the real service, and the hollow one."""

    root: Path = field(init=False)

    def __post_init__(self) -> None:
        self.root = self.plan.folder / f"desk-{self.plan.shops}x{self.plan.entries}-{self.plan.seed}"

    def run(self) -> list[Figure]:
        self.plan.folder.mkdir(parents=True, exist_ok=True)
        key = self.town(self.root, self.vectors(2), self.plan.shops, self.plan.entries)
        served = self._agents()
        posts = script(self.plan, self.texts.questions(self.plan.seed))
        with serving(self.root, self.engine_name, self.plan.folder / "desk.log") as child:
            child.ready_s()
            self._warm(child, key)
            child.settle()
            idle, cpu, all_of_it = child.rss_mb(), child.cpu_s(), busy_s()
            real = self._play("服务", child.host, key, posts, served)
            cpu, all_of_it, busy = child.cpu_s() - cpu, busy_s() - all_of_it, child.rss_mb()
        with self._hollow(served, real.heard) as host:
            hollow = self._play("空壳", host, key, posts, served)
        return self._figures(real, hollow) + self._costs(real, cpu, all_of_it, idle, busy)

    def _agents(self) -> dict[str, list[str]]:
        """A key for each open sidebar, to as many shops as agents serve; what an earlier run said is gone."""
        draw, report = random.Random(self.plan.seed), self.say("发放密钥")  # noqa: S311
        slugs = [slug_of(number) for number in range(self.plan.shops)]
        served = {}
        for file in self.root.glob("merchants/*/conversations.db*"):
            file.unlink()
        with DataFolder(self.root) as folder:
            folder.hub.revoke_keys(_LABEL)
            for number in range(self.plan.streams):
                mine = draw.sample(slugs, min(draw.randint(*_SERVES), len(slugs)))
                served[folder.hub.issue_key(_LABEL, Role.AGENT, mine)] = mine
                report(number + 1, self.plan.streams)
        return served

    def _warm(self, child: Child, key: str) -> None:
        """Every index in memory, as after some minutes of a shift."""
        report = self.say("载入店铺")
        with Client(child.host, key) as client:
            for number in range(self.plan.shops):
                client.suggest(slug_of(number), "在吗")
                report(number + 1, self.plan.shops)

    def _play(self, name: str, host: str, key: str, posts: Sequence[Post], served: Served) -> Run:
        report = self.say(name)
        heard = Heard()

        async def play() -> Run:
            lines = await open_streams(host, list(served), heard)
            cpu, began = time.process_time(), time.perf_counter()
            ticking = asyncio.create_task(_tick(report, self.plan.seconds))
            sent = await post_all(host, key, posts)
            took = time.perf_counter() - began
            await asyncio.sleep(_SETTLE_S)
            cpu, ended = time.process_time() - cpu, heard.ended
            for line in lines:
                line.close()
            await ticking
            return Run(posts, sent, heard, served, ended, cpu, took)

        gc.collect()
        gc.disable()  # a pause of the clients would be told as the service's
        try:
            return asyncio.run(play())
        finally:
            gc.enable()

    @contextmanager
    def _hollow(self, served: Served, heard: Heard) -> Iterator[str]:
        kinds = ("message", "conversation", "suggestion", "conversation")
        events = [(kind, max(heard.mean_size(kind), 200)) for kind in kinds]
        file = self.plan.folder / "hollow.json"
        file.write_text(json.dumps({"keys": served, "events": events}), encoding="utf-8")
        with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
            command = [sys.executable, str(Path(__file__).with_name("hollow.py")), str(listener.fileno()), str(file)]
            process = subprocess.Popen(command, pass_fds=[listener.fileno()])  # noqa: S603 (our own command)
            try:
                yield f"127.0.0.1:{listener.getsockname()[1]}"
            finally:
                process.terminate()
                process.wait()
                file.unlink()

    def _figures(self, real: Run, hollow: Run) -> list[Figure]:
        shops = {post.id: post.shop for post in real.posts}
        everything = [post.id for post in real.posts]
        buyers = [post.id for post in real.posts if post.speaker == "buyer"]
        messages, answers = tally(real, "message", everything, shops), tally(real, "suggestion", buyers, shops)
        client = tally(hollow, "suggestion", buyers, shops)
        disk = np.array(list(real.sent.acknowledged_s.values())) * 1000
        n = len(answers.late_ms)
        return [
            one("打开的推送连接", float(real.heard.greeted), "个", self.plan.streams, least=self.plan.streams),
            one("买家消息", len(buyers) / real.took_s, "条/秒", len(buyers), least=self.plan.per_second * 0.95),
            one("连同客服的回复", len(everything) / real.took_s, "条/秒", len(everything)),
            one("每条消息推给几个客服", messages.due / len(everything), "个", len(everything)),
            *three("消息到期 → 推荐到达每个连接", answers.late_ms, p99=400),
            one("同上，最慢", float(answers.late_ms.max(initial=0)), "毫秒", n),
            *three("消息到期 → 消息到达每个连接", messages.late_ms),
            one("消息到期 → 已落盘 p99", percentile(disk, 99), "毫秒", len(disk)),
            one("丢失的消息推送", float(messages.lost + messages.unheard), "个", messages.due, most=0),
            one("丢失的推荐推送", float(answers.lost), "个", answers.due, most=0),
            one("没有推荐的买家消息", float(answers.unheard), "条", len(buyers), most=0),
            one(
                "断开的连接、要求重取",
                float(real.ended + real.heard.count["reset"]),
                "次",
                self.plan.streams,
                most=0,
            ),
            *three("空壳服务，同样的客户端", client.late_ms),
        ]

    def _costs(self, real: Run, cpu_s: float, all_s: float, idle: float | None, busy: float | None) -> list[Figure]:
        """Processor and memory. What others took meanwhile is told: on a machine that is not quiet the times mean little."""
        n, streams, took = len(real.posts), self.plan.streams, real.took_s + _SETTLE_S
        memory = [
            one(f"内存，{self.plan.shops} 家店，没有连接", idle or 0.0, "MB", 1),
            one(f"内存，{streams} 个连接、跑完之后", busy or 0.0, "MB", 1),
        ]
        return [
            one("服务用的处理器时间，每条消息", cpu_s / n * 1000, "毫秒", n),
            one("服务用的处理器", cpu_s / took, "核", n),
            one("客户端用的处理器", real.client_cpu_s / took, "核", n),
            one("别的程序用的处理器", max(all_s - cpu_s - real.client_cpu_s, 0) / took, "核", 1),
            *(memory if idle else []),
        ]


async def _tick(report: Progress, seconds: float) -> None:
    began = time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        report(int(passed), int(seconds))
        await asyncio.sleep(1)
