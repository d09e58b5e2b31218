"""Which reader reads which format. In the service only texts come here; everything else inside the sandbox."""

from __future__ import annotations

from dataclasses import replace

from ingest.gate import Format
from ingest.sheet import Sheet

_GRIDS = (Format.XLSX, Format.XLS, Format.ODS, Format.TABLE)
ZIPPED = (Format.XLSX, Format.ODS, Format.DOCX)


def parse(chosen: Format, data: bytes, name: str) -> list[Sheet]:
    """The sheets of a file that passed the gate. Raises BadFile or TooLarge.

    Each reader is imported when it is needed: openpyxl takes 0.2 s, and one child reads one file.
    """
    if chosen in ZIPPED:
        from ingest.gate.package import refuse_declarations

        refuse_declarations(data, name)
    match chosen:
        case Format.XLSX:
            from ingest.readers.xlsx import read_workbook as read
        case Format.XLS | Format.ODS:
            from ingest.readers.calamine import read_workbook as read
        case Format.DOCX:
            from ingest.readers.docx import read_document as read
        case Format.PDF:
            from ingest.readers.pdf import read_pages as read
        case Format.MARKDOWN:
            from ingest.readers.markdown import read_markdown as read
        case Format.JSON:
            from ingest.readers.json import read_json as read
        case Format.TEXT:
            from ingest.readers.text import read_text as read
        case Format.TABLE:
            from ingest.readers.csv import read_table as read
    sheets = read(data, name)
    return [_headed(sheet) for sheet in sheets] if chosen in _GRIDS else sheets


def _headed(sheet: Sheet) -> Sheet:
    """Two columns of questions and answers need no header, in a workbook no more than in Word."""
    from ingest.readers.questions import with_header

    return replace(sheet, rows=with_header(sheet.rows))
