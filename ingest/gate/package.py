"""Zip packages (xlsx, ods, docx): measured by their directory and their declarations, nothing unpacked whole."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pyexpat import ExpatError, ParserCreate

from ingest.gate.format import SAVE_AS, Format
from kb.errors import BadFile, TooLarge

MAX_MEMBERS = 2_000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
_RATIO_FROM = 1024 * 1024  # small members compress well honestly
_PROLOG = 64 * 1024  # bytes in which the root element of any honest part has begun
_MANIFEST = 1024 * 1024

_ENTRY = b"PK\x01\x02"  # begins every line of a zip's directory
_BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, OSError, EOFError, KeyError, RuntimeError)
_MUST_HOLD = {
    Format.XLSX: ("Excel 表格", ("[Content_Types].xml", "xl/")),
    Format.DOCX: ("Word 文档", ("[Content_Types].xml", "word/")),
    Format.ODS: ("OpenDocument 表格", ("content.xml", "META-INF/")),
}


def check_package(data: bytes, name: str, wanted: Format) -> None:
    """Raises TooLarge over a limit and BadFile for what is not a whole, open package of the wanted format."""
    # Counted in the bytes first: listing 400,000 members would itself cost seconds and hundreds of megabytes.
    if (entries := data.count(_ENTRY)) > 2 * MAX_MEMBERS:
        raise TooLarge(f"文件“{name}”里有 {entries} 个部件，上限是 {MAX_MEMBERS} 个。", remedy=SAVE_AS)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive.infolist(), name)
            _check_kind(archive, name, wanted)
    except _BROKEN as error:
        raise _broken(name) from error


def refuse_declarations(data: bytes, name: str) -> None:
    """Refuse a package in which any XML part declares a document type: the door of entity bombs and foreign files.

    No office program writes one into the parts that are read. Only the start of each part is looked at, with expat.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                # Every member whatever its name: a part is what another part refers to. Old OpenOffice declares its manifest,
                # which nobody here parses.
                if not member.filename.startswith("META-INF/"):
                    with archive.open(member) as part:
                        _check_prolog(part.read(_PROLOG), name)
    except _BROKEN as error:
        raise _broken(name) from error


def _check_members(members: list[zipfile.ZipInfo], name: str) -> None:
    if len(members) > MAX_MEMBERS:
        raise TooLarge(f"文件“{name}”里有 {len(members)} 个部件，上限是 {MAX_MEMBERS} 个。", remedy=SAVE_AS)
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED:
        raise TooLarge(f"文件“{name}”展开后有 {unpacked / 1024 / 1024:.0f} MB，上限是 200 MB。")
    for member in members:
        if member.flag_bits & 0x1:
            raise BadFile(f"文件“{name}”加了密码。", remedy="请去掉密码后再导入。")
        if member.file_size > _RATIO_FROM and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise TooLarge(f"文件“{name}”的压缩比异常，为安全起见没有打开。", remedy=SAVE_AS)
        if _escapes(member.filename):
            raise _odd(name)


def _check_kind(archive: zipfile.ZipFile, name: str, wanted: Format) -> None:
    what, needed = _MUST_HOLD[wanted]
    paths = archive.namelist()
    if not all(any(path.startswith(start) for path in paths) for start in needed):
        raise BadFile(f"文件“{name}”不是 {what}，可能只是改了扩展名。", remedy=SAVE_AS)
    if wanted is Format.ODS:
        with archive.open("META-INF/manifest.xml") as manifest:
            if b"encryption-data" in manifest.read(_MANIFEST):
                raise BadFile(f"文件“{name}”加了密码。", remedy="请去掉密码后再导入。")


def _escapes(path: str) -> bool:
    """Whether a member's path would leave the folder it is unpacked to."""
    parts = re.split(r"[\\/]", path)
    return path.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]


class _RootSeen(Exception):
    """The prolog is over."""


class _Declared(Exception):
    """A document type was declared."""


def _check_prolog(start: bytes, name: str) -> None:
    def declared(*_: object) -> None:
        raise _Declared

    def begun(*_: object) -> None:
        raise _RootSeen

    parser = ParserCreate()
    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = begun
    try:
        parser.Parse(start, len(start) < _PROLOG)
    except (_RootSeen, ExpatError):
        return  # broken XML is the parser's to refuse
    except _Declared as error:
        raise _odd(name) from error
    if len(start) == _PROLOG:
        raise _odd(name)  # 64 KB and nothing has begun


_SEND_AGAIN = f"请商家重新发一份；自己能打开的话，{SAVE_AS}"


def _broken(name: str) -> BadFile:
    return BadFile(f"文件“{name}”打不开，可能没有传完整。", remedy=_SEND_AGAIN)


def _odd(name: str) -> BadFile:
    return BadFile(f"文件“{name}”的内部结构异常，为安全起见没有打开。", remedy=SAVE_AS)
