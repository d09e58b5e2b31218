"""The workbook and the JSON: equal bytes, numbers as numbers, texts that no spreadsheet takes for formulas."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.paper import xlsx
from eval.paper.json_ import FORM, to_json
from eval.paper.paper import Paper, Sheet, about
from eval.paper.write import write
from papers import a_paper


def test_all_forms_are_written_and_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    def forms(name: str) -> tuple[Path, ...]:
        stem = tmp_path / name
        return write(
            a_paper(),
            html=stem.with_suffix(".html"),
            xlsx=stem.with_suffix(".xlsx"),
            json_file=stem.with_suffix(".json"),
        )

    first, second = forms("a"), forms("b")
    assert [path.suffix for path in first] == [".html", ".xlsx", ".json"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert write(a_paper()) == ()


@pytest.mark.parametrize(
    "text", ["=1+1", "@SUM(A1)", "-10元", "+86", '=HYPERLINK("http://x")', "\t=1", "http://example.com"]
)
def test_no_text_becomes_a_formula_or_a_link(text: str, tmp_path: Path) -> None:
    xlsx.write_xlsx(a_paper(text), tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        for name in archive.namelist():
            assert not re.search(rb"<f>|<hyperlink", archive.read(name)), name
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx")["明细"]["B2"].value
    assert cell == (text if text.startswith("http") else "'" + text)


def test_numbers_stay_numbers_and_long_ones_keep_their_digits(tmp_path: Path) -> None:
    xlsx.write_xlsx(a_paper(), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["报告", "指标", "一段话", "明细"]
    assert [cell.value for cell in book["指标"][2]] == [
        "一段话", "询单转化率", 23.12, 21.21, 25.03, "%", 20000, "付款会话 ÷ 咨询会话",
    ]  # fmt: skip
    assert [[cell.value for cell in row] for row in book["明细"]["A2:B4"]] == [
        [1, "一段话"], [2, None], ["100000000000000000", None],
    ]  # fmt: skip


def test_rows_beyond_a_sheet_go_on_in_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "_MAX_ROWS", 2)
    monkeypatch.setattr(xlsx, "_IN_MEMORY", 2)
    rows = [(number, "字" * 40_000) for number in range(5)]
    xlsx.write_xlsx(Paper("t", (), about(), (), (Sheet("行", ("n", "字"), rows),)), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["报告", "行", "行 (2)", "行 (3)"]
    assert [book[name].cell(row, 1).value for name in book.sheetnames[1:] for row in (2, 3)] == [0, 1, 2, 3, 4, None]
    assert len(book["行"]["B2"].value) == 32_767


@given(st.lists(st.text(max_size=40), max_size=6))
def test_sheets_get_names_that_a_spreadsheet_takes(names: list[str]) -> None:
    taken: set[str] = set()
    given_ = [xlsx._named(name, taken) for name in names]
    assert len({name.lower() for name in given_}) == len(names)
    for name in given_:
        assert 0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) and name == name.strip("'")


def test_json_keeps_full_precision_and_has_no_number_that_json_lacks() -> None:
    told = json.loads(json.dumps(to_json(a_paper()), allow_nan=False))
    assert told["form"] == FORM and told["about"]["种子"] == "7"
    figures = told["sections"][0]["parts"][2]
    assert figures["rows"][0]["ci95"] == [0.2121, 0.2503] and figures["rows"][2]["value"] is None
    assert [part["kind"] for part in told["sections"][0]["parts"]] == ["prose", "warning", "figures", "plot"]
    assert told["rows"]["明细"][1] == {"编号": 2, "一段话": None}
