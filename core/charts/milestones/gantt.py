"""The plan as a Gantt chart: by direction, against its frozen baseline, today and the due date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import altair as alt

from core import wording
from core.charts.chart import Canvas, Chart, haloed, time_axis
from core.charts.milestones.bars import HEADING, Bar, bars_of, span_of
from core.charts.milestones.days import DATE, noon_of, stamp_of
from core.charts.milestones.words import against_plan, shortened
from core.charts.tokens import Palette
from core.milestones.states import TaskState, TaskView

#: The name of the selection that a click on a bar makes.
PICKED = "task"
ROW_HEIGHT = 25
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
    layers = [
        *_baselines(canvas, shown, palette, x=x, y=y),
        *_plans(canvas, shown, palette, x=x, y=y),
        *_lines(canvas, dues, today, span, palette),
        *_words(canvas, shown, palette, x=x, y=y),
        *_dependencies(canvas, shown, palette, chosen, x=x, y=y),
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


def _lines(
    canvas: Canvas,
    dues: Mapping[str, date],
    today: date,
    span: tuple[datetime, datetime],
    palette: Palette,
) -> list[alt.Chart]:
    """Today, and when milestones are due, with their names above."""
    marks = [(today, "today", [1, 0], palette.text)]
    marks += [(due, f"{shortened(name)} due", [5, 4], palette.text) for name, due in dues.items()]
    layers: list[alt.Chart] = []
    for day, label, dash, colour in marks:
        at = stamp_of(day) if label != "today" else noon_of(day)
        if label != "today":
            at = stamp_of(day + timedelta(days=1))
        base = canvas.on([{"t": at, "label": label}])
        x = time_axis(span=span)
        layers.append(base.mark_rule(strokeWidth=1.4, strokeDash=dash, color=colour).encode(x=x))
        layers += haloed(
            base, palette, x=x, y=alt.value(0), align="left", baseline="top", dx=4, dy=1
        )
    return layers


def _words(
    canvas: Canvas,
    bars: Sequence[Bar],
    palette: Palette,
    *,
    x: alt.X,
    y: alt.Y,
) -> list[alt.Chart]:
    rows = [
        {
            "row": bar.row,
            PICKED: bar.task_id,
            "t": stamp_of(max([bar.last, *([bar.baseline[1]] if bar.baseline else [])])) + DATE,
            "label": f"{CRITICAL if bar.view.critical else ''}{against_plan(bar.view)}",
        }
        for bar in bars
        if bar.view.critical or against_plan(bar.view)
    ]
    if not rows:
        return []
    return haloed(
        canvas.on(rows), palette, x=x, y=y, align="left", baseline="middle", dx=6, fontWeight=400
    )


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
