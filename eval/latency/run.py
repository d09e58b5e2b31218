"""The loads one after the other, on a service that runs or on one of our own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.bench.ask import Client
from eval.bench.child import serving
from eval.latency.load import Asked, Load, arrivals, ask_all
from eval.latency.own import demo_service
from kb.embed import load_engine
from kb.errors import Invalid
from kb.vectorise import Progress

Say = Callable[[str], Progress]  # the name of a step → what to call with (done, total)
_WARM_S = 2.0  # at the first rate, not counted: indexes are loaded, connections opened


@dataclass(frozen=True, slots=True)
class Plan:
    """Rates (questions a second) one after the other, each for so long."""

    rates: tuple[float, ...]
    seconds: float
    clients: int
    seed: int


def on_service(address: str, key: str, asked: Sequence[Asked], plan: Plan, say: Say) -> list[Load]:
    """Against a service that runs. Raises Invalid where nobody answers, HuashuError where the key is refused."""
    host = address.removeprefix("http://").rstrip("/")
    if not host.rpartition(":")[2].isdecimal() or any(rate <= 0 for rate in plan.rates):
        raise Invalid("服务地址或速率不对。", remedy="地址写成 127.0.0.1:8000，速率大于 0。")

    def connect() -> Client:
        return Client(host, key)

    try:
        with connect() as first:
            for shop in dict(asked):
                first.suggest(shop, "在吗")
    except OSError as error:
        raise Invalid(
            f"{host} 连不上：{error.strerror or error}", remedy="请确认服务在运行，地址和端口正确。"
        ) from error
    progress, loads = say("提问"), []
    ask_all(connect, asked, arrivals(plan.rates[0], _WARM_S, plan.seed), plan.rates[0], plan.clients)
    for number, rate in enumerate(plan.rates):
        due = arrivals(rate, plan.seconds, plan.seed + number)
        loads.append(ask_all(connect, asked, due, rate, plan.clients))
        progress(number + 1, len(plan.rates))
    return loads


def on_demo(demo: Path, engine_name: str, asked: Sequence[Asked], plan: Plan, say: Say) -> list[Load]:
    """Against a service of the demo shops that is started for it and stopped after."""
    engine = None if engine_name == "none" else load_engine(engine_name)
    with tempfile.TemporaryDirectory(prefix="huashu-latency-", ignore_cleanup_errors=True) as root:
        key = demo_service(Path(root) / "data", demo, engine, say("导入演示店铺"))
        with serving(Path(root) / "data", engine_name, Path(root) / "service.log") as child:
            child.ready_s()
            return on_service(child.host, key, asked, plan, say)
