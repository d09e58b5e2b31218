"""Office files made byte by byte: what no library here writes, and what no honest program would."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence

import docx

Grid = Sequence[Sequence[object]]

# -- xls: BIFF8 records in a compound file


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _cell(row: int, column: int, value: object) -> bytes:
    if isinstance(value, int | float):
        return _record(0x0203, struct.pack("<HHHd", row, column, 0, value))
    text = str(value)
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def _sheet_stream(grid: Grid) -> bytes:
    cells = b"".join(_cell(r, c, value) for r, row in enumerate(grid) for c, value in enumerate(row) if value != "")
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + cells + _record(0x000A)


def _globals(offsets: Mapping[str, int], *, locked: bool) -> bytes:
    out = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    if locked:
        out += _record(0x002F, struct.pack("<HHHH", 1, 1, 1, 0) + b"\1" * 48)
    out += _record(0x0042, struct.pack("<H", 1200))
    for name, offset in offsets.items():
        out += _record(0x0085, struct.pack("<IBBBB", offset, 0, 0, len(name), 1) + name.encode("utf-16-le"))
    return out + _record(0x000A)


def compound(streams: Mapping[str, bytes]) -> bytes:
    """An OLE compound file (version 3) holding these streams."""
    free, end, fat_mark = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    entries = [_entry("Root Entry", 5, end, 0, child=1)]
    fat, body = [fat_mark, end], b""
    for place, (name, data) in enumerate(streams.items(), start=1):
        data = data.ljust(4096, b"\0")  # shorter ones would live in the mini stream
        data += b"\0" * (-len(data) % 512)
        following = place + 1 if place < len(streams) else free
        entries.append(_entry(name, 2, len(fat), len(data), sibling=following))
        sectors = len(data) // 512
        fat += [*range(len(fat) + 1, len(fat) + sectors), end]
        body += data
    assert len(fat) <= 128, "one FAT sector is enough for a test"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    table = struct.pack("<128I", *fat, *[free] * (128 - len(fat)))
    return header + table + b"".join(entries).ljust(512, b"\0") + body


def _entry(name: str, kind: int, start: int, size: int, *, child: int = 0xFFFFFFFF, sibling: int = 0xFFFFFFFF) -> bytes:
    raw = name.encode("utf-16-le").ljust(64, b"\0")
    tree = struct.pack("<HBBIII", len(name) * 2 + 2, kind, 1, 0xFFFFFFFF, sibling, child)
    return raw + tree + b"\0" * 36 + struct.pack("<IQ", start, size)


def xls_bytes(sheets: Mapping[str, Grid], *, locked: bool = False) -> bytes:
    """An Excel 97 workbook of texts and numbers."""
    bodies = {name: _sheet_stream(grid) for name, grid in sheets.items()}
    at = len(_globals(dict.fromkeys(sheets, 0), locked=locked))
    offsets = {}
    for name, body in bodies.items():
        offsets[name] = at
        at += len(body)
    return compound({"Workbook": _globals(offsets, locked=locked) + b"".join(bodies.values())})


# -- ods, and packages altered by hand

_ODS_HEAD = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>"
)
_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'


def ods_bytes(sheets: Mapping[str, Grid], *, manifest: str = _MANIFEST) -> bytes:
    """An OpenDocument workbook."""

    def cell(value: object) -> str:
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    body = "".join(
        f'<table:table table:name="{name}">'
        + "".join("<table:table-row>" + "".join(map(cell, row)) + "</table:table-row>" for row in grid)
        + "</table:table>"
        for name, grid in sheets.items()
    )
    return package(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"{_ODS_HEAD}{body}</office:spreadsheet></office:body></office:document-content>".encode(),
            "META-INF/manifest.xml": manifest.encode(),
        }
    )


def package(members: Mapping[str, bytes]) -> bytes:
    """A zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def altered(data: bytes, member: str, change: Mapping[bytes, bytes]) -> bytes:
    """The package with texts of one member replaced."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for old, new in change.items():
        assert old in members[member]
        members[member] = members[member].replace(old, new)
    return package(members)


# -- docx


def docx_bytes(parts: Iterable[str | tuple[str, int] | Grid]) -> bytes:
    """A Word document: a text is a paragraph, (text, level) a heading, a grid a table."""
    document = docx.Document()
    for part in parts:
        if isinstance(part, str):
            document.add_paragraph(part)
        elif isinstance(part, tuple) and len(part) == 2 and isinstance(part[1], int):
            document.add_heading(str(part[0]), part[1])
        else:
            _add_table(document, part)  # type: ignore[arg-type]
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _add_table(document: docx.document.Document, grid: Grid) -> None:
    table = document.add_table(len(grid), max(map(len, grid)))
    for row, texts in zip(table.rows, grid, strict=True):
        for cell, text in zip(row.cells, texts, strict=False):
            cell.text = str(text)


# -- pdf


def pdf_bytes(pages: Sequence[Sequence[str]], *, extra: str = "") -> bytes:
    """A PDF with a text layer, one list of lines per page; a page without lines is blank, like a scan's."""
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        "1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end end"
    )
    kids = " ".join(f"{6 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Song /DW 1000"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        f"<< /Length {len(cmap)} >>\nstream\n{cmap}\nendstream",
    ]
    for index, lines in enumerate(pages):
        shown = " ".join(f"<{line.encode('utf-16-be').hex()}> Tj 0 -20 Td" for line in lines)
        text = f"BT /F1 12 Tf 50 800 Td {shown} ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * index} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(text)} >>\nstream\n{text}\nendstream")
    return _pdf(objects, extra)


def _pdf(objects: Sequence[str], extra: str) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    lines = "".join(f"{place:010} 00000 n \n" for place in places)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{lines}".encode()
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {extra} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
