"""People: made, listed, disabled, given roles and shops or a new password, while the service runs or not."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import err, out
from cli.options import DATA, DataOption, hub_of, one_of, operator

if TYPE_CHECKING:
    from kb.store.people import Person

NameArgument = Annotated[str, typer.Argument(help="登录用的名字。")]
RoleOption = Annotated[
    list[str],
    typer.Option(
        help="角色，可写多次：agent 客服、lead 组长、trainer 训练师、qc 质检、manager 经理、merchant 商家、admin 管理员。"
    ),
]
ShopOption = Annotated[list[str] | None, typer.Option(help="店铺代号，可写多次。")]
EverywhereOption = Annotated[bool, typer.Option("--all-shops", help="所有店铺，以后新建的也在内。")]
GenerateOption = Annotated[
    bool, typer.Option("--generate", help="随机生成密码并显示一次；不写则在终端输入，或从标准输入读一行。")
]


def add(
    name: NameArgument, role: RoleOption, shop: ShopOption = None, everywhere: EverywhereOption = False,
    generate: GenerateOption = False, data: DataOption = DATA,
) -> None:  # fmt: skip
    """新增一个用名字和密码登录的人。"""
    from kb.store.grant import Role

    roles = [one_of(Role, one, "角色") for one in role]
    with hub_of(data) as hub:
        person = hub.people.add(name, _password(generate), roles, shop or [], everywhere=everywhere, by=operator())
    err.print(f"已新增 {person.name}；打开服务地址后加 /login 登录。", highlight=False, markup=False)


def list_(data: DataOption = DATA) -> None:
    """列出人员：编号、名字、角色、店铺、状态。"""
    with hub_of(data) as hub:
        for person in hub.people.all():
            out.print(_line(person), highlight=False, markup=False, soft_wrap=True)


def access(
    name: NameArgument, role: RoleOption, shop: ShopOption = None, everywhere: EverywhereOption = False,
    data: DataOption = DATA,
) -> None:  # fmt: skip
    """改一个人的角色和店铺：写出来的就是全部。"""
    from kb.store.grant import Role

    roles = [one_of(Role, one, "角色") for one in role]
    with hub_of(data) as hub:
        person = hub.people.change_access(
            hub.people.named(name).id, roles, shop or [], everywhere=everywhere, by=operator()
        )
    out.print(_line(person), highlight=False, markup=False, soft_wrap=True)


def passwd(name: NameArgument, generate: GenerateOption = False, data: DataOption = DATA) -> None:
    """重设密码；这个人的登录全部结束。"""
    with hub_of(data) as hub:
        person = hub.people.named(name)
        hub.people.set_password(person.id, _password(generate), by=operator())
    err.print(f"已重设 {person.name} 的密码。", highlight=False, markup=False)


def disable(name: NameArgument, data: DataOption = DATA) -> None:
    """停用一个人；正在运行的服务一秒之内结束其登录。"""
    with hub_of(data) as hub:
        person = hub.people.disable(hub.people.named(name).id, by=operator())
    out.print(f"已停用 {person.name}。", highlight=False, markup=False)


def enable(name: NameArgument, data: DataOption = DATA) -> None:
    """恢复一个停用的人。"""
    with hub_of(data) as hub:
        person = hub.people.enable(hub.people.named(name).id, by=operator())
    out.print(f"已恢复 {person.name}。", highlight=False, markup=False)


def _password(generate: bool) -> str:
    """Never an argument: other users of the machine see those, and shells keep them."""
    if generate:
        made = secrets.token_urlsafe(12)
        out.print(made, highlight=False, soft_wrap=True)
        return made
    if sys.stdin.isatty():
        typed: str = typer.prompt("密码", hide_input=True, confirmation_prompt="再输一遍", err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _line(person: Person) -> str:
    roles = "、".join(role.label for role in sorted(person.roles))
    shops = "所有店铺" if person.everywhere else ",".join(person.shops)
    return "\t".join((person.id, person.name, roles, shops, "已停用" if person.disabled_at else "有效"))
