"""What an alert watches, against its threshold, around the time when it fired."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from core import wording
from core.alerts.around import Happening
from core.alerts.trace import Trace
from core.charts.chart import (
    UTC_MINUTES,
    Canvas,
    Chart,
    Mark,
    gap_bands,
    haloed,
    moments,
    stamp,
    target_line,
    time_axis,
)
from core.charts.names import names_beside
from core.charts.tokens import Palette
from core.ports.alerts import Episode

#: Room at the right for the names of the lines, as a share of the time that is shown.
ROOM = 0.1
HEIGHT = 230


def signal(
    found: Trace | None, episode: Episode, happened: Sequence[Happening], palette: Palette
) -> Chart:
    """The numbers that an alert compares, with its beginning, releases and other alerts marked."""
    if found is None:
        return Chart(
            "This alert is not about minutes",
            None,
            "Its sentence holds the numbers; the page that it is about shows them over time.",
        )
    known = [value for line in found.lines for value in line.values if value is not None]
    if not known:
        return Chart("No rows around this alert", None, "Nobody wrote in the time that is shown.")
    canvas = Canvas()
    highest = max([*known, found.threshold or 0.0]) or 1.0
    end = found.span.end + (found.span.end - found.span.start) * ROOM
    x = time_axis(span=(found.span.start, end))
    y = alt.Y(
        field="value",
        type="quantitative",
        scale=alt.Scale(domain=[0, highest * 1.18], nice=False),
        axis=alt.Axis(title=found.unit, tickCount=5, titleLimit=HEIGHT, format="~s"),
    )
    released = [
        Mark(one.at, f"{one.release.model_version} {one.release.stage}")
        for one in happened
        if one.release is not None and found.span.start <= one.at <= found.span.end
    ]
    layers = [
        *gap_bands(canvas, [(gap.start, gap.end) for gap in found.gaps], palette),
        *moments(canvas, released, palette),
        *_lines(canvas, found, palette, x=x, y=y),
        *_alerts(canvas, found, episode, happened, palette),
    ]
    if found.threshold is not None:
        told = f"fires {'above' if _fires_above(episode) else 'below'} {_number(found.threshold)}"
        layers += target_line(canvas, found.threshold, told, palette)
    layers += _names(canvas, found, palette, highest)
    return canvas.finish(layers, _title(found, episode), _words(found, episode), height=HEIGHT)


def _lines(
    canvas: Canvas, found: Trace, palette: Palette, *, x: alt.X, y: alt.Y
) -> list[alt.Chart]:
    """The lines, broken at gaps; the one that is compared first lies on top."""
    tooltip = [
        alt.Tooltip(field="name", type="nominal", title="line"),
        alt.Tooltip(field="value", type="quantitative", format=",.3~f", title=found.unit),
        alt.Tooltip(
            field="t",
            type="temporal",
            timeUnit=UTC_MINUTES,
            format="%d %b %H:%M",
            title="when (UTC)",
        ),
    ]
    layers = []
    for at, line in reversed(list(enumerate(found.lines))):
        rows = [
            {"t": stamp(time), "value": value, "name": line.name}
            for time, value in zip(found.times, line.values, strict=True)
        ]
        layers.append(
            canvas.on(rows)
            .mark_line(
                strokeWidth=2.2 if at == 0 else 1.2,
                color=palette.series[at % len(palette.series)],
                invalid="break-paths-show-path-domains",
                clip=True,
            )
            .encode(x=x, y=y, tooltip=tooltip)
        )
    return layers


def _names(canvas: Canvas, found: Trace, palette: Palette, highest: float) -> list[alt.Chart]:
    """What each line is called, beside where it ends."""
    ends = [
        (
            next((value for value in reversed(line.values) if value is not None), 0.0),
            line.name,
            palette.series[at % len(palette.series)],
        )
        for at, line in enumerate(found.lines)
    ]
    place = alt.Y(field="place", type="quantitative")
    end = stamp(found.span.end)
    return names_beside(canvas, end, ends, palette, y=place, apart=highest * 0.09)


def _alerts(
    canvas: Canvas,
    found: Trace,
    episode: Episode,
    happened: Sequence[Happening],
    palette: Palette,
) -> list[alt.Chart]:
    """Below the lines: where this alert began, with its name, and where others did."""
    others = [one.episode for one in happened if one.episode is not None]
    every = [one for one in (episode, *others) if found.span.start <= one.began_at]
    if not every:
        return []
    x, bottom = time_axis(), alt.value("height")
    tooltip = [
        alt.Tooltip(field="said", type="nominal", title="alert"),
        alt.Tooltip(
            field="t",
            type="temporal",
            timeUnit=UTC_MINUTES,
            format="%d %b %H:%M",
            title="began (UTC)",
        ),
    ]
    rows = [{"t": stamp(one.began_at), "said": one.sentence} for one in every]
    layers = [
        canvas.on(rows)
        .mark_point(
            shape="triangle-up", size=55, filled=True, opacity=1, color=palette.breached, yOffset=-4
        )
        .encode(x=x, y=bottom, tooltip=tooltip)
    ]
    if every[0] is episode:
        began = canvas.on([{"t": stamp(episode.began_at), "label": "this began"}])
        layers.append(began.mark_rule(strokeWidth=1.2, color=palette.breached).encode(x=x))
        layers += haloed(
            began, palette, x=x, y=bottom, colour=palette.breached, align="left", dx=6, dy=-9
        )
    return layers


def _fires_above(episode: Episode) -> bool:
    """Letters that stop coming are the one thing that fires below its threshold."""
    return episode.labels.get("count") != "letters"


def _title(found: Trace, episode: Episode) -> str:
    """Where the number stands now against what it was at its worst, in one sentence."""
    first = found.lines[0]
    known = [value for value in first.values if value is not None]
    limit = found.threshold
    if not known:
        return "Nobody wrote in the time that is shown"
    if limit is None:
        return "Instances that wrote, by datacenter"
    newest, above = first.values[-1], _fires_above(episode)
    worst = max(known) if above else min(known)
    if newest is None:
        return f"Nothing was written at the end; before that it reached {_number(worst)}"
    beyond = newest > limit if above else newest < limit
    side = "above" if newest > limit else "at or below"
    word = "still" if beyond and episode.state != "resolved" else "now"
    unit = found.unit.capitalize()
    return (
        f"{unit}: {word} {_number(newest)}, {side} {_number(limit)}; at its worst {_number(worst)}"
    )


def _words(found: Trace, episode: Episode) -> str:
    gaps = len(found.gaps)
    noun = "gap" if gaps == 1 else "gaps"
    missing = f" {wording.number_word(gaps).capitalize()} {noun} without rows." if gaps else ""
    return (
        f"{found.unit.capitalize()}, from {wording.clock(found.span.start)} to "
        f"{wording.clock(found.span.end)}. {_title(found, episode)}.{missing}"
    )


def _number(value: float) -> str:
    """A number as a person says it: whole from a hundred on.

    >>> _number(14.4), _number(1250.4), _number(0.013)
    ('14.4', '1.25k', '0.013')
    """
    if value >= 100:
        return wording.count(value)
    return f"{value:.3g}"
