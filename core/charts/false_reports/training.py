"""The letters that models are trained on, run by run, against the targets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import floor, log10
from typing import Any

import altair as alt

from core import wording
from core.charts.chart import (
    UTC_MINUTES,
    Canvas,
    Chart,
    Mark,
    haloed,
    moments,
    sparkline,
    stamp,
    target_line,
    time_axis,
)
from core.charts.tokens import Palette
from core.training import SeenRun, TrainingReport, sentences

#: A cross, for what failed.
_CROSS = "M-1,-1L1,1M-1,1L1,-1"
#: The most that is drawn of the time to come, as a share of the time so far.
_AHEAD = 1.0
#: How many pieces the line of the present pace has: it is straight, and the axis is not.
_PIECES = 24


def letters(found: TrainingReport, palette: Palette) -> Chart:
    """Letters by run on a logarithmic axis, so that 10M and 100M are both readable.

    The stepped line is what counts: the newest model's letters until the next one succeeds. Runs
    that failed are crosses, those under way hollow; the dotted line is the present pace.
    """
    title = sentences.headline(found)
    if not found.runs:
        return Chart(title, None, "Nobody has written training runs (metrics.training_run).")
    canvas = Canvas()
    start, end = _span(found)
    coming = _coming(found, end)
    goals = [float(target.value) for target in found.settings.targets if target.value > 0]
    low, high = _domain(
        [one.letters for one in found.runs], [*goals, *(row["letters"] for row in coming)]
    )
    x = time_axis(span=(start, end))
    y = alt.Y(
        field="letters",
        type="quantitative",
        scale=alt.Scale(type="log", domain=[low, high], nice=False),
        axis=alt.Axis(
            title="letters trained on, logarithmic",
            values=_ticks(low, high),
            labelExpr="replace(format(datum.value, '~s'), 'G', 'B')",
        ),
    )
    layers = _levels(canvas, found, palette)
    if coming:
        layers.append(
            canvas.on(coming)
            .mark_line(color=palette.muted, strokeWidth=1.6, strokeDash=[2, 3], clip=True)
            .encode(x=x, y=y)
        )
    if found.models:
        steps = [_row(one, low) for one in found.models]
        steps.append(steps[-1] | {"t": stamp(found.as_of)})
        line = canvas.on(steps).mark_line(
            color=palette.on_target, strokeWidth=2, interpolate="step-after"
        )
        dots = canvas.on(steps[:-1]).mark_point(
            color=palette.on_target, filled=True, size=46, opacity=1
        )
        layers += [line.encode(x=x, y=y), dots.encode(x=x, y=y, tooltip=_TOOLTIP)]
    for runs, look, colour in (
        (found.failed, {"shape": _CROSS, "strokeWidth": 2.2, "size": 70}, palette.breached),
        (found.running, {"shape": "circle", "strokeWidth": 1.8, "size": 60}, palette.text),
    ):
        if runs:
            base = canvas.on([_row(one, low, found.as_of) for one in runs])
            layers.append(
                base.mark_point(filled=False, opacity=1, stroke=colour, **look).encode(
                    x=x, y=y, tooltip=_TOOLTIP
                )
            )
            layers += haloed(base, palette, x=x, y=y, colour=colour, align="left", dx=9)
    due = [
        Mark(_midnight(one.target.due_on), f"due: {wording.count(int(one.target.value))}")
        for one in found.reaches
        if start <= _midnight(one.target.due_on) <= end
    ]
    return canvas.finish([*moments(canvas, due, palette), *layers], title, _alt(found), height=330)


def spark(found: TrainingReport, palette: Palette) -> Chart:
    """A card's line: the letters by succeeded run, against the target that counts now."""
    nearest = found.settings.nearest
    end = wording.count(found.letters or 0)
    return sparkline(
        [float(one.letters) for one in found.models],
        None if nearest is None else float(nearest.value),
        palette,
        f"letters trained on by succeeded run, newest {end}",
        end,
    )


_TOOLTIP = [
    alt.Tooltip(field="run", type="nominal", title="run"),
    alt.Tooltip(field="status", type="nominal", title="status"),
    alt.Tooltip(
        field="t", type="temporal", timeUnit=UTC_MINUTES, format="%d %b %Y %H:%M", title="UTC"
    ),
    alt.Tooltip(field="raw", type="nominal", title="raw"),
    alt.Tooltip(field="deduplicated", type="nominal", title="deduplicated"),
    alt.Tooltip(field="anonymised", type="nominal", title="anonymised"),
    alt.Tooltip(field="trained", type="nominal", title="trained"),
]


def _row(one: SeenRun, low: float, until: datetime | None = None) -> dict[str, Any]:
    """A run where it ended, or where it is now; below the axis's start it stands on it."""
    run = one.run
    return {
        "t": stamp(one.ended_at or until or run.started_at),
        "letters": float(max(one.letters, low)),
        "label": one.status,
        "run": run.run_id,
        "status": one.status,
        "raw": wording.whole(run.letters_raw),
        "deduplicated": wording.whole(run.letters_deduplicated),
        "anonymised": wording.whole(run.letters_anonymised),
        "trained": wording.whole(run.letters_trained),
    }


def _levels(canvas: Canvas, found: TrainingReport, palette: Palette) -> list[alt.Chart]:
    layers = []
    for target in found.settings.targets:
        if target.value <= 0:
            continue
        due = wording.long_date(target.due_on)
        name = f"target {wording.count(int(target.value))}, due {due}"
        # At the right edge: the steps rise from the left.
        layers += target_line(canvas, float(target.value), name, palette)
    return layers


def _span(found: TrainingReport) -> tuple[datetime, datetime]:
    """From the first run to the last due date or arrival, with an end to what is out of sight."""
    start = found.runs[0].run.started_at
    so_far = max(found.as_of - start, timedelta(days=1))
    ahead = [found.as_of]
    for one in found.reaches:
        ahead.append(_midnight(one.target.due_on))
        if one.arrival is not None and one.arrival.on is not None:
            ahead.append(_midnight(one.arrival.on))
    end = min(max(ahead), found.as_of + so_far * _AHEAD)
    return start - so_far * 0.03, max(end, found.as_of) + so_far * 0.08


def _coming(found: TrainingReport, end: datetime) -> list[dict[str, Any]]:
    """The present pace from now to the last target or the end of the axis."""
    open_ones = [one for one in found.reaches if one.missing]
    if found.pace is None or not open_ones:
        return []
    pace = found.pace
    wanted = max(float(one.target.value) for one in open_ones)
    days = min((wanted - pace.letters) / pace.daily, (end - pace.since) / timedelta(days=1))
    return [
        {
            "t": stamp(pace.since + timedelta(days=days * at / _PIECES)),
            "letters": pace.letters + pace.daily * days * at / _PIECES,
        }
        for at in range(_PIECES + 1)
    ]


def _domain(counts: Sequence[int], others: Sequence[float]) -> tuple[float, float]:
    """Bounds of the axis around every count and target; a count of 0 has no place of its own."""
    known = [float(count) for count in counts if count > 0] + list(others)
    if not known:
        return 1.0, 10.0
    return min(known) / 1.6, max(known) * 1.7


def _ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten; powers alone where that is much."""
    powers = range(floor(log10(low)), floor(log10(high)) + 1)
    steps = (1, 2, 5) if high / low < 1_000 else (1,)
    ticks = [step * 10.0**power for power in powers for step in steps]
    return [tick for tick in ticks if low <= tick <= high]


def _alt(found: TrainingReport) -> str:
    newest = wording.count(found.letters or 0)
    targets = [
        f"{wording.count(int(one.target.value))} by {wording.long_date(one.target.due_on)}"
        for one in found.reaches
    ]
    return (
        "Deduplicated, anonymised letters that models were trained on, by run, on a logarithmic "
        f"axis: {len(found.models)} succeeded, {len(found.failed)} failed, {len(found.running)} "
        f"under way. The newest model has {newest}; "
        f"{'targets: ' + wording.listing(targets) if targets else 'no target is set'}."
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
