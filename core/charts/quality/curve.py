"""Precision against recall by threshold."""

from __future__ import annotations

import altair as alt

from core import wording
from core.charts.chart import Canvas, Chart, haloed
from core.charts.quality.shares import percent_of
from core.charts.tokens import Palette
from core.quality import QualityReport, sentences
from core.status import Estimate


def curve(found: QualityReport, palette: Palette, explored: float | None = None) -> Chart:
    """Precision against recall by threshold, the target corner, and the points that matter.

    Args:
        found: the report.
        palette: the colours.
        explored: a threshold that the reader is looking at; None for none.
    """
    title = sentences.curve_title(found)
    made = found.curve
    if made is None or not made.points:
        return Chart(title, None, "Without labels there is no curve.")
    canvas = Canvas()
    goal_precision, goal_recall = (
        float(found.settings.targets[measure].value) * 100 for measure in ("precision", "recall")
    )
    rows = [
        {
            "recall": percent_of(point.recall.value),
            "precision": percent_of(point.precision.value),
            "low": percent_of(point.precision.low),
            "high": percent_of(point.precision.high),
            "threshold": wording.score(point.threshold),
            "label": f"precision {sentences.interval_words(point.precision)}; "
            f"recall {sentences.interval_words(point.recall)}",
        }
        for point in made.points
        if point.precision.value is not None and point.recall.value is not None
    ]
    lowest = _floor_of_curve(found, goal_precision)
    scale = alt.Scale(domain=[lowest, 100], nice=False, clamp=True)
    x, y = _recall("recall"), _precision("precision", scale)
    corner = (
        canvas.on([{"recall": goal_recall, "r2": 100, "precision": goal_precision, "p2": 100}])
        .mark_rect(color=palette.on_target, opacity=0.13)
        .encode(x=x, x2=alt.X2(field="r2"), y=y, y2=alt.Y2(field="p2"))
    )
    corner_name = (
        canvas.on(
            [{"recall": 100, "precision": 100, "label": f"target {found.settings.name}"}]
        )
        .mark_text(
            align="right", baseline="top", dx=-5, dy=5, fontSize=11, fontWeight=600,
            color=palette.text,
        )
        .encode(x=x, y=y, text=alt.Text(field="label", type="nominal"))
    )  # fmt: skip
    base = canvas.on(rows)
    band = base.mark_area(opacity=0.2, color=palette.on_target, clip=True).encode(
        x=x,
        y=_precision("low", scale),
        y2=alt.Y2(field="high"),
    )
    tooltip = [
        alt.Tooltip(field="threshold", type="nominal"),
        alt.Tooltip(field="label", type="nominal", title="95 % intervals"),
    ]
    line = base.mark_line(strokeWidth=2, color=palette.on_target, clip=True).encode(
        x=x, y=y, order=alt.Order(field="recall", type="quantitative")
    )
    hover = base.mark_point(opacity=0, size=80).encode(x=x, y=y, tooltip=tooltip)
    points = _points(found, explored)
    layers = [corner, band, line, hover]
    for at, (name, precision, recall) in enumerate(points):
        layers += _cross(canvas, (name, precision, recall), scale=scale, palette=palette, at=at)
    layers.append(corner_name)
    said = "; ".join(
        f"{name}: precision {sentences.interval_words(precision)}, "
        f"recall {sentences.interval_words(recall)}"
        for name, precision, recall in points
    )
    return canvas.finish(
        layers,
        title,
        f"Precision against recall of {made.version} by threshold, with the 95 % interval of "
        f"precision. The target corner is precision at least {goal_precision:g} % at recall at "
        f"least {goal_recall:g} %. {said}.",
    )


def _floor_of_curve(found: QualityReport, goal: float) -> float:
    """Where the precision axis begins: six times as far below 100 % as what matters."""
    operating = found.whole.measures["precision"].low
    matters = min(goal, goal if operating is None else float(operating) * 100)
    return max(0.0, 100 - max(6 * (100 - matters), 2.0))


def _recall(field: str) -> alt.X:
    return alt.X(
        field=field,
        type="quantitative",
        scale=alt.Scale(domain=[0, 100], nice=False),
        axis=alt.Axis(title="recall, %", grid=False, tickCount=6),
    )


def _precision(field: str, scale: alt.Scale) -> alt.Y:
    axis = alt.Axis(title="precision, %", tickCount=6)
    return alt.Y(field=field, type="quantitative", scale=scale, axis=axis)


def _points(found: QualityReport, explored: float | None) -> list[tuple[str, Estimate, Estimate]]:
    thresholds, made = found.thresholds, found.curve
    points = []
    if thresholds.operating_point is not None:
        point = thresholds.operating_point
        points.append(("operating", point.precision, point.recall))
    if thresholds.certified is not None:
        point = thresholds.certified
        points.append(("certified", point.precision, point.recall))
    if explored is not None and made is not None:
        point = made.at(explored)
        points.append((f"at {wording.score(point.threshold)}", point.precision, point.recall))
    return points


def _cross(
    canvas: Canvas,
    point: tuple[str, Estimate, Estimate],
    *,
    scale: alt.Scale,
    palette: Palette,
    at: int,
) -> list[alt.Chart]:
    """A named point with the intervals of both its coordinates."""
    name, precision, recall = point
    if precision.value is None or recall.value is None:
        return []
    row = {
        "recall": percent_of(recall.value),
        "precision": percent_of(precision.value),
        "low": percent_of(precision.low),
        "high": percent_of(precision.high),
        "left": percent_of(recall.low),
        "right": percent_of(recall.high),
        "label": name,
    }
    colour = (palette.text, palette.series[2], palette.series[3])[at % 3]
    shape = ("circle", "diamond", "square")[at % 3]
    base = canvas.on([row])
    x, y = _recall("recall"), _precision("precision", scale)
    vertical = base.mark_rule(strokeWidth=1.6, color=colour, clip=True).encode(
        x=x,
        y=_precision("low", scale),
        y2=alt.Y2(field="high"),
    )
    horizontal = base.mark_rule(strokeWidth=1.6, color=colour).encode(
        x=_recall("left"),
        x2=alt.X2(field="right"),
        y=y,
    )
    dot = base.mark_point(filled=True, size=80, opacity=1, color=colour, shape=shape).encode(
        x=x, y=y
    )
    look = {"align": "right", "baseline": "top", "dx": -7, "dy": 6 + 13 * at}
    return [
        vertical,
        horizontal,
        dot,
        *haloed(base, palette, x=x, y=y, colour=colour, **look),
    ]
