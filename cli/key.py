"""Keys: issued for some shops, listed, revoked. No lock is needed: a running service takes notice within a second."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from cli.console import err, fail, out
from cli.options import DATA, DataOption, hub_of, one_of, operator

_DAY_S = 86_400


def issue(
    label: Annotated[str, typer.Argument(help="给谁用，如 张三-白班、客服系统。")],
    shop: Annotated[list[str] | None, typer.Option(help="店铺代号，可写多次。")] = None,
    role: Annotated[str, typer.Option(help="角色：agent（客服）、trainer（训练师）、service（接口）等。")] = "agent",
    scope: Annotated[list[str] | None, typer.Option(help="限定用途，如 messages:write，可写多次；不写则不限。")] = None,
    everywhere: Annotated[bool, typer.Option("--all-shops", help="所有店铺，以后新建的也在内。")] = False,
    days: Annotated[int | None, typer.Option(min=1, help="多少天后失效；不写则长期有效。")] = None,
    data: DataOption = DATA,
) -> None:
    """发一把访问密钥；只显示这一次。"""
    from kb.store.grant import Role, Scope

    asked = one_of(Role, role, "角色")
    scopes = [one_of(Scope, name, "用途") for name in scope] if scope else None
    with hub_of(data) as hub:
        lifetime = days * _DAY_S if days else None
        secret = hub.issue_key(
            label, asked, shop or [], lifetime_s=lifetime, everywhere=everywhere, scopes=scopes, by=operator()
        )
    out.print(secret, highlight=False, soft_wrap=True)
    err.print("密钥只显示这一次，请保存好；粘贴到登录页（服务地址后加 /login）即可登录。", highlight=False)


def list_(data: DataOption = DATA) -> None:
    """列出发过的密钥：编号、名字、角色、店铺、用途、状态。"""
    with hub_of(data) as hub:
        for key in hub.all_keys():
            state = "已停用" if key.revoked_at else f"{_day(key.expires_at)} 到期" if key.expires_at else "有效"
            shops = "所有店铺" if key.everywhere else ",".join(key.shops)
            uses = "" if key.scopes is None else ",".join(sorted(key.scopes))
            line = "\t".join((key.id, key.label, key.role, shops, uses, state))
            out.print(line, highlight=False, markup=False, soft_wrap=True)


def revoke(
    label: Annotated[str, typer.Argument(help="发放时写的名字，或密钥编号（k_…）。")], data: DataOption = DATA
) -> None:
    """停用这个名字下的所有密钥，或这个编号的一把；正在运行的服务一秒之内不再认它。"""
    with hub_of(data) as hub:
        count = hub.revoke_keys(label, by=operator())
        if not count and label.startswith("k_"):
            hub.revoke_key(label, by=operator())
            count = 1
    if not count:
        fail(f"没有名叫“{label}”的有效密钥。", "现有密钥见 huashu admin key list。")
    out.print(f"已停用 {count} 把密钥。", highlight=False)


def _day(at: int) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d")
