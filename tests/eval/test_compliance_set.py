"""The labelled sentences about what agents may not write are whole: form, spans, balance, halves, no repeats.

They judge the checker of replies, so what they promise (docs/evaluation.md, Compliance sentences) is held here by itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rapidfuzz import fuzz, process

SET = Path(__file__).resolve().parents[2] / "eval" / "sets" / "compliance.jsonl"
LEAST = {"absolute": 200, "contact": 300, "promise": 120, "medical": 120}
PLATFORMS = {"", "淘宝", "天猫", "京东", "拼多多"}
CATEGORIES = {"", "化妆品", "食品", "保健食品", "服装", "家电", "母婴", "宠物"}
# A way out that is called by its name; every other one is an evasion.
NAMED = re.compile(
    "微信|QQ|手机号|电话|支付宝|公众号|小程序|二维码|抖音|快手|闲鱼|有赞|1688|Telegram|WeChat|现金|138001"
)

Row = dict[str, Any]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]


def half_of(key: str) -> str:
    return "held" if hashlib.sha256(f"20261122:{key}".encode()).digest()[0] % 2 else "seen"


def places(row: Row) -> list[tuple[int, int]]:
    """Begin and end of every span, as listed."""
    begins = [(row["text"].index(finding["text"]), len(finding["text"])) for finding in row["findings"]]
    return [(begin, begin + length) for begin, length in begins]


def kinds(rows: list[Row]) -> Counter[str]:
    return Counter(finding["kind"] for row in rows for finding in row["findings"])


def test_every_line_has_the_form_and_its_number(rows: list[Row]) -> None:
    fields = ["id", "text", "platform", "category", "findings", "note", "half"]
    assert all(list(row) == fields for row in rows)
    assert [row["id"] for row in rows] == [f"c{n:04d}" for n in range(1, len(rows) + 1)]
    assert {row["platform"] for row in rows} == PLATFORMS
    assert {row["category"] for row in rows} == CATEGORIES
    assert [row["id"] for row in rows if not row["note"].strip() or row["text"] != row["text"].strip()] == []


def test_a_span_stands_in_its_text_once_and_in_order(rows: list[Row]) -> None:
    """Once, so that its place is known without offsets."""
    for row in rows:
        spans = [finding["text"] for finding in row["findings"]]
        assert all(set(finding) == {"kind", "text"} and finding["kind"] in LEAST for finding in row["findings"]), row
        assert all(span.strip() == span and row["text"].count(span) == 1 for span in spans), row
        starts = [start for start, _ in places(row)]
        assert starts == sorted(starts), row


def test_spans_lie_apart_but_for_a_promise_to_heal(rows: list[Row]) -> None:
    """包治鼻炎 is both: the promise 包治 and the medical claim around it."""
    for row in rows:
        crossing = any(end > start for (_, end), (start, _) in pairwise(places(row)))
        assert not crossing or "包治" in {finding["text"] for finding in row["findings"]}, row


def test_there_are_enough_of_each(rows: list[Row]) -> None:
    assert len(rows) >= 1300
    assert 0.5 <= sum(bool(row["findings"]) for row in rows) / len(rows) <= 0.6
    found = kinds(rows)
    assert {kind: found[kind] for kind, least in LEAST.items() if found[kind] < least} == {}
    ways = [f["text"] for row in rows for f in row["findings"] if f["kind"] == "contact"]
    assert sum(not NAMED.search(way) for way in ways) >= 250
    assert sum(len({f["kind"] for f in row["findings"]}) > 1 for row in rows) >= 30


def test_the_halves_are_drawn_by_the_number_alone_and_alike(rows: list[Row]) -> None:
    assert all(row["half"] == half_of(row["id"]) for row in rows)
    seen = [row for row in rows if row["half"] == "seen"]
    assert 0.45 <= len(seen) / len(rows) <= 0.55
    found, all_found = kinds(seen), kinds(rows)
    assert all(0.4 <= found[kind] / all_found[kind] <= 0.6 for kind in LEAST)


def test_no_two_are_nearly_the_same(rows: list[Row]) -> None:
    texts = [row["text"] for row in rows]
    alike = process.cdist(texts, texts, scorer=fuzz.token_sort_ratio, score_cutoff=92)
    first, second = np.nonzero(np.triu(alike > 92, k=1))
    assert [(texts[a], texts[b]) for a, b in zip(first, second, strict=True)] == []


def test_telephone_numbers_are_invented(rows: list[Row]) -> None:
    for row in rows:
        bare = re.sub(r"[\s.·*\-]", "", unicodedata.normalize("NFKC", row["text"]))
        for number in re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", bare):
            assert number == "13800138000", row
