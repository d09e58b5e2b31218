"""Plots of a report as SVG text: intervals, lines with bands, bars, reliability. Same figures, same bytes.

Nothing is told by colour alone: series differ in shape, dash and hatch too, so that they survive grey print. Shares are
fractions and are drawn in the unit they are given with (`eval.paper.paper.Unit`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eval.paper.canvas import COLOURS, DASHES, HATCHES, MARKERS, QUIET, cut, draw, plain, room
from eval.paper.number import scaled, shown
from eval.paper.paper import FigureRow, Unit
from eval.paper.words import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE_HEIGHT = 2.9
_MOST_NAMES = 60  # rows of one plot


@dataclass(frozen=True, slots=True)
class Line:
    """A series: y over x, with a band from `low` to `high` where given. None breaks the line."""

    name: str
    x: Sequence[float]
    y: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()


@dataclass(frozen=True, slots=True)
class Bars:
    """A series of bars, one for each name of the plot, with an interval where given."""

    name: str
    values: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose told probability lies together: their mean probability, the share that was right, how many."""

    told: float
    right: float
    n: int
    low: float | None = None
    high: float | None = None


def interval_plot(
    rows: Sequence[FigureRow], *, reference: float | None = None, label: str = "", lang: str = "zh"
) -> str:
    """Each figure as a point with its interval, one below the other, the value written beside; a dashed line at `reference`.

    All rows share the unit of the first. Rows without a value keep their place.
    """
    rows = rows[:_MOST_NAMES]
    unit: Unit = rows[0].unit if rows else ""
    names = [cut(row.name, 2.4) for row in rows]

    def paint(axes: Axes) -> None:
        for place, row in enumerate(rows):
            if row.value is None:
                continue
            at = scaled(row.value, unit)
            low, high = (at if edge is None else scaled(edge, unit) for edge in (row.low, row.high))
            axes.plot([low, high], [place, place], color=COLOURS[0], linewidth=2, solid_capstyle="butt")
            axes.plot([at], [place], marker="o", markersize=6, color=COLOURS[0], linestyle="none")
        if reference is not None:
            axes.axvline(scaled(reference, unit), color=COLOURS[1], linewidth=1.2, linestyle=DASHES[1])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_yticks(range(len(rows)), names)
        _right_of(axes, [_said(row, lang) for row in rows])
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        axes.set_xlabel(_labelled(label, unit, lang))

    return draw(0.62 + 0.29 * max(len(rows), 1), room(names, 2.4), paint)


def line_plot(
    lines: Sequence[Line], *, x_label: str, y_label: str, x_unit: Unit = "", y_unit: Unit = "",
    reference: float | None = None, names: Sequence[str] = (), lang: str = "zh",
) -> str:  # fmt: skip
    """Series over x with their bands. `names` stand below the x of the first line (0, 1, 2 …: days), else numbers."""

    def paint(axes: Axes) -> None:
        for i, line in enumerate(lines):
            colour, x = COLOURS[i % len(COLOURS)], [scaled(value, x_unit) for value in line.x]
            if line.low and line.high:
                axes.fill_between(
                    x, _all(line.low, y_unit), _all(line.high, y_unit), color=colour, alpha=0.16, linewidth=0
                )
            marker = MARKERS[i % len(MARKERS)] if len(x) <= 60 else ""
            style = DASHES[i % len(DASHES)]
            axes.plot(
                x,
                _all(line.y, y_unit),
                color=colour,
                linestyle=style,
                marker=marker,
                markersize=4,
                label=_named(line.name),
            )
        if reference is not None:
            axes.axhline(scaled(reference, y_unit), color=QUIET, linewidth=1, linestyle=DASHES[2])
        if names:
            step = max(1, -(-len(names) // 10))
            axes.set_xticks(range(0, len(names), step), [plain(name) for name in names[::step]])
        axes.grid()
        axes.set_xlabel(_labelled(x_label, x_unit, lang))
        axes.set_ylabel(_labelled(y_label, y_unit, lang))
        _legend(axes, len(lines))

    return draw(_LINE_HEIGHT + _above(len(lines)), 0.75, paint, top=0.12 + _above(len(lines)))


def bar_plot(
    names: Sequence[str], series: Sequence[Bars], *, label: str = "", unit: Unit = "", lang: str = "zh"
) -> str:
    """Bars that lie, a group for each name, one bar for each series, with intervals as whiskers."""
    kept = [cut(name, 2.4) for name in names[:_MOST_NAMES]]
    thick = 0.8 / max(len(series), 1)

    def paint(axes: Axes) -> None:
        for i, bars in enumerate(series):
            places = [place - 0.4 + thick * (i + 0.5) for place in range(len(kept))]
            values = [scaled(value or 0, unit) for value in bars.values[: len(kept)]]
            colour, hatch = COLOURS[i % len(COLOURS)], HATCHES[i % len(HATCHES)]
            axes.barh(
                places, values, height=thick * 0.86, label=_named(bars.name), color=colour, hatch=hatch, linewidth=0
            )
            for place, low, high in zip(places, bars.low, bars.high, strict=False):
                if low is not None and high is not None:
                    axes.plot([scaled(low, unit), scaled(high, unit)], [place, place], color="#000000", linewidth=1.2)
        axes.set_ylim(len(kept) - 0.4, -0.6)
        axes.set_yticks(range(len(kept)), kept)
        if len(series) == 1:
            _right_of(axes, [shown(value, unit, lang) for value in series[0].values[: len(kept)]])
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        axes.set_xlabel(_labelled(label, unit, lang))
        _legend(axes, len(series))

    above = _above(len(series))
    height = 0.62 + above + (0.12 + 0.17 * max(len(series), 1)) * max(len(kept), 1)
    return draw(height, room(kept, 2.4), paint, top=0.12 + above)


def reliability_plot(bins: Sequence[Bin], *, x_label: str, y_label: str, n_label: str, lang: str = "zh") -> str:
    """How often answers were right that were told with each probability: on the diagonal, what is told is true.

    The points' areas grow with n, which stands beside each. Guo et al., On Calibration of Modern Neural Networks, 2017.
    """
    most = max((one.n for one in bins), default=1)

    def paint(axes: Axes) -> None:
        axes.plot([0, 100], [0, 100], color=QUIET, linewidth=1, linestyle=DASHES[1])
        for one in bins:
            x, y = one.told * 100, one.right * 100
            if one.low is not None and one.high is not None:
                axes.plot([x, x], [one.low * 100, one.high * 100], color=COLOURS[0], linewidth=1.6)
            axes.plot(
                [x], [y], marker="o", markersize=4 + 7 * (one.n / most) ** 0.5, color=COLOURS[0], linestyle="none"
            )
            # Below the diagonal to the right of its point, above it to the left: away from the line and from each other.
            shift, side = (9, "left") if y <= x else (-9, "right")
            axes.annotate(
                f"{one.n}", (x, y), xytext=(shift, 0), textcoords="offset points", ha=side, va="center", color=QUIET
            )
        axes.set_xlim(-4, 104)
        axes.set_ylim(-4, 104)
        axes.grid()
        axes.set_xlabel(_labelled(x_label, "%", lang))
        axes.set_ylabel(_labelled(y_label, "%", lang))
        axes.text(1, 95, plain(n_label), color=QUIET, va="center")

    return draw(3.9, 0.75, paint, width=5.2)


def _said(row: FigureRow, lang: str) -> str:
    return shown(row.value, row.unit, lang) + (f"  n={row.n:,}" if row.n is not None else "")


def _right_of(axes: Axes, texts: Sequence[str]) -> None:
    """What stands beside each row at the right end; the axes give way to it."""
    box, inches = axes.get_position(), axes.figure.get_size_inches()[0]  # type: ignore[union-attr]
    axes.set_position((box.x0, box.y0, box.width - (room(list(texts), 2.0) - 0.1) / inches, box.height))
    for place, text in enumerate(texts):
        axes.text(1.02, place, text, transform=axes.get_yaxis_transform(), va="center", color=QUIET)


def _named(series: str) -> str:
    """A series as the legend names it; matplotlib leaves out what begins with an underscore."""
    return "\u200b" + plain(series) if series.startswith("_") else plain(series)


def _labelled(label: str, unit: Unit, lang: str) -> str:
    label = plain(label)
    named = say(unit, lang).strip()
    return (
        f"{label}（{named}）"
        if label and named and lang == "zh"
        else f"{label} ({named})"
        if label and named
        else label
    )


def _all(values: Sequence[float | None], unit: Unit) -> list[float]:
    return [float("nan") if value is None else scaled(value, unit) for value in values]


def _above(series: int) -> float:
    """Inches above the axes for the names of the series, three in a line; none for one series."""
    return 0.0 if series < 2 else 0.12 + 0.2 * -(-series // 3)


def _legend(axes: Axes, series: int) -> None:
    if series > 1:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=min(series, 3), borderaxespad=0.4)
