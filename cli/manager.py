"""What a manager proves a desk's worth with: the KPI sheet, the merchant's page, a simulated month, load."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import fail, out, progress_bar, steps, write_json
from cli.options import ENGINE, EngineOption, JsonOption, hub_of, one_of, shares_of
from cli.places import DEMO

if TYPE_CHECKING:
    from eval.kpi.log import Log

DayOption = datetime | None
FolderOption = Annotated[Path | None, typer.Option("--data", help="代替日志：服务的数据目录；服务运行时也可以用。")]
LogOption = Annotated[Path | None, typer.Option("--log", help="日志，每行一个 JSON 对象；格式见 docs/kpi.md。")]
RulesOption = Annotated[
    Path | None, typer.Option("--rules", help="自己的口径（TOML），写到的覆盖 eval/kpi/rules.toml。")
]


def kpi(
    log: LogOption = None,
    data: FolderOption = None,
    shop: Annotated[str | None, typer.Option(help="只算一家店。")] = None,
    since: Annotated[DayOption, typer.Option("--from", formats=["%Y-%m-%d"], help="从哪天（含）。")] = None,
    until: Annotated[DayOption, typer.Option("--to", formats=["%Y-%m-%d"], help="到哪天（含）。")] = None,
    by: Annotated[str | None, typer.Option(help="再按 shop、agent、shift 或 day 分列。")] = None,
    rules: RulesOption = None,
    html: Annotated[Path | None, typer.Option(help="写成 HTML 报告。")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="写成 Excel。")] = None,
    lang: Annotated[str, typer.Option(help="报告的语言：zh 或 en。")] = "zh",
    as_json: JsonOption = False,
) -> None:
    """客服 KPI：商家考核的五项和其余各项，带分子分母、样本数和 95% 区间；口径见 docs/kpi.md。"""
    from eval.kpi.book import open_book
    from eval.kpi.log import basis_of
    from eval.kpi.report import Slice, sheets, to_json, to_table
    from eval.kpi.rules import read_rules
    from eval.kpi.sheet import to_paper
    from eval.paper.words import language
    from eval.paper.write import write

    lang = language(lang)
    lines = _log(log, data)
    if shop is not None and shop not in (there := lines.shops):
        fail(f"日志里没有店铺“{shop}”。", f"里面的店铺：{'、'.join(there) or '（没有）'}。")
    book = open_book(lines, read_rules(rules))
    if since or until:
        days = (f"{since:%Y-%m-%d}" if since else "", f"{until:%Y-%m-%d}" if until else "9999")
        book = book.part(days=days)
    made = sheets(book if shop is None else book.part(shop=shop), None if by is None else one_of(Slice, by, "分列方式"))
    if html or xlsx:
        knowledge, model = basis_of(lines, shop)
        origin = (log or data or Path()).resolve().name
        paper = to_paper(made, origin=origin, knowledge=knowledge, model=model, lang=lang)
        write(paper, html=html, xlsx=xlsx, lang=lang)
    if as_json:
        write_json(to_json(made))
    else:
        out.print(to_table(made))


def merchant_report(
    rows: Annotated[Path, typer.Option(help="会话数据（csv、jsonl 或 xlsx）；格式见 docs/evaluation.md。")],
    shop: Annotated[str, typer.Option(help="店铺代号。")],
    html: Annotated[Path, typer.Option("--out", help="报告写到哪个 HTML 文件。")],
    log: LogOption = None,
    data: FolderOption = None,
    name: Annotated[str, typer.Option(help="报告上写的店名；默认用代号。")] = "",
    pdf: Annotated[Path | None, typer.Option(help="再印成 PDF（要有 Chrome、Edge 或 Chromium）。")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="再写成 Excel，含会话明细。")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="再写成 JSON。")] = None,
    experiment: Annotated[str, typer.Option(help="数据里有多个试验时，用哪一个。")] = "",
    control: Annotated[str, typer.Option(help="哪一组是对照组；默认 control。")] = "",
    shares: Annotated[str, typer.Option(help="计划的分组比例，如 control=10,treatment=90；不写为一样多。")] = "",
    rules: RulesOption = None,
    lang: Annotated[str, typer.Option(help="zh 或 en。")] = "zh",
    seed: Annotated[int, typer.Option(help="检查分组时用的随机种子。")] = 0,
) -> None:
    """给店主的一页：机器人多卖了多少钱、有多大把握、服务五项、搭着卖的、答不上的；不含买家，客服用代号。"""
    from eval.kpi.rules import read_rules
    from eval.merchant.page import to_page
    from eval.merchant.pdf import print_pdf
    from eval.merchant.report import merchant_report as gathered
    from eval.merchant.sheet import to_paper
    from eval.paper.words import language
    from eval.paper.write import write
    from eval.rows.reading import read_rows

    lang, planned = language(lang), shares_of(shares)
    with progress_bar("读会话数据") as progress:
        read = read_rows(rows, progress=progress)
    made = gathered(
        read, _log(log, data), read_rules(rules), shop, name=name, experiment=experiment, control=control, shares=planned,
        seed=seed,
    )  # fmt: skip
    html.write_text(to_page(made, lang), encoding="utf-8", newline="\n")
    write(to_paper(made, lang), xlsx=xlsx, json_file=json_file, lang=lang)
    for path in filter(None, (html, xlsx, json_file)):
        out.print(f"写好了 {path}", highlight=False, markup=False, soft_wrap=True)
    if pdf:  # last: where no browser is there, all else is
        print_pdf(html, pdf)
        out.print(f"写好了 {pdf}", highlight=False, markup=False, soft_wrap=True)


def latency(
    address: Annotated[str, typer.Option(help="正在运行的服务，如 127.0.0.1:8000；不写就自己起一个演示服务。")] = "",
    key: Annotated[str, typer.Option(envvar="HUASHU_KEY", help="访问密钥（坐席）。")] = "",
    shop: Annotated[list[str] | None, typer.Option(help="问哪家店；可写多次。")] = None,
    queries: Annotated[Path | None, typer.Option(help="问什么，每行一句；默认三家演示店铺的评测消息。")] = None,
    rate: Annotated[list[float] | None, typer.Option(help="每秒多少问；可写多次。默认 2、10、30。")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="每档问多久。")] = 20,
    clients: Annotated[int, typer.Option(min=1, max=256, help="多少个连接。")] = 32,
    seed: Annotated[int, typer.Option(help="随机种子。")] = 20261122,
    html: Annotated[Path | None, typer.Option(help="写成 HTML 报告。")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="写成 Excel。")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="写成 JSON。")] = None,
    lang: Annotated[str, typer.Option(help="zh 或 en。")] = "zh",
    engine: EngineOption = ENGINE,
) -> None:
    """压测：真实问题按固定速率到来（不等上一问答完），看响应时间的百分位、30 秒预算、吞吐和出错。"""
    from eval.latency import run
    from eval.latency.own import demo_questions, questions
    from eval.latency.report import to_paper, to_table
    from eval.paper.words import language
    from eval.paper.write import write

    lang, shops = language(lang), shop or []
    if address and not (key and queries and shops):
        fail("问正在运行的服务，还要 --key、--shop 和 --queries。", "密钥用 huashu key issue 发放；问题文件每行一句。")
    asked = questions(queries, shops or ["qingluo", "baicao", "xingdian"]) if queries else demo_questions(DEMO)
    plan = run.Plan(tuple(rate or (2.0, 10.0, 30.0)), seconds, clients, seed)
    with steps() as say:
        loads = (
            run.on_service(address, key, asked, plan, say) if address else run.on_demo(DEMO, engine, asked, plan, say)
        )
    paper = to_paper(
        loads, origin=queries.name if queries else "demo", model="" if address else engine, seed=seed, lang=lang
    )
    write(paper, html=html, xlsx=xlsx, json_file=json_file, lang=lang)
    out.print(to_table(loads))


def simulate(
    folder: Annotated[Path, typer.Option("--out", help="写到哪个目录。")],
    seed: Annotated[int, typer.Option(help="随机种子；同一个种子写出同样的字节。")] = 20261101,
    unit: Annotated[
        str, typer.Option(help="按什么分组：conversation（会话）或 agent-shift（客服的一个班）。")
    ] = "conversation",
    days: Annotated[int | None, typer.Option(min=1, max=31, help="几天；默认一个月。")] = None,
    world: Annotated[Path | None, typer.Option(help="自己的设定，形式同 eval/month/world.toml。")] = None,
) -> None:
    """模拟三家演示店铺的一个月（和前一个月），并写明真实效果：rows.csv、log.jsonl、truth.json；见 docs/month.md。"""
    from eval.month import simulate as simulating
    from eval.month.draw import Unit
    from eval.month.world import read_world

    read = read_world(world)
    chosen = one_of(Unit, unit, "分组单位")
    made = simulating.simulate(read if days is None else read.smaller(days=days), folder, DEMO, seed, chosen)
    lines = (
        f"{made.conversations:,} 个会话（前一期 {made.before:,} 个）写到 {folder}\n真实效果见 {folder / 'truth.json'}"
    )
    out.print(lines, highlight=False, markup=False, soft_wrap=True)


def _log(log: Path | None, data: Path | None) -> Log:
    """The log of a file, or of a data folder."""
    from eval.kpi.live import live_log
    from eval.kpi.log import read_log

    if log is not None and data is None:
        return read_log(log)
    if log is not None or data is None:
        fail("请给出 --log 或 --data 其中一个。", "--log 是导出的日志文件，--data 是服务的数据目录（服务可以开着）。")
    with hub_of(data) as hub:
        shops = [one.slug for one in hub.merchants()]
    return live_log(data, shops)
