"""Evaluation that judges: two runs beside each other, a run against thresholds, chat logs replayed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import fail, out, progress_bar
from cli.options import DATA, ENGINE, DataOption, EngineOption
from cli.papers import HtmlOption, JsonFileOption, LangOption, XlsxOption, save_paper

if TYPE_CHECKING:
    from eval.hit.outcome import Run

_NAMED = 20  # qids of won and lost messages; the report has them all
_RUN = "huashu eval hitrate --save 写出的文件，或知识文件夹（表格，或 faq.jsonl）"


def compare(
    a: Annotated[Path, typer.Argument(help=f"前一个：{_RUN}。")],
    b: Annotated[Path, typer.Argument(help="后一个：同上；与前者用同一组消息。")],
    cases: Annotated[
        Path | None,
        typer.Option(help="给文件夹提问的消息所在文件夹（queries.jsonl 或 gold.jsonl、refuse.jsonl）；默认用前者的。"),
    ] = None,
    html: HtmlOption = None,
    xlsx: XlsxOption = None,
    json_file: JsonFileOption = None,
    lang: LangOption = "zh",
    engine: EngineOption = ENGINE,
    engine_b: Annotated[str, typer.Option(help="后一个文件夹用的模型；默认与前一个相同。")] = "",
    seed: Annotated[int, typer.Option(help="自助法和置换检验的种子。")] = 20261122,
) -> None:
    """两次评测、两版知识或两个模型，同一组消息逐条相比：变化、配对区间、置换检验，新答对和新答错的各条。"""
    from eval.hit.compare import compare as compared
    from eval.hit.compare_paper import compare_paper, said
    from eval.paper.words import language

    lang = language(lang)
    first, second = _run(a, cases or a, engine), _run(b, cases or a, engine_b or engine)
    found = compared(first, second, seed)
    for one in found.differences:
        out.print(said(one, lang), highlight=False, markup=False, soft_wrap=True)
    for what, pairs in (("新答对", found.wins), ("新答错", found.losses)):
        more = "……" if len(pairs) > _NAMED else ""
        qids = " ".join(pair.a.qid for pair in pairs[:_NAMED]) + more
        out.print(f"{what} {len(pairs)} 条 {qids}", highlight=False, markup=False, soft_wrap=True)
    save_paper(compare_paper(found, first, second, _names(a, b, engine, engine_b), lang), html, xlsx, json_file, lang)


def gate(
    thresholds: Annotated[Path, typer.Argument(help="门槛：TOML 文件，写法见 docs/evaluation.md。")],
    run: Annotated[Path, typer.Argument(help="huashu eval hitrate --save 写出的文件。")],
) -> None:
    """一次评测是否达到门槛，给持续集成用：全部达到退出码为 0，否则为 1，并说明哪一项差多少、样本有多少。"""
    from eval.hit.gate import judge, read_thresholds
    from eval.hit.saved import read_run

    verdicts = judge(read_run(run), read_thresholds(thresholds))
    for one in verdicts:
        out.print(str(one), highlight=False, markup=False, soft_wrap=True)
    if not all(one.held for one in verdicts):
        raise typer.Exit(1)


def replay(
    log: Annotated[
        Path | None, typer.Argument(help="对话记录：每行一个会话；不给则回放 --data 里 --shop 的会话。")
    ] = None,
    knowledge: Annotated[
        Path | None, typer.Option(help="用哪份知识：表格所在的文件夹，或含 faq.jsonl 的；不给则用 --shop 现有的。")
    ] = None,
    against: Annotated[Path | None, typer.Option(help="另一版知识，同一份记录再放一遍来比。")] = None,
    data: DataOption = DATA,
    shop: Annotated[str, typer.Option(help="数据目录里的店铺。")] = "",
    reading: Annotated[float, typer.Option(min=1, help="阅读速度，每分钟字数。")] = 255,
    typing: Annotated[float, typer.Option(min=1, help="打字速度，每分钟字数。")] = 60,
    html: HtmlOption = None,
    xlsx: XlsxOption = None,
    json_file: JsonFileOption = None,
    lang: LangOption = "zh",
    engine: EngineOption = ENGINE,
) -> None:
    """旧会话逐条走一遍真实的推荐路径：当时会推荐什么，客服真正的回复在不在三条里，省多少时间；可与另一版知识相比。"""
    from cli.replayed import Asked, against_version, first_version
    from eval.hit.pace import Pace
    from eval.hit.replay_figures import differences, figures
    from eval.hit.replay_paper import figure_row, replay_paper, said
    from eval.paper.number import shown, span
    from eval.paper.words import language
    from kb.embed import load_engine

    lang, pace = language(lang), Pace(reading, typing)
    asked = Asked(log, knowledge, data, shop, load_engine(engine), pace)
    found, told, sessions = first_version(asked)
    for name, figure in figures(found).items():
        row = figure_row(name, figure, lang, pace)
        line = f"{row.name}  {shown(row.value, row.unit, lang)} {span(row)}  n={figure.n:,}"
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    other = (against.name, against_version(asked, against, sessions)) if against else None
    for one in differences(found, other[1]) if other else ():
        out.print(said(one, lang), highlight=False, markup=False, soft_wrap=True)
    save_paper(replay_paper(found, told, pace, other, lang), html, xlsx, json_file, lang)


def _run(path: Path, cases: Path, engine: str) -> Run:
    """A saved run, or one made now of a folder's knowledge."""
    from eval.hit.run import cases_of, on_knowledge
    from eval.hit.saved import read_run
    from kb.embed import load_engine

    if not path.is_dir():
        return read_run(path)
    if not cases.is_dir():
        fail(f"没有给 {path} 提问的消息。", "请用 --cases 给出消息所在的文件夹。")
    asked, loaded = cases_of(cases), load_engine(engine)
    with progress_bar("生成向量") as embedding, progress_bar("提问") as asking:
        return on_knowledge(path, asked, loaded, embedding, asking)


def _names(a: Path, b: Path, engine: str, engine_b: str) -> tuple[str, str]:
    """What the two are called: by their files, and where those are called alike, by what tells them apart."""
    if a.name != b.name:
        return a.name, b.name
    if engine_b and engine_b != engine:
        return f"{a.name} {engine}", f"{b.name} {engine_b}"
    return f"A {a}", f"B {b}"
