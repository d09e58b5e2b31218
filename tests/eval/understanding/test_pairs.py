"""Minimal pairs: the set keeps its promises, and the measurement counts what it says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import huashu
from cli.places import PAIRS
from eval.interval import proportion
from eval.understanding.pairs import Pair, measure, read_pairs
from kb.embed import Vectors
from kb.errors import BadFile
from kb.language.text import fold
from making import BagEngine

SET = read_pairs(PAIRS)
KINDS = {
    "ability", "number_unit", "storage_model", "size", "grade", "aftersale", "which_time", "before_after", "colour",
    "payer", "gender", "age", "hot_cold", "on_off", "e_invoice", "vat_invoice", "title_invoice", "courier", "deposit",
    "cancel", "address_phone", "question_word", "done_yet", "whole_single", "first_second", "online_store",
}  # fmt: skip


def test_the_set_is_as_large_and_as_broad_as_promised() -> None:
    counts = Counter(pair.kind for pair in SET)
    assert set(counts) == KINDS and min(counts.values()) >= 20 and len(SET) >= 320
    assert len({pair.id for pair in SET}) == len({fold(pair.message) for pair in SET}) == len(SET)


def test_who_always_prefers_one_side_is_right_half_the_time() -> None:
    sides: dict[tuple[str, ...], Counter[int]] = {}
    for pair in SET:
        sides.setdefault((pair.kind, *pair.entries), Counter())[pair.gold] += 1
    for (_, *entries), golds in sides.items():
        assert set(golds) == set(range(len(entries))) and len(set(golds.values())) == 1, entries


def test_no_message_is_one_of_its_questions() -> None:
    for pair in SET:
        assert fold(pair.message) not in {fold(text) for text in pair.entries}
        assert len({fold(text) for text in pair.entries}) == len(pair.entries)


PAIRS = [
    Pair("1", "k", ("怎么退货", "怎么换货"), "想换货怎么弄", 1),
    Pair("2", "k", ("怎么退货", "怎么换货"), "想退货怎么弄", 0),
    Pair("3", "k", ("怎么退货", "怎么换货"), "想换货怎么弄呢", 0),  # planted: the label says the other
    Pair("4", "other", ("512克多重", "256克多重"), "512克多重呢亲", 0),
]


def test_the_meant_entry_must_stand_above_its_rivals() -> None:
    report = measure(PAIRS, BagEngine())
    assert [one.won for one in report.judged] == [True, True, False, True]
    assert [one.cosine_won for one in report.judged] == [True, True, False, True]
    assert [one.pair.id for one in report.lost] == ["3"] and report.lost[0].chosen == "怎么换货"
    figures = report.to_json()
    low, high = proportion(3, 4)
    assert low is not None and high is not None
    assert figures["accuracy"] == {
        "value": 0.75,
        "n": 4,
        "ci95": [pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6)],
    }
    assert set(figures["kinds"]) == {"k", "other"}  # type: ignore[call-overload]


class Blind(BagEngine):
    """All texts lie on one spot."""

    fingerprint = "blind/test"

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dim), np.float32)
        rows[:, 0] = 1
        return rows


def test_a_tie_is_not_won_by_the_cosine() -> None:
    assert not any(one.cosine_won for one in measure(PAIRS, Blind()).judged)


def test_without_a_model_there_is_no_baseline_and_not_finding_is_losing() -> None:
    strange = Pair("5", "k", ("怎么退货", "怎么换货"), "zzz", 1)
    report = measure([*PAIRS, strange], None)
    assert all(one.cosine_won is None for one in report.judged)
    assert report.to_json()["cosine"] == {"value": None, "n": 0, "ci95": [None, None]}
    assert ("5", "") in [(one.pair.id, one.chosen) for one in report.lost]


def file(tmp_path: Path, *rows: dict[str, object]) -> Path:
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


GOOD = {"id": "1", "kind": "size", "entries": ["S码多大", "M码多大"], "message": "M的呢", "gold": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"gold": 2}, {"gold": -1}, {"gold": True}, {"gold": "1"}, {"gold": None}, {"entries": ["只有一条"]},
        {"entries": ["同一条", "同一条"]}, {"entries": ["有", " "]}, {"message": " "}, {"kind": ""}, {"id": None},
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(BadFile, match="第 2 行"):
        read_pairs(file(tmp_path, GOOD, {**GOOD, **wrong}))


def test_an_empty_file_measures_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="没有用例"):
        read_pairs(file(tmp_path))


def test_the_command_shows_a_table_and_what_was_lost(tmp_path: Path) -> None:
    path = str(file(tmp_path, GOOD, {**GOOD, "id": "2", "message": "S码多大呀亲"}))
    shown = CliRunner().invoke(huashu.app, ["eval", "pairs", path, "--engine", "none"], env={"COLUMNS": "120"})
    assert shown.exit_code == 0, shown.output
    assert "全部 all" in shown.stdout and "2  S码多大呀亲" in shown.stdout
    as_json = CliRunner().invoke(huashu.app, ["eval", "pairs", path, "--engine", "none", "--json"])
    report = json.loads(as_json.stdout)
    assert report["accuracy"]["n"] == 2 and report["kinds"]["size"] and report["about"]["engine"] == "none"
