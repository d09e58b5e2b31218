"""What a person says the columns mean: now, for one sheet, and as the shop remembers it from earlier imports.

A correction wins over memory, memory over the table of names, names over likeness. Only a commit remembers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.columns.fields import FIELDS, KIND_LABELS, SheetKind
from ingest.problem import cut
from kb.errors import Invalid
from kb.language.mask import mask

FACT = "fact"  # beside the fields: the column is an attribute of the product
LEFT_OUT = ""  # beside the fields: the column is not read
ONLY_SHEET = ""  # a correction for a file with one sheet need not name it

_LETTER = re.compile(r"[A-Z]{1,2}")
_MOST_COLUMNS, _MOST_ROWS = 200, 100_000  # what the readers take
_LONGEST_JSON = 200_000
_LONGEST_QUOTE = 40
_LONGEST_MASKED = 400  # masking costs by length; what is cut afterwards need not be masked
_REMEDY = '列映射的写法是 {"sheets": {"Sheet1": {"kind": "faq", "header_row": 3, "columns": {"B": "question"}}}}。'


@dataclass(frozen=True, slots=True)
class Correction:
    """What is said of one sheet. `kind` None: as recognised; `header_row` None: as found, 0: there is none."""

    kind: SheetKind | None = None
    header_row: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)  # letter → field, FACT or LEFT_OUT


Corrections = Mapping[str, Correction]  # by the sheet's name


@dataclass(frozen=True, slots=True)
class Mappings:
    """Both layers of what people have said: the shop's memory (kind, plain header) → field, and today's corrections."""

    remembered: Mapping[tuple[str, str], str] = field(default_factory=dict)
    corrections: Corrections = field(default_factory=dict)

    def of_sheet(self, name: str) -> Correction:
        return self.corrections.get(name) or self.corrections.get(ONLY_SHEET) or Correction()

    def recall(self, kind: SheetKind, header: str) -> str | None:
        """The field remembered for a plain header, LEFT_OUT for a column not to be read; None when nothing is."""
        found = self.remembered.get((str(kind), header))
        return found if found is not None and found in choices(kind) else None


def column_index(letter: str) -> int:
    """The zero-based column of a spreadsheet's letter: A → 0, AA → 26."""
    index = 0
    for char in letter:
        index = index * 26 + ord(char) - ord("A") + 1
    return index - 1


def choices(kind: SheetKind) -> frozenset[str]:
    """All that a column of a kind may be said to be."""
    extra = {FACT} if kind is SheetKind.PRODUCT else set()
    return frozenset({each.name for each in FIELDS[kind]} | extra | {LEFT_OUT})


def read_corrections(text: str) -> dict[str, Correction]:
    """Corrections from their JSON form; a blank text has none. Raises Invalid for anything else."""
    if not text.strip():
        return {}
    try:
        data = json.loads(text) if len(text) <= _LONGEST_JSON else None
        json.dumps(
            data, ensure_ascii=False
        ).encode()  # half a character would come back in a reply that cannot carry it
    except (ValueError, RecursionError):
        data = None
    sheets = data.get("sheets") if isinstance(data, dict) else None
    if not isinstance(sheets, dict):
        raise _invalid("列映射看不懂，应是一段 JSON，里面有“sheets”")
    return {name: _correction(name, each) for name, each in sheets.items()}


def read_options(options: Iterable[str]) -> dict[str, Correction]:
    """Corrections from a command line: "Sheet1!C=answer", "C=answer" for the only sheet, "Sheet1!header=3",
    "Sheet1!kind=faq". Raises Invalid."""
    found: dict[str, dict[str, Any]] = {}
    for option in options:
        place, equals, value = option.rpartition("=")
        sheet, _, what = place.rpartition("!")
        if not equals or not what:
            raise Invalid(f"看不懂“{_short(option)}”。", remedy="请写成 工作表!列=含义，例如 Sheet1!C=answer。")
        said = found.setdefault(sheet, {"columns": {}})
        if what.lower() in ("kind", "header"):
            said["kind" if what.lower() == "kind" else "header_row"] = _whole(value.strip())
        else:
            said["columns"][what] = value.strip()
    return {sheet: _correction(sheet, said) for sheet, said in found.items()}


def check_sheets(corrections: Corrections, names: Sequence[str], file: str) -> None:
    """Raises Invalid for a correction of a sheet that the file does not have."""
    for name in corrections:
        if name == ONLY_SHEET and len(names) == 1:
            continue
        if name not in names:
            known = "、".join(f"“{_short(each)}”" for each in names[:10])
            said = f"没有工作表“{_short(name)}”" if name else "不止一张工作表"
            raise _invalid(f"文件“{file}”里{said}，有的是{known}")


def check_own(correction: Correction, sheet: str) -> None:
    """Raises Invalid for columns or a header row that are said of one of our own exports, which says them itself."""
    if correction.columns or correction.header_row is not None:
        raise Invalid(
            f"工作表“{_short(sheet)}”是本系统导出的，每一列是什么由表自己写明，不能另外指定列或表头。",
            remedy="请去掉对这张表的列映射再导入；要当作普通的表来指定，请先删掉“行类型”那一列。",
        )


def kinds_for(correction: Correction) -> list[SheetKind]:
    """The kinds that have every field of a correction, of which it may not name one. Never none."""
    if correction.kind:
        return [correction.kind]
    return [kind for kind in FIELDS if FIELDS[kind] and set(correction.columns.values()) <= choices(kind)]


def _correction(sheet: str, said: object) -> Correction:
    if not isinstance(said, dict) or not said.keys() <= {"kind", "header_row", "columns"}:
        raise _invalid(f"工作表“{_short(sheet)}”的列映射只能有 kind、header_row 和 columns")
    columns = said.get("columns") or {}
    if not isinstance(columns, dict):
        raise _invalid(f"工作表“{_short(sheet)}”的 columns 应写成 列字母: 含义")
    correction = Correction(_kind(sheet, said.get("kind")), _header_row(sheet, said.get("header_row")))
    return _with_columns(sheet, correction, columns)


def _with_columns(sheet: str, correction: Correction, said: Mapping[str, object]) -> Correction:
    columns: dict[str, str] = {}
    for letter, meaning in said.items():
        columns[_letter(sheet, letter)] = meaning if isinstance(meaning, str) else "?"
    kinds = [correction.kind] if correction.kind else [kind for kind in FIELDS if FIELDS[kind]]
    columns = {letter: _by_label(meaning, kinds) for letter, meaning in columns.items()}
    correction = replace(correction, columns=columns)
    for letter, meaning in columns.items():
        if not any(meaning in choices(kind) for kind in kinds):
            of = f"{KIND_LABELS[correction.kind]}的列" if correction.kind else "列"
            raise _invalid(
                f"工作表“{_short(sheet)}” {letter}列：{of}没有“{_short(meaning)}”这种含义{_hint(correction.kind)}"
            )
    if not kinds_for(correction):
        raise _invalid(f"工作表“{_short(sheet)}”：没有哪一种表同时有这些列：{'、'.join(columns.values())}")
    _check_repeats(sheet, correction)
    return correction


def _by_label(meaning: str, kinds: Sequence[SheetKind]) -> str:
    """A field's name for its label (答复 → answer), where one field alone has it; any other text as it is."""
    named = {each.name for kind in kinds for each in FIELDS[kind] if each.label == meaning}
    return named.pop() if len(named) == 1 else meaning


def _check_repeats(sheet: str, correction: Correction) -> None:
    """A field that stands in one column only cannot be said of two."""
    repeating = {each.name for kind in kinds_for(correction) for each in FIELDS[kind] if each.repeats}
    seen: dict[str, str] = {}
    for letter, meaning in correction.columns.items():
        if meaning in (FACT, LEFT_OUT) or meaning in repeating:
            continue
        if meaning in seen:
            raise _invalid(f"工作表“{_short(sheet)}”的{seen[meaning]}列和{letter}列不能都是“{meaning}”，请只留一列")
        seen[meaning] = letter


def _letter(sheet: str, letter: str) -> str:
    upper = letter.strip().upper()
    if not _LETTER.fullmatch(upper) or column_index(upper) >= _MOST_COLUMNS:
        raise _invalid(f"工作表“{_short(sheet)}”没有“{_short(letter)}”这一列，列要写成 A、B … 这样的字母")
    return upper


def _kind(sheet: str, said: object) -> SheetKind | None:
    if said in (None, "", "auto"):
        return None
    usable = [kind for kind in FIELDS if FIELDS[kind]]
    if not isinstance(said, str) or said not in map(str, usable):
        raise _invalid(f"工作表“{_short(sheet)}”的种类“{_short(str(said))}”不认识，可以是 {'、'.join(usable)}")
    return SheetKind(said)


def _header_row(sheet: str, said: object) -> int | None:
    if said is None or said == "":
        return None
    if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said <= _MOST_ROWS:
        raise _invalid(f"工作表“{_short(sheet)}”的 header_row 应是表头的行号，没有表头写 0")
    return said


def _hint(kind: SheetKind | None) -> str:
    if not kind:
        return "。先写明种类（kind=faq），就会列出它有哪些列"
    return f"，可以是 {'、'.join(f'{each.name}（{each.label}）' for each in FIELDS[kind])}，不读写成空的"


def _whole(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text


def _invalid(message: str) -> Invalid:
    return Invalid(message + "。", remedy=_REMEDY)


def _short(text: str) -> str:
    """What was said, to be quoted: masked, and without the half characters that JSON can spell and no reply can carry."""
    text = mask(text.encode("utf-8", "replace").decode("utf-8")[:_LONGEST_MASKED])
    return cut(text, _LONGEST_QUOTE)
