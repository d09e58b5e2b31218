"""The apostrophe before a cell that a spreadsheet would not leave alone.

"=1+1" is a formula to Excel, and "-10元" or "@客服" may become one (OWASP ASVS V1.2.10); white space around a text is
lost in any cell. Writers put an apostrophe before such texts and readers take exactly that one away again, so every
text comes back as it was. Excel's own meaning of a leading apostrophe is the same: what follows is text.

`quote` is a bijection onto its image and `unquote` its inverse: whether a text needs the mark does not depend on
apostrophes it begins with itself.
"""

from __future__ import annotations

import re

MARK = "'"
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"  # a reader takes these from the ends of a cell
_RISKY = "=+-@\t\r\n\0＝＋－＠"
_ESCAPE = re.compile("_x000[dD]_")  # how Excel writes a carriage return; a text may hold it literally


def quote(text: str) -> str:
    """The text as it may stand in a cell of any spreadsheet: unchanged, or after one apostrophe."""
    return MARK + text if _needs_mark(text) else text


def unquote(cell: str) -> str | None:
    """The exact text behind the apostrophe that `quote` has put; None for a cell without such a mark."""
    return cell[1:] if cell[:1] == MARK and _needs_mark(cell[1:]) else None


def _needs_mark(text: str) -> bool:
    core = text.lstrip(MARK)
    if not core:
        return False
    first, last = core[0], core[-1]
    ends = first.isspace() or last.isspace() or first in INVISIBLE or last in INVISIBLE
    return first in _RISKY or ends or ("_x000" in core and bool(_ESCAPE.search(core)))
