"""An order by the last four of its number (尾号), which is all that may be kept of it: enough to tell two orders of a chat apart."""

from __future__ import annotations

import re

LABEL = "尾号"
LENGTH = 4
_NOT_IN_NUMBERS = re.compile(r"[^0-9A-Za-z]")


def tail_of(number: str) -> str:
    """The last four letters and digits of an order's number, however it is written; fewer where it has fewer."""
    return _NOT_IN_NUMBERS.sub("", number)[-LENGTH:]


def labelled(tail: str) -> str:
    """As people read it: 尾号4471; "" where there is none."""
    return f"{LABEL}{tail}" if tail else ""


def cut(text: str) -> str:
    """A text that names an order, by its tail; the label stays where it was written."""
    return LABEL * text.startswith(LABEL) + tail_of(text)
