"""The texts of a workbook's cells, read without the four objects that openpyxl makes of each: two fifths of reading a sheet.

Nearly every text is one element `t`. What has runs of different fonts, or a pronunciation, is read by openpyxl as ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import openpyxl.reader.strings
import openpyxl.worksheet._reader
from openpyxl.cell.text import Text
from openpyxl.xml.constants import SHEET_MAIN_NS

_PLAIN = f"{{{SHEET_MAIN_NS}}}t"


class Node(Protocol):
    """An element, as ElementTree has it."""

    tag: str
    text: str | None

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Plain:
    """What openpyxl asks of a text: its content."""

    content: str

    @staticmethod
    def from_tree(node: Node) -> Plain | Text:
        """The text of an element `si` or `is`; the same content as openpyxl's own class gives."""
        if len(node) == 1 and node[0].tag == _PLAIN:
            return Plain(node[0].text or "")
        return Text.from_tree(node)


def read_plainly() -> None:
    """From now on openpyxl reads texts so, in this process: in the child, that is."""
    openpyxl.reader.strings.Text = Plain
    openpyxl.worksheet._reader.Text = Plain
