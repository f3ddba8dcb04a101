"""The plan as a Gantt chart: by direction, against its frozen baseline, today and the due date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import altair as alt

from core import wording
from core.charts.chart import Canvas, Chart, haloed, stamp, time_axis
from core.charts.milestones.bars import HEADING, Bar, bars_of, span_of
from core.charts.milestones.day_lines import (
    DASHED,
    WHOLE,
    DayLine,
    day_lines,
    day_names,
    width_of,
)
from core.charts.milestones.days import DATE, noon_of, stamp_of
from core.charts.milestones.words import against_plan, shortened
from core.charts.tokens import Palette
from core.milestones.states import TaskState, TaskView

#: The name of the selection that a click on a bar makes.
PICKED = "task"
ROW_HEIGHT = 25
#: About how wide the chart is, without its names of tasks, on a page of 1,280 pixels.
_PIXELS = 620
#: Before the words of a task on the critical path; words say it as well as the frame does.
CRITICAL = "◆ "
#: States that are drawn: what is not planned has no bar.
STATES = (
    *(TaskState.DONE, TaskState.RUNNING, TaskState.PLANNED),
    *(TaskState.BLOCKED, TaskState.LATE),
)


def gantt(
    views: Sequence[TaskView],
    dues: Mapping[str, date],
    today: date,
    palette: Palette,
    *,
    title: str,
    chosen: int | None = None,
) -> Chart:
    """Tasks by direction, at most MOST of them.

    Titles of tasks are labels of the axis, and in none of its tooltips: people wrote them.

    Args:
        views: the tasks, in the order in which they are to stand within their direction; those
            without dates are left out.
        dues: when milestones are due, by name.
        today: the day of the as-of.
        palette: the colours.
        title: the finding.
        chosen: the task whose dependencies are drawn.
    """
    shown, order = bars_of(views)
    if not shown:
        return Chart(title, None, "There is no task with dates to draw.")
    span = span_of(shown, dues.values(), today)
    canvas = Canvas()
    y = alt.Y(
        field="row",
        type="nominal",
        scale=alt.Scale(domain=order),
        axis=alt.Axis(
            title=None,
            ticks=False,
            domain=False,
            labelLimit=230,
            labelFontWeight=alt.condition(
                f"slice(datum.label, 0, {len(HEADING)}) == '{HEADING}'",
                alt.value("bold"),
                alt.value("normal"),
            ),
        ),
    )
    x = time_axis(span=span)
    lines = _lines(dues, today)
    layers = [
        *_baselines(canvas, shown, palette, x=x, y=y),
        *_plans(canvas, shown, palette, x=x, y=y),
        *day_lines(canvas, lines, palette, x=x),
        *_words(canvas, shown, lines, span, palette, x=x, y=y),
        *_dependencies(canvas, shown, palette, chosen, x=x, y=y),
        *day_names(canvas, lines, palette, x=x, span=span, pixels=_PIXELS),
    ]
    return canvas.finish(
        layers, title, f"{title}. {_told(shown)}", height=ROW_HEIGHT * len(order) + 50
    )


def _plans(
    canvas: Canvas,
    bars: Sequence[Bar],
    palette: Palette,
    *,
    x: alt.X,
    y: alt.Y,
) -> list[alt.Chart]:
    colours = [
        palette.on_target,
        _faded(palette.on_target, palette),
        _faded(palette.muted, palette),
        palette.at_risk,
        palette.breached,
    ]
    words = [state.word for state in STATES]
    rows = [
        {
            "row": bar.row,
            PICKED: bar.task_id,
            "t": stamp_of(bar.start),
            "t2": stamp_of(bar.last + timedelta(days=1)),
            "state": bar.state.word,
            "from": bar.start.isoformat(),
            "to": bar.end.isoformat(),
            "said": against_plan(bar.view) or "as planned",
            "path": "on the critical path" if bar.view.critical else "not on the critical path",
        }
        for bar in bars
    ]
    scale = alt.Scale(domain=words, range=colours)
    legend = alt.Legend(title=None, orient="top", symbolType="square")
    pick = alt.selection_point(name=PICKED, fields=[PICKED], on="click", clear="dblclick")
    bar_mark = (
        canvas.on(rows)
        .mark_bar(height=11, cornerRadius=2, yOffset=-3)
        .encode(
            x=x,
            x2=alt.X2(field="t2"),
            y=y,
            color=alt.Color(
                field="state",
                type="nominal",
                scale=scale,
                legend=legend,
            ),
            tooltip=[
                alt.Tooltip(field=field, type="nominal", title=name)
                for field, name in (
                    *(("from", "planned from"), ("to", "planned to")),
                    *(("state", "state"), ("said", "against the plan"), ("path", "path")),
                )
            ],
        )
        .add_params(pick)
    )
    layers = [bar_mark]
    framed = {bar.row for bar in bars if bar.view.critical}
    critical = [
        {key: row[key] for key in ("row", PICKED, "t", "t2")}
        for row in rows
        if row["row"] in framed
    ]
    if critical:
        layers.append(
            canvas.on(critical)
            .mark_bar(
                height=11,
                cornerRadius=2,
                yOffset=-3,
                filled=False,
                stroke=palette.text,
                strokeWidth=1.8,
            )
            .encode(x=x, x2=alt.X2(field="t2"), y=y)
        )
    return layers


def _baselines(
    canvas: Canvas,
    bars: Sequence[Bar],
    palette: Palette,
    *,
    x: alt.X,
    y: alt.Y,
) -> list[alt.Chart]:
    """A thin grey bar under each plan: what was frozen."""
    rows = [
        {
            "row": bar.row,
            PICKED: bar.task_id,
            "t": stamp_of(bar.baseline[0]),
            "t2": stamp_of(bar.baseline[1] + timedelta(days=1)),
            "from": bar.baseline[0].isoformat(),
            "to": bar.baseline[1].isoformat(),
        }
        for bar in bars
        if bar.baseline is not None
    ]
    if not rows:
        return []
    return [
        canvas.on(rows)
        .mark_bar(height=4, yOffset=6, color=palette.muted, opacity=0.75)
        .encode(
            x=x,
            x2=alt.X2(field="t2"),
            y=y,
            tooltip=[
                alt.Tooltip(field="from", type="nominal", title="baseline from"),
                alt.Tooltip(field="to", type="nominal", title="to"),
            ],
        )
    ]


def _lines(dues: Mapping[str, date], today: date) -> list[DayLine]:
    """Today, and when milestones are due."""
    return [
        DayLine(noon_of(today), "today", WHOLE),
        *(
            DayLine(stamp_of(due) + DATE, f"{shortened(name)} due", DASHED)
            for name, due in dues.items()
        ),
    ]


def _words(
    canvas: Canvas,
    bars: Sequence[Bar],
    lines: Sequence[DayLine],
    span: tuple[datetime, datetime],
    palette: Palette,
    *,
    x: alt.X,
    y: alt.Y,
) -> list[alt.Chart]:
    """What the baseline makes of a bar, right of it; no line of a day goes through the words."""
    pixel = (stamp(span[1]) - stamp(span[0])) / _PIXELS
    rows = []
    for bar in bars:
        words = f"{CRITICAL if bar.view.critical else ''}{against_plan(bar.view)}"
        if not words:
            continue
        end = stamp_of(max([bar.last, *([bar.baseline[1]] if bar.baseline else [])])) + DATE
        rows.append(
            {
                "row": bar.row,
                PICKED: bar.task_id,
                "t": _beside(end, width_of(words) * pixel, lines),
                "label": words,
            }
        )
    if not rows:
        return []
    return haloed(
        canvas.on(rows), palette, x=x, y=y, align="left", baseline="middle", dx=6, fontWeight=400
    )


def _beside(end: float, width: float, lines: Sequence[DayLine]) -> float:
    """Where words begin that are to stand right of a bar: behind a line that would cross them."""
    for line in sorted(lines, key=lambda line: line.at):
        if end < line.at < end + width:
            end = line.at
    return end


def _dependencies(
    canvas: Canvas,
    bars: Sequence[Bar],
    palette: Palette,
    chosen: int | None,
    *,
    x: alt.X,
    y: alt.Y,
) -> list[alt.Chart]:
    """Lines from the end of each task to the start of the one that waits for it.

    Only those of the chosen task are drawn, in both directions: all of them would be a web.
    """
    known = {bar.task_id: bar for bar in bars}
    pairs = [
        (known[before], bar)
        for bar in bars
        for before in bar.view.task.depends_on
        if before in known and chosen in {before, bar.task_id}
    ]
    if not pairs:
        return []
    colour = palette.series[2]
    rows = []
    for number, (before, later) in enumerate(pairs):
        rows += [
            {"row": one.row, "t": at, "pair": number, "step": step}
            for step, (one, at) in enumerate(
                ((before, stamp_of(before.last) + DATE), (later, stamp_of(later.start)))
            )
        ]
    line = (
        canvas.on(rows)
        .mark_line(strokeWidth=1.6, color=colour, interpolate="step-after")
        .encode(
            x=x,
            y=y,
            detail=alt.Detail(field="pair", type="nominal"),
            order=alt.Order(field="step", type="quantitative"),
        )
    )
    ends = [{"row": row["row"], "t": row["t"]} for row in rows if row["step"] == 1]
    tip = (
        canvas.on(ends)
        .mark_point(shape="triangle-right", filled=True, size=70, opacity=1, color=colour)
        .encode(x=x, y=y)
    )
    return [line, tip]


def _faded(colour: str, palette: Palette) -> str:
    """A colour half way to the background: less certain, and still its own colour."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(palette.background[1:]), strict=True)
    return "#" + "".join(f"{(one + other) // 2:02X}" for one, other in pairs)


def _told(bars: Sequence[Bar]) -> str:
    """The chart in words: how many of which state, and what is late."""
    counts = [
        f"{wording.number_word(number)} {state.word}"
        for state in STATES
        if (number := sum(bar.state is state for bar in bars))
    ]
    late = [
        f"{bar.view.task.title} ({against_plan(bar.view)})"
        for bar in bars
        if bar.state is TaskState.LATE
    ][:8]
    said = f"{len(bars)} tasks: {wording.listing(counts)}."
    return f"{said} Late: {'; '.join(late)}." if late else said
