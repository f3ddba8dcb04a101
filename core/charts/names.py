"""Direct names of lines, instead of a legend."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from core.charts.chart import Canvas, haloed
from core.charts.tokens import Palette


def names_beside(
    canvas: Canvas,
    t: float,
    names: Sequence[tuple[float, str, str]],
    palette: Palette,
    *,
    y: alt.Y,
    apart: float,
) -> list[alt.Chart]:
    """Direct names right of where lines end, instead of a legend.

    Args:
        canvas: the chart in the making.
        t: where the lines end, milliseconds since 1970.
        names: of each line where it ends, what it is called, and its colour.
        palette: the colours.
        y: the axis of the field "place".
        apart: the least distance of two names, in units of the axis.
    """
    x = alt.X(field="t", type="temporal")
    layers = []
    placed = spread([value for value, _, _ in names], apart)
    for (_, label, colour), place in zip(names, placed, strict=True):
        base = canvas.on([{"t": t, "place": place, "label": label}])
        layers += haloed(base, palette, x=x, y=y, colour=colour, align="left", dx=8)
    return layers


def spread(values: Sequence[float], least: float) -> list[float]:
    """Places of names pushed apart where lines end close together, in the order given.

    Names that would overlap are moved together, around the middle of where they belong.

    Args:
        values: where the lines end.
        least: the least distance of two names, in units of the axis.

    >>> spread([1.0, 5.0, 1.5], 2.0)
    [0.25, 5.0, 2.25]
    """
    blocks: list[tuple[list[int], float]] = []
    for at in sorted(range(len(values)), key=values.__getitem__):
        blocks.append(([at], values[at]))
        while len(blocks) > 1:
            (lower, below), (upper, above) = blocks[-2:]
            if above - below >= least * (len(lower) + len(upper)) / 2:
                break
            members = lower + upper
            middle = sum(values[each] for each in members) / len(members)
            blocks[-2:] = [(members, middle)]
    placed = [0.0] * len(values)
    for members, middle in blocks:
        for number, at in enumerate(members):
            placed[at] = middle + least * (number - (len(members) - 1) / 2)
    return placed
