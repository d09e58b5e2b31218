"""Files become rows of text: encodings, delimiters, quirks of spreadsheets, and bounds."""

from __future__ import annotations

import datetime as dt
import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import charset_normalizer
import openpyxl
import pytest
from charset_normalizer import CharsetMatches
from openpyxl.worksheet.worksheet import Worksheet

from ingest.readers import csv as csv_reader
from ingest.readers import read
from ingest.readers import xlsx as xlsx_reader
from ingest.sheet import cell_text, column_letter, tidy
from kb.errors import BadFile, TooLarge

Make = Callable[..., bytes]
ROWS = [["问题", "答案"], ["怎么退货", "亲，七天内都可以退的哦"], ["几天发货", "四十八小时内发出"]]


def cells(data: bytes, name: str = "表.csv") -> list[tuple[str, ...]]:
    (sheet,) = read(data, name)
    return [row.cells for row in sheet.rows]


def book(fill: Callable[[Worksheet], None]) -> bytes:
    workbook = openpyxl.Workbook()
    fill(workbook.active)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def with_sheet_xml(rows: str) -> bytes:
    """A workbook whose sheet was written by hand."""
    xml = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(lambda _: None))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else source.read(name))
    return out.getvalue()


# -- text files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_every_encoding_and_delimiter_reads_alike(make_csv: Make, encoding: str, delimiter: str) -> None:
    assert cells(make_csv(ROWS, encoding, delimiter)) == [tuple(row) for row in ROWS]


def test_broken_bytes_do_not_turn_a_file_into_another_encoding() -> None:
    text = "问题,答案\n怎么退货,七天内可以退\n".encode()
    broken = text.replace("货".encode(), "货".encode()[:2])
    assert cells(broken)[1] == ("怎么退\ufffd", "七天内可以退")


def test_a_cut_gbk_file_is_still_gbk(make_csv: Make) -> None:
    data = make_csv([*ROWS, ["最后一行", "被切断"]], "gbk").rstrip()[:-1]
    assert cells(data)[1] == tuple(ROWS[1])


def test_another_encoding_is_detected_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = "Größe,Maß\nübergroß,natürlich\n".encode("cp1252")
    assert cells(data)[0][0].startswith("Gr")
    monkeypatch.setattr(charset_normalizer, "from_bytes", lambda _: CharsetMatches([]))
    with pytest.raises(BadFile, match="编码"):
        read(data, "乱.csv")


def test_row_numbers_are_those_of_the_spreadsheet() -> None:
    (sheet,) = read(b'a,b\n\n"x\ny",c\n,,\nlast,d\n', "表.csv")
    assert [(row.number, row.cells[0]) for row in sheet.rows] == [(1, "a"), (3, "x\ny"), (5, "last")]


def test_commas_inside_quotes_and_line_ends_survive() -> None:
    assert cells('q,a\r\n"亲,您好","第一行\r\n第二行"\r\n'.encode())[1] == ("亲,您好", "第一行\r\n第二行")


def test_one_column_needs_no_delimiter() -> None:
    assert cells("快捷短语\n亲，在的\n".encode()) == [("快捷短语",), ("亲，在的",)]


def test_a_quote_that_never_ends_names_its_line() -> None:
    with pytest.raises(BadFile, match="引号"):
        read(('a,b\n"' + "x" * 200_000).encode(), "表.csv")


def test_a_blank_file_has_no_sheets() -> None:
    assert read(b"\n , \n", "空白.csv") == []


def test_text_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge, match="201 列"):
        read(b",".join([b"x"] * 201), "宽.csv")
    monkeypatch.setattr(csv_reader, "MAX_ROWS", 2)
    with pytest.raises(TooLarge, match="2 行"):
        read(b"a\nb\nc\n", "长.csv")


def test_a_path_is_read_and_a_missing_one_is_ours(tmp_path: Path) -> None:
    (tmp_path / "表.csv").write_bytes(b"a,b\n")
    assert read(tmp_path / "表.csv")[0].rows[0].cells == ("a", "b")
    with pytest.raises(BadFile, match="没有"):
        read(tmp_path / "没有.csv")


# -- workbooks


def test_cells_are_shown_as_the_spreadsheet_shows_them() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append([129.0, 29.9, 0.1 + 0.2, True, dt.datetime(2026, 11, 1, 8), dt.date(2026, 11, 11), " 字\u3000"])
        sheet.append([0.25, "=1+1", "第一行_x000D_\n第二行", 6.9e17])
        sheet["A2"].number_format = "0%"

    assert cells(book(fill), "表.xlsx") == [
        ("129", "29.9", "0.3", "是", "2026-11-01 08:00:00", "2026-11-11", "字"),
        ("25%", "", "第一行\n第二行", "690000000000000000"),
    ]


def test_hidden_and_empty_sheets_are_left_out(make_xlsx: Make) -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(make_xlsx({"看得见": [["a"]], "隐藏": [["b"]], "空": []})))
    workbook["隐藏"].sheet_state = "hidden"
    out = io.BytesIO()
    workbook.save(out)
    assert [sheet.name for sheet in read(out.getvalue(), "表.xlsx")] == ["看得见"]


def test_blank_rows_and_columns_are_trimmed(make_xlsx: Make) -> None:
    (sheet,) = read(make_xlsx({"表": [["a", None, "b", " ", None], [None], ["c"], [" "]]}), "表.xlsx")
    assert [(row.number, row.cells) for row in sheet.rows] == [(1, ("a", "", "b")), (3, ("c",))]
    assert sheet.rows[1].cell(7) == ""


def test_a_cell_in_the_last_corner_is_refused_quickly() -> None:
    # 1.4 KB that made two Rust readers ask for 550 GB and abort the process (calamine #693).
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "x"
        sheet["XFD1048576"] = "y"

    started = time.perf_counter()
    with pytest.raises(TooLarge, match="16384 列"):
        read(book(fill), "角落.xlsx")
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2000000000"><c r="A2000000000" t="inlineStr"><is><t>x</t></is></c></row>',
        "".join(f'<row r="{i}"><c r="XFD{i}"/></row>' for i in range(1, 1300)),
    ],
)
def test_work_is_bounded_whatever_a_sheet_claims(rows: str) -> None:
    with pytest.raises(TooLarge, match="单元格太多"):
        read(with_sheet_xml(rows), "宽.xlsx")


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch, make_xlsx: Make) -> None:
    monkeypatch.setattr(xlsx_reader, "MAX_ROWS", 2)
    with pytest.raises(TooLarge, match="超过 2 行"):
        xlsx_reader.read_workbook(make_xlsx({"表": [["a"], ["b"], ["c"]]}), "长.xlsx")


@pytest.mark.parametrize(
    "rows", ['<row r="1"><c r="ZZZZZ1"><v>1</v></c></row>', '<row r="1"><c r="A1"><v>abc</v></c></row>', "<row"]
)
def test_broken_sheets_are_bad_files(rows: str) -> None:
    with pytest.raises(BadFile, match="打不开"):
        read(with_sheet_xml(rows), "坏.xlsx")


def test_entities_are_never_expanded() -> None:
    bomb = with_sheet_xml("<row/>")
    declared = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bomb)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(b'<?xml version="1.0"?>', declared) if "sheet1" in name else data)
    with pytest.raises(BadFile):
        read(out.getvalue(), "炸弹.xlsx")


def test_error_cells_and_infinities_are_blank() -> None:
    rows = '<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1"><v>1e999</v></c><c r="C1"><v>3</v></c></row>'
    assert cells(with_sheet_xml(rows), "表.xlsx") == [("", "", "3")]


# -- nouns


def test_columns_are_lettered() -> None:
    assert [column_letter(i) for i in (0, 25, 26, 701)] == ["A", "Z", "AA", "ZZ"]


def test_text_is_tidied_of_what_nobody_sees() -> None:
    assert tidy("\ufeff\u200b 款号\u3000\x00") == "款号"
    assert tidy("a\x0bb\ud800c") == "abc"
    assert cell_text(dt.time(8, 30)) == "08:30:00"
    assert cell_text(None) == ""
