"""Charts of a shadow run: both decisions against each other, and how far they differ over time."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import altair as alt

from core import wording
from core.charts.chart import (
    UTC_MINUTES,
    Canvas,
    Chart,
    gap_bands,
    haloed,
    level_line,
    stamp,
    time_axis,
)
from core.charts.tokens import Palette
from core.life_cycle import ShadowRun, sentences
from core.life_cycle.shadow import Part
from core.timeframe import HOUR

#: Lines of more segments than this cannot be told apart.
MOST_SEGMENTS = 4
HEIGHT = 250


def matrix(run: ShadowRun, palette: Palette) -> Chart:
    """Letters by both decisions: alike on the diagonal, different beside it."""
    counted = run.whole.matrix
    if not counted.letters or counted.agreement is None:
        return Chart("No letter was compared", None, "There is nothing to draw.")
    differ = wording.percent(1 - counted.agreement, 2, good="low")
    title = f"{differ} of {wording.count(counted.letters)} letters are decided differently"
    cells = (
        ("positive", "positive", counted.both_positive, "alike"),
        ("positive", "negative", counted.production_only, "differ"),
        ("negative", "positive", counted.candidate_only, "differ"),
        ("negative", "negative", counted.both_negative, "alike"),
    )
    rows = [
        {
            "production": f"production {before}",
            "candidate": f"candidate {after}",
            "count": wording.count(letters),
            "share": wording.percent(Fraction(letters, counted.letters), 3),
            "kind": kind,
        }
        for before, after, letters, kind in cells
    ]
    canvas = Canvas()
    base = canvas.on(rows)
    x = alt.X(
        field="candidate",
        type="nominal",
        sort=["candidate positive", "candidate negative"],
        axis=alt.Axis(
            title=None,
            orient="top",
            labelAngle=0,
            labelAlign="center",
            labelFlush=False,
            ticks=False,
            domain=False,
        ),
    )
    y = alt.Y(
        field="production",
        type="nominal",
        sort=["production positive", "production negative"],
        axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=160),
    )
    boxes = base.mark_rect(stroke=palette.background, strokeWidth=4, cornerRadius=6).encode(
        x=x,
        y=y,
        color=alt.Color(
            field="kind",
            type="nominal",
            legend=None,
            scale=alt.Scale(domain=["alike", "differ"], range=[palette.gap, palette.wrong]),
        ),
    )
    number = base.mark_text(fontSize=17, fontWeight=600, dy=-9, color=palette.text).encode(
        x=x, y=y, text=alt.Text(field="count", type="nominal")
    )
    share = base.mark_text(fontSize=11, dy=11, color=palette.text).encode(
        x=x, y=y, text=alt.Text(field="share", type="nominal")
    )
    said = ", ".join(f"{row['production']} and {row['candidate']}: {row['count']}" for row in rows)
    return canvas.finish([boxes, number, share], title, f"{title}: {said}.", height=HEIGHT)


def over_time(run: ShadowRun, palette: Palette) -> Chart:
    """The share decided differently by hour; hours without a row are gaps."""
    parts = run.segments if 1 < len(run.segments) <= MOST_SEGMENTS else (run.whole,)
    rows = [row for part in parts for row in _points(part, run)]
    title = _title(run)
    if not rows:
        return Chart(title, None, "No hour has a letter to compare.")
    canvas = Canvas()
    names = [part.segment for part in parts]
    y = alt.Y(
        field="v",
        type="quantitative",
        scale=alt.Scale(zero=False, nice=True, padding=14),
        axis=alt.Axis(title="decided differently, %", tickCount=5),
    )
    gaps = gap_bands(canvas, [(gap.start, gap.end) for gap in run.missing], palette)
    lines = (
        canvas.on(rows)
        .mark_line(strokeWidth=1.6)
        .encode(
            x=time_axis(span=(run.span.start, run.span.end)),
            y=y,
            color=alt.Color(
                field="segment",
                type="nominal",
                legend=None,
                scale=alt.Scale(domain=names, range=list(palette.series[: len(names)])),
            ),
            detail=alt.Detail(field="piece", type="nominal"),
            tooltip=[
                alt.Tooltip(field="segment", type="nominal"),
                alt.Tooltip(field="said", type="nominal", title="decided differently"),
                alt.Tooltip(
                    field="t",
                    type="temporal",
                    timeUnit=UTC_MINUTES,
                    format="%d %b %H:%M",
                    title="hour (UTC)",
                ),
            ],
        )
    )
    layers = [*gaps, lines]
    agreed = run.whole.matrix.agreement
    if agreed is not None:
        mean = 1 - agreed
        label = f"all letters of the run: {wording.percent(mean, 2, good='low')}"
        layers += level_line(canvas, float(mean) * 100, label, palette, faint=True)
    layers += _names(canvas, rows, names, palette)
    text = f"{title}. {sentences.coverage(run)}"
    return canvas.finish(layers, title, text, height=HEIGHT)


def _names(
    canvas: Canvas, rows: list[dict[str, Any]], names: list[str], palette: Palette
) -> Iterator[alt.Chart]:
    """Each line's name at its last point, in its colour; a single line needs none."""
    if len(names) < 2:
        return
    for name, colour in zip(names, palette.series, strict=False):
        last = [row for row in rows if row["segment"] == name][-1:]
        base = canvas.on([row | {"label": name} for row in last])
        yield from haloed(
            base,
            palette,
            x=time_axis(),
            y=alt.Y(field="v", type="quantitative"),
            colour=colour,
            align="right",
            baseline="bottom",
            dy=-6,
        )


def _title(run: ShadowRun) -> str:
    missing = run.expected_hours - len(run.hours)
    letters, differing = run.whole.letters_by_hour, run.whole.differing_by_hour
    there = letters > 0
    if not there.any():
        return "No hour has a letter to compare"
    shares = differing[there] / letters[there]
    low = wording.percent(float(shares.min()), 2, good="low")
    high = wording.percent(float(shares.max()), 2, good="low")
    said = f"From hour to hour, {low} to {high} of all letters are decided differently"
    if missing:
        return f"{said}; {missing} of {run.expected_hours} hours are missing"
    return said


def _points(part: Part, run: ShadowRun) -> Iterator[dict[str, Any]]:
    """Points of a line; a piece of it ends before each missing hour."""
    piece, before = 0, None
    rows = zip(run.moments, part.letters_by_hour, part.differing_by_hour, strict=True)
    for hour, letters, differing in rows:
        if not letters:
            continue
        if before is not None and hour - before > HOUR:
            piece += 1
        before = hour
        share = Fraction(int(differing), int(letters))
        yield {
            "t": stamp(hour),
            "v": float(share) * 100,
            "segment": part.segment,
            "piece": f"{part.segment} {piece}",
            "said": wording.percent(share, 3, good="low"),
        }
