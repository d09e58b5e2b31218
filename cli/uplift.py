"""What a treatment earned and how sure that is: a report for the merchant, from rows of conversations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import fail, out, stages, write_json
from cli.options import numbers_of, shares_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eval.rows.reading import Named
    from eval.rows.rows import Rows
    from eval.uplift.analysis import Plan
    from kb.vectorise import Progress

SEED = 20261122


def uplift(
    rows: Annotated[Path, typer.Argument(help="会话表（csv、jsonl、xlsx），huashu experiment export 导出的就是。")],
    html: Annotated[Path | None, typer.Option(help="报告写到这个网页文件，可打印。")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="报告和数据写到这个 Excel 文件。")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="所有数字写到这个 JSON 文件。")] = None,
    lang: Annotated[str, typer.Option(help="报告的语言：zh 或 en。")] = "zh",
    control: Annotated[str, typer.Option(help="哪一组是对照组；不写则认 control、对照组、0。")] = "",
    experiment: Annotated[str, typer.Option(help="文件里有多个试验时，选哪一个。")] = "",
    shares: Annotated[str, typer.Option(help="计划的分组比例，如 control=10,treatment=90；不写为一样多。")] = "",
    margin: Annotated[
        list[str] | None, typer.Option(help="副作用最多允许变差多少，如 refund=0.02、first_reply=3；可多次。")
    ] = None,
    worth: Annotated[
        float, typer.Option(min=0.0001, max=1, help="值得知道的最小成交率差别，0.01 即 1 个百分点。")
    ] = 0.01,
    planned: Annotated[int, typer.Option(min=100, help="计划收集多少个会话；天天看的区间在那里最窄。")] = 10_000,
    once: Annotated[bool, typer.Option("--once", help="结束日事先定好，只看这一次。")] = False,
    warn: Annotated[bool, typer.Option("--warn", help="分组核对不通过时仍然计算，只作提醒；默认拒绝下结论。")] = False,
    treatment: Annotated[str, typer.Option(help="别的表：哪一列是分组。以下各项都用于别的表。")] = "",
    outcome: Annotated[str, typer.Option(help="哪一列是成交（0 或 1）。")] = "",
    money: Annotated[str, typer.Option(help="哪一列是金额。")] = "",
    refunded: Annotated[str, typer.Option(help="哪一列是退款金额。")] = "",
    unit: Annotated[str, typer.Option(help="哪一列是分配单位；不写则每行一个。")] = "",
    day: Annotated[str, typer.Option(help="哪一列是日期。")] = "",
    covariate: Annotated[list[str] | None, typer.Option(help="哪一列是分组之前就知道的；可多次。")] = None,
    segment: Annotated[list[str] | None, typer.Option(help="按哪一列分开看；可多次。")] = None,
    unchecked: Annotated[bool, typer.Option("--unchecked", help="没有分组之前的信息，我保证是随机分组的。")] = False,
    score: Annotated[str, typer.Option(help="哪一列是打分，评它排得好不好（Qini、AUUC）。")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="改为检验方法本身：重新随机分组一千次，看各方法错几次。")
    ] = False,
    truth: Annotated[str, typer.Option(help="--check 时，已知真值的两列，如 true_y0,true_y1。")] = "",
    times: Annotated[int, typer.Option(min=10, help="--check 时重新分组多少次。")] = 1_000,
    seed: Annotated[int, typer.Option(help="随机数种子；同样的输入和种子，结果一字不差。")] = SEED,
) -> None:
    """机器人带来了多少：两组会话的成交、客单价之差，带 95% 区间；分组不随机就拒绝下结论（退出码 1）。"""
    from eval.paper.words import language
    from eval.rows.reading import Named, read_rows
    from eval.uplift.analysis import Plan

    lang = language(lang)
    named = None
    if treatment:
        more = tuple(covariate or ()), tuple(segment or ())
        named = Named(treatment, outcome, money, refunded, unit, day, *more)
        _refuse_half_named(named, unchecked or check)
    extra = [name for name in (score, *truth.split(",")) if name]
    plan = Plan(
        control, experiment, shares_of(shares), _margins(margin or ()), worth, planned, once, not warn, score, seed
    )
    with stages() as (enter, progress):
        enter("读取会话")
        read = read_rows(rows, named, numbers=extra, progress=progress)
        enter("计算")
        if check:
            told = _rehearsed(read, plan, [name for name in truth.split(",") if name], times, progress)
        else:
            refused = _reported(read, plan, html, xlsx, json_file, lang, progress)
    if check:
        write_json(told, indent=1)
    elif refused:
        raise typer.Exit(1)


def _reported(
    rows: Rows, plan: Plan, html: Path | None, xlsx: Path | None, json_file: Path | None, lang: str, progress: Progress
) -> bool:
    """Write the report; whether nothing may be concluded."""
    from eval.paper.write import write
    from eval.uplift.analysis import analyse
    from eval.uplift.report import to_paper

    found = analyse(rows, plan, progress=progress)
    paper = to_paper(found, lang)
    written = write(paper, html=html, xlsx=xlsx, json_file=json_file, lang=lang)
    for line in (*paper.lead, *(f"→ {path}" for path in written)):
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    return found.refused


def _rehearsed(rows: Rows, plan: Plan, truth: Sequence[str], times: int, progress: Progress) -> Mapping[str, object]:
    from eval.uplift.rehearsal import rehearse
    from eval.uplift.trial import trial_of

    if truth and len(truth) != 2:
        fail("--truth 要写两列，用逗号隔开。", "例如 --truth true_y0,true_y1：没用时、用了时的结果。")
    trial = trial_of(rows, control=plan.control, experiment=plan.experiment)
    return rehearse(trial, plan.seed, (truth[0], truth[1]) if truth else None, times, progress)


def _refuse_half_named(named: Named, unchecked: bool) -> None:
    if not (named.outcome or named.money):
        fail("没有写明结果是哪一列。", "请用 --outcome（0 或 1）或 --money（金额）指明。")
    if not named.covariates and not unchecked:
        fail(
            "没有写明哪些列是分组之前就知道的，无法核对是不是随机分组。",
            "请用 --covariate 指明（可多次）；确实没有，请加 --unchecked，由您保证是随机分组的。",
        )


def _margins(texts: Sequence[str]) -> dict[str, float]:
    from eval.uplift.metric import GUARDS

    found, known = numbers_of(texts, "--margin"), [metric.key for metric in GUARDS]
    for name in found:
        if name not in known:
            fail(f"没有副作用指标“{name}”。", "可选：" + "、".join(known))
    return found
