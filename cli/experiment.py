"""Experiments on a terminal: started, ramped, stopped, listed and shown beside a running service."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import err, fail, out, progress_bar, write_json
from cli.options import DATA, DataOption, JsonOption, hub_of, one_of, operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eval.experiment.rows import Export
    from kb.experiment.experiment import Experiment

_ARMS = {"treatment": "有推荐", "control": "对照"}
IdArgument = Annotated[str, typer.Argument(metavar="EXPERIMENT", help="实验代号：小写字母、数字、减号。")]
ShareOption = Annotated[float, typer.Option(min=0, max=100, help="有推荐的一组占百分之几。")]


def start(
    experiment: IdArgument,
    treatment: Annotated[str, typer.Option(help="对照组没有什么：upsell（加购推荐）、assist（全部推荐）。")] = "",
    shop: Annotated[list[str] | None, typer.Option(help="店铺代号，可写多次。")] = None,
    unit: Annotated[str, typer.Option(help="按什么分组：conversation、agent-shift、merchant。")] = "conversation",
    share: ShareOption = 50.0,
    title: Annotated[str, typer.Option(help="给人看的名称。")] = "",
    shifts: Annotated[str, typer.Option(help="班次，如 白班=08:00,晚班=20:00。")] = "",
    as_draft: Annotated[bool, typer.Option("--draft", help="先只存成草稿；以后用同一条命令不带选项来开始。")] = False,
    data: DataOption = DATA,
) -> None:
    """开始一个实验：写了 --treatment 就新建；不写就开始已有的草稿。"""
    from kb.experiment.experiment import Treatment, Unit
    from kb.experiment.shifts import USUAL, read_shifts
    from kb.experiment.stages import draft

    now = int(time.time())
    with hub_of(data) as hub:
        if treatment:
            made = draft(
                experiment, title, one_of(Treatment, treatment, "处理"), one_of(Unit, unit, "分组单位"), shop or [],
                share / 100, now=now, shifts=read_shifts(shifts) if shifts else USUAL,
            )  # fmt: skip
            one = hub.experiments.add(made, start=not as_draft, by=operator())
        elif shop or title or shifts or as_draft:
            fail("没有写 --treatment。", "新建实验要写明对照组没有什么：--treatment upsell 或 assist。")
        else:
            one = hub.experiments.start(experiment, now=now, by=operator())
    _say(one)


def ramp(experiment: IdArgument, share: ShareOption, data: DataOption = DATA) -> None:
    """调整比例。调高不会把已经有推荐的变成没有；调低会，那些会话算作混组。"""
    with hub_of(data) as hub:
        before = hub.experiments.get(experiment)
        one = hub.experiments.ramp(experiment, share / 100, now=int(time.time()), by=operator())
    if one.share < before.share:
        err.print("比例调低了：调低前有推荐、以后没有的会话算作混组。", highlight=False)
    _say(one)


def stop(experiment: IdArgument, data: DataOption = DATA) -> None:
    """停止实验：从此都有推荐；数据留着，可以导出。"""
    with hub_of(data) as hub:
        one = hub.experiments.stop(experiment, now=int(time.time()), by=operator())
    _say(one)


def list_(data: DataOption = DATA) -> None:
    """列出实验：代号、状态、处理、分组单位、比例、店铺、名称。"""
    with hub_of(data) as hub:
        for one in hub.experiments.all():
            _say(one)


def show(experiment: IdArgument, as_json: JsonOption = False, data: DataOption = DATA) -> None:
    """一个实验的全部定义：盐、比例的历史、班次；凭它任何人都能重算分组。"""
    with hub_of(data) as hub:
        one = hub.experiments.get(experiment)
    met = _met(one, data)
    if as_json:
        ramps = [{"at": each.at, "share": each.share} for each in one.ramps]
        plain = {name: getattr(one, name) for name in ("id", "title", "treatment", "unit", "shops", "salt", "stage")}
        moments = {name: getattr(one, name) for name in ("created_at", "started_at", "stopped_at")}
        write_json({**plain, "shifts": str(one.shifts), "ramps": ramps, **moments, "met": met})
        return
    lines = [
        f"{one.title}（{one.id}）　{one.stage.label}",
        f"对照组没有\t{one.treatment.label}",
        f"分组单位\t{one.unit.label}",
        f"店铺\t{'、'.join(one.shops)}",
        f"班次\t{one.shifts}",
        f"开始\t{_when(one.started_at)}",
        f"停止\t{_when(one.stopped_at)}",
        *(f"比例\t{_when(each.at)} 起 {each.share * 100:g}%" for each in one.ramps),
        *(f"{_ARMS[arm]}\t{n['conversations']} 个会话，混组 {n['contaminated']} 个" for arm, n in met.items()),
        f"盐\t{one.salt}",
    ]
    out.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)


def _met(one: Experiment, data: Path) -> dict[str, dict[str, int]]:
    """On how many conversations it could act by now, and how many of them met the other arm too, by arm."""
    from kb.experiment.experiment import Arm
    from kb.store.folder import read_shop

    found = {str(arm): {"conversations": 0, "contaminated": 0} for arm in Arm}
    for slug in one.shops:
        with read_shop(data, slug) as (store, _):
            for arm, (n, mixed) in store.exposed(one.id).items() if store else ():
                found[arm]["conversations"] += n
                found[arm]["contaminated"] += mixed
    return found


def export(
    experiment: IdArgument,
    to: Annotated[Path, typer.Option("--out", help="写到哪个文件（csv，Excel 和 WPS 可直接打开）。")] = Path(
        "rows.csv"
    ),
    days: Annotated[float, typer.Option(min=0.1, max=90, help="会话开始后几天内付款算它的。")] = 4.0,
    refund_days: Annotated[float, typer.Option(min=0.1, max=180, help="会话开始后几天内的退款从中扣除。")] = 19.0,
    finished: Annotated[bool, typer.Option("--finished", help="只要归因期已经走完的会话。")] = False,
    data: DataOption = DATA,
) -> None:
    """导出一个实验的会话，一行一个，供 huashu eval uplift 计算；不含买家的任何信息，服务运行时也可以用。"""
    from eval.experiment.gather import gather
    from eval.experiment.money import Window
    from eval.experiment.rows import conversation_rows
    from eval.rows.rows import write_rows
    from kb.store.folder import read_shop

    now, window, records = int(time.time()), Window(days, max(days, refund_days)), []
    with hub_of(data) as hub:
        one = hub.experiments.get(experiment)
    if one.started_at is None:
        fail(f"实验“{one.id}”还没有开始，没有可导出的。", f"开始它：huashu experiment start {one.id}")
    for slug in one.shops:
        with read_shop(data, slug) as (store, chats), progress_bar(f"读 {slug} 的会话") as progress:
            records.append(gather(one, slug, store, chats, progress))
    found = conversation_rows(one, records, now=now, window=window, finished=finished)
    write_rows(found.rows, to)
    err.print(
        "\n".join([*_summary(found, days, finished), *_planned(one)]), highlight=False, markup=False, soft_wrap=True
    )
    out.print(f"{to}\t{len(found.rows)} 行", highlight=False, markup=False, soft_wrap=True)


_CAUSES = {
    "handover": "换了另一组的客服",
    "shift": "换班后进了另一组",
    "share": "比例改了",
    "buyer": "同一买家两组都有",
}


def _summary(found: Export, days: float, finished: bool) -> Iterator[str]:
    for arm in sorted({row.arm for row in found.rows}):
        own = [row for row in found.rows if row.arm == arm]
        acted, mixed = sum(row.exposed for row in own), sum(row.contaminated for row in own)
        yield f"{_ARMS.get(arm, arm)}　{len(own)} 个会话，其中推荐能起作用的 {acted} 个，混组 {mixed} 个"
    if found.mixed:
        yield "混组原因　" + "，".join(f"{_CAUSES[cause]} {n}" for cause, n in found.mixed.items())
    if found.crossed:
        yield f"换过组的　{found.crossed} 个分配单位（班或店）因为比例改了两组都进过，huashu eval uplift 整个略去不算"
    if found.unassigned:
        yield f"没有列入　{found.unassigned} 个会话没有人接待，不属于任何班"
    if found.silent:
        yield f"缺消息　{found.silent} 个会话没有消息（过了保留期，或系统没有推送）：首次响应、场景、投诉、新老客为空"
    if found.unfinished:
        what = "已略去" if finished else "付款可能还会来；只要走完的：--finished"
        yield f"未走完　{found.unfinished} 个会话开始不到 {days:g} 天，{what}"


def _planned(one: Experiment) -> Iterator[str]:
    """What the sample-ratio check must be told where the halves are not equal."""
    from kb.experiment.experiment import Unit

    shares = [ramp.share for ramp in one.ramps]
    if len(shares) > 1 and one.unit is not Unit.MERCHANT:
        return
    least, most = min(shares), max(shares)  # shops between them changed arm and are left out
    if least + most != 1 and least > 0 and most < 1:
        held, given = f"{100 - most * 100:g}", f"{least * 100:g}"
        yield f"分组比例　不是一比一，算的时候要写明：--shares control={held},treatment={given}"


def _say(one: Experiment) -> None:
    line = (one.id, one.stage.label, one.treatment.label, one.unit.label, f"{one.share * 100:g}%", ",".join(one.shops))
    out.print("\t".join((*line, one.title)), highlight=False, markup=False, soft_wrap=True)


def _when(at: int | None) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M") if at is not None else "-"
