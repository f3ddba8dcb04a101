"""The plan as a Gantt chart: by direction, against its frozen baseline, today and the due date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import altair as alt

from core import wording
from core.charts.chart import Canvas, Chart, haloed, time_axis
from core.charts.milestones.days import DATE, moment, noon_of, stamp_of
from core.charts.milestones.words import against_plan
from core.charts.tokens import Palette
from core.milestones.states import TaskState, TaskView

#: The name of the selection that a click on a bar makes.
PICKED = "task"
#: More rows than these are for the table: a reader could not compare them any more.
MOST = 60
ROW_HEIGHT = 25
#: What stands before a direction's name in the list of tasks.
HEADING = "▾ "
#: Before the words of a task on the critical path; words say it as well as the frame does.
CRITICAL = "◆ "
#: Room for the words right of the last bar, as a share of the time that is shown.
_ROOM = 0.24
#: States that are drawn: what is not planned has no bar.
STATES = (
    *(TaskState.DONE, TaskState.RUNNING, TaskState.PLANNED),
    *(TaskState.BLOCKED, TaskState.LATE),
)


@dataclass(frozen=True, slots=True)
class _Bar:
    """A task with dates."""

    view: TaskView
    start: date
    end: date

    @property
    def task_id(self) -> int:
        return self.view.task.task_id

    @property
    def title(self) -> str:
        return self.view.task.title

    @property
    def direction(self) -> str:
        return self.view.task.direction

    @property
    def critical(self) -> bool:
        return self.view.critical

    @property
    def state(self) -> TaskState:
        return self.view.state

    @property
    def baseline(self) -> tuple[date, date] | None:
        frozen = self.view.baseline
        return None if frozen is None else (frozen.planned_start, frozen.planned_end)

    @property
    def last(self) -> date:
        """The last day of the bar: when it was done, else its planned end."""
        done = self.view.task.done_on
        return self.end if self.state is not TaskState.DONE or done is None else done


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
    shown = [_Bar(view, start, end) for view, start, end in _dated(views)][:MOST]
    if not shown:
        return Chart(title, None, "There is no task with dates to draw.")
    labels, order = _labels(shown)
    span = _span(shown, dues.values(), today)
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
        *_baselines(canvas, shown, labels, palette, x=x, y=y),
        *_plans(canvas, shown, labels, palette, x=x, y=y),
        *_lines(canvas, dues, today, span, palette),
        *_words(canvas, shown, labels, palette, x=x, y=y),
        *_dependencies(canvas, shown, labels, palette, chosen, x=x, y=y),
    ]
    return canvas.finish(
        layers, title, f"{title}. {_told(shown)}", height=ROW_HEIGHT * len(order) + 50
    )


def _dated(views: Sequence[TaskView]) -> Iterator[tuple[TaskView, date, date]]:
    """Tasks with where their bars begin and end: done without a plan is a bar of its last day."""
    for view in views:
        task = view.task
        start, end = task.started_on or task.planned_start, task.planned_end
        if view.state is TaskState.DONE and task.done_on is not None:
            yield view, min(start or task.done_on, task.done_on), end or task.done_on
        elif task.planned_start is not None and end is not None:
            yield view, min(start or end, end), end


def _labels(bars: Sequence[_Bar]) -> tuple[dict[int, str], list[str]]:
    """What each task is called on the axis, each name once, and the rows from top to bottom."""
    labels: dict[int, str] = {}
    order: list[str] = []
    taken: set[str] = set()
    for direction in dict.fromkeys(bar.direction for bar in bars):
        heading = f"{HEADING}{direction}"
        order.append(heading)
        taken.add(heading)
        for bar in bars:
            if bar.direction == direction:
                label = bar.title if bar.title not in taken else f"{bar.title} (#{bar.task_id})"
                taken.add(label)
                labels[bar.task_id] = label
                order.append(label)
    return labels, order


def _span(bars: Sequence[_Bar], dues: Any, today: date) -> tuple[Any, Any]:
    days = [today, *dues]
    for bar in bars:
        days += [bar.start, bar.end, bar.last, *(bar.baseline or ())]
    first, last = min(days), max(days) + timedelta(days=1)
    room = timedelta(days=max(2, round((last - first).days * _ROOM)))
    return moment(first - timedelta(days=1)), moment(last + room)


def _plans(
    canvas: Canvas,
    bars: Sequence[_Bar],
    labels: Mapping[int, str],
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
            "row": labels[bar.task_id],
            PICKED: bar.task_id,
            "t": stamp_of(bar.start),
            "t2": stamp_of(bar.last + timedelta(days=1)),
            "state": bar.state.word,
            "from": bar.start.isoformat(),
            "to": bar.end.isoformat(),
            "said": against_plan(bar.view) or "as planned",
            "path": "on the critical path" if bar.critical else "not on the critical path",
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
    framed = {labels[bar.task_id] for bar in bars if bar.critical}
    critical = [
        {key: row[key] for key in ("row", "t", "t2")} for row in rows if row["row"] in framed
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
    bars: Sequence[_Bar],
    labels: Mapping[int, str],
    palette: Palette,
    *,
    x: alt.X,
    y: alt.Y,
) -> list[alt.Chart]:
    """A thin grey bar under each plan: what was frozen."""
    rows = [
        {
            "row": labels[bar.task_id],
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
    span: tuple[Any, Any],
    palette: Palette,
) -> list[alt.Chart]:
    """Today, and when milestones are due, with their names above."""
    marks = [(today, "today", [1, 0], palette.text)]
    marks += [(due, f"{name} due", [5, 4], palette.text) for name, due in dues.items()]
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
    bars: Sequence[_Bar],
    labels: Mapping[int, str],
    palette: Palette,
    *,
    x: alt.X,
    y: alt.Y,
) -> list[alt.Chart]:
    rows = [
        {
            "row": labels[bar.task_id],
            "t": stamp_of(max([bar.last, *([bar.baseline[1]] if bar.baseline else [])])) + DATE,
            "label": f"{CRITICAL if bar.critical else ''}{against_plan(bar.view)}",
        }
        for bar in bars
        if bar.critical or against_plan(bar.view)
    ]
    if not rows:
        return []
    return haloed(
        canvas.on(rows), palette, x=x, y=y, align="left", baseline="middle", dx=6, fontWeight=400
    )


def _dependencies(
    canvas: Canvas,
    bars: Sequence[_Bar],
    labels: Mapping[int, str],
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
            {"row": labels[one.task_id], "t": at, "pair": number, "step": step}
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


def _told(bars: Sequence[_Bar]) -> str:
    """The chart in words: how many of which state, and what is late."""
    counts = [
        f"{wording.number_word(number)} {state.word}"
        for state in STATES
        if (number := sum(bar.state is state for bar in bars))
    ]
    late = [
        f"{bar.title} ({against_plan(bar.view)})" for bar in bars if bar.state is TaskState.LATE
    ][:8]
    said = f"{len(bars)} tasks: {wording.listing(counts)}."
    return f"{said} Late: {'; '.join(late)}." if late else said
