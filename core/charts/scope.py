"""The scope matrix: stage by direction, what is planned in each cell, what is meant to be empty."""

from __future__ import annotations

from typing import Any

import altair as alt

from core.charts.chart import Canvas, Chart
from core.charts.tokens import Palette
from core.scope import GAP, NOTHING, TASKS, Cell, Coverage, ScopeReport, sentences

#: The name of the selection that a click on a cell makes, and its fields.
PICKED = "cell"
STAGE, DIRECTION = "stage_name", "direction_name"
ROW_HEIGHT = 46
#: Pixels that a cell's text keeps away from its edges.
_MARGIN = 14
#: A word and a sign for each state: colour never speaks alone.
_SIGNS = {TASKS: "●", NOTHING: "○", GAP: "▲"}
#: Text of a cell ends where its column does.
_LIMIT = f"bandwidth('x') - {_MARGIN}"


def matrix(found: ScopeReport, palette: Palette, *, stage: str = "", direction: str = "") -> Chart:
    """Every cell with its state in a word, and the title of its first task or the reason.

    Titles and reasons are texts in the cells, and in no tooltip: people wrote them.

    Args:
        found: the report.
        palette: the colours.
        stage: the row of the cell that is open below; '' for none.
        direction: its column.
    """
    title = sentences.headline(found)
    if not found.cells:
        return Chart(title, None, "The matrix has no stages or no directions yet.")
    rows_of = {one.name: _named(one) for one in found.by_stage}
    columns_of = {one.name: _named(one) for one in found.by_direction}
    rows = [
        {
            "row": rows_of[cell.stage],
            "column": columns_of[cell.direction],
            STAGE: cell.stage,
            DIRECTION: cell.direction,
            "state": cell.state,
            "label": f"{_SIGNS[cell.state]} {sentences.state(cell)}",
            "more": _more(cell),
        }
        for cell in found.cells
    ]
    canvas = Canvas()
    axis: dict[str, Any] = {"title": None, "ticks": False, "domain": False}
    x = alt.X(
        field="column",
        type="nominal",
        scale=alt.Scale(domain=list(columns_of.values()), paddingInner=0.03, paddingOuter=0),
        axis=alt.Axis(
            orient="top",
            labelAngle=0,
            labelAlign="center",
            labelFlush=False,
            labelLimit=220,
            labelFontWeight="bold",
            **axis,
        ),
    )
    y = alt.Y(
        field="row",
        type="nominal",
        scale=alt.Scale(domain=list(rows_of.values()), paddingInner=0.08, paddingOuter=0),
        axis=alt.Axis(labelLimit=260, **axis),
    )
    base = canvas.on(rows)
    states = [TASKS, NOTHING, GAP]
    fills = [palette.grid, palette.background, palette.background]
    edges = [palette.grid, palette.muted, palette.breached]
    pick = alt.selection_point(name=PICKED, fields=[STAGE, DIRECTION], on="click", clear="dblclick")
    cell_mark = (
        base.mark_rect(cornerRadius=3, cursor="pointer")
        .encode(
            x=x,
            y=y,
            color=_by_state(alt.Color, states, fills),
            stroke=_by_state(alt.Stroke, states, edges),
            strokeDash=_by_state(alt.StrokeDash, states, [[1, 0], [1, 0], [4, 3]]),
        )
        .add_params(pick)
    )
    inks = [palette.text, palette.muted, palette.breached]
    word = _text(base, "label", x=x, y=y, dy=-8, weight=600).encode(
        color=_by_state(alt.Color, states, inks)
    )
    more = _text(base, "more", x=x, y=y, dy=9, weight=400).encode(color=alt.value(palette.text))
    layers = [cell_mark, word, more]
    opened = [row for row in rows if (row[STAGE], row[DIRECTION]) == (stage, direction)]
    if opened:
        layers.append(
            canvas.on(opened)
            .mark_rect(cornerRadius=3, filled=False, stroke=palette.text, strokeWidth=2.4)
            .encode(x=x, y=y)
        )
    text = f"{title}. {_told(found)}"
    chart = canvas.finish(layers, title, text, height=ROW_HEIGHT * len(rows_of) + 34)
    if chart.spec is not None:
        # Cells and their words have colours of their own for the same states.
        chart.spec["resolve"] = {"scale": {"color": "independent"}}
    return chart


def _text(base: alt.Chart, field: str, *, x: alt.X, y: alt.Y, dy: int, weight: int) -> alt.Chart:
    return base.mark_text(
        align="left",
        baseline="middle",
        dx=alt.expr("7 - bandwidth('x') / 2"),
        dy=dy,
        fontSize=11,
        fontWeight=weight,
        limit=alt.expr(_LIMIT),
        cursor="pointer",
    ).encode(x=x, y=y, text=alt.Text(field=field, type="nominal"))


def _by_state(channel: Any, states: list[str], looks: list[Any]) -> Any:
    """A look for each state, without a legend: the states are words in the cells."""
    return channel(
        field="state", type="nominal", legend=None, scale=alt.Scale(domain=states, range=looks)
    )


def _named(one: Coverage) -> str:
    """A row or a column with how much of it is filled."""
    return f"{one.name} · {one.filled} of {one.total}"


def _more(cell: Cell) -> str:
    if cell.tasks:
        return cell.tasks[0].title
    return "" if cell.nothing is None else cell.nothing.reason


def _told(found: ScopeReport) -> str:
    stages = ", ".join(_named(one) for one in found.by_stage)
    gaps = "; ".join(f"{one.stage}, {one.direction}" for one in found.gaps[:12])
    return f"Filled by stage: {stages}." + (f" Gaps: {gaps}." if gaps else "")
