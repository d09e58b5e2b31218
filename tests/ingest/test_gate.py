"""What may not be parsed is turned away before any parser sees it, with the file's name and a way out."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pytest

import office
from cost import cost
from ingest import gate
from ingest.gate import Format, check, display_name, package
from ingest.gate.package import refuse_declarations
from ingest.readers import read
from kb.errors import BadFile, HuashuError, TooLarge

Make = Callable[..., bytes]
CASES = {
    "xlsx": lambda make: make({"表": [["a"]]}),
    "docx": lambda _: office.docx_bytes(["问：a"]),
    "ods": lambda _: office.ods_bytes({"表": [["a"]]}),
}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def zipped(members: dict[str, bytes], *, book: bool = True) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in ({"[Content_Types].xml": b"x", "xl/workbook.xml": b"x"} if book else {}).items():
            archive.writestr(name, data)
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_workbooks_and_text_pass(make_xlsx: Make) -> None:
    assert check(make_xlsx({"表": [["a"]]}), "商品表.XLSX") is Format.XLSX
    assert check("问题,答案".encode("gb18030"), "常见问题.csv") is Format.TABLE
    assert check(b"a\tb", "a.tsv") is Format.TABLE
    assert check("问题\t答案".encode("utf-16"), "Unicode 文本.txt") is Format.TEXT


@pytest.mark.parametrize(
    "name", ["旧表.xlsb", "说明.doc", "说明.wps", "说明.odt", "打包.zip", "表.numbers", "照片.png", "表"]
)
def test_other_formats_are_told_what_to_do(name: str) -> None:
    with pytest.raises(BadFile) as caught:
        check(OLE, name)
    assert name in caught.value.message
    assert any(word in caught.value.advice for word in ("xlsx", "docx", "解压"))


def test_every_readable_format_passes(make_xlsx: Make) -> None:
    """By what a file is, where the name leaves it open: half of all .xls from shop systems are something else."""
    old, new = office.xls_bytes({"表": [["a"]]}), make_xlsx({"表": [["a"]]})
    for data, name, expected in [
        (old, "a.xls", Format.XLS),
        (old, "a.et", Format.XLS),
        (old, "a.xlsx", Format.XLS),
        (new, "a.xls", Format.XLSX),
        ("款号\t品名".encode("gbk"), "a.xls", Format.TABLE),
        (office.ods_bytes({"表": [["a"]]}), "a.ods", Format.ODS),
        (office.docx_bytes(["a"]), "a.docx", Format.DOCX),
        (office.pdf_bytes([["a"]]), "a.pdf", Format.PDF),
        (b"# a", "a.md", Format.MARKDOWN),
        (b"[]", "a.jsonl", Format.JSON),
    ]:
        assert check(data, name) is expected, name


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "空.csv"),
        (b"PK\x03\x04....", "其实是表格.csv"),
        (b"%PDF-1.7", "其实是文档.txt"),
        (b"a,\x00b", "二进制.csv"),
        (b"<html><table></table></html>", "网页.xls"),
        (b"plain text", "文本.pdf"),
        (b"plain text", "文本.docx"),
        (OLE, "旧文档.docx"),
        (zipped({}), "其实是表格.docx"),
        (zipped({}), "其实是表格.ods"),
        (b"PK\x03\x04 cut", "断了.xlsx"),
        (b"plain text", "文本.xlsx"),
        (zipped({"word/document.xml": b"x"}, book=False), "其实是文档.xlsx"),
        (zipped({"../../etc/passwd": b"x"}), "越界.xlsx"),
        (zipped({"/etc/passwd": b"x"}), "越界.xlsx"),
        (zipped({"C:\\windows\\x": b"x"}), "越界.xlsx"),
    ],
)
def test_content_must_be_what_the_name_says(data: bytes, name: str) -> None:
    with pytest.raises(BadFile) as caught:
        check(data, name)
    assert name in caught.value.message


def test_an_encrypted_member_is_refused() -> None:
    data = bytearray(zipped({}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + offset] |= 1
    with pytest.raises(BadFile, match="密码"):
        check(bytes(data), "加密.xlsx")


@pytest.mark.parametrize("name", ["加密.xlsx", "加密.xls", "加密.docx"])
def test_a_password_is_called_a_password(name: str) -> None:
    with pytest.raises(BadFile, match="密码") as caught:
        check(office.compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}), name)
    assert "去掉密码" in caught.value.advice


def test_a_locked_ods_is_told_by_its_manifest() -> None:
    locked = office.ods_bytes({"表": [["a"]]}, manifest='<m:manifest xmlns:m="x"><m:encryption-data/></m:manifest>')
    with pytest.raises(BadFile, match="密码"):
        check(locked, "加密.ods")


DECLARED = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
FOREIGN = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("declared", [DECLARED, FOREIGN, "\ufeff<!DOCTYPE x SYSTEM 'http://x/'>".encode("utf-16-le")])
def test_no_part_of_a_package_may_declare_anything(kind: str, declared: bytes, make_xlsx: Make) -> None:
    whole = CASES[kind](make_xlsx)
    refuse_declarations(whole, "好.zip")
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for place in ("theme.bin", "deep/in/a/part.xml"):
        with pytest.raises(BadFile, match="异常"):
            refuse_declarations(office.package({**members, place: declared + b"<x/>"}), "坏.zip")


def test_a_prolog_without_end_is_no_way_around() -> None:
    late = b"<!--" + b"x" * 100_000 + b"-->" + DECLARED + b"<x/>"
    with pytest.raises(BadFile, match="异常"):
        refuse_declarations(office.package({"a.xml": late}), "坏.zip")


def test_a_hundred_thousand_members_are_not_even_listed() -> None:
    line = b"PK\x01\x02" + b"\0" * 42
    end = b"PK\x05\x06" + b"\0" * 4 + struct.pack("<HHIIH", 0xFFFF, 0xFFFF, len(line) * 100_000, 4, 0)
    data = b"PK\x03\x04" + line * 100_000 + end

    def checked() -> None:
        with pytest.raises(TooLarge, match="100000 个部件"):
            check(data, "多.docx")

    assert cost(checked) < 0.05


def test_a_zip_inside_is_only_a_member(make_xlsx: Make) -> None:
    """Nothing opens it, so a bomb in there stays one; Word itself keeps the sheets of its charts so."""
    inner = zipped({"x": b"0" * 900_000})
    with zipfile.ZipFile(io.BytesIO(make_xlsx({"表": [["a"]]}))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    data = office.package({**members, "xl/embeddings/bomb.zip": inner})
    assert check(data, "表.xlsx") is Format.XLSX
    assert [row.cells for row in read(data, "表.xlsx")[0].rows] == [("a",)]


def test_limits_are_stated() -> None:
    with pytest.raises(TooLarge, match="20 MB"):
        check(b"a" * (gate.MAX_BYTES + 1), "大.csv")
    with pytest.raises(TooLarge, match="2000"):
        check(zipped({f"xl/{i}": b"" for i in range(package.MAX_MEMBERS)}), "多.xlsx")
    with pytest.raises(TooLarge, match="压缩比"):
        check(zipped({"xl/bomb.xml": b"0" * 3_000_000}), "炸弹.xlsx")


def test_the_unpacked_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_UNPACKED", 1000)
    with pytest.raises(TooLarge, match="展开"):
        check(zipped({"xl/a.xml": b"ab" * 1000}), "大.xlsx")


def test_names_lose_folders_and_control_characters() -> None:
    assert display_name("C:\\用户\\商品\n表.xlsx") == "商品表.xlsx"
    assert display_name("../../a/b.csv") == "b.csv"
    assert display_name("\udcff/") == "未命名文件"
    assert len(display_name("长" * 500 + ".csv")) == 120


def test_every_refusal_is_ours() -> None:
    with pytest.raises(HuashuError):
        check(b"x", "")
