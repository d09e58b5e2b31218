"""File formats become sheets; the only room that knows them."""

from __future__ import annotations

from pathlib import Path

from ingest.gate import Format, check, display_name
from ingest.readers.csv import read_text
from ingest.sheet import Sheet
from kb.errors import BadFile


def read(source: Path | bytes, filename: str = "") -> list[Sheet]:
    """The sheets of a file that hold anything, in the order of the file.

    Raises BadFile or TooLarge; a path that cannot be read is a BadFile too.
    """
    if isinstance(source, Path):
        filename = filename or source.name
        try:
            source = source.read_bytes()
        except OSError as error:
            raise BadFile(f"文件“{display_name(filename)}”读不到：{error.strerror}。") from error
    name = display_name(filename)
    if check(source, filename) is Format.XLSX:
        from ingest.readers.xlsx import read_workbook  # openpyxl takes 0.2 s to import: not at every start

        return read_workbook(source, name)
    return read_text(source, name)
