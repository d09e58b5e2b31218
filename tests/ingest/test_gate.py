"""What may not be parsed is turned away before any parser sees it, with the file's name and a way out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from ingest import gate
from ingest.gate import Format, check, display_name
from kb.errors import BadFile, HuashuError, TooLarge

Make = Callable[..., bytes]
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
    assert check("问题,答案".encode("gb18030"), "常见问题.csv") is Format.TEXT
    assert check(b"a\tb", "a.tsv") is Format.TEXT
    assert check("问题\t答案".encode("utf-16"), "Unicode 文本.txt") is Format.TEXT


@pytest.mark.parametrize(
    "name", ["旧表.xls", "说明.docx", "说明.pdf", "说明.doc", "打包.zip", "表.et", "照片.png", "表"]
)
def test_other_formats_are_told_what_to_do(name: str) -> None:
    with pytest.raises(BadFile) as caught:
        check(OLE, name)
    assert name in caught.value.message
    assert "xlsx" in caught.value.advice or "解压" in caught.value.advice


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "空.csv"),
        (b"PK\x03\x04....", "其实是表格.csv"),
        (b"%PDF-1.7", "其实是文档.txt"),
        (b"a,\x00b", "二进制.csv"),
        (OLE, "加密.xlsx"),
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


def test_limits_are_stated() -> None:
    with pytest.raises(TooLarge, match="20 MB"):
        check(b"a" * (gate.MAX_BYTES + 1), "大.csv")
    with pytest.raises(TooLarge, match="2000"):
        check(zipped({f"xl/{i}": b"" for i in range(gate.MAX_MEMBERS)}), "多.xlsx")
    with pytest.raises(TooLarge, match="压缩比"):
        check(zipped({"xl/bomb.xml": b"0" * 3_000_000}), "炸弹.xlsx")


def test_the_unpacked_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "MAX_UNPACKED", 1000)
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
