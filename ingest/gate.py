"""The gate: a file is measured and recognised before any parser sees it.

A spreadsheet parser trusts its input: 1.4 KB can ask for 550 GB, 655 KB for half a minute. What passes here is
small, is what its name says, and unpacks to a bounded size.
"""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum

from kb.errors import BadFile, TooLarge

MAX_BYTES = 20 * 1024 * 1024
MAX_MEMBERS = 2_000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
_RATIO_FROM = 1024 * 1024  # small members compress well honestly
_NAME_LIMIT = 120

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOM16 = (b"\xff\xfe", b"\xfe\xff")
_SAVE_AS = "请用 Excel 或 WPS 打开，另存为 xlsx 后再导入。"
_COPY_OUT = "请把其中的表格复制到 Excel 或 WPS，另存为 xlsx 后再导入。"
_FOREIGN = {
    "xls": ("旧版 Excel 文件", _SAVE_AS),
    "xlsb": ("二进制 Excel 文件", _SAVE_AS),
    "et": ("WPS 表格文件", _SAVE_AS),
    "ods": ("OpenDocument 表格", _SAVE_AS),
    "numbers": ("Numbers 表格", _SAVE_AS),
    "doc": ("Word 文档", _COPY_OUT),
    "docx": ("Word 文档", _COPY_OUT),
    "wps": ("WPS 文档", _COPY_OUT),
    "pdf": ("PDF 文件", _COPY_OUT),
    "zip": ("压缩包", "请先解压，再把里面的表格一份一份导入。"),
    "rar": ("压缩包", "请先解压，再把里面的表格一份一份导入。"),
    "7z": ("压缩包", "请先解压，再把里面的表格一份一份导入。"),
}
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class Format(StrEnum):
    """The formats that can be read."""

    XLSX = "xlsx"
    TEXT = "text"


_EXTENSIONS = {
    "xlsx": Format.XLSX,
    "xlsm": Format.XLSX,
    "csv": Format.TEXT,
    "tsv": Format.TEXT,
    "txt": Format.TEXT,
}


def display_name(filename: str) -> str:
    """The file's own name without folders and unprintable characters, for messages and records."""
    name = _UNPRINTABLE.sub("", re.split(r"[\\/]", filename)[-1]).strip()
    return name[-_NAME_LIMIT:] or "未命名文件"


def check(data: bytes, filename: str) -> Format:
    """The format of a file that may be parsed.

    Raises TooLarge over a limit and BadFile for anything that is not what its extension says.
    """
    name = display_name(filename)
    if not data:
        raise BadFile(f"文件“{name}”是空的。")
    if len(data) > MAX_BYTES:
        raise TooLarge(f"文件“{name}”有 {len(data) / 1024 / 1024:.1f} MB，上限是 20 MB。")
    extension = name.rpartition(".")[2].lower()
    if extension in _FOREIGN:
        what, remedy = _FOREIGN[extension]
        raise BadFile(f"文件“{name}”是{what}，不能直接导入。", remedy=remedy)
    if extension not in _EXTENSIONS:
        raise BadFile(f"文件“{name}”的类型不认识，能导入的是 xlsx、csv、tsv 和 txt。", remedy=_SAVE_AS)
    chosen = _EXTENSIONS[extension]
    if chosen is Format.XLSX:
        _check_workbook(data, name)
    else:
        _check_text(data, name)
    return chosen


def _check_text(data: bytes, name: str) -> None:
    if data.startswith((b"PK\x03\x04", _OLE, b"%PDF")):
        raise BadFile(f"文件“{name}”的内容不是文本，可能只是改了扩展名。", remedy=_SAVE_AS)
    # Excel's own "Unicode 文本" is UTF-16 with a mark, where every second byte may be zero.
    if b"\x00" in data and not data.startswith(_BOM16):
        raise BadFile(f"文件“{name}”的内容不是文本。", remedy=_SAVE_AS)


def _check_workbook(data: bytes, name: str) -> None:
    if data.startswith(_OLE):
        raise BadFile(
            f"文件“{name}”加了密码，或者是旧版 xls 改的扩展名。",
            remedy="请打开后去掉密码，另存为 xlsx 再导入。",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        raise BadFile(f"文件“{name}”打不开，可能没有传完整。", remedy=_SAVE_AS) from error
    _check_members(members, name)
    paths = {member.filename for member in members}
    if "[Content_Types].xml" not in paths or not any(path.startswith("xl/") for path in paths):
        raise BadFile(f"文件“{name}”不是 Excel 表格。", remedy=_SAVE_AS)


def _check_members(members: list[zipfile.ZipInfo], name: str) -> None:
    if len(members) > MAX_MEMBERS:
        raise TooLarge(f"文件“{name}”里有 {len(members)} 个部件，上限是 {MAX_MEMBERS} 个。", remedy=_SAVE_AS)
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED:
        raise TooLarge(f"文件“{name}”展开后有 {unpacked / 1024 / 1024:.0f} MB，上限是 200 MB。")
    for member in members:
        if member.flag_bits & 0x1:
            raise BadFile(f"文件“{name}”加了密码。", remedy="请去掉密码后再导入。")
        if member.file_size > _RATIO_FROM and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise TooLarge(f"文件“{name}”的压缩比异常，为安全起见没有打开。", remedy=_SAVE_AS)
        if _escapes(member.filename):
            raise BadFile(f"文件“{name}”的内部结构异常，为安全起见没有打开。", remedy=_SAVE_AS)


def _escapes(path: str) -> bool:
    """Whether a member's path would leave the folder it is unpacked to."""
    parts = re.split(r"[\\/]", path)
    return path.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]
