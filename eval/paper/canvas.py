"""The sheet that plots are drawn on: matplotlib's SVG with text that stays text, and nothing that differs between machines.

Layout is measured with the font that comes with matplotlib, whatever fonts are installed, and placed by hand; the reader's
browser sets the text in the first Chinese font it has (`FONTS`, in the page's style). So the same figures are the same bytes
everywhere, and no glyph can be missing. matplotlib takes half a second to import: only what draws imports it.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from ingest.sheet import safe

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONTS = "Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif"
INK = "#1b1f24"
QUIET = "#5d6670"
LINE = "#d5dade"
# Okabe and Ito, Color Universal Design, 2008, ordered so that neighbours differ in lightness too (grey print).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#000000", "#CC79A7", "#E69F00")
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (3, 1)), (0, (9, 3)))
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "++++")
WIDTH = 7.2  # inches: 518 points, the width of an A4 page between its margins
EM = 9 / 72  # inches of a Chinese character of 9 points

Draw: TypeAlias = "Callable[[Axes], None]"

_RC: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "huashu",
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "text.parse_math": False,  # a name may hold dollar signs
    "axes.unicode_minus": True,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "hatch.linewidth": 0.7,
    "hatch.color": "#ffffff",
    "path.simplify": False,
}
_FAMILY = re.compile(r"(font-family: |font: (?:\w+ )*[\d.]+px )[^;\"]+")


def draw(
    height: float, left: float, paint: Draw, *, bottom: float = 0.5, top: float = 0.12, width: float = WIDTH
) -> str:
    """One pair of axes painted on, as SVG; sizes and margins in inches, so that nothing depends on how wide a text is."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_RC), warnings.catch_warnings():
        # The font of the layout has no Chinese; the font of the page has.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure = Figure(figsize=(width, height))
        box = (left / width, bottom / height, (width - left - 0.15) / width, (height - bottom - top) / height)
        paint(figure.add_axes(box))
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _FAMILY.sub(rf"\g<1>{FONTS}", out.getvalue())


def ems(text: str) -> float:
    """How wide a text is, in Chinese characters: a letter is a little more than half of one."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.56 for char in text)


def room(texts: list[str], most: float = 3.0) -> float:
    """Inches that the widest of the texts needs beside an axis, within bounds."""
    return min(max([ems(text) for text in texts], default=0) * EM + 0.2, most)


def plain(text: str) -> str:
    """The text in one line of characters that can be drawn."""
    return " ".join(safe(text).split())


def cut(text: str, most: float = 3.0) -> str:
    """The text in one line, its end replaced by … where it would not fit into so many inches."""
    text = plain(text)
    limit = (most - 0.2) / EM
    if ems(text) <= limit:
        return text
    kept = ""
    for char in text:
        if ems(kept + char) > limit - 1:
            break
        kept += char
    return kept + "…"
