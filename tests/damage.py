"""Files as they arrive on a bad day, and as an enemy would send them: one for each seed, over all formats."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from functools import cache

import openpyxl

from office import docx_bytes, ods_bytes, package, pdf_bytes, xls_bytes

_GRID = [["问题", "答案", "分类"], *[[f"第{i}个怎么退货", f"七天内可以的哦{i}", "售后"] for i in range(12)]]
_PRODUCTS = [
    ["款号", "商品名称", "颜色", "价格"],
    *[[f"K{i // 3}", f"连衣裙{i // 3}", "红白黑"[i % 3], 99 + i] for i in range(12)],
]
_LINES = [line for i in range(12) for line in (f"问：第{i}个怎么退货", f"答：七天内可以的哦{i}", "第二段")]
_LOG = "\n".join(f"{'客服小美' if i % 2 else '小王'} 2026-11-01 10:00:{i:02}\n第{i}句话，在吗" for i in range(12))
_EXTENSIONS = ("xlsx", "xls", "et", "ods", "docx", "pdf", "csv", "tsv", "txt", "md", "json", "jsonl")
_ENCODINGS = ("utf-8", "gb18030", "utf-16", "utf-8-sig", "big5", "shift_jis", "utf-7", "utf-32")
_BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
_TOKENS = (
    b"<", b">", b"&b;", b"&#0;", b"&#xD800;", b'r="XFD1048576"', b'r="A0"', b'r="A-1"', b'count="4294967295"', b"1e308", b"NaN",
    b'number-columns-repeated="99999999"', b'number-rows-repeated="1048576"', b'w:val="-5"', b"\xff\xfe", b"\x00", b"]]>",
    b"<!--", b't="s"><v>999999</v>', b'gridSpan w:val="1000000"', b"/Length 999999999", b"/Count -1", b"stream", b"[[[[[[", b'"',
)  # fmt: skip


@cache
def whole(extension: str) -> bytes:
    """An honest file of this kind."""
    text = "\n".join(_LINES)
    makers: dict[str, Callable[[], bytes]] = {
        "xlsx": lambda: _book(merged=False),
        "xls": lambda: xls_bytes({"问答": _GRID, "商品": _PRODUCTS}),
        "et": lambda: xls_bytes({"商品": _PRODUCTS}),
        "ods": lambda: ods_bytes({"问答": _GRID, "商品": _PRODUCTS}),
        "docx": lambda: docx_bytes([("售后", 1), *_LINES, _GRID]),
        "pdf": lambda: pdf_bytes([_LINES[:18], _LINES[18:]]),
        "csv": lambda: "\n".join(",".join(map(str, row)) for row in _PRODUCTS).encode("gb18030"),
        "tsv": lambda: "\n".join("\t".join(map(str, row)) for row in _GRID).encode(),
        "txt": lambda: _LOG.encode(),
        "md": lambda: (text + "\n\n|问题|答案|\n|---|---|\n|怎么退|可以|\n").encode(),
        "json": lambda: str([{"问题": row[0], "答案": row[1]} for row in _GRID]).replace("'", '"').encode(),
        "jsonl": lambda: "\n".join(
            f'{{"session": "{i}", "turns": [{{"role": "agent", "text": "在"}}]}}' for i in range(9)
        ).encode(),
    }
    return makers[extension]()


def damaged(seed: int) -> tuple[bytes, str]:
    """A file and its name. Every seed is another; the same seed is the same file."""
    chance = random.Random(seed)
    extension = _EXTENSIONS[seed % len(_EXTENSIONS)]
    harm = _HARMS[seed // len(_EXTENSIONS) % len(_HARMS)]
    return harm(whole(extension), chance, extension)


def _named(data: bytes, extension: str) -> tuple[bytes, str]:
    return data, f"来件.{extension}"


def _cut(data: bytes, chance: random.Random, extension: str) -> tuple[bytes, str]:
    return _named(data[: chance.randrange(len(data))], extension)


def _flipped(data: bytes, chance: random.Random, extension: str) -> tuple[bytes, str]:
    out = bytearray(data)
    for _ in range(chance.choice([1, 3, 30])):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return _named(bytes(out), extension)


def _noise(data: bytes, chance: random.Random, extension: str) -> tuple[bytes, str]:
    return _named(data[: chance.choice([0, 8, 600])] + chance.randbytes(chance.choice([1, 300, 20_000])), extension)


def _renamed(data: bytes, chance: random.Random, extension: str) -> tuple[bytes, str]:
    return _named(data, chance.choice([other for other in _EXTENSIONS if other != extension]))


def _recoded(data: bytes, chance: random.Random, extension: str) -> tuple[bytes, str]:
    text = data.decode("gb18030" if extension == "csv" else "utf-8", "ignore")
    return _named(text.encode(chance.choice(_ENCODINGS), "ignore"), extension)


def _spliced(data: bytes, chance: random.Random, extension: str) -> tuple[bytes, str]:
    """Hostile words inside: in a package, inside its parts, so that the zip itself stays whole."""

    def into(part: bytes) -> bytes:
        for _ in range(chance.choice([1, 4])):
            at = chance.randrange(len(part) + 1)
            part = part[:at] + chance.choice(_TOKENS) + part[at + chance.choice([0, 0, 5, 40]) :]
        return part

    return _named(_inside(data, chance, into), extension)


def _declared(data: bytes, chance: random.Random, extension: str) -> tuple[bytes, str]:
    def into(part: bytes) -> bytes:
        return _BOMB + part[part.find(b"?>") + 2 if part.startswith(b"<?xml") else 0 :].replace(b"</", b"&b;</", 3)

    return _named(_inside(data, chance, into), extension)


def _repeated(data: bytes, chance: random.Random, extension: str) -> tuple[bytes, str]:
    """Much of the same: deep, wide or long."""

    def into(part: bytes) -> bytes:
        at = chance.randrange(len(part) + 1)
        piece = part[at : at + chance.choice([1, 40, 400])]
        return part[:at] + piece * (chance.choice([30_000, 200_000]) // max(len(piece), 1)) + part[at:]

    return _named(_inside(data, chance, into), extension)


def _nested(data: bytes, chance: random.Random, extension: str) -> tuple[bytes, str]:
    inner = package({"x.xml": b"0" * chance.choice([1000, 1_500_000])})
    members = {f"{i}/{chance.choice(['a.zip', '../b', 'c.xml'])}": inner for i in range(chance.choice([1, 40, 2500]))}
    return _named(package({**_members(data), **members}), extension)


def _merged(data: bytes, chance: random.Random, extension: str) -> tuple[bytes, str]:
    return _book(merged=True, chance=chance), chance.choice(["合并.xlsx", "合并.xls", f"合并.{extension}"])


_HARMS = (_cut, _flipped, _noise, _renamed, _recoded, _spliced, _declared, _repeated, _spliced, _nested, _merged)


def _members(data: bytes) -> dict[str, bytes]:
    if not data.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _inside(data: bytes, chance: random.Random, change: Callable[[bytes], bytes]) -> bytes:
    members = _members(data)
    if not members:
        return change(data)
    telling = [
        name for name in members if any(word in name for word in ("sheet", "document", "content", "String", "styles"))
    ]
    place = chance.choice(telling)
    return package({**members, place: change(members[place])})


def _book(*, merged: bool, chance: random.Random | None = None) -> bytes:
    book = openpyxl.Workbook()
    for title, grid in (("问答", _GRID), ("商品", _PRODUCTS)):
        sheet = book.create_sheet(title)
        for row in grid:
            sheet.append(row)
        for row in range(1, 12) if merged and chance else ():
            last = row + chance.randrange(4)
            sheet.merge_cells(start_row=row, end_row=last, start_column=1, end_column=chance.choice([1, 2, 4, 300]))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
