"""The split of the users by day, against the plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
from scipy.special import ndtri

from core import wording
from core.charts.chart import Canvas, Chart, gap_bands, level_line, stamp
from core.charts.experiment.series import BROKEN, day_axis, gaps, midnight
from core.charts.experiment.words import p_words
from core.charts.names import names_beside
from core.charts.tokens import Palette
from core.experiment import sentences
from core.experiment.report import ExperimentReport
from core.stats.sample_ratio import MATTERS, UNLIKELY

#: What chance leaves of a share on one side with as many standard errors, at `UNLIKELY`.
_REACH = float(ndtri(1 - UNLIKELY / 2))
#: Names of lines stand at least this share of the axis apart.
_APART = 0.09


def split(found: ExperimentReport, palette: Palette) -> Chart:
    """Users so far by day: the treatment's share, or several treatments' distances from the plan.

    The shaded band is what chance does to the share of that many users; the thin lines are where
    a distance begins to matter.
    """
    title = sentences.split_title(found)
    rows = _rows(found)
    known = [row for row in rows if row["value"] is not None]
    if not known:
        return Chart(title, None, "No user has been counted on a complete day.")
    canvas = Canvas()
    treatments = found.split.variants[1:]
    one = len(treatments) == 1
    centre = float(found.split.planned[1]) * 100 if one else 0.0
    low, high = _domain(known, centre, chance=one)
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    axis = alt.Axis(
        title=f"users in {treatments[0]}, %" if one else "off the planned share, points",
        tickCount=5,
    )

    def y(field: str) -> alt.Y:
        return alt.Y(field=field, type="quantitative", scale=scale, axis=axis)

    x = day_axis(found)
    layers = gap_bands(canvas, gaps(found), palette)
    if one:
        layers.append(
            canvas.on(rows)
            .mark_area(color=palette.on_target, opacity=0.14, clip=True, invalid=BROKEN)
            .encode(x=x, y=y("chance_low"), y2=alt.Y2(field="chance_high"))
        )
    for sign, words in ((1, "more than 0.1 points off"), (-1, "")):
        layers += level_line(
            canvas, centre + sign * MATTERS * 100, words, palette, faint=True, above=sign > 0
        )
    layers += level_line(canvas, centre, "", palette, dashed=False)
    colours = [palette.text] if one else list(palette.series)
    for at, name in enumerate(treatments):
        mine = [row for row in rows if row["name"] == name]
        colour = colours[at % len(colours)]
        layers.append(
            canvas.on(mine)
            .mark_line(
                color=colour, strokeWidth=2, clip=True, invalid=BROKEN,
                point={"size": 22, "filled": True, "color": colour},
            )
            .encode(x=x, y=y("value"), tooltip=_tooltip())
        )  # fmt: skip
    planned = f"planned {wording.percent(centre / 100, 1)}" if one else "as planned"
    names = [*_names(known, colours, palette, chance=one), (centre, planned, palette.muted)]
    layers += names_beside(
        canvas, known[-1]["t"], names, palette, y=y("place"), apart=_APART * (high - low)
    )
    shares = ", ".join(
        f"{name} {wording.percent(float(share), 3)} (planned {wording.percent(float(plan), 2)})"
        for name, share, plan in zip(
            found.split.variants, found.split.shares, found.split.planned, strict=True
        )
    )
    return canvas.finish(
        layers,
        title,
        f"Share of the users so far by day: {shares}; {p_words(found.split.p)} that "
        "chance does this.",
        height=330,
    )


def _rows(found: ExperimentReport) -> list[dict[str, Any]]:
    """One row a treatment and day; the control mirrors the others."""
    split_ = found.split
    one = len(split_.variants) == 2
    rows: list[dict[str, Any]] = []
    for arm in range(1, len(split_.variants)):
        plan = float(split_.planned[arm])
        for at, day in enumerate(found.line.days):
            share = float(split_.daily_shares[at, arm])
            users = float(split_.daily_users[at].sum())
            known = bool(np.isfinite(share)) and bool(found.line.complete[at]) and users > 0
            reach = _REACH * float(np.sqrt(plan * (1 - plan) / users)) if known else 0.0
            centre = plan if one else 0.0
            rows.append(
                {
                    "t": stamp(midnight(day)),
                    "name": split_.variants[arm],
                    "value": (share - plan + centre) * 100 if known else None,
                    "chance_low": (centre - reach) * 100 if known else None,
                    "chance_high": (centre + reach) * 100 if known else None,
                    "users": wording.whole(users),
                    "share": wording.percent(share, 3) if known else "no number",
                    "p": p_words(float(split_.daily_p[at]) if known else None),
                }
            )
    return rows


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip(field="t", type="temporal", timeUnit="utcyearmonthdate", title="through (UTC)"),
        alt.Tooltip(field="name", type="nominal", title="variant"),
        alt.Tooltip(field="share", type="nominal", title="of the users so far"),
        alt.Tooltip(field="users", type="nominal", title="users"),
        alt.Tooltip(field="p", type="nominal", title="chance"),
    ]


def _domain(known: Sequence[dict[str, Any]], centre: float, *, chance: bool) -> tuple[float, float]:
    """Room for every share, for what matters, and for what chance does to the newest."""
    reach = max([*(abs(row["value"] - centre) for row in known), 1.6 * MATTERS * 100])
    if chance:
        reach = max(reach, known[-1]["chance_high"] - centre)
    return centre - 1.15 * reach, centre + 1.15 * reach


def _names(
    known: Sequence[dict[str, Any]], colours: Sequence[str], palette: Palette, *, chance: bool
) -> list[tuple[float, str, str]]:
    """The treatments where they end, and the shaded band."""
    last = {row["name"]: row for row in known}
    named = [
        (row["value"], row["name"], colours[at % len(colours)])
        for at, row in enumerate(last.values())
    ]
    if chance:
        named.append((known[-1]["chance_low"], "chance, 99.9 %", palette.muted))
    return named
