"""The formats that can be read, by the file's name; what the others are called and what to do with them."""

from __future__ import annotations

import re
from enum import StrEnum

from kb.language.mask import mask

_NAME_LIMIT = 120
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")

SAVE_AS = "请用 Excel 或 WPS 打开，另存为 xlsx 后再导入。"
_SAVE_AS_WORD = "请用 Word 或 WPS 打开，另存为 docx 后再导入。"
_UNPACK = "请先解压，再把里面的文件一份一份导入。"
READABLE = "xlsx、xls、et、ods、csv、tsv、txt、docx、pdf、md、json 和 jsonl"


class Format(StrEnum):
    """What a file is, in terms of who reads it."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    DOCX = "docx"
    PDF = "pdf"
    TABLE = "csv"
    TEXT = "txt"
    MARKDOWN = "md"
    JSON = "json"


EXTENSIONS = {
    "xlsx": Format.XLSX,
    "xlsm": Format.XLSX,
    "xls": Format.XLS,
    "et": Format.XLS,
    "ods": Format.ODS,
    "docx": Format.DOCX,
    "pdf": Format.PDF,
    "csv": Format.TABLE,
    "tsv": Format.TABLE,
    "txt": Format.TEXT,
    "log": Format.TEXT,
    "md": Format.MARKDOWN,
    "markdown": Format.MARKDOWN,
    "json": Format.JSON,
    "jsonl": Format.JSON,
}

_PICTURE = ("图片", "请把图里的文字整理成 xlsx 表格或 docx 文档，再导入。")

FOREIGN = {
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp", "bmp"), _PICTURE),
    "xlsb": ("二进制 Excel 文件", SAVE_AS),
    "numbers": ("Numbers 表格", SAVE_AS),
    "doc": ("旧版 Word 文档", _SAVE_AS_WORD),
    "wps": ("WPS 文档", _SAVE_AS_WORD),
    "odt": ("OpenDocument 文档", _SAVE_AS_WORD),
    "zip": ("压缩包", _UNPACK),
    "rar": ("压缩包", _UNPACK),
    "7z": ("压缩包", _UNPACK),
}


def display_name(filename: str) -> str:
    """The file's own name without folders, unprintable characters and personal data, for messages and records; its
    extension, if we know it, stays what it is."""
    name = _UNPRINTABLE.sub("", re.split(r"[\\/]", filename)[-1]).strip()[-_NAME_LIMIT:]
    stem, dot, extension = name.rpartition(".")
    known = extension.lower() in EXTENSIONS or extension.lower() in FOREIGN
    return (f"{mask(stem)}{dot}{extension}" if known else mask(name)) or "未命名文件"
