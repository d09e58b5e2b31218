"""Keys: issued to a person for some shops, and revoked."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.console import err, fail, out
from cli.options import DATA, DataOption

_DAY_S = 86_400


def issue(
    label: Annotated[str, typer.Argument(help="给谁用，如 张三-白班。")],
    shop: Annotated[list[str], typer.Option(help="店铺代号，可写多次。")],
    role: Annotated[str, typer.Option(help="agent（客服）或 trainer（训练师）。")] = "agent",
    days: Annotated[int | None, typer.Option(min=1, help="多少天后失效；不写则长期有效。")] = None,
    data: DataOption = DATA,
) -> None:
    """发一把访问密钥；只显示这一次。"""
    from kb.store.folder import DataFolder
    from kb.store.hub import Role

    if role not in list(Role):
        fail(f"没有角色“{role}”。", "可选：" + "、".join(Role))
    with DataFolder(data) as folder:
        secret = folder.hub.issue_key(label, Role(role), shop, lifetime_s=days * _DAY_S if days else None)
    out.print(secret, highlight=False, soft_wrap=True)
    err.print("密钥只显示这一次，请保存好；粘贴到登录页（服务地址后加 /login）即可登录。", highlight=False)


def revoke(label: Annotated[str, typer.Argument(help="发放时写的名字。")], data: DataOption = DATA) -> None:
    """停用这个名字下的所有密钥。"""
    from kb.store.folder import DataFolder

    with DataFolder(data) as folder:
        count = folder.hub.revoke_keys(label)
    out.print(f"已停用 {count} 把密钥。", highlight=False)
