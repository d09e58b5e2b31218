"""A small report with one of everything, for the tests of its three forms."""

from __future__ import annotations

from eval.paper.paper import FigureRow, Figures, Grid, Paper, Plot, Prose, Section, Sheet, Warning, about
from eval.paper.plot import interval_plot

FIGURES = (
    FigureRow("询单转化率", 0.2312, 0.2121, 0.2503, 20000, "%", "付款会话 ÷ 咨询会话"),
    FigureRow("差", -0.004, -0.02, 0.012, 300, "pp"),
    FigureRow("未知", None),
)


def a_paper(text: str = "一段话", name: str = "明细") -> Paper:
    """`text` stands wherever a text may stand."""
    drawing = Plot(interval_plot([FigureRow(text, 0.1, 0.05, 0.2, 9, "%")], label=text), text, text)
    return Paper(
        text,
        (text,),
        about(data_range=text, n="3", seed="7"),
        (
            Section(text, (Prose(text), Warning(text), Figures(FIGURES, text), drawing)),
            Section("二", (Grid((text, "数"), ((text, 1.5), (None, -2)), text), drawing)),
        ),
        (Sheet(name, ("编号", text), ((1, text), (2, float("nan")), (10**17, ""))),),
    )
