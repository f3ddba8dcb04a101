"""The budget, latency and load of a window."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import altair as alt
import numpy as np

from core import wording
from core.charts.chart import (
    Canvas,
    Chart,
    gap_bands,
    moments,
    stamp,
    target_line,
    time_axis,
)
from core.charts.reliability.events import gaps, marks
from core.charts.reliability.series import clickable, end_labels
from core.charts.tokens import Palette
from core.reliability import PERCENTILES, ReliabilityReport, sentences
from core.stats.histogram import UPPER_EDGES
from core.timeframe import MINUTE

#: The percentiles that are drawn, slowest first so that the labels read down the chart.
DRAWN = ("p99.99", "p99.9", "p99", "p50")
#: A budget overspent more than once over is drawn as this; the title says how many times.
FLOOR = -1.0
_KINDS = {"availability": "availability", "latency": "latency"}


def burn_down(found: ReliabilityReport, palette: Palette) -> Chart:
    """The share of the window's error budget that is left, by indicator."""
    canvas = Canvas()
    rows: list[dict[str, Any]] = [
        {"t": stamp(time), "name": kind, "left": _number(max(left, FLOOR) * 100)}
        for kind in _KINDS
        for time, left in zip(_step_ends(found), found.burn_down[kind], strict=True)
    ]
    title = sentences.budget_title(found)
    if all(row["left"] is None for row in rows):
        return Chart(title, None, sentences.no_budget(found))
    lowest = min(row["left"] for row in rows if row["left"] is not None)
    colour = alt.Color(
        field="name",
        type="nominal",
        legend=None,
        scale=alt.Scale(domain=list(_KINDS), range=list(palette.series[:2])),
    )
    y = alt.Y(
        field="left",
        type="quantitative",
        scale=alt.Scale(domain=[min(0, lowest * 1.05), 100], nice=False),
        axis=alt.Axis(title="budget left, %", tickCount=5),
    )
    line = (
        canvas.on(rows)
        .mark_line(strokeWidth=2, interpolate="step-after", invalid="break-paths-show-path-domains")
        .encode(x=time_axis(span=_room_for_labels(found)), y=y, color=colour)
    )
    layers = [
        *gap_bands(canvas, gaps(found), palette),
        *moments(canvas, marks(found), palette),
        line,
        *end_labels(canvas, rows, "left", colour, y),
        clickable(canvas, rows, "left", y),
    ]
    if lowest < 0:
        layers += target_line(canvas, 0, "spent", palette)
    parts = [
        f"{kind} {sentences.remaining(sli.budget.remaining)}" for kind, sli in found.slis.items()
    ]
    return canvas.finish(
        layers,
        title,
        f"Error budget left over the {found.window.last}: {'; '.join(parts)}.",
    )


def percentiles(found: ReliabilityReport, palette: Palette) -> Chart:
    """Latency percentiles over time against the target."""
    canvas = Canvas()
    names = list(PERCENTILES)
    rows: list[dict[str, Any]] = [
        {
            "t": stamp(time),
            "name": name,
            "ms": _number(found.trend_percentiles[at, names.index(name)]),
        }
        for name in DRAWN
        for at, time in enumerate(found.trend.times)
    ]
    target = found.settings.target_ms
    highest = max((row["ms"] for row in rows if row["ms"] is not None), default=target)
    colour = alt.Color(
        field="name",
        type="nominal",
        legend=None,
        scale=alt.Scale(domain=list(DRAWN), range=[palette.series[at] for at in (3, 2, 1, 0)]),
    )
    y = alt.Y(
        field="ms",
        type="quantitative",
        scale=alt.Scale(domain=[0, max(highest, target) * 1.12], nice=False),
        axis=alt.Axis(title="milliseconds a letter", tickCount=6),
    )
    line = (
        canvas.on(rows)
        .mark_line(strokeWidth=1.6, invalid="break-paths-show-path-domains")
        .encode(x=time_axis(span=_room_for_labels(found)), y=y, color=colour)
    )
    layers = [
        *gap_bands(canvas, gaps(found), palette),
        *moments(canvas, marks(found), palette),
        line,
        *end_labels(canvas, rows, "ms", colour, y),
        *target_line(canvas, target, f"target {target:g} ms", palette),
        clickable(canvas, rows, "ms", y),
    ]
    said = ", ".join(
        f"{name} {wording.milliseconds(found.percentiles[name])}" for name in reversed(DRAWN)
    )
    return canvas.finish(
        layers,
        sentences.percentile_title(found),
        f"Latency percentiles over the {found.window.last}; over the whole window: {said}.",
    )


def distribution(found: ReliabilityReport, palette: Palette) -> Chart:
    """The share of answered letters slower than a time, both axes logarithmic.

    A histogram hides the tail that four nines are about; on this curve the objective is a point
    that the curve has to pass under.
    """
    canvas = Canvas()
    total = int(found.cells.sum())
    slower = (total - found.cells.cumsum())[:-1]
    rows = [
        {"ms": float(edge), "share": float(count) / total * 100}
        for edge, count in zip(UPPER_EDGES, slower, strict=True)
        if total and count > 0 and edge >= 0.625
    ]
    target, objective = found.settings.target_ms, found.slis["latency"].objective
    corner = float(1 - objective) * 100
    lowest = min([corner / 20, *(row["share"] for row in rows)])
    x = alt.X(
        field="ms",
        type="quantitative",
        scale=alt.Scale(type="log", domain=[0.625, 640], nice=False),
        axis=alt.Axis(
            title="milliseconds a letter", grid=False, values=[1, 2, 5, 10, 20, 50, 100, 200, 500]
        ),
    )
    y = alt.Y(
        field="share",
        type="quantitative",
        scale=alt.Scale(type="log", domain=[max(lowest, 1e-9), 100], nice=False),
        axis=alt.Axis(
            title="slower than this, % of letters",
            values=[100, 10, 1, 0.1, 0.01, 0.001, 0.0001],
            format="~g",
        ),
    )
    tooltip = [
        alt.Tooltip(field="ms", type="quantitative", format=".3g", title="ms"),
        alt.Tooltip(field="share", type="quantitative", format=".3g", title="% slower"),
    ]
    curve = (
        canvas.on(rows)
        .mark_line(strokeWidth=2, color=palette.on_target)
        .encode(x=x, y=y, tooltip=tooltip)
    )
    forbidden = (
        canvas.on([{"ms": target, "ms2": 640, "share": corner, "share2": 100}])
        .mark_rect(color=palette.breached, opacity=0.09)
        .encode(x=x, x2=alt.X2(field="ms2"), y=y, y2=alt.Y2(field="share2"))
    )
    label_text = f"objective: {corner:g} % over {target:g} ms"
    point = canvas.on([{"ms": target, "share": corner, "label": label_text}])
    dot = point.mark_point(filled=True, size=60, opacity=1, color=palette.breached).encode(x=x, y=y)
    label = point.mark_text(
        align="left",
        dx=8,
        dy=-8,
        baseline="bottom",
        fontSize=11,
        fontWeight=600,
        color=palette.text,
    ).encode(x=x, y=y, text=alt.Text(field="label", type="nominal"))
    held = found.slis["latency"].value
    title = (
        "No answered letters"
        if held is None
        else "The tail stays under the objective"
        if held >= objective
        else "The tail crosses the objective"
    )
    share = "no letters" if held is None else wording.percent(1 - held, 4, good="low")
    return canvas.finish(
        [forbidden, curve, dot, label],
        title,
        f"Share of letters slower than a time; {share} were slower than {target:g} ms, "
        f"{corner:g} % are allowed.",
    )


def load(
    found: ReliabilityReport, palette: Palette, targets: Mapping[str, float] | None = None
) -> Chart:
    """Letters a minute: mean and fullest minute of each step, against the promised loads."""
    canvas = Canvas()
    letters = found.minutes.letters.sum(axis=0)
    written = found.minutes.rows.sum(axis=0) > 0
    size = max(found.trend.step // MINUTE, 1)
    rows: list[dict[str, Any]] = []
    for start in range(0, len(letters), size):
        part = letters[start : start + size][written[start : start + size]]
        rows.append(
            {
                "t": stamp(found.minutes.start + start * MINUTE),
                "mean": float(part.mean()) if part.size else None,
                "peak": float(part.max()) if part.size else None,
            }
        )
    highest = max((row["peak"] for row in rows if row["peak"] is not None), default=1.0)
    highest = max([highest, *(targets or {}).values(), 1.0])
    y_axis = alt.Axis(title="letters a minute", tickCount=5, format="~s")
    scale = alt.Scale(domain=[0, highest * 1.12], nice=False)
    peak = (
        canvas.on(rows)
        .mark_area(opacity=0.22, color=palette.on_target, invalid="break-paths-show-path-domains")
        .encode(x=time_axis(), y=alt.Y(field="peak", type="quantitative", scale=scale, axis=y_axis))
    )
    mean = (
        canvas.on(rows)
        .mark_line(
            strokeWidth=1.8, color=palette.on_target, invalid="break-paths-show-path-domains"
        )
        .encode(x=time_axis(), y=alt.Y(field="mean", type="quantitative", scale=scale, axis=y_axis))
    )
    layers = [
        *gap_bands(canvas, gaps(found), palette),
        *moments(canvas, marks(found), palette),
        peak,
        mean,
    ]
    for label, value in (targets or {}).items():
        layers += target_line(canvas, value, label, palette)
    layers.append(
        clickable(
            canvas, rows, "mean", alt.Y(field="mean", type="quantitative", scale=scale, axis=y_axis)
        )
    )
    peak_rpm = found.load.peak_rpm
    said = "no letters" if peak_rpm is None else f"the fullest minute had {wording.count(peak_rpm)}"
    return canvas.finish(
        layers,
        sentences.load_title(found),
        f"Letters a minute over the {found.window.last}: mean of each step as a line, "
        f"fullest minute as an area; {said}.",
    )


def _room_for_labels(found: ReliabilityReport) -> tuple[datetime, datetime]:
    """The window, and a margin to its right where the lines' names stand."""
    return found.span.start, found.span.end + (found.span.end - found.span.start) * 0.13


def _step_ends(found: ReliabilityReport) -> list[datetime]:
    return [min(time + found.trend.step, found.span.end) for time in found.trend.times]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
