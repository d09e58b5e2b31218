"""Benchmarks: the service beside its engine, and beside its peers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from cli.console import fail, out, steps
from cli.options import ENGINE, EngineOption
from cli.places import DEMO

if TYPE_CHECKING:
    from eval.bench.bench import Bench, Plan
    from eval.bench.figures import Figure
    from kb.embed import Engine

P = TypeVar("P", bound="Plan")

BENCH = Path("data/bench")
FolderOption = Annotated[Path, typer.Option(help="基准自己的文件夹：数据、向量、结果；第二次运行直接用。")]
TextsOption = Annotated[Path | None, typer.Option(help="每行一句买家的话；不写则用演示店铺的。")]


def speed(
    context: typer.Context,
    folder: FolderOption = BENCH,
    texts: TextsOption = None,
    merchants: Annotated[int, typer.Option(min=1, help="店铺数。")] = 200,
    entries: Annotated[int, typer.Option(min=1, help="每家店的条目数，每条一个问题、一个相似问。")] = 1_000,
    big: Annotated[int, typer.Option(min=1, help="另建一家大店的条目数。")] = 100_000,
    rounds: Annotated[int, typer.Option(min=1, help="引擎和服务轮流各问几轮。")] = 7,
    block: Annotated[int, typer.Option(min=10, help="每轮问多少句。")] = 200,
    engine: EngineOption = ENGINE,
) -> None:
    """服务的延迟、吞吐、内存、冷启动，与引擎单独跑轮流测；只有比值和差值跨机器可比。"""
    if context.invoked_subcommand is not None:
        return
    from eval.bench.speed import Bench, Plan

    plan = Plan(folder, merchants=merchants, entries=entries, big=big, rounds=rounds, block=block)
    _measure("速度", Bench, plan, texts, engine, "speed.json", merchants=merchants, entries=entries, big=big)


def peers(
    sets: Annotated[list[Path], typer.Argument(help="文件夹，每个含 faq.jsonl、queries.jsonl。")],
    venv: Annotated[Path, typer.Option(help="装 haystack-ai 和 txtai 的环境；没有则建立，约下载 600 MB。")] = BENCH
    / "peers",
    folder: FolderOption = BENCH,
    limit: Annotated[int, typer.Option(min=0, help="每套只问多少句，均匀取；0 为全部。")] = 0,
    engine: EngineOption = ENGINE,
) -> None:
    """命中率和每秒问数，与 haystack-ai、txtai 在同一台机器、同样的数据和向量上轮流测。"""
    from eval.bench.peers import compare, install

    loaded = _engine(engine)
    python = install(venv.absolute())
    figures = []
    with steps() as say:
        for one_set in sets:
            figures += compare(one_set, loaded, python, folder.absolute(), limit, say(one_set.name))
    _show("与同类对比", figures, folder / "peers.json", {"sets": [one_set.name for one_set in sets]})


def ingest(
    folder: FolderOption = BENCH,
    texts: TextsOption = None,
    rows: Annotated[int, typer.Option(min=10, help="商家的表有多少行。")] = 20_000,
    sample: Annotated[int, typer.Option(min=10, help="与引擎对比时每轮导入多少行。")] = 1_000,
    calm: Annotated[int, typer.Option(min=5, help="导入开始之前问多少句。")] = 300,
    rounds: Annotated[int, typer.Option(min=1, help="其余各项测几轮。")] = 5,
    engine: EngineOption = ENGINE,
) -> None:
    """导入一张大表：读取、生成向量、再次导入各要多久，导入时客服的推荐慢多少。"""
    from eval.bench.ingest import Bench, Plan

    plan = Plan(folder, rows=rows, sample=sample, calm=calm, rounds=rounds)
    _measure("导入", Bench, plan, texts, engine, "ingest.json", rows=rows, sample=sample)


def desk(
    folder: FolderOption = BENCH,
    texts: TextsOption = None,
    shops: Annotated[int, typer.Option(min=1, help="店铺数。")] = 200,
    entries: Annotated[int, typer.Option(min=1, help="每家店的条目数。")] = 200,
    streams: Annotated[int, typer.Option(min=1, help="同时打开几个侧边栏。")] = 500,
    per_second: Annotated[float, typer.Option(min=0.1, help="买家每秒发几条；每两条客服回复一条。")] = 30,
    seconds: Annotated[float, typer.Option(min=1, help="跑多少秒。")] = 60,
    engine: EngineOption = ENGINE,
) -> None:
    """几百个侧边栏同时打开、消息不断时，推荐多久到、丢不丢；客户端自己占多少，用空壳服务量出来。"""
    from eval.bench.desk import Bench, Plan

    plan = Plan(folder, shops=shops, entries=entries, streams=streams, per_second=per_second, seconds=seconds)
    _measure("推送", Bench, plan, texts, engine, "desk.json", shops=shops, streams=streams, per_second=per_second)


def page(
    folder: FolderOption = BENCH,
    texts: TextsOption = None,
    messages: Annotated[int, typer.Option(min=5, help="安静时、有别的会话时各发多少条。")] = 200,
    chromium: Annotated[Path, typer.Option(envvar="CHROMIUM", help="浏览器。")] = Path("/usr/bin/chromium"),
    engine: EngineOption = ENGINE,
) -> None:
    """真实浏览器里，从买家消息发出到答案画在客服屏上要多久；一条消息约一秒，默认约六分钟。"""
    from eval.bench.page import Bench, Plan

    plan = Plan(folder, messages=messages, chromium=str(chromium))
    _measure("浏览器", Bench, plan, texts, engine, "page.json", messages=messages)


def _measure(
    title: str, kind: type[Bench[P]], plan: P, texts: Path | None, engine: str, file: str, **about: float
) -> None:
    """Run a benchmark on its plan; what it found is shown, and kept beside what the plan was about."""
    from eval.bench.texts import read_texts

    loaded = _engine(engine)
    with steps() as say:
        figures = kind(plan, read_texts(texts, DEMO, plan.seed), loaded, engine, say).run()
    _show(title, figures, plan.folder / file, about)


def upsell(
    sets: Annotated[list[Path], typer.Option("--data", help="文件夹，每个含 train_baskets.jsonl、test_cases.jsonl。")],
    folder: Annotated[Path, typer.Option(help="基准自己的文件夹。")] = BENCH,
) -> None:
    """买了这些还会买什么：命中率和区间，与最畅销、同单次数、implicit、efficient-apriori 在同一次里比；训练要多久。"""
    from eval.bench.upsell import cost, measure, missing_peers, training

    figures = []
    with steps() as say:
        for one_set in sets:
            figures += [*measure(one_set, say), *training(one_set), *cost(one_set)]
    folder.mkdir(parents=True, exist_ok=True)
    _show("加购", figures, folder / "upsell.json", {"sets": [one_set.name for one_set in sets]})
    if missing := missing_peers():
        out.print(f"没有装 {'、'.join(missing)}，没有对比。要对比：pip install {' '.join(missing)}", highlight=False)


def _engine(name: str) -> Engine:
    from kb.embed import load_engine

    return load_engine(name) or fail("基准要有语义模型。", "请不要用 --engine none。")


def _show(title: str, figures: Sequence[Figure], file: Path, about: dict[str, Any]) -> None:
    """The table on stdout, and everything behind it in a file."""
    from importlib.metadata import version

    from eval.bench.figures import machine, to_table

    report = {"machine": machine(), "version": version("huashu"), **about, "figures": [f.to_json() for f in figures]}
    file.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    out.print(to_table(title, figures))
    out.print(f"机器：{report['machine']['cpu']}，{report['machine']['cores']} 核。全部数据：{file}", highlight=False)
