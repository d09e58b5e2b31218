"""`huashu gold` and `huashu learn` as an operator uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.edit import save_entry
from kb.model import Event, EventKind, Origin
from kb.store.folder import DataFolder
from making import faq
from terminal import Done, typed

GOOD, BAD = "几天能够寄出来", "买错了能不能退换货"


def huashu(*arguments: str | Path, data: Path) -> Done:
    return typed(*arguments, "--data", data)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A shop whose agents used one good and one wrong answer, twice each."""
    with DataFolder(tmp_path / "data") as folder:
        folder.hub.add_merchant("myshop", "我的店")
        store = folder.merchant("myshop")
        for entry in (faq("1", "什么时候发货", "48小时内"), faq("2", "能不能退换货", "可以")):
            save_entry(store, None, entry)
        events = [
            Event(f"event-{asked}-{i}", EventKind.SENT, f"sg-{asked}-{i}", entry="e1", asked=asked)
            for asked in (GOOD, BAD)
            for i in range(2)
        ]
        store.record_events(events, actor="k")
    return tmp_path / "data"


def gold_file(folder: Path, name: str, *rows: dict[str, object]) -> Path:
    path = folder / name
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    answerable = [{"qid": "g1", "query": "什么时候发货呀亲", "gold": ["1"]}, {"qid": "g2", "query": BAD, "gold": ["2"]}]
    refused = {"query": "我叫小王，电话13800138000", "gold": []}
    return [gold_file(tmp_path, "gold.jsonl", *answerable), gold_file(tmp_path, "refuse.jsonl", refused)]


def test_a_shop_is_given_its_gold_and_learns_what_is_harmless(data: Path, files: list[Path]) -> None:
    open_ = huashu("learn", "myshop", "--apply", "--engine", "none", data=data)
    assert open_.returncode == 0 and "待确认" in open_.stdout and "0 条无害" in open_.stdout
    done = huashu("gold", "myshop", *files, data=data)
    assert done.returncode == 0 and "2 条有答案的、1 条应拒答的" in done.stdout
    listed = huashu("learn", "myshop", "--engine", "none", data=data)
    assert "无害" in listed.stdout and "有害" in listed.stdout and GOOD in listed.stdout
    with DataFolder(data) as folder:
        assert folder.merchant("myshop").entry("e1").phrasings == ()
        assert "13800138000" not in str(folder.merchant("myshop").gold())
    applied = huashu("learn", "myshop", "--apply", "--engine", "none", data=data)
    assert applied.returncode == 0 and "1 条无害，已写入" in applied.stdout
    with DataFolder(data) as folder:
        [phrasing] = folder.merchant("myshop").entry("e1").phrasings
        assert (phrasing.text, phrasing.origin) == (GOOD, Origin.FEEDBACK)
    again = huashu("learn", "myshop", "--apply", "--engine", "none", data=data)
    assert "0 条无害" in again.stdout


def test_gold_for_an_entry_the_shop_lacks_is_pointed_at_and_changes_nothing(data: Path, tmp_path: Path) -> None:
    wrong = gold_file(tmp_path, "wrong.jsonl", {"qid": "g1", "query": "x", "gold": ["no such"]})
    done = huashu("gold", "myshop", wrong, data=data)
    assert done.returncode == 2 and "wrong.jsonl 第 1 行" in done.stderr and "Traceback" not in done.stderr
    twice = huashu(
        "gold",
        "myshop",
        *[gold_file(tmp_path, n, {"qid": "g", "query": "x"}) for n in ("a.jsonl", "b.jsonl")],
        data=data,
    )
    assert twice.returncode == 2 and "b.jsonl 第 1 行" in twice.stderr and "a.jsonl 第 1 行" in twice.stderr


def test_a_shop_with_nothing_to_learn_says_so(data: Path) -> None:
    assert "没有新的学习建议" in huashu("learn", "myshop", "--least", "9", "--engine", "none", data=data).stdout


def test_an_unknown_shop_is_told_before_the_model_is_read(data: Path) -> None:
    done = huashu("learn", "nowhere", "--engine", "/no/such/model", data=data)
    assert done.returncode == 2 and "nowhere" in done.stderr and "模型" not in done.stderr
