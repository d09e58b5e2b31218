"""The lines and paragraphs of running text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A line or paragraph. `level` 1 to 9 is a heading's; `gap`: something stands between it and the one before."""

    number: int
    text: str
    level: int = 0
    gap: bool = False
    numbered: bool = False  # by the word processor, so that the number is not in the text
