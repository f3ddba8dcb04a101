"""The way down from a goal: product metric, what is OK in numbers, technical metrics, theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

import altair as alt

from core.charts.chart import Canvas, Chart
from core.charts.tokens import Palette
from core.goals.drilldown import NO_NUMBER, NO_PRODUCT, NO_TECHNICAL, Branch, Tree
from core.status import Status

COLUMNS = ("Goal", "Product metric", "What is OK", "Technical metric", "What is OK")
#: Pixels of a row, and of the line of headings.
ROW, HEADINGS = 84, 34
LINE_HEIGHT = 14
#: A box's share of its column and of its row.
_WIDE, _HIGH = 0.88, 0.82
#: Letters in a line of a box, and the most lines.
_LINE, _LINES = 24, 4
_MARKS = {
    Status.ON_TARGET: "●",
    Status.AT_RISK: "▲",
    Status.BREACHED: "✕",
    Status.UNDECIDED: "◔",
    Status.NO_DATA: "○",
    Status.NOT_DUE: "◷",
}
_GAP = "▲ gap"


@dataclass(frozen=True, slots=True)
class _Box:
    """A box of the chart; rows count from the top, the middle of the first is 0.5."""

    column: int
    row: float
    said: str
    below: str
    colour: str
    gap: bool


def drill_down(title: str, found: Tree, palette: Palette) -> Chart:
    """A goal's way down to numbers; a gap is a dashed box that says so.

    Args:
        title: the goal's, as people wrote it: drawn as text.
        found: what lies below it.
        palette: the colours.
    """
    rows = sum(max(1, len(one.below)) for one in found.branches) or 1
    boxes = [_Box(0, rows / 2, title, "", palette.text, gap=False)]
    links: list[tuple[float, float, float, float]] = []
    if not found.branches:
        boxes.append(_Box(1, 0.5, _GAP, NO_PRODUCT, palette.at_risk, gap=True))
        links.extend(_elbow(0, 0.5, 0.5))
    row = 0.0
    for branch in found.branches:
        height = max(1, len(branch.below))
        middle = row + height / 2
        links.extend(_elbow(0, rows / 2, middle))
        links.extend(_elbow(1, middle, middle))
        boxes.extend(_pair(1, middle, branch, palette))
        if not branch.below:
            links.extend(_elbow(2, middle, middle))
            boxes.append(_Box(3, middle, _GAP, NO_TECHNICAL, palette.at_risk, gap=True))
        for at, below in enumerate(branch.below):
            links.extend(_elbow(2, middle, row + at + 0.5))
            links.extend(_elbow(3, row + at + 0.5, row + at + 0.5))
            boxes.extend(_pair(3, row + at + 0.5, below, palette))
        row += height
    canvas = Canvas()
    layers = [
        *_headings(canvas, palette),
        *_links(canvas, links, palette, rows),
        *_boxes(canvas, boxes, palette, rows),
    ]
    said = f"{found.headline}. {' '.join(_words(found))}"
    return canvas.finish(layers, found.headline, said, height=ROW * rows + HEADINGS)


def _pair(column: int, row: float, branch: Branch, palette: Palette) -> Iterator[_Box]:
    """A metric, and right of it its number."""
    yield _Box(column, row, branch.node.name, "", palette.text, gap=False)
    if NO_NUMBER in branch.gaps:
        yield _Box(column + 1, row, _GAP, NO_NUMBER, palette.at_risk, gap=True)
        return
    said = f"{branch.number}\n{branch.node.note}".strip()
    status = None if branch.verdict is None else branch.verdict.status
    below = "" if status is None else f"{_MARKS[status]} {status.word}"
    colour = palette.text if status is None else palette.of(status)
    yield _Box(column + 1, row, said, below, colour, gap=False)


def _elbow(column: int, start: float, end: float) -> Iterator[tuple[float, float, float, float]]:
    """The line from a column's box to one of the next column: across, along, across."""
    left, middle, right = column + (1 + _WIDE) / 2, column + 1.0, column + 1 + (1 - _WIDE) / 2
    yield left, start, middle, start
    if start != end:
        yield middle, start, middle, end
    yield middle, end, right, end


def _x(field: str) -> alt.X:
    scale = alt.Scale(domain=[0, len(COLUMNS)], nice=False)
    return alt.X(field=field, type="quantitative", axis=None, scale=scale)


def _y(field: str, rows: float) -> alt.Y:
    # The line of headings is above the first row, and rows count from the top.
    scale = alt.Scale(domain=[-HEADINGS / ROW, rows], nice=False, zero=False, reverse=True)
    return alt.Y(field=field, type="quantitative", axis=None, scale=scale)


def _headings(canvas: Canvas, palette: Palette) -> list[alt.Chart]:
    rows = [{"x": at + 0.5, "label": name} for at, name in enumerate(COLUMNS)]
    mark = canvas.on(rows).mark_text(fontSize=11, color=palette.muted, baseline="top")
    return [mark.encode(x=_x("x"), y=alt.value(6), text=alt.Text(field="label", type="nominal"))]


def _links(
    canvas: Canvas,
    links: Sequence[tuple[float, float, float, float]],
    palette: Palette,
    rows: float,
) -> list[alt.Chart]:
    found = [{"x": x, "y": y, "x2": x2, "y2": y2} for x, y, x2, y2 in links]
    mark = canvas.on(found).mark_rule(strokeWidth=1.2, color=palette.muted)
    ends = {"x2": alt.X2(field="x2"), "y2": alt.Y2(field="y2")}
    return [mark.encode(x=_x("x"), y=_y("y", rows), **ends)]


def _boxes(canvas: Canvas, boxes: Sequence[_Box], palette: Palette, rows: float) -> list[alt.Chart]:
    layers = []
    for gap in (False, True):
        found = [_row(box) for box in boxes if box.gap is gap]
        if not found:
            continue
        base = canvas.on(found)
        frame = base.mark_rect(
            fill=palette.background,
            stroke=palette.at_risk if gap else palette.muted,
            strokeDash=[5, 4] if gap else [1, 0],
            strokeWidth=1.4 if gap else 1,
            cornerRadius=5,
            opacity=1,
        ).encode(
            x=_x("left"),
            x2=alt.X2(field="right"),
            y=_y("top", rows),
            y2=alt.Y2(field="bottom"),
        )
        layers.append(frame)
        said = alt.Text(field="said", type="nominal")
        below = alt.Text(field="below", type="nominal")
        look = {"align": "center", "baseline": "middle", "fontWeight": 600}
        layers.append(
            base.mark_text(
                **look, fontSize=12, lineBreak="\n", lineHeight=LINE_HEIGHT, color=palette.text
            ).encode(x=_x("middle"), y=_y("first_line", rows), text=said)
        )
        colour = alt.Color(field="colour", type="nominal", scale=None, legend=None)
        layers.append(
            base.mark_text(**look, fontSize=11).encode(
                x=_x("middle"), y=_y("last_line", rows), text=below, color=colour
            )
        )
    return layers


def _row(box: _Box) -> dict[str, object]:
    lines = [line for part in box.said.splitlines() for line in wrap(part, _LINE)]
    most = _LINES - 1 if box.below else _LINES
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][: _LINE - 1]}…"]
    # Lines are laid out from the middle of the first one; all of them are centred in the box.
    height = (len(lines) - 1 + bool(box.below)) * LINE_HEIGHT / ROW
    first = box.row - height / 2
    return {
        "left": box.column + (1 - _WIDE) / 2,
        "right": box.column + (1 + _WIDE) / 2,
        "top": box.row - _HIGH / 2,
        "bottom": box.row + _HIGH / 2,
        "middle": box.column + 0.5,
        "first_line": first,
        "last_line": first + height + 2 / ROW,
        "said": "\n".join(lines),
        "below": box.below,
        "colour": box.colour,
    }


def _words(found: Tree) -> Iterator[str]:
    for branch in found.branches:
        yield f"{branch.node.name}: {branch.number or NO_NUMBER}."
        for below in branch.below:
            yield f"Below it {below.node.name}: {below.number or NO_NUMBER}."
    yield from found.gaps
