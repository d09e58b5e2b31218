"""Evaluation that only looks: hits and probabilities, minimal pairs, mood, scene."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from cli.console import fail, out, progress_bar, write_json
from cli.options import ENGINE, EngineOption, JsonOption
from cli.papers import HtmlOption, LangOption, XlsxOption, save_paper
from cli.places import KEYFACTS, NAMES, PAIRS, TONE

if TYPE_CHECKING:
    from eval.report import Figure


def hitrate(
    faq: Annotated[Path | None, typer.Option(help="知识：每行 {id, question, phrasings?, answer?, scene?}。")] = None,
    queries: Annotated[
        Path | None, typer.Option(help="买家消息：每行 {qid, query, context?, gold, needs_context?}。")
    ] = None,
    refuse: Annotated[Path | None, typer.Option(help="应当拒答的消息：每行 {query, gold: [], none?}。")] = None,
    shop: Annotated[
        list[Path] | None,
        typer.Option(help="代替上面三项：一家店的文件夹（含 gold.jsonl、refuse.jsonl）；可以给几家，一并统计。"),
    ] = None,
    as_json: JsonOption = False,
    engine: EngineOption = ENGINE,
    save: Annotated[Path | None, typer.Option(help="逐条结果存成 jsonl 文件，供 compare 和 gate 用。")] = None,
    html: HtmlOption = None,
    xlsx: XlsxOption = None,
    json_file: Annotated[Path | None, typer.Option("--json-file", help="把报告写成 JSON 文件，给程序读。")] = None,
    lang: LangOption = "zh",
) -> None:
    """命中率、拒答区分度和延迟，各带样本数与 95% 区间；走与服务相同的检索路径。可写成报告，逐条解释没有答对的消息。"""
    from eval.hit import run
    from eval.hit.figures import report_of
    from eval.hit.saved import write_run
    from eval.paper.words import language
    from eval.report import to_table
    from kb.embed import load_engine

    lang = language(lang)
    loaded = load_engine(engine)
    with progress_bar("生成向量") as embedding, progress_bar("提问") as asking:
        if shop:
            asked = run.on_shops(shop, loaded, embedding, asking)
        elif faq is not None and queries is not None:
            asked = run.on_files(faq, queries, refuse, loaded, embedding, asking)
        else:
            _nothing_to_ask()
    report = report_of(asked)
    if as_json:
        write_json(report.to_json())
    else:
        out.print(to_table(report))
    if save:
        write_run(asked, save)
    if html or xlsx or json_file:
        from eval.hit.hit_paper import hit_paper

        save_paper(hit_paper(asked, lang), html, xlsx, json_file, lang)


def pairs(
    file: Annotated[Path, typer.Argument(help="每行 {id, kind, entries, message, gold}；默认随附的一组。")] = PAIRS,
    as_json: JsonOption = False,
    engine: EngineOption = ENGINE,
) -> None:
    """最小对立对：只差一处的两条问题（256G/512G、退货/换货）能否分清，附余弦基线和答错的用例。"""
    from eval.understanding.pairs import meant, measure, read_pairs, to_table
    from kb.embed import load_engine

    cases, loaded = read_pairs(file), load_engine(engine)
    with progress_bar("提问") as asking:
        report = measure(cases, loaded, asking)
    if as_json:
        write_json(report.to_json())
        return
    out.print(to_table(report))
    for one in report.lost:
        line = f"{one.pair.id}  {one.pair.message} → {one.chosen or '（没有找到）'}，应为 {meant(one)}"
        out.print(line, highlight=False, markup=False, soft_wrap=True)


def names(
    folder: Annotated[Path, typer.Argument(help="每个 TOML 文件一家小店；默认随附的六家。")] = NAMES,
    as_json: JsonOption = False,
    engine: EngineOption = ENGINE,
) -> None:
    """小店：买家只说商品名的一部分时，认没认对商品，有没有把别的商品的答案标成可直接用。"""
    from eval.understanding.names import measure, read_shops, to_table
    from kb.embed import load_engine

    shops, loaded = read_shops(folder), load_engine(engine)
    with progress_bar("提问") as asking:
        report = measure(shops, loaded, asking)
    if as_json:
        write_json(report.to_json())
        return
    out.print(to_table(report))
    for one in report.wrong:
        out.print(str(one), highlight=False, markup=False, soft_wrap=True)


def tone(
    file: Annotated[Path, typer.Argument(help="消息或评价：每行 {text, complaint 或 negative, …}。")] = TONE,
    as_json: JsonOption = False,
) -> None:
    """投诉、升级投诉、加急识别得准不准：准确率、召回率、F1、AUROC，各带样本数与 95% 区间。"""
    from eval.understanding.moods import read_moods
    from eval.understanding.tone import hear

    _show_flags(hear(read_moods(file)), as_json)


def keyfacts(
    file: Annotated[
        Path, typer.Argument(help="标注过的对话：每行 {id, half, turns, topic, wish, mood, tail, promises}。")
    ] = KEYFACTS,
    half: Annotated[str, typer.Option(help="只用一半：seen 或 held；空为全部。")] = "held",
    errors: Annotated[bool, typer.Option("--errors", help="列出记错的对话。")] = False,
    as_json: JsonOption = False,
) -> None:
    """关键信息（问题类型、诉求、情绪、订单尾号、承诺）记得准不准：各项的精确率和召回率，带样本数与 95% 区间；耗时。"""
    from eval.understanding.keyfacts import draft_all, figures, read_noted, to_table

    drafted = draft_all(read_noted(file, half))
    found = figures(drafted)
    took = sum(one.took_ms for one in drafted) / max(len(drafted), 1)
    if as_json:
        told = {name: {key: figure.to_json() for key, figure in row.items()} for name, row in found.items()}
        write_json({"figures": told, "conversations": len(drafted), "ms": took})
        return
    out.print(to_table(found))
    out.print(f"{len(drafted)} 段对话，平均每段 {took:.2f} ms")
    for one in drafted if errors else ():
        for line in one.wrong():
            out.print(f"{one.noted.id}  {line}", highlight=False, markup=False, soft_wrap=True)


def scene(
    faq: Annotated[Path | None, typer.Option(help="知识，含 scene；格式同 huashu eval hitrate。")] = None,
    queries: Annotated[Path | None, typer.Option(help="买家消息；格式同 huashu eval hitrate。")] = None,
    shop: Annotated[Path | None, typer.Option(help="代替上面两项：一家店的文件夹（含 gold.jsonl）。")] = None,
    as_json: JsonOption = False,
    engine: EngineOption = ENGINE,
) -> None:
    """场景（售前/售中/售后）判断得准不准，以及直接取第一条答案的场景会怎样。"""
    from eval.understanding import scenes
    from kb.embed import load_engine

    loaded = load_engine(engine)
    with progress_bar("生成向量") as embedding:
        if shop is not None:
            found = scenes.on_shop(shop, loaded, embedding)
        elif faq is not None and queries is not None:
            found = scenes.on_files(faq, queries, loaded, embedding)
        else:
            _nothing_to_ask()
    _show_flags({"scene": found}, as_json)


def _nothing_to_ask() -> NoReturn:
    fail("请给出 --faq 和 --queries，或 --shop。", "格式见 docs/evaluation.md。")


def _show_flags(found: dict[str, dict[str, Figure]], as_json: bool) -> None:
    """Figures by flag, as one JSON object or as a table."""
    from eval.understanding.tone import to_json, to_table

    if as_json:
        write_json(to_json(found))
    else:
        out.print(to_table(found))
