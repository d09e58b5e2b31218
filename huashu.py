"""The tree of commands: each is a function in `cli/`, and gets its name here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

import typer

from cli import (
    audit,
    bench,
    check,
    demo,
    events,
    experiment,
    export,
    fit,
    hook,
    judge,
    key,
    learn,
    manager,
    measure,
    new_shop,
    pairs,
    person,
    play,
    service,
    sheet,
    shop,
    uplift,
)
from cli.console import complain
from kb.errors import HuashuError

Command = Callable[..., None]


def group(about: str, commands: Mapping[str, Command | typer.Typer], alone: Command | None = None) -> typer.Typer:
    """Commands and groups of commands by name; `alone` is what the group does when none is named."""
    made = typer.Typer(
        help=about, no_args_is_help=alone is None, invoke_without_command=alone is not None, add_completion=False
    )
    for name, command in commands.items():
        if isinstance(command, typer.Typer):
            made.add_typer(command, name=name)
        else:
            made.command(name)(command)
    if alone is not None:
        made.callback()(alone)
    return made


app = group(
    "话术：给外包客服的话术推荐与知识库。",
    {
        "serve": service.serve,
        "demo": demo.demo,
        "play": play.play,
        "new-shop": new_shop.new_shop,
        "import": sheet.import_,
        "template": export.template,
        "export": export.export,
        "pairs": pairs.pairs,
        "events": events.events,
        "undo": sheet.undo,
        "gold": learn.gold,
        "learn": learn.learn,
        "shop": group("店铺：新建、列出。", {"add": shop.add, "list": shop.list_}),
        "admin": group(
            "管理：人员、密钥、审计记录；服务运行时也可以用。",
            {
                "person": group(
                    "人员：新增、列出、停用、恢复、改权限、重设密码。",
                    {
                        "add": person.add,
                        "list": person.list_,
                        "access": person.access,
                        "passwd": person.passwd,
                        "disable": person.disable,
                        "enable": person.enable,
                    },
                ),
                "key": group(
                    "访问密钥：发放、列出、停用。", {"issue": key.issue, "list": key.list_, "revoke": key.revoke}
                ),
                "audit": audit.audit,
            },
        ),
        "key": group("访问密钥：发放、停用。", {"issue": key.issue, "revoke": key.revoke}),
        "hook": group(
            "接入别的客服系统：它的服务器把消息推送过来。",
            {"add": hook.add, "list": hook.list_, "secret": hook.secret, "remove": hook.remove},
        ),
        "experiment": group(
            "实验：留一组不用，看推荐值多少；服务运行时也可以用。",
            {
                "start": experiment.start,
                "ramp": experiment.ramp,
                "stop": experiment.stop,
                "list": experiment.list_,
                "show": experiment.show,
                "export": experiment.export,
            },
        ),
        "eval": group(
            "评测：答得准不准，机器人带来多少（uplift），给店主的一页（merchant-report），客服 KPI，延迟。",
            {
                "hitrate": measure.hitrate,
                "compare": judge.compare,
                "gate": judge.gate,
                "replay": judge.replay,
                "pairs": measure.pairs,
                "names": measure.names,
                "fit": fit.head,
                "tune": fit.tune,
                "listen": fit.listen,
                "fit-tone": fit.tone,
                "fit-check": fit.sentences,
                "fit-context": fit.context,
                "tone": measure.tone,
                "scene": measure.scene,
                "keyfacts": measure.keyfacts,
                "check": check.check,
                "kpi": manager.kpi,
                "latency": manager.latency,
                "merchant-report": manager.merchant_report,
                "simulate": manager.simulate,
                "uplift": uplift.uplift,
            },
        ),
        "bench": group(
            "基准：服务与引擎的速度、内存；导入、推送、页面的速度；与同类软件的对比。",
            {
                "desk": bench.desk,
                "ingest": bench.ingest,
                "page": bench.page,
                "peers": bench.peers,
                "upsell": bench.upsell,
            },
            alone=bench.speed,
        ),
    },
)
app.command("openapi", hidden=True)(service.openapi)
app.command("access", hidden=True)(service.access)


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
