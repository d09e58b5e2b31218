"""`huashu eval hitrate` from the command line: the contract of formats and keys, on a small set and on the demo shops."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean

import pytest
from typer.testing import CliRunner

import huashu
from eval.cases import read_queries
from eval.shop import shop_from_folder
from kb.errors import Invalid
from kb.model import Query
from kb.search import search
from making import ONE_SHOP

KEYS = ["hit@1", "hit@3", "hit@5", "mrr@10", "refusal_auroc", "latency_ms_p50", "latency_ms_p99"]
DEMO = Path(huashu.__file__).parent / "demo"


def lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    faq = [
        {
            "id": "A",
            "question": "什么时候发货",
            "phrasings": ["几天能寄出", "今天拍今天发吗"],
            "answer": "48小时",
            "scene": "售中",
        },
        {"id": "B", "question": "包邮吗", "note": "unknown keys are ignored"},
        {"id": "C", "question": "怎么退货", "phrasings": ["不想要了怎么退"]},
    ]
    queries = [
        {"qid": "1", "query": "什么时候发货", "gold": ["A"], "needs_context": False},
        {"qid": "2", "query": "要邮费吗，包不包邮", "gold": ["B", "C"], "context": ["客户: 在吗", "客服: 在的亲"]},
        {"qid": "3", "query": "那怎么弄", "gold": ["C"], "context": ["客户: 我想退货"], "needs_context": True},
    ]
    refuse = [{"query": "哈哈哈", "gold": [], "none": "chitchat"}]
    return [
        "eval", "hitrate",
        "--faq", str(lines(tmp_path / "faq.jsonl", faq)),
        "--queries", str(lines(tmp_path / "queries.jsonl", queries)),
        "--refuse", str(lines(tmp_path / "refuse.jsonl", refuse)),
    ]  # fmt: skip


def test_json_is_one_object_with_the_agreed_keys(files: list[str]) -> None:
    done = CliRunner().invoke(huashu.app, [*files, "--json"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    for figures in (report, *report["slices"].values()):
        for key in KEYS:
            assert set(figures[key]) == {"value", "n", "ci95"} and len(figures[key]["ci95"]) == 2
    assert set(report["slices"]) == {"single-turn", "needs_context"}
    assert (report["hit@1"]["n"], report["refusal_auroc"]["n"], report["latency_ms_p50"]["n"]) == (3, 4, 4)
    assert report["slices"]["single-turn"]["hit@1"] == {
        "value": 1.0,
        "n": 2,
        "ci95": pytest.approx([0.34238, 1.0], abs=1e-6),
    }
    assert report["about"]["mode"] == "hybrid"


def test_the_same_input_gives_the_same_ranking_figures(files: list[str]) -> None:
    first, second = (json.loads(CliRunner().invoke(huashu.app, [*files, "--json"]).stdout) for _ in range(2))
    for key in KEYS[:5]:
        assert first[key] == second[key]


def test_the_table_is_for_people(files: list[str]) -> None:
    done = CliRunner().invoke(huashu.app, files, env={"COLUMNS": "160"})
    assert done.exit_code == 0 and "首条命中" in done.stdout


def test_without_a_model_it_measures_words(files: list[str]) -> None:
    done = CliRunner().invoke(huashu.app, [*files, "--json", "--engine", "none"])
    assert json.loads(done.stdout)["about"]["mode"] == "lexical"


def test_wrong_input_names_file_and_line(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "queries.jsonl").write_text('{"qid": "1", "query": "在吗", "gold": ["Z"]}\n', encoding="utf-8")
    done = CliRunner().invoke(huashu.app, files)
    assert "queries.jsonl 第 1 行" in str(done.exception) and "Z" in str(done.exception)


def test_missing_options_are_explained() -> None:
    done = CliRunner().invoke(huashu.app, ["eval", "hitrate", "--engine", "none"])
    assert isinstance(done.exception, Invalid)


@pytest.mark.parametrize("shop", ONE_SHOP)
def test_the_demo_shops_have_something_honest_to_show(shop: str) -> None:
    """Gold was written apart from the phrasings; by words alone it must be neither hopeless nor perfect."""
    done = CliRunner().invoke(huashu.app, ["eval", "hitrate", "--shop", str(DEMO / shop), "--json", "--engine", "none"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["hit@1"]["n"] >= 60 and report["refusal_auroc"]["n"] - report["hit@1"]["n"] >= 20
    assert 0.3 < report["hit@1"]["value"] < 0.9
    assert report["slices"]["needs_context"]["hit@1"]["value"] > bare_hits(shop) + 0.25, (
        "found without what was said before"
    )


def bare_hits(shop: str) -> float:
    """hit@1 by words alone of the messages that need their conversation, without it."""
    cases = [case for case in read_queries(DEMO / shop / "gold.jsonl") if case.needs_context]
    with shop_from_folder(DEMO / shop, None) as shard:
        hits = [search(shard, Query(case.query, now=1), None).hits for case in cases]
    return mean(bool(found and found[0].entry.key in case.gold) for case, found in zip(cases, hits, strict=True))
