"""Files of conversation rows → `Rows`: of our own form, or another's with its columns named.

A million rows are read in about 15 seconds and 300 MB. What is wrong is told with file, line and column, in words for
whoever exported the file; nothing is guessed: an empty outcome is refused, not counted as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from eval.rows.rows import AMOUNTS, FLAGS, NUMBERS, TEXTS, Coded, Flags, Floats, Rows, coded, known_before
from eval.rows.table import Block, blocks, encoding_of, line_of
from ingest.problem import short
from ingest.quote import MARK, unquote
from kb.errors import BadFile
from kb.language.mask import mask
from kb.vectorise import Progress

REQUIRED = ("conversation", "arm", "converted")
_IDS = ("conversation", "unit", "day")
SHOWN = 40  # characters of a cell in a message
MOST = 1e9  # 元, pieces or seconds: more is a slip of the pen, and its square would drown all others
LONGEST_SEGMENT = 1_000  # distinct texts; a column with more is no segment but a remark


@dataclass(frozen=True, slots=True)
class Named:
    """Which columns of a foreign file mean what; "" where it has none. `covariates` were known before the assignment."""

    treatment: str
    outcome: str = ""
    money: str = ""
    refunded: str = ""
    unit: str = ""
    day: str = ""
    covariates: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()

    def ours(self) -> dict[str, str]:
        """Their column → ours."""
        pairs = {
            self.treatment: "arm",
            self.outcome: "converted",
            self.money: "paid",
            self.refunded: "refunded",
            self.unit: "unit",
            self.day: "day",
        }
        return {theirs: ours for theirs, ours in pairs.items() if theirs}


def as_covariate(name: str) -> str:
    """The name that a foreign column keeps; another one where ours would mean something else by it."""
    return f"{name} (before)" if name in (*NUMBERS, *TEXTS) else name


def read_rows(
    path: Path, named: Named | None = None, *, numbers: Sequence[str] = (), progress: Progress | None = None
) -> Rows:
    """The rows of a csv, jsonl or xlsx file; `named` for files of another form than `eval.rows.rows.COLUMNS`.

    `numbers` are further columns that hold a number in every row: a score, or the truth of a simulation. Raises BadFile
    with file, line and column. `progress` is told rows read, the total being unknown (0).
    """
    encoding = encoding_of(path)
    columns = _Columns(path, encoding, named, tuple(numbers))
    for block in blocks(path, encoding):
        columns.add(block)
        if progress:
            progress(columns.count, 0)
    return columns.rows()


class _Columns:
    """What has been read so far, column by column."""

    def __init__(self, path: Path, encoding: str, named: Named | None, more: tuple[str, ...]) -> None:
        self.count = 0
        self._path, self._encoding = path, encoding
        self._file = path.name
        self._named, self._more = named, more
        self._texts: dict[str, _Texts] = {}
        self._numbers: dict[str, list[Floats]] = {}
        self._ids: set[str] = set()

    def add(self, block: Block) -> None:
        columns = self._kept(block)
        if not self.count:
            self._refuse_missing(columns, block)
        for name, cells in columns.items():
            if name in NUMBERS or name in self._more:
                numbers = self._parsed(name, cells)
                self._numbers.setdefault(name, []).append(numbers)
            else:
                self._texts.setdefault(name, _Texts()).add(cells)
        self._check(columns)
        self.count += len(block)

    def _kept(self, block: Block) -> Mapping[str, Sequence[str]]:
        """The block's columns under our names."""
        if self._named is None:
            return {name: cells for name, cells in block.columns.items() if name}
        ours, more = self._named.ours(), (*self._named.covariates, *self._named.segments, *self._more)
        kept = {as_covariate(name): cells for name, cells in block.columns.items() if name in more}
        return kept | {ours[name]: cells for name, cells in block.columns.items() if name in ours}

    def _refuse_missing(self, columns: Mapping[str, Sequence[str]], block: Block) -> None:
        if self._named is None:
            missing = [name for name in (*REQUIRED, *self._more) if name not in columns]
        else:
            wanted = [*self._named.ours(), *self._named.covariates, *self._named.segments, *self._more]
            missing = [name for name in wanted if name not in block.columns]
        if missing:
            there = "、".join(short(mask(name), SHOWN) for name in list(block.columns)[:40])
            raise BadFile(
                f"文件“{self._file}”缺少列：{'、'.join(missing)}。现有的列：{there}。",
                remedy="会话表见 docs/uplift.md；别的表请用 --treatment、--outcome 等指明各列。",
            )

    def _parsed(self, name: str, cells: Sequence[str]) -> Floats:
        try:
            numbers = np.array([float(cell) if cell else np.nan for cell in cells])
        except ValueError:
            numbers = np.array([_number(cell) for cell in cells])
        unknown = ~np.isfinite(numbers)
        if unknown.any():
            self._refuse_first(name, cells, unknown & np.fromiter(map(bool, cells), bool, len(cells)), "应是数字")
        if name in FLAGS:
            self._refuse_first(name, cells, ~unknown & (numbers != 0) & (numbers != 1), "应是 0 或 1")
        if name in AMOUNTS:
            self._refuse_first(name, cells, numbers < 0, "不应小于 0")
            self._refuse_first(name, cells, numbers > MOST, "大得不像真的")
        if name == "converted" or name in self._more or (name == "paid" and self._named):
            self._refuse_first(name, cells, unknown, "没有填")
        return numbers

    def _refuse_first(self, name: str, cells: Sequence[str], wrong: Flags, why: str) -> None:
        if wrong.any():
            index = int(np.argmax(wrong))
            value = f"，现在是“{short(mask(cells[index]), SHOWN)}”" if cells[index] else ""
            raise BadFile(f"文件“{self._file}”第 {self._line(index)} 行“{self._theirs(name)}”{why}{value}。")

    def _line(self, index: int) -> int:
        return line_of(self._path, self._encoding, self.count + index)

    def _check(self, columns: Mapping[str, Sequence[str]]) -> None:
        """No arm, no conversation, or one that was there before."""
        for name in ("arm", "conversation"):
            if "" in columns.get(name, ()):
                self._refuse_first(name, columns[name], np.array([not cell for cell in columns[name]]), "没有填")
        ids, before = columns.get("conversation", ()), len(self._ids)
        self._ids.update(ids)
        if len(self._ids) != before + len(ids):
            self._refuse_twice()

    def _refuse_twice(self) -> None:
        seen: set[str] = set()
        row = 0
        for block in blocks(self._path, self._encoding):
            for one in block.columns["conversation"]:
                if one in seen:
                    line = line_of(self._path, self._encoding, row)
                    told = short(mask(one), SHOWN)
                    raise BadFile(
                        f"文件“{self._file}”第 {line} 行的会话“{told}”前面已经有了。", remedy="一个会话只能有一行。"
                    )
                seen.add(one)
                row += 1

    def _theirs(self, ours: str) -> str:
        names = {mine: theirs for theirs, mine in self._named.ours().items()} if self._named else {}
        return names.get(ours, ours)

    def rows(self) -> Rows:
        if not self.count:
            raise BadFile(f"文件“{self._file}”只有表头，没有数据。")
        numbers = {name: np.concatenate(parts) for name, parts in self._numbers.items()}
        texts = {name: column.coded() for name, column in self._texts.items()}
        rows = Rows(numbers, texts, (), self._file)
        if self._named is None:
            return known_before(_whole(_masked(_without_remarks(rows))))
        return _masked(_foreign(rows, self._named))


class _Texts:
    """One column of texts, coded as it comes."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._codes: list[np.ndarray] = []

    def add(self, cells: Sequence[str]) -> None:
        known = self._known
        self._codes.append(np.array([known.setdefault(cell, len(known)) for cell in cells], np.int32))

    def coded(self) -> Coded:
        return _recoded(Coded(np.concatenate(self._codes), tuple(self._known)), _plain)


def _recoded(column: Coded, told: Callable[[str], str]) -> Coded:
    """The column with every text told otherwise; those that are then the same become one."""
    names = [told(name) for name in column.names]
    if tuple(names) == column.names:
        return column
    one = coded(names)
    return Coded(one.codes[column.codes], one.names)


def _plain(cell: str) -> str:
    """A cell's text without our mark for spreadsheets, or white space around it."""
    text = unquote(cell) if cell[:1] == MARK else None
    return cell.strip() if text is None else text


def _number(cell: str) -> float:
    try:
        return float(cell) if cell else np.nan
    except ValueError:
        return np.nan


def _without_remarks(rows: Rows) -> Rows:
    texts = {
        name: column for name, column in rows.texts.items() if name in TEXTS or len(column.names) <= LONGEST_SEGMENT
    }
    return replace(rows, texts=texts)


def _masked(rows: Rows) -> Rows:
    """Whatever a column of segments holds of a person is masked: reports and tables name its texts. Ids are only compared."""
    texts = {
        name: column if name in _IDS or len(column.names) > LONGEST_SEGMENT else _recoded(column, mask)
        for name, column in rows.texts.items()
    }
    return replace(rows, texts=texts)


def _whole(rows: Rows) -> Rows:
    """Where no unit is told, each conversation was assigned by itself."""
    if rows.knows("unit"):
        return rows
    return replace(rows, texts={**rows.texts, "unit": rows.text("conversation")})


def _foreign(rows: Rows, named: Named) -> Rows:
    """Covariates that are all numbers become numbers; where no unit is named, each row is one."""
    numbers, texts = dict(rows.numbers), dict(rows.texts)
    covariates = tuple(map(as_covariate, named.covariates))
    for name in covariates:
        if name in texts and (found := _as_numbers(texts[name])) is not None:
            numbers[name] = found
            if name not in map(as_covariate, named.segments):
                del texts[name]
    if "unit" not in texts:
        texts["unit"] = Coded(np.arange(len(rows), dtype=np.int32), tuple(map(str, range(1, len(rows) + 1))))
    return replace(rows, numbers=numbers, texts=texts, covariates=covariates)


def _as_numbers(column: Coded) -> Floats | None:
    """The column as numbers, "" as NaN; None when a text of it is none."""
    values = np.array([_number(name) for name in column.names])
    known = np.array([bool(name) for name in column.names])
    return values[column.codes] if np.isfinite(values[known]).all() else None
