"""What is wrong or doubtful in a file, told so that the merchant can find the cell and mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Literal, Protocol

from kb.language.mask import mask

Severity = Literal["error", "warning"]

_VALUE_LIMIT = 80  # characters shown of an offending cell
_SIDE_LIMIT = 300  # of each of two texts that are compared by eye
_MASK_LIMIT = 400  # masking costs by length; what is cut afterwards need not be masked


def cut(text: str, limit: int) -> str:
    """A text to be quoted: whole, or its beginning."""
    return text if len(text) <= limit else text[:limit] + "…"


def short(text: str, limit: int) -> str:
    """The same on one line."""
    return cut(" ".join(text.split()), limit)


@dataclass(frozen=True, slots=True)
class Sides:
    """Two texts that do not agree: the one at the problem's place, the other, and where that one stands.

    `asked` is what both speak about as this place calls it; the parts are the words on which they part.
    """

    here: str
    there: str
    where: str
    asked: str = ""
    here_part: str = ""
    there_part: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding; row 0 and column "" mean the whole sheet. An error keeps its row out of the store.

    `quote`: what stands there begins so; only where nobody sees a row's number (`ingest.places`).
    """

    severity: Severity
    sheet: str
    row: int
    column: str
    code: str
    text: str
    value: str = ""
    sides: Sides | None = None
    quote: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "severity": self.severity,
            "row": self.row,
            "column": self.column,
            "quote": self.quote,
            "code": self.code,
            "text": self.text,
            "value": self.value,
            "sides": asdict(self.sides) if self.sides else None,
        }


def make_problem(
    severity: Severity,
    sheet: str,
    code: str,
    text: str,
    *,
    row: int = 0,
    column: str = "",
    value: str = "",
    sides: Sides | None = None,
) -> Problem:
    """A problem whose sentence begins with the place, and whose value and sides hold no personal data."""
    place = f"第{row}行" + (f" {column}列" if column else "") + "：" if row else ""
    if sides:
        sides = Sides(*(_shown(text, _SIDE_LIMIT) for text in astuple(sides)))
    return Problem(severity, sheet, row, column, code, place + text, _shown(value, _VALUE_LIMIT), sides)


def _shown(text: str, limit: int) -> str:
    return mask(text[:_MASK_LIMIT])[:limit]


class Problems:
    """The findings of one sheet, collected while it is read."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self.found: list[Problem] = []

    def error(self, code: str, text: str, *, row: int = 0, column: str = "", value: str = "") -> None:
        self.found.append(make_problem("error", self.sheet, code, text, row=row, column=column, value=value))

    def warn(self, code: str, text: str, *, row: int = 0, column: str = "", value: str = "") -> None:
        self.found.append(make_problem("warning", self.sheet, code, text, row=row, column=column, value=value))


# What needs a person's decision stands before what is only worth knowing.
_URGENT = (
    "conflict_",
    "removed_most",
    "removed_unclear",
    "other_file_said",
    "product_two_names",
    "review_cut",
    "trainer_edit_overwritten",
    "window_reversed",
    "question_repeated",
    "question_similar",
)


def urgent_first(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Errors, then what needs a decision, then the rest; each in the order it was found."""
    return tuple(sorted(problems, key=_urgency))


def _urgency(problem: Problem) -> int:
    if problem.severity == "error":
        return -1
    return next((i for i, code in enumerate(_URGENT) if problem.code.startswith(code)), len(_URGENT))


class Told(Protocol):
    """A sheet, as drafted or as reported, with what was found in it."""

    @property
    def problems(self) -> tuple[Problem, ...]: ...


def gather(sheets: Sequence[Told]) -> list[Problem]:
    """The problems of all sheets, in their order."""
    return [problem for sheet in sheets for problem in sheet.problems]


def count_errors(problems: Sequence[Problem]) -> int:
    return sum(problem.severity == "error" for problem in problems)
