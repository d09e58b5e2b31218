"""A file as a table: its header and its rows of texts, in blocks; and on which line a row stands.

csv and jsonl are streamed, so that a million rows never lie in memory as texts; xlsx goes through the importer's gate and
sandbox, with its limits. Everything that is wrong names file and line.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO

from ingest import readers
from ingest.sheet import Row
from kb.errors import BadFile

BLOCK = 50_000  # rows held as texts at once: about 60 MB
ENCODINGS = ("utf-8-sig", "gb18030")  # what Excel and WPS write in China
_SAVE_AS = "请另存为 UTF-8 编码的 csv，或用 huashu experiment export 重新导出。"


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows: `columns[name]` are the texts of a column; `first` is the number of the first row, from 0."""

    columns: dict[str, Sequence[str]]
    first: int

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def blocks(path: Path, encoding: str = ENCODINGS[0]) -> Iterator[Block]:
    """The file's rows in blocks. Raises BadFile for a file that is no table, or cannot be read."""
    header, rows = _opened(path, encoding)
    first = 0
    while block := list(islice(rows, BLOCK)):
        columns = zip(*_even(path, len(header), block, first), strict=True)
        yield Block(dict(zip(header, columns, strict=True)), first)
        first += len(block)


def line_of(path: Path, encoding: str, row: int) -> int:
    """The line on which a row (from 0) ends: the file is read again, so that whoever makes no mistake need not wait."""
    kind = path.suffix.lower()
    if kind == ".jsonl":
        return next(islice(_objects(path, encoding), row, None))[0]
    if kind == ".xlsx":
        return next(islice(_sheet_rows(path), row + 1, None)).number
    with _file(path, encoding) as file:
        reader = csv.reader(file)
        next(islice(filter(None, reader), row + 1, None), None)
        return reader.line_num


def encoding_of(path: Path) -> str:
    """The first encoding that the whole file can be read in. Raises BadFile when there is none."""
    if path.suffix.lower() == ".xlsx":
        return ENCODINGS[0]
    for encoding in ENCODINGS:
        try:
            with _file(path, encoding) as file:
                while file.read(1 << 20):
                    pass
            return encoding
        except UnicodeDecodeError:
            continue
    raise BadFile(f"文件“{path.name}”的文字编码不认识。", remedy=_SAVE_AS)


def _opened(path: Path, encoding: str) -> tuple[list[str], Iterator[list[str]]]:
    kind = path.suffix.lower()
    if kind == ".jsonl":
        return _jsonl(path, encoding)
    rows = _sheet(path) if kind == ".xlsx" else _csv(path, encoding)
    header = [name.strip() for name in next(rows, [])]
    if not any(header):
        raise BadFile(f"文件“{path.name}”没有表头。", remedy=_SAVE_AS)
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise BadFile(f"文件“{path.name}”的表头有重复的列：{'、'.join(twice)}。")
    return header, rows


def _even(path: Path, width: int, block: list[list[str]], first: int) -> list[list[str]]:
    """Rows as wide as the header: a cell too few or too many means that all after it stand in the wrong column."""
    if set(map(len, block)) == {width}:
        return block
    for index, cells in enumerate(block):
        if len(cells) < width or any(cells[width:]):
            raise BadFile(
                f"文件“{path.name}”的第 {first + index + 1} 条数据有 {len(cells)} 格，表头有 {width} 格。",
                remedy=_SAVE_AS,
            )
    return [cells[:width] for cells in block]


def _csv(path: Path, encoding: str) -> Iterator[list[str]]:
    with _file(path, encoding) as file:
        reader = csv.reader(file, strict=True)
        try:
            yield from filter(None, reader)
        except csv.Error as error:
            raise BadFile(f"文件“{path.name}”第 {reader.line_num} 行不是合格的 csv。", remedy=_SAVE_AS) from error


def _sheet(path: Path) -> Iterator[list[str]]:
    rows = list(_sheet_rows(path))
    width = max(len(row.cells) for row in rows)
    for row in rows:
        yield [*row.cells, *[""] * (width - len(row.cells))]


def _sheet_rows(path: Path) -> Iterator[Row]:
    sheets = readers.read(path)
    if not sheets:
        raise BadFile(f"文件“{path.name}”里没有内容。")
    yield from sheets[0].rows


def _jsonl(path: Path, encoding: str) -> tuple[list[str], Iterator[list[str]]]:
    """The header is every key of the first block; a key that first occurs later is not read."""
    objects = _objects(path, encoding)
    first = list(islice(objects, BLOCK))
    header = list(dict.fromkeys(key for _, one in first for key in one))
    return header, ([_text(one.get(key)) for key in header] for _, one in chain(first, objects))


def _objects(path: Path, encoding: str) -> Iterator[tuple[int, dict[str, object]]]:
    with _file(path, encoding) as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise BadFile(f"文件“{path.name}”第 {number} 行不是 JSON。") from error
            if not isinstance(found, dict):
                raise BadFile(f"文件“{path.name}”第 {number} 行应是一个 JSON 对象。")
            yield number, found


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value)


@contextmanager
def _file(path: Path, encoding: str) -> Iterator[IO[str]]:
    try:
        with path.open(encoding=encoding, newline="") as file:
            yield file
    except OSError as error:
        raise BadFile(f"文件“{path.name}”读不到：{error.strerror}。", remedy="请检查路径和权限。") from error
