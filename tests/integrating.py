"""The examples of docs/integrate.md, taken out of it; the text is the only copy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "integrate.md"
# ```sh blocks are for people: they change a machine or need one's own names.
_BLOCK = re.compile(r"^```(bash|python|html)\n(.*?)^```\n(?:<!-- prints: (.*?) -->)?", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A fenced block and what it must print."""

    language: str
    text: str
    prints: str
    line: int

    @property
    def name(self) -> str:
        return f"line {self.line}"


def examples(*languages: str) -> list[Example]:
    document = DOCUMENT.read_text(encoding="utf-8")
    return [
        Example(found[1], found[2], found[3] or "", document[: found.start()].count("\n") + 1)
        for found in _BLOCK.finditer(document)
        if found[1] in languages
    ]
