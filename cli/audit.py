"""The audit trail on a terminal: who did what, and whether it is whole."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import err, out
from cli.options import DATA, DataOption, hub_of

if TYPE_CHECKING:
    from kb.store.audit import Record


def audit(
    verify: Annotated[
        bool, typer.Option("--verify", help="检查记录有没有被改过、删过；打印末条，可抄下来以后核对。")
    ] = False,
    expect: Annotated[str, typer.Option(metavar="编号:校验值", help="以前抄下的末条，必须还在。")] = "",
    shop: Annotated[str, typer.Option(help="只看这家店。")] = "",
    action: Annotated[str, typer.Option(help="只看这种操作，如 key.issue。")] = "",
    limit: Annotated[int, typer.Option(min=1, help="最多几条，新的在前。")] = 50,
    data: DataOption = DATA,
) -> None:
    """审计记录：谁、何时、在哪家店、做了什么。"""
    with hub_of(data) as hub:
        if not verify and not expect:
            for record in hub.audit(shops=[shop] if shop else None, action=action, limit=limit):
                out.print(_line(record), highlight=False, markup=False, soft_wrap=True)
            return
        verdict = hub.verify_audit(expect)
    if verdict.broken:
        err.print(f"审计记录对不上：{verdict.broken}。之前的 {verdict.count} 条完好。", highlight=False, markup=False)
        raise typer.Exit(1)
    out.print(
        f"审计记录完好，共 {verdict.count} 条。末条：{verdict.count}:{verdict.head}", highlight=False, soft_wrap=True
    )


def _line(record: Record) -> str:
    from kb.store.audit import ACTIONS

    when = datetime.fromtimestamp(record.at).strftime("%Y-%m-%d %H:%M:%S")
    state = f"{record.before or '-'} → {record.after}" if record.before or record.after else ""
    did = ACTIONS.get(record.action, record.action)
    parts = (str(record.number), when, record.name, did, record.shop, record.subject, record.summary, state)
    return "\t".join(parts).rstrip()
