"""What a shop learns from its agents, and the gold messages that judge it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.console import out
from cli.options import DATA, ENGINE, DataOption, EngineOption, engine_or_words, folder_of, put_on_record


def gold(
    shop: Annotated[str, typer.Argument(help="店铺代号。")],
    files: Annotated[list[Path], typer.Argument(help="评测消息，如 gold.jsonl refuse.jsonl。")],
    data: DataOption = DATA,
) -> None:
    """换上这家店的评测消息；学习建议要在它们上面不变差，才会生效。"""
    from eval.gold import import_gold

    with folder_of(data) as folder:
        answerable, refused = import_gold(folder.merchant(shop), files)
    out.print(f"评测消息已换成 {answerable} 条有答案的、{refused} 条应拒答的。", highlight=False, markup=False)


def learn(
    shop: Annotated[str, typer.Argument(help="店铺代号。")],
    apply: Annotated[bool, typer.Option("--apply", help="写入判定为无害的建议。")] = False,
    least: Annotated[int, typer.Option(min=1, help="至少几次一致的采用或否定才算建议。")] = 2,
    limit: Annotated[int, typer.Option(min=1, help="最多看几条建议，支持多的在前。")] = 200,
    data: DataOption = DATA,
    engine: EngineOption = ENGINE,
) -> None:
    """从客服的采用与否定里学问法：列出建议和评测前后的对比。服务运行时请在训练师页面处理。"""
    from eval.lessons import to_table
    from kb.learning.learn import Learning
    from kb.learning.trial import Verdict
    from kb.shelf import Shelf
    from kb.store.grant import Role

    with folder_of(data) as folder:
        store = folder.merchant(shop)  # a shop that is not there is told before the model is read
        loaded = engine_or_words(engine)
        learning = Learning.of(
            store, loaded, Shelf(folder, loaded).shard(shop), platform=folder.hub.merchant(shop).platform,
            trusted=folder.hub.keys_of(shop, Role.TRAINER), least=least,
        )  # fmt: skip
        judged = learning.accept_harmless("命令行", limit) if apply else learning.judged(limit)
        titles = {entry.id: entry.question or entry.shortcut for entry in learning.shard.entries}
        passed = sum(one.verdict is Verdict.HARMLESS for one in judged)
        if apply and passed:
            put_on_record(folder, "proposal.accept", shop, summary=f"{passed} 条")
    if not judged:
        out.print("没有新的学习建议。")
        return
    out.print(to_table(judged, titles))
    out.print(f"共 {len(judged)} 条建议，{passed} 条无害" + ("，已写入。" if apply else "。"), highlight=False)
