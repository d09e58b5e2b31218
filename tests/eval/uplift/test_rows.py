"""Conversation rows: what is written is read back; what is wrong is named with its line and column."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.rows.reading import Named, read_rows
from eval.rows.rows import COLUMNS, NUMBERS, TEXTS, ConversationRow, rows_of, write_rows
from kb.errors import BadFile


def a_row(number: int = 1, **other: object) -> ConversationRow:
    given_ = {"unit": f"c{number}", "arm": "treatment" if number % 2 else "control", **other}
    return ConversationRow(f"c{number}", "青萝", "小林", "2026-11-03/白班", "2026-11-03", 1_793_664_000, "e1", **given_)  # type: ignore[arg-type]


HEAD = "conversation,arm,converted,paid\n"


def refused(path: Path, text: str, named: Named | None = None) -> str:
    path.write_bytes(text.encode())
    with pytest.raises(BadFile) as error:
        read_rows(path, named)
    return error.value.message


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(str.strip)
amounts = st.floats(0, 1e6).map(lambda value: round(value, 2))
unknown = st.none() | amounts


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(texts, amounts, unknown), min_size=1, max_size=6))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, float, float | None]]
) -> None:
    rows = [
        a_row(number, platform=text, paid=paid, first_reply_s=reply, segments={"档次": text})
        for number, (text, paid, reply) in enumerate(drawn)
    ]
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    write_rows(rows, path, ("档次",))
    wanted, found = rows_of(rows), read_rows(path)
    for name in NUMBERS:
        np.testing.assert_allclose(found.number(name), wanted.number(name), rtol=1e-11)
    for name in (*TEXTS, "档次"):
        there, back = wanted.text(name), found.text(name)
        assert [back.names[code] for code in back.codes] == [there.names[code] for code in there.codes]
    assert found.covariates == wanted.covariates


def test_the_three_formats_say_the_same(tmp_path: Path) -> None:
    import xlsxwriter

    rows = [a_row(number, converted=number % 2, paid=9.5 * (number % 2)) for number in range(1, 9)]
    write_rows(rows, tmp_path / "a.csv")
    lines = (json.dumps({name: getattr(row, name) for name in COLUMNS}, ensure_ascii=False) for row in rows)
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet()
    for line, cells in enumerate([COLUMNS, *([getattr(row, name) for name in COLUMNS] for row in rows)]):
        sheet.write_row(line, 0, cells)
    book.close()
    first, *others = (read_rows(tmp_path / f"a.{kind}") for kind in ("csv", "jsonl", "xlsx"))
    for other in others:
        np.testing.assert_array_equal(other.net(), first.net())
        assert [*other.text("unit").names] == [*first.text("unit").names] == [row.unit for row in rows]


def test_a_file_of_excel_in_chinese_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_bytes((HEAD + "甲,对照组,1,9.5\n").encode("gb18030"))
    assert read_rows(tmp_path / "g.csv").arms() == ["对照组"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "没有表头"),
        (HEAD, "没有数据"),
        ("conversation,paid\nc1,2\n", "缺少列：arm、converted"),
        ("conversation,arm,arm,converted\n", "重复的列：arm"),
        (HEAD + "c1,control,1,2\n\nc2,control,2,2\n", "第 4 行“converted”应是 0 或 1，现在是“2”"),
        (HEAD + 'c1,"a\nb",1,2\nc2,control,,2\n', "第 4 行“converted”没有填"),
        (HEAD + "c1,control,1,￥2\n", "第 2 行“paid”应是数字，现在是“￥2”"),
        (HEAD + "c1,control,1,nan\n", "第 2 行“paid”应是数字"),
        (HEAD + "c1,control,1,inf\n", "第 2 行“paid”应是数字"),
        (HEAD + "c1,control,1,-2\n", "第 2 行“paid”不应小于 0"),
        (HEAD + "c1,,1,2\n", "第 2 行“arm”没有填"),
        (HEAD + "c1,control,1,2\nc2,control,1,2\nc1,control,1,2\n", "第 4 行的会话“c1”前面已经有了"),
        (HEAD + "c1,control,1\n", "第 1 条数据有 3 格，表头有 4 格"),
        (HEAD + 'c1,"control,1\n', "不是合格的 csv"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    assert told in refused(tmp_path / "会话.csv", text)


def test_a_telephone_number_in_a_cell_is_not_repeated(tmp_path: Path) -> None:
    assert "13812345678" not in refused(tmp_path / "a.csv", HEAD + "c1,control,1,电话13812345678\n")


def test_a_foreign_file_needs_its_columns_named(tmp_path: Path) -> None:
    text = "id,group,bought,money,age,city\n1,A,0,0,31,杭州\n2,B,1,20,,北京\n"
    named = Named("group", "bought", "money", covariates=("age", "city"))
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    rows = read_rows(tmp_path / "f.csv", named)
    assert rows.arms() == ["A", "B"] and rows.covariates == ("age", "city")
    assert rows.number("converted").tolist() == [0, 1] and rows.net().tolist() == [0, 20]
    np.testing.assert_array_equal(rows.number("age"), [31, np.nan])
    assert rows.text("city").used() == ["北京", "杭州"] and rows.text("unit").used() == ["1", "2"]
    assert "缺少列：grp" in refused(tmp_path / "f.csv", text, Named("grp", "bought"))


def test_a_covariate_called_as_one_of_our_numbers_stays_theirs(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("g,y,paid\na,1,7\nb,0,5\n", encoding="utf-8")
    rows = read_rows(tmp_path / "f.csv", Named("g", "y", covariates=("paid",)))
    assert rows.covariates == ("paid (before)",) and not rows.knows("paid")


def test_a_person_in_a_segment_is_masked_and_ids_are_left(tmp_path: Path) -> None:
    """Segments are named in reports; what was assigned must stay apart, whatever it is called."""
    rows = [a_row(n, scene="找13912345678", unit=f"1391234567{n}", segments={"来源": "13812345678"}) for n in (1, 2)]
    write_rows(rows, tmp_path / "a.csv", ("来源",))
    found = read_rows(tmp_path / "a.csv")
    assert "5678" not in "".join((*found.text("scene").names, *found.text("来源").names))
    assert len(set(found.text("unit").codes)) == 2
    assert found.text("shift").names == ("2026-11-03/白班",) and found.text("day").names == ("2026-11-03",)
    named = read_rows(tmp_path / "a.csv", Named("arm", "converted", segments=("来源",)))
    assert "5678" not in "".join(named.text("来源").names)


def test_a_sum_that_nobody_pays_is_refused(tmp_path: Path) -> None:
    """One slip of the pen would be the whole report; its square is infinite."""
    assert "第 2 行“paid”大得不像真的" in refused(tmp_path / "a.csv", HEAD + "c,control,1,1e308\n")
