"""The lift over time, with what may be looked at daily and what may not."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np

from core.charts.chart import (
    Canvas,
    Chart,
    gap_bands,
    level_line,
    moments,
    sparkline,
    stamp,
)
from core.charts.experiment.series import BROKEN, day_axis, gaps, marks, midnight, percent
from core.charts.experiment.words import confidence_words, interval_words
from core.charts.names import names_beside
from core.charts.tokens import Palette
from core.experiment import sentences
from core.experiment.report import ExperimentReport
from core.experiment.words import margin_words, range_words, signed

#: Names of lines stand at least this share of the axis apart.
_APART = 0.062
#: Days from the newest back that the axis has room for where no band is tuned yet.
_NEWEST = 3
#: Where lines end, and each one's height there, name and colour.
_Names = tuple[float, list[tuple[float, str, str]]]


def lift(found: ExperimentReport, palette: Palette) -> Chart:
    """The lift so far by day: the always-valid band, the ordinary interval as thin lines."""
    title, effect = sentences.lift_title(found), found.main.effect
    rows = _rows(found)
    if effect.lift is None:
        return Chart(title, None, "Split and guardrails are read all the same.")
    canvas = Canvas()
    margin = percent(found.definition.primary.margin) or 0.0
    low, high = _domain(rows, margin)
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    axis = alt.Axis(title=f"{effect.metric.label.lower()}, change in %", tickCount=6)

    def y(field: str) -> alt.Y:
        return alt.Y(field=field, type="quantitative", scale=scale, axis=axis)

    x, base = day_axis(found), canvas.on(rows)
    bands = [
        base.mark_area(color=palette.on_target, opacity=opacity, clip=True, invalid=BROKEN).encode(
            x=x, y=y(f"{name}_low"), y2=alt.Y2(field=f"{name}_high")
        )
        for name, opacity in (("deciding", 0.10), ("always", 0.24))
    ]
    thin = [
        base.mark_line(
            color=palette.series[1], strokeWidth=1.1, strokeDash=[3, 2], clip=True, invalid=BROKEN
        ).encode(x=x, y=y(field))
        for field in ("fixed_low", "fixed_high")
    ]
    line = base.mark_line(
        color=palette.text, strokeWidth=2, clip=True, invalid=BROKEN,
        point={"size": 22, "filled": True, "color": palette.text},
    ).encode(x=x, y=y("lift"), tooltip=_tooltip())  # fmt: skip
    held_against = margin_words(found.definition.primary.margin)
    ends_at, names = _names(found, rows, palette)
    return canvas.finish(
        [
            *gap_bands(canvas, gaps(found), palette),
            *bands,
            *thin,
            *moments(canvas, marks(found), palette),
            line,
            *level_line(canvas, 0.0, "no change", palette, dashed=False),
            *level_line(canvas, margin, f"margin {held_against}", palette),
            *names_beside(
                canvas, ends_at, names, palette, y=y("place"), apart=_APART * (high - low)
            ),
        ],
        title,
        f"Lift so far by day, {found.days} complete days: {sentences.effect_words(effect)}; always "
        f"valid: {interval_words(effect.always_valid)}. The margin is {held_against}.",
        height=330,
    )


def spark(found: ExperimentReport, palette: Palette) -> Chart:
    """A card's line: the lift by day, against its margin."""
    points = [percent(float(value)) for value in found.main.daily.lift]
    good, lift_now = found.definition.primary.direction, found.main.effect.lift
    end = "" if lift_now is None else signed(lift_now, good)
    margin = found.definition.primary.margin * 100
    return sparkline(points, margin, palette, f"lift by day, newest {end or 'unknown'}", end)


def _rows(found: ExperimentReport) -> list[dict[str, Any]]:
    daily, good = found.main.daily, found.definition.primary.direction
    rows = []
    for at, day in enumerate(found.line.days):
        ends = {
            name: (float(low[at]), float(high[at]))
            for name, low, high in (
                ("fixed", daily.fixed_low, daily.fixed_high),
                ("always", daily.always_low, daily.always_high),
                ("deciding", daily.deciding_low, daily.deciding_high),
            )
        }
        lift_then = float(daily.lift[at])
        row: dict[str, Any] = {
            "t": stamp(midnight(day)),
            "number": at + 1,
            "lift": percent(lift_then),
            "label": signed(lift_then, good, 2) if np.isfinite(lift_then) else "no number",
        }
        for name, (low, high) in ends.items():
            row[f"{name}_low"], row[f"{name}_high"] = percent(low), percent(high)
            known = np.isfinite(low) and np.isfinite(high)
            row[f"{name}_label"] = range_words(low, high, 2) if known else "not tuned yet"
        rows.append(row)
    return rows


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip(field="t", type="temporal", timeUnit="utcyearmonthdate", title="through (UTC)"),
        alt.Tooltip(field="number", type="quantitative", title="day"),
        alt.Tooltip(field="label", type="nominal", title="lift"),
        alt.Tooltip(field="always_label", type="nominal", title="always valid"),
        alt.Tooltip(field="deciding_label", type="nominal", title="decides"),
        alt.Tooltip(field="fixed_label", type="nominal", title="ordinary"),
    ]


def _domain(rows: list[dict[str, Any]], margin: float) -> tuple[float, float]:
    """Room for the bands from the day on which they begin; the first days' intervals may be cut."""
    fields = [f"{name}_{side}" for name in ("always", "deciding") for side in ("low", "high")]
    known = [row[field] for row in rows for field in fields if row[field] is not None]
    if not known:
        newest = [row for row in rows if row["fixed_low"] is not None][-_NEWEST:]
        known = [row[field] for row in newest for field in ("fixed_low", "fixed_high")]
    every = [*known, *(row["lift"] for row in rows if row["lift"] is not None), margin, 0.0]
    room = (max(every) - min(every)) or 1.0
    return min(every) - 0.05 * room, max(every) + 0.12 * room


def _names(found: ExperimentReport, rows: list[dict[str, Any]], palette: Palette) -> _Names:
    """What is drawn, where it ends, and its colour."""
    last = next(row for row in reversed(rows) if row["lift"] is not None)
    effect, deciding = found.main.effect, found.main.deciding
    # Where less is good the upper ends face the margin, and there the names have room.
    side = "high" if found.definition.primary.direction == "down" else "low"
    named = [(last["lift"], f"lift {last['label']}", palette.text)]
    for name, words, bounds, colour in (
        ("fixed", "ordinary", effect.fixed, palette.series[1]),
        ("always", "always valid", effect.always_valid, palette.on_target),
        ("deciding", "decides", deciding, palette.muted),
    ):
        end = last[f"{name}_{side}"]
        if end is not None and bounds is not None:
            named.append((end, f"{words}, {confidence_words(bounds)}", colour))
    return last["t"], named
