"""Is the check before sending right? Measured on the demo shops and on labelled sentences."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import out, progress_bar, write_json
from cli.options import JsonOption
from cli.places import COMPLIANCE, DEMO

if TYPE_CHECKING:
    from eval.check.compliance import Verdict
    from eval.report import Figure

_SHOWN = 40  # sentences told one by one


def check(
    shops: Annotated[Path, typer.Option(help="几家店的文件夹（含 shops.toml）；默认演示店铺。")] = DEMO,
    clean: Annotated[int, typer.Option(min=0, help="由各店自己的话术改写的发送数。")] = 5000,
    planted: Annotated[int, typer.Option(min=0, help="混入别家店内容的发送数。")] = 2000,
    facts: Annotated[int, typer.Option(min=0, help="写错本店资料（价格、发货地、时间等）的发送数。")] = 2000,
    sentences: Annotated[
        Path, typer.Option(help="标注句子：每行 {id, text, platform, category, findings, half}。")
    ] = COMPLIANCE,
    half: Annotated[str, typer.Option(help="只用一半：seen 或 held；空为全部。")] = "held",
    errors: Annotated[bool, typer.Option("--errors", help="列出判错的句子。")] = False,
    words: Annotated[bool, typer.Option("--words", help="只看词句，不用内置模型看整句意思。")] = False,
    as_json: JsonOption = False,
) -> None:
    """发送前检查准不准：误报率、串店拦截率、违规识别的召回率与准确率、耗时；各带样本数与 95% 区间。"""
    from eval.check.compliance import figures, judge, read_sentences
    from eval.check.measure import measure
    from eval.check.shops import vendor
    from ingest.folder import read_shops
    from kb.check.context import load_context

    context = None if words else load_context()
    with vendor(read_shops(shops)) as told, progress_bar("检查") as progress:
        report = measure(told, clean, planted, int(time.time()), progress, facts=facts, context=context)
    verdicts = judge(read_sentences(sentences, half), context) if sentences.exists() else ()
    found = {name: {"share": figure} for name, figure in report.figures().items()}
    found |= {f"rules {name}": both for name, both in figures(verdicts).items()} if verdicts else {}
    if as_json:
        told_figures = {name: {k: f.to_json() for k, f in row.items()} for name, row in found.items()}
        write_json({"figures": told_figures, "ms": report.times_ms()})
        return
    out.print(_table(found))
    times = report.times_ms()
    if times:
        out.print(f"每次检查 {times['p50']:.2f} ms，p95 {times['p95']:.2f} ms，最长 {times['max']:.1f} ms")
    if errors:
        _list(verdicts)


def _table(found: dict[str, dict[str, Figure]]) -> object:
    from rich.table import Table
    from rich.text import Text

    table = Table("项目", "比例 / 召回率", "准确率")
    for name, row in found.items():
        cells = [str(row.get("share") or row["recall"]), str(row["precision"]) if "precision" in row else ""]
        table.add_row(Text(name), *map(Text, cells))
    return table


def _list(verdicts: tuple[Verdict, ...]) -> None:
    wrong = [one for one in verdicts if one.missed or one.false]
    for one in wrong[:_SHOWN]:
        missed = "、".join(f"{kind}“{one.sentence.text[a:b]}”" for kind, a, b in one.missed)
        false = "、".join(f"{f.rule}“{one.sentence.text[f.start : f.end]}”" for f in one.false)
        line = f"{one.sentence.id}  {one.sentence.text}  漏：{missed or '—'}  误：{false or '—'}"
        out.print(line, highlight=False, markup=False, soft_wrap=True)
