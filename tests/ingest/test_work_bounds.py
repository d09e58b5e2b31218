"""What a file may cost: a few kilobytes once bought minutes of work, sheet by sheet and line by line."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import openpyxl
import pytest

from cost import cost
from damage import whole
from ingest.importer import read_file
from ingest.readers import read
from kb.errors import BadFile, HuashuError, TooLarge
from office import altered, docx_bytes, package


def far_workbook(sheets: int) -> bytes:
    """Each sheet holds A1 and A1048576: a million empty rows between them."""
    book = openpyxl.Workbook()
    for _ in range(sheets - 1):
        book.create_sheet()
    buffer = io.BytesIO()
    book.save(buffer)
    rows = '<row r="1"><c r="A1"/></row><row r="1048576"><c r="A1048576"/></row>'
    out = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename.startswith("xl/worksheets/sheet"):
                data = data.replace(b"<sheetData/>", f"<sheetData>{rows}</sheetData>".encode())
            new.writestr(item.filename, data)
    return out.getvalue()


def test_thirty_far_sheets_cost_no_more_than_a_few() -> None:
    assert_refused_cheaply(far_workbook(30), "远格.xlsx")


def test_a_workbook_of_too_many_sheets_is_refused() -> None:
    with pytest.raises(TooLarge, match="工作表"):
        read_file(far_workbook(60), "很多表.xlsx")


@pytest.mark.parametrize(
    "data", [b"\n" * 5_000_000, b"," * 5_000_000, b'"",' * 1_000_000, (b"ab," * 199 + b"\n") * 20_000]
)
def test_empty_lines_and_cells_cost_little(data: bytes) -> None:
    assert_refused_cheaply(data, "空.csv")


def assert_refused_cheaply(data: bytes, name: str) -> None:
    """Parsed here too: the time of the process that parses files is not this thread's."""

    def parsed() -> None:
        with suppress(HuashuError):
            read(data, name)

    def refused() -> None:
        with pytest.raises(HuashuError):
            read_file(data, name)

    assert cost(parsed) < 0.1
    assert cost(refused) < 0.5


BOMB = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 1000 + b'">' + b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">' * 2 + b"]>"
XXE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
PARTS = [
    ("xlsx", "xl/workbook.xml"),
    ("xlsx", "xl/worksheets/sheet1.xml"),
    ("docx", "word/document.xml"),
    ("ods", "content.xml"),
]


@pytest.mark.parametrize(("extension", "part"), PARTS)
@pytest.mark.parametrize("declaration", [BOMB, XXE])
def test_no_entity_is_ever_expanded(extension: str, part: str, declaration: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(whole(extension))) as archive:
        first = archive.read(part)
    root = first[first.find(b"<", first.find(b"?>") + 2 if b"?>" in first else 0) :][:40]
    with pytest.raises(BadFile, match="异常"):
        read_file(altered(whole(extension), part, {root: declaration + root}), f"炸弹.{extension}")


def test_counts_are_not_believed() -> None:
    """A table of shared strings that says it has four billion, and a million columns merged in Word."""
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    lie = altered(
        whole("xlsx"),
        "[Content_Types].xml",
        {b"</Types>": b'<Override PartName="/xl/strings.xml" ContentType="' + kind + b'"/></Types>'},
    )
    with zipfile.ZipFile(io.BytesIO(lie)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    members["xl/strings.xml"] = (
        b"<sst " + space + b' count="4294967295" uniqueCount="4294967295"><si><t>a</t></si></sst>'
    )
    cells = b'<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    members["xl/worksheets/sheet1.xml"] = b"<worksheet " + space + b"><sheetData>" + cells + b"</sheetData></worksheet>"
    assert read(package(members), "表.xlsx")[0].rows[0].cells == ("a",)
    wide = docx_bytes([[["a", "b"]]])
    wide = altered(wide, "word/document.xml", {b"<w:tcPr>": b'<w:tcPr><w:gridSpan w:val="1000000"/>'})
    with pytest.raises(TooLarge, match="太宽"):
        read(wide, "宽.docx")


def test_a_million_columns_are_refused() -> None:
    with pytest.raises(TooLarge, match="1000000 列"):
        read_file(b",".join([b"x"] * 1_000_000), "宽.csv")
    with pytest.raises(TooLarge, match="1000000 列"):
        read_file(b"[[" + b",".join([b"1"] * 1_000_000) + b"]]", "宽.json")


@pytest.mark.parametrize(
    "line",
    ["时间：" + "1" * 5_000 + "-" * 5_000, "活动时间：1月2日" + "(a)" * 6_000, "活动时间：" + "1月2日至" * 3_000],
)
def test_a_line_that_looks_like_a_time_costs_no_more_than_its_length(line: str) -> None:
    file = f"通知\n{line}\n内容".encode()
    assert cost(lambda: read(file, "通知.txt")) < 0.1  # the first once took twenty minutes
