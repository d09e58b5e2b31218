"""Hooks: a host's server may tell us of messages; made, listed, given the sender's secret, removed."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.console import err, fail, out
from cli.options import DATA, DataOption, hub_of, operator

HookArgument = Annotated[str, typer.Argument(help="hook 编号，如 cw_5f0c…（见 huashu hook list）。")]


def add(
    kind: Annotated[str, typer.Argument(help="系统：chatwoot。")],
    inbox: Annotated[list[str], typer.Option(help="收件箱编号=店铺代号，如 3=qingluo；可写多次。")],
    label: Annotated[str, typer.Option(help="给自己看的名字。")] = "",
    data: DataOption = DATA,
) -> None:
    """新建一个 hook：打印推送地址、侧边栏地址和密钥（只显示这一次）。"""
    inboxes = dict(_pair(text) for text in inbox)
    with hub_of(data) as hub:
        hook = hub.hooks.add(kind, label, inboxes, by=operator())
    out.print(
        f"推送地址（webhook）    /v1/hooks/{hook.kind}/{hook.id}\n"
        f"侧边栏（dashboard app） /?hook={hook.id}\n"
        f"密钥                   {hook.secret}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    err.print(
        "地址前面加上服务的网址。密钥只显示这一次，给自己写的转发程序签名用；"
        f"Chatwoot 4.11.2 起自己生成密钥：在它的 webhook 设置里复制，再运行 huashu hook secret {hook.id}。",
        highlight=False,
        markup=False,
    )


def _pair(text: str) -> tuple[str, str]:
    inbox, _, slug = text.partition("=")
    if not (inbox.isascii() and inbox.isdecimal() and slug):
        fail(
            f"“{text}”看不懂。",
            "请写成 收件箱编号=店铺代号，如 --inbox 3=qingluo；编号在 Chatwoot 收件箱设置页的网址里。",
        )
    return str(int(inbox)), slug


def list_(data: DataOption = DATA) -> None:
    """列出 hook 和它们的收件箱；不显示密钥。"""
    with hub_of(data) as hub:
        for hook in hub.hooks.all():
            inboxes = "、".join(f"{inbox}={slug}" for inbox, slug in hook.inboxes.items())
            out.print(f"{hook.id}\t{hook.kind}\t{inboxes}\t{hook.label}", highlight=False, markup=False, soft_wrap=True)


def secret(hook: HookArgument, data: DataOption = DATA) -> None:
    """换成发送方自己的密钥：从提示里粘贴，或从标准输入读（不写在命令里，免得留在历史记录中）。"""
    typed = typer.prompt("密钥", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    with hub_of(data) as hub:
        hub.hooks.set_secret(hook, typed, by=operator())
    err.print("已换成这个密钥；旧的从现在起不认。", highlight=False)


def remove(hook: HookArgument, data: DataOption = DATA) -> None:
    """删掉一个 hook：它的推送从现在起被拒绝。"""
    with hub_of(data) as hub:
        hub.hooks.remove(hook, by=operator())
    out.print("已删除。", highlight=False)
