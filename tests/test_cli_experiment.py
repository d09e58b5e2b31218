"""`huashu experiment`, beside a service that holds the folder; docs/experiments.md is run as it stands."""

from __future__ import annotations

import csv
import json
import re
import shlex
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import huashu
from cli.experiment import _planned, _summary
from eval.experiment.rows import Export
from kb.errors import HuashuError
from kb.experiment.arm import place
from kb.experiment.experiment import Arm, Ramp, Treatment, Unit
from kb.experiment.exposure import Exposure
from kb.experiment.stages import draft
from kb.model import Speaker
from kb.store.conversations import Heard
from kb.store.folder import DataFolder

DOCUMENT = (Path(__file__).resolve().parents[1] / "docs" / "experiments.md").read_text(encoding="utf-8")
EXAMPLES = [
    line for block in re.findall(r"```bash\n(.*?)```", DOCUMENT, re.DOTALL) for line in block.strip().splitlines()
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataFolder]:
    """Held open, as by a running service."""
    monkeypatch.setenv("HUASHU_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    with DataFolder(tmp_path / "data") as folder:
        folder.hub.add_merchant("qingluo", "青萝女装")
        folder.hub.add_merchant("baicao", "百草")
        yield folder


def told(*arguments: str) -> str:
    done = CliRunner().invoke(huashu.app, ["experiment", *arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return re.sub(r"[ \t]+", " ", done.output)  # a tab goes to the next stop


def refused(*arguments: str) -> str:
    with pytest.raises(HuashuError) as error:
        told(*arguments)
    return error.value.message + error.value.advice


def talk(folder: DataFolder, chat: str, arm: Arm | None = None) -> None:
    at = int(time.time())
    heard = Heard(f"m{time.monotonic_ns()}", Speaker.BUYER, "有货吗", at * 1_000, buyer=f"买家{chat}")
    folder.conversations("qingluo").take(chat, heard, now_ms=at * 1_000)
    if arm:
        folder.merchant("qingluo").expose(Exposure("offers-11", chat, arm, f"qingluo/{chat}", "k_1", at))


def test_the_document_does_what_it_says_beside_a_running_service(folder: DataFolder, tmp_path: Path) -> None:
    assert len(EXAMPLES) >= 6
    said: dict[str, str] = {}
    for line in EXAMPLES:
        program, group, verb, *rest = shlex.split(line)
        assert (program, group) == ("huashu", "experiment")
        if verb == "export":
            talk(folder, "c1", Arm.TREATMENT)
            talk(folder, "c2", Arm.CONTROL)
            talk(folder, "c3")
        said[verb] = told(verb, *rest)
    assert "offers-11 进行中 加购推荐 按会话 50% qingluo 双十一加购对照" in said["list"]
    assert "80%" in said["ramp"] and "已停止" in said["stop"]
    assert folder.hub.experiments.get("offers-11").salt in said["show"]
    rows = list(csv.DictReader((tmp_path / "rows.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["conversation"], row["exposed"]) for row in sorted(rows, key=lambda row: row["conversation"])] == [
        ("qingluo/c1", "1"), ("qingluo/c2", "1"), ("qingluo/c3", "0")
    ]  # fmt: skip
    assert "rows.csv 3 行" in said["export"] and "未走完　3 个会话" in said["export"]
    assert "有推荐　" in said["export"] and "对照　" in said["export"]


def test_the_document_draws_the_lot_as_the_service_does() -> None:
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    known: dict[str, Any] = {}
    exec(textwrap.dedent(code), known)
    for number in range(1_000):
        unit = f"qingluo/c{number}"
        assert known["place"]("pepper", unit) == pytest.approx(place("pepper", unit), abs=2**-52)


def test_the_document_names_every_column() -> None:
    from eval.rows.rows import COLUMNS

    table = DOCUMENT[DOCUMENT.index("| column |") :]
    assert [name for name in COLUMNS if f"`{name}`" not in table] == []


def test_a_draft_assigns_nobody_until_it_is_started(folder: DataFolder) -> None:
    told(
        "start",
        "later",
        "--treatment",
        "assist",
        "--shop",
        "qingluo",
        "--shop",
        "baicao",
        "--unit",
        "merchant",
        "--draft",
    )
    assert folder.hub.experiments.running() == []
    assert "还没有开始" in refused("export", "later")
    assert "进行中" in told("start", "later")
    found = json.loads(told("show", "later", "--json"))
    assert found["met"] == {arm: {"conversations": 0, "contaminated": 0} for arm in ("treatment", "control")}
    assert (found["unit"], found["shops"], found["stage"], found["shifts"]) == (
        "merchant", ["baicao", "qingluo"], "running", "白班=08:00,晚班=20:00"
    )  # fmt: skip


def test_shifts_are_those_that_were_given(folder: DataFolder) -> None:
    told(
        "start",
        "x",
        "--treatment",
        "assist",
        "--shop",
        "qingluo",
        "--unit",
        "agent-shift",
        "--shifts",
        "早=07:30，夜=19:00",
    )
    assert "早=07:30,夜=19:00" in told("show", "x")


def test_the_conversations_met_so_far_are_shown_by_arm(folder: DataFolder) -> None:
    told("start", "offers-11", "--treatment", "upsell", "--shop", "qingluo", "--shop", "baicao")
    talk(folder, "c1", Arm.TREATMENT)
    talk(folder, "c1", Arm.CONTROL)
    talk(folder, "c2", Arm.TREATMENT)
    said = told("show", "offers-11")
    assert "有推荐 2 个会话，混组 1 个" in said and "对照 0 个会话，混组 0 个" in said


def test_lowering_the_share_is_done_and_said(folder: DataFolder) -> None:
    told("start", "x", "--treatment", "upsell", "--shop", "qingluo")
    assert "调低" in told("ramp", "x", "--share", "10")
    assert "调低" not in told("ramp", "x", "--share", "20")
    assert [ramp.share for ramp in folder.hub.experiments.get("x").ramps] == [0.5, 0.1, 0.2]


def test_what_cannot_be_done_is_refused_with_what_to_do(folder: DataFolder) -> None:
    told("start", "x", "--treatment", "upsell", "--shop", "qingluo")
    assert "x" in refused("start", "y", "--treatment", "upsell", "--shop", "qingluo")
    assert [one.id for one in folder.hub.experiments.all()] == ["x"]  # a refused one is no draft either
    assert "--treatment" in refused("start", "z", "--shop", "qingluo")
    assert (
        "没有实验" in refused("start", "z")
        and "没有实验" in refused("stop", "z")
        and "没有实验" in refused("export", "z")
    )
    assert "upsell、assist" in refused("start", "z", "--treatment", "price", "--shop", "qingluo")
    assert "没有店铺" in refused("start", "z", "--treatment", "assist", "--shop", "nowhere")
    assert "至少要两家店" in refused("start", "z", "--treatment", "assist", "--shop", "qingluo", "--unit", "merchant")
    told("stop", "x")
    assert "不能再开始" in refused("start", "x") and "不能调整" in refused("ramp", "x", "--share", "60")


def test_who_did_it_is_on_the_record(folder: DataFolder) -> None:
    told("start", "x", "--treatment", "upsell", "--shop", "qingluo")
    told("stop", "x")
    rows = [(row.action, row.shop, row.subject) for row in folder.hub.audit(limit=2)]
    assert rows == [("experiment.stop", "qingluo", "x"), ("experiment.start", "qingluo", "x")]
    assert folder.hub.audit(limit=1)[0].name.startswith("命令行")


def test_finished_leaves_out_whose_window_has_not_ended(folder: DataFolder, tmp_path: Path) -> None:
    told("start", "offers-11", "--treatment", "upsell", "--shop", "qingluo")
    talk(folder, "c1", Arm.CONTROL)
    assert "1 行" in told("export", "offers-11", "--out", str(tmp_path / "all.csv"))
    assert "0 行" in told("export", "offers-11", "--out", str(tmp_path / "done.csv"), "--finished")


def test_what_is_exported_makes_the_merchants_page_beside_the_service(folder: DataFolder, tmp_path: Path) -> None:
    told("start", "offers-11", "--treatment", "upsell", "--shop", "qingluo", "--share", "90")
    for number in range(20):
        talk(folder, f"c{number}", Arm.CONTROL if number % 10 == 0 else Arm.TREATMENT)
    said = told("export", "offers-11", "--out", str(tmp_path / "rows.csv"))
    hint = "--shares control=10,treatment=90"
    assert hint in said
    page = tmp_path / "page.html"
    options = ["--rows", str(tmp_path / "rows.csv"), "--data", str(tmp_path / "data"), "--shop", "qingluo"]
    done = CliRunner().invoke(huashu.app, ["eval", "merchant-report", *options, "--out", str(page), *hint.split()])
    assert done.exit_code == 0, done.exception
    assert "还不能下结论" in page.read_text(encoding="utf-8") and "nan" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("unit", "shares", "hint"),
    [
        ("conversation", [0.9], "control=10,treatment=90"),
        ("conversation", [0.5], ""),
        ("conversation", [1.0], ""),
        ("conversation", [0.1, 0.5], ""),  # other shares on other days: no one ratio is right
        ("merchant", [0.1, 0.5], "control=50,treatment=10"),  # whose place lies between is left out
        ("merchant", [0.1, 0.5, 0.2], "control=50,treatment=10"),
        ("merchant", [0.25, 0.75], ""),
    ],
)
def test_the_planned_split_of_those_that_stayed_is_told(unit: str, shares: list[float], hint: str) -> None:
    made = draft("x", "", Treatment.UPSELL, Unit(unit), ["a", "b"], shares[0], now=0)
    made = replace(made, ramps=tuple(Ramp(at, share) for at, share in enumerate(shares)))
    said = "".join(_planned(made))
    assert said.endswith(hint) and bool(said) == bool(hint)


def test_units_that_met_both_arms_are_told() -> None:
    assert "换过组的　3 个分配单位" in "".join(_summary(Export((), {"share": 9}, 0, 0, 0, 3), 4.0, False))
    assert "换过组的" not in "".join(_summary(Export((), {}, 0, 0, 0), 4.0, False))
