"""Reports before and after a release, group by group."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from core.charts.chart import Canvas, Chart
from core.charts.tokens import Palette
from core.false_reports import AfterRelease, FalseReportsReport, Fate, sentences
from core.false_reports.after_release import Compared
from core.false_reports.words import Unit, counted, rate_words, topic_name, unit_of
from core.stats.poisson import Interval

#: So many groups are drawn; the table has all of them.
MOST = 8
#: Height of a row and of the axis under the rows, in pixels.
_ROW, _AXIS = 46, 78
#: Where things stand in a row, as shares of its height: words, before, after.
_WORDS, _BEFORE, _AFTER = 0.24, 0.58, 0.84
#: Intervals are cut at so many times the highest rate: the points must be readable.
_WIDEST = 1.6
#: The least distance of two ticks, as a share of the axis.
_APART = 0.08
#: Each fate has a shape beside its word and its colour.
SHAPES = {
    Fate.FIXED: "circle",
    Fate.RECURRING: "square",
    Fate.UNDECIDED: "diamond",
    Fate.TOO_EARLY: "triangle-up",
    Fate.NO_TRAFFIC: "cross",
    Fate.NO_REPORTS: "cross",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the chart.

    Attributes:
        before: value, low and high, per the unit of letters; None where nothing is known.
        after: likewise.
    """

    label: str
    before: tuple[float, float, float] | None
    after: tuple[float, float, float] | None
    fate: Fate


def after_release(
    found: FalseReportsReport, one: AfterRelease, palette: Palette, *, most: int = MOST
) -> Chart:
    """Reports per million letters of each group before (hollow) and after (filled) a release.

    The axis is that of square roots, so that rare groups and zero are readable beside frequent
    ones. First stand all of the set as one and the groups outside it, then the groups that are
    still reported, then those that were reported most.
    """
    title = sentences.after_title(one)
    per = unit_of(*(float(end) for shown in _shown(one) for end in _values(shown)))
    rows = _rows(found, one, per, most)
    if one.missing or not rows:
        return Chart(title, None, one.missing or "No group was reported before.")
    canvas = Canvas()
    highest = _highest(rows)
    scale = alt.Scale(type="sqrt", domain=[0, highest], nice=False)
    axis = alt.Axis(
        title=f"reports per {per.name} letters (axis of square roots) \u00b7 hollow: before, "
        "filled: after",
        values=_ticks(highest),
        format="~g",
        grid=True,
    )

    def x(field: str) -> alt.X:
        return alt.X(field=field, type="quantitative", scale=scale, axis=axis)

    y = alt.Y(
        field="y",
        type="quantitative",
        axis=None,
        scale=alt.Scale(domain=[len(rows), 0], nice=False, zero=False),
    )
    layers: list[alt.Chart] = []
    for at, row in enumerate(rows):
        colour = _colour(row.fate, palette)
        for side, place, look in (
            (row.before, at + _BEFORE, {"filled": False, "strokeWidth": 2, "color": palette.muted}),
            (row.after, at + _AFTER, {"filled": True, "color": colour, "shape": SHAPES[row.fate]}),
        ):
            if side is not None:
                layers += _interval(canvas, row, side, place, highest=highest, look=look, x=x, y=y)
    layers += _words(canvas, rows, palette, y)
    return canvas.finish(layers, title, _said(rows, per), height=_ROW * len(rows) + _AXIS)


def _shown(one: AfterRelease) -> tuple[Compared, ...]:
    return (one.known if one.known.ids.size else one.others, one.whole, one.whole_others)


def _values(compared: Compared) -> list[float]:
    return [*compared.before.value.tolist(), *compared.after.value.tolist()]


def _rows(found: FalseReportsReport, one: AfterRelease, per: Unit, most: int) -> list[_Row]:
    shown, _, _ = _shown(one)
    words = {topic.topic_id: topic.words for topic in found.topics}
    topics = dict(zip(found.groups.group_ids.tolist(), found.groups.topics.tolist(), strict=True))
    rows = []
    if one.known.ids.size > 1:
        rows.append(_row(f"all {one.known.ids.size} of {one.set_id}", one.whole, 0, per))
    if one.others.ids.size:
        outside = "outside the set" if one.known.ids.size else "as one"
        rows.append(
            _row(f"{counted(one.others.ids.size, 'group')} {outside}", one.whole_others, 0, per)
        )

    def urgent(at: int) -> tuple[bool, float]:
        return shown.fates.of(at) is not Fate.RECURRING, -float(shown.sides.before[at])

    for at in sorted(range(shown.ids.size), key=urgent)[:most]:
        group = int(shown.ids[at])
        topic = topics.get(group, 0)
        name = f"group {group}"
        if topic:
            name += f" \u00b7 {topic_name(topic, words.get(topic, ()))}"
        rows.append(_row(name, shown, at, per))
    return rows


def _row(label: str, compared: Compared, at: int, per: Unit) -> _Row:
    def side(found: Interval) -> tuple[float, float, float] | None:
        value, low, high = (float(end[at]) * per.factor for end in found.ends)
        return None if math.isnan(value) else (value, low, high)

    return _Row(label, side(compared.before), side(compared.after), compared.fates.of(at))


def _interval(
    canvas: Canvas,
    row: _Row,
    side: tuple[float, float, float],
    height: float,
    *,
    highest: float,
    look: dict[str, Any],
    x: Any,
    y: alt.Y,
) -> list[alt.Chart]:
    value, low, high = side
    base = canvas.on(
        [{"y": height, "value": value, "low": low, "high": min(high, highest), "name": row.label,
          "said": _change(row)}]
    )  # fmt: skip
    tooltip = [
        alt.Tooltip(field="name", type="nominal", title="what"),
        alt.Tooltip(field="said", type="nominal", title="rates"),
    ]
    return [
        base.mark_rule(strokeWidth=4, opacity=0.34, color=look["color"], clip=True).encode(
            x=x("low"), x2=alt.X2(field="high"), y=y, tooltip=tooltip
        ),
        base.mark_point(size=64, opacity=1, **look).encode(x=x("value"), y=y, tooltip=tooltip),
    ]


def _words(canvas: Canvas, rows: Sequence[_Row], palette: Palette, y: alt.Y) -> list[alt.Chart]:
    """Names on the left above their intervals, fate and rates on the right."""
    base = canvas.on(
        [
            {
                "y": at + _WORDS,
                "label": row.label,
                "said": f"{row.fate.word} \u00b7 {_change(row)}",
                "colour": _colour(row.fate, palette),
            }
            for at, row in enumerate(rows)
        ]
    )
    halo = {"stroke": palette.background, "strokeWidth": 4, "opacity": 0.85}
    sides = []
    for at, field, look, colour in (
        (alt.value(0), "label", {"align": "left", "dx": 2}, alt.value(palette.text)),
        (
            alt.value("width"),
            "said",
            {"align": "right", "dx": -2, "fontWeight": 600},
            alt.Color(field="colour", type="nominal", scale=None),
        ),
    ):
        text = alt.Text(field=field, type="nominal")
        sides += [
            base.mark_text(fontSize=11.5, color=palette.background, **look, **halo).encode(
                x=at, y=y, text=text
            ),
            base.mark_text(fontSize=11.5, **look).encode(x=at, y=y, text=text, color=colour),
        ]
    return sides


def _change(row: _Row) -> str:
    """For example: '12.5 → 1.1'."""
    before = "unknown" if row.before is None else rate_words(row.before[0], up=False)
    after = "no letters" if row.after is None else rate_words(row.after[0])
    return f"{before} \u2192 {after}"


def _said(rows: Sequence[_Row], per: Unit) -> str:
    told = "; ".join(f"{row.label}: {row.fate.word}, {_change(row)}" for row in rows)
    return f"Reports per {per.name} letters before and after: {told}."


def _colour(fate: Fate, palette: Palette) -> str:
    return {
        Fate.FIXED: palette.on_target,
        Fate.RECURRING: palette.breached,
        Fate.UNDECIDED: palette.text,
    }.get(fate, palette.no_data)


def _highest(rows: Sequence[_Row]) -> float:
    """The end of the axis: room for every point, and for intervals up to a limit."""
    sides = [side for row in rows for side in (row.before, row.after) if side is not None]
    points = max((value for value, _, _ in sides), default=0.0)
    ends = [high for _, _, high in sides if math.isfinite(high)]
    widest = max(ends, default=1.0)
    return max(min(widest, points * _WIDEST) if points else widest, 1e-6) * 1.04


def _ticks(highest: float) -> list[float]:
    """Zero and steps of one, two and five below the end, as far apart as their numbers need."""
    power = 10 ** math.floor(math.log10(highest))
    found = [0.0]
    for share in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0):
        value = float(f"{share * power:.6g}")
        apart = math.sqrt(value / highest) - math.sqrt(found[-1] / highest)
        if value <= highest and apart >= _APART:
            found.append(value)
    return found
