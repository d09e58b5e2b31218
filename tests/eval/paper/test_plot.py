"""Plots: the same figures are the same bytes, every text is there as text, and nothing is only a colour."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from eval.paper.canvas import COLOURS, DASHES, HATCHES, MARKERS, cut, ems, plain
from eval.paper.paper import FigureRow
from eval.paper.plot import Bars, Bin, Line, bar_plot, interval_plot, line_plot, reliability_plot
from eval.paper.svg import inlined

ROWS = (FigureRow("全部", 0.03, 0.01, 0.05, 200, "pp"), FigureRow("$a$ <b>", None, unit="pp"))


def plots() -> dict[str, str]:
    return {
        "interval": interval_plot(ROWS, reference=0, label="差"),
        "line": line_plot(
            [Line("甲", [0, 1], [0.1, None], [0.0, None], [0.2, None]), Line("乙", [0, 1], [0.2, 0.3])],
            x_label="日", y_label="率", y_unit="%", names=["一", "二"], reference=0.1,
        ),
        "bar": bar_plot(["售前", "售后"], [Bars("甲", [1, None], [0.5], [1.5]), Bars("乙", [2, 3])], label="次"),
        "reliability": reliability_plot([Bin(0.2, 0.3, 9, 0.1, 0.6), Bin(0.9, 1, 1)], x_label="说", y_label="真", n_label="数"),
    }  # fmt: skip


TEXTS = {
    "interval": ["全部", "$a$ &lt;b&gt;", "差（个百分点）", "+3.00 个百分点  n=200"],
    "line": ["甲", "乙", "日", "率（%）", "一", "二"],
    "bar": ["甲", "乙", "售前", "售后", "次"],
    "reliability": ["说（%）", "真（%）", "数", "9", "1"],
}


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_plots_are_the_same_bytes_and_their_texts_are_texts() -> None:
    drawn, again = plots(), plots()
    for name, svg in drawn.items():
        assert svg == again[name]
        assert set(TEXTS[name]) <= {text.strip() for text in texts(svg)}
        assert "DejaVu" not in svg and "dc:date" not in svg and "Matplotlib" not in svg.split("<g", 1)[1]
        assert inlined(svg, "x-", "alt").startswith("<svg ")


def test_no_series_differs_by_colour_alone() -> None:
    assert len(COLOURS) == len(MARKERS) == len(DASHES) == len(HATCHES) == len({*HATCHES}) == len({*MARKERS})
    svg = plots()["bar"]
    assert "<pattern" in svg and COLOURS[0].lower() in svg.lower()


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=60), st.floats(-1, 1)),
        max_size=5,
    )
)
def test_any_name_can_be_drawn(rows: list[tuple[str, float]]) -> None:
    svg = interval_plot([FigureRow(name, value, value - 0.1, value + 0.1, 3, "%") for name, value in rows])
    inlined(svg, "x-", "alt")


@given(st.text(max_size=80), st.floats(0.5, 4))
def test_a_name_that_is_cut_fits(name: str, most: float) -> None:
    kept, whole = cut(name, most), plain(name)
    assert kept == whole or (kept.endswith("…") and whole.startswith(kept[:-1]))
    assert ems(kept) <= (most - 0.2) * 72 / 9 or kept == "…"
