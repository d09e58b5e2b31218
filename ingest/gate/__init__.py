"""The gate: a file is measured and recognised before any parser sees it.

A parser trusts its input: 1.4 KB can ask for 550 GB, 655 KB for half a minute. What passes here is small, is what
its name says, is not locked, and unpacks to a bounded size. What only a parser can find out is the sandbox's part.
"""

from __future__ import annotations

from ingest.gate.format import EXTENSIONS, FOREIGN, READABLE, SAVE_AS, Format, display_name
from ingest.gate.package import check_package
from kb.errors import BadFile, TooLarge

__all__ = ["MAX_BYTES", "Format", "check", "display_name"]

MAX_BYTES = 20 * 1024 * 1024

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF = b"%PDF-"
_PDF_WITHIN = 1024  # bytes; readers accept a mark that is not the very first
_BOM16 = (b"\xff\xfe", b"\xfe\xff")
_LOCKED = "EncryptedPackage".encode("utf-16-le")  # the stream in which Office keeps a workbook with a password
_HTML = (b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta")
_WORKBOOKS = (Format.XLSX, Format.XLS)
_UNLOCK = "请打开后去掉密码，另存一份再导入。"


def check(data: bytes, filename: str) -> Format:
    """The format of a file that may be parsed.

    Raises TooLarge over a limit and BadFile for anything that is not what its extension says.
    """
    name = display_name(filename)
    if not data:
        raise BadFile(f"文件“{name}”是空的。")
    if len(data) > MAX_BYTES:
        raise TooLarge(f"文件“{name}”有 {len(data) / 1024 / 1024:.1f} MB，上限是 20 MB。")
    return _check_content(data, name, _named(name))


def _named(name: str) -> Format:
    """The format that the extension promises."""
    extension = name.rpartition(".")[2].lower()
    if extension in FOREIGN:
        what, remedy = FOREIGN[extension]
        raise BadFile(f"文件“{name}”是{what}，不能直接导入。", remedy=remedy)
    if extension not in EXTENSIONS:
        raise BadFile(f"文件“{name}”的类型不认识，能导入的是 {READABLE}。", remedy=SAVE_AS)
    return EXTENSIONS[extension]


def _check_content(data: bytes, name: str, promised: Format) -> Format:
    if promised in _WORKBOOKS:
        return _check_workbook(data, name, promised)
    if promised in (Format.ODS, Format.DOCX):
        _refuse_locked(data, name)
        check_package(data, name, promised)
    elif promised is Format.PDF:
        if _PDF not in data[:_PDF_WITHIN]:
            raise BadFile(f"文件“{name}”不是 PDF，可能只是改了扩展名。")
    else:
        _check_text(data, name)
    return promised


def _check_workbook(data: bytes, name: str, promised: Format) -> Format:
    """Old and new workbooks are told apart by what they are: half of all .xls from shop systems are something else."""
    _refuse_locked(data, name)
    if data.startswith(_OLE):
        return Format.XLS
    if promised is Format.XLSX or data.startswith(_ZIP):
        check_package(data, name, Format.XLSX)
        return Format.XLSX
    if data[:_PDF_WITHIN].lstrip().lower().startswith(_HTML):
        raise BadFile(f"文件“{name}”其实是网页，只是改成了 xls 的名字。", remedy=SAVE_AS)
    _check_text(data, name)
    return Format.TABLE


def _refuse_locked(data: bytes, name: str) -> None:
    if data.startswith(_OLE) and _LOCKED in data:
        raise BadFile(f"文件“{name}”加了密码。", remedy=_UNLOCK)


def _check_text(data: bytes, name: str) -> None:
    if data.startswith((_ZIP, _OLE[:4], _PDF)):  # a workbook that was cut short is no text either
        raise BadFile(f"文件“{name}”的内容不是文本，可能只是改了扩展名。", remedy=SAVE_AS)
    # Excel's own "Unicode 文本" is UTF-16 with a mark, where every second byte may be zero.
    if b"\x00" in data and not data.startswith(_BOM16):
        raise BadFile(f"文件“{name}”的内容不是文本。", remedy=SAVE_AS)
