"""JSON in the shapes other tools export, as a sheet."""

from __future__ import annotations

import json

import pytest

from ingest.importer import read_file
from ingest.readers import json as json_reader
from ingest.readers import read
from kb.errors import BadFile, TooLarge

PAIR = {"question": "怎么退货", "answer": "可以", "similar": ["能退吗", "不想要了"]}


def grid(data: object, name: str = "表.json") -> list[tuple[str, ...]]:
    (sheet,) = read(json.dumps(data, ensure_ascii=False).encode(), name)
    return [row.cells for row in sheet.rows]


def test_a_list_of_objects_is_a_table() -> None:
    expected = [("question", "answer", "similar"), ("怎么退货", "可以", "能退吗\n不想要了")]
    assert grid([PAIR]) == grid({"data": [PAIR], "total": 1}) == grid(PAIR) == expected


def test_keys_that_only_some_have() -> None:
    rows = [{"a": 1, "b": {"c": True, "d": None}}, {"e": 2.5, "a": [{"x": 1}]}]
    assert grid(rows) == [("a", "b.c", "b.d", "e"), ("1", "是"), ('{"x": 1}', "", "", "2.5")]


def test_questions_as_keys_and_rows_as_lists() -> None:
    assert grid({"怎么退货": "可以", "几天发货": "两天"}) == [
        ("标准问题", "答复"),
        ("怎么退货", "可以"),
        ("几天发货", "两天"),
    ]
    assert grid([["问题", "答案"], ["怎么退货", "可以"]]) == [("问题", "答案"), ("怎么退货", "可以")]


def test_json_lines_name_the_line() -> None:
    data = (json.dumps(PAIR) + "\n\n" + json.dumps({"question": "几天发货"}) + "\n").encode()
    draft = read_file(data, "问答.jsonl")
    assert [(p.code, p.row) for p in draft.problems] == [("answer_missing", 3)]
    entry = draft.sheets[0].entries[0].entry
    assert (entry.source and entry.source.row, [p.text for p in entry.phrasings]) == (1, ["能退吗", "不想要了"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "不是完整的 JSON"),
        ("3", "不是一列"),
        ("[1, 2]", "不全是对象"),
        ("{}\n{\n", "第 2 行"),
        ("[" * 100_000, "太深"),
    ],
)
def test_what_is_no_list_is_refused(content: str, said: str) -> None:
    with pytest.raises(BadFile, match=said) as caught:
        read(content.encode(), "坏.json")
    assert "答复" in caught.value.advice


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge, match="201 种"):
        grid([{str(i): i for i in range(201)}])
    with pytest.raises(TooLarge, match="201 列"):
        grid([list(range(201))])
    monkeypatch.setattr(json_reader, "MAX_ROWS", 2)
    with pytest.raises(TooLarge, match="2 条"):
        grid([{}, {}, {}])
    monkeypatch.setattr(json_reader, "MAX_CELLS", 3)
    with pytest.raises(TooLarge, match="太多"):
        grid([{"a": 1, "b": 2}])


@pytest.mark.parametrize("content", ["", "[]", "[{}]", '[{"a": null}]'])
def test_nothing_is_no_error(content: str) -> None:
    assert all(len(sheet.rows) < 2 for sheet in read(content.encode() or b" ", "空.json"))
