"""The small lines of the reliability area's cards."""

from __future__ import annotations

import numpy as np

from core import wording
from core.charts.chart import Chart, sparkline
from core.charts.tokens import Palette
from core.reliability import ReliabilityReport


def sli_spark(found: ReliabilityReport, kind: str, palette: Palette) -> Chart:
    """A card's line: the share of good letters by step, against its objective."""
    bad, total = (
        (found.trend.errors, found.trend.letters)
        if kind == "availability"
        else (found.trend.slow, found.trend.letters - found.trend.errors)
    )
    groups = np.array_split(np.arange(len(total)), min(len(total), 40))
    points: list[float | None] = []
    for group in groups:
        letters = int(total[group].sum())
        points.append((1 - int(bad[group].sum()) / letters) * 100 if letters else None)
    sli = found.slis[kind]
    last = next((point for point in reversed(points) if point is not None), None)
    end = "" if last is None else wording.percent(last / 100, 3)
    value = "no data" if sli.value is None else wording.percent(sli.value, 4)
    return sparkline(
        points, float(sli.objective) * 100, palette, f"{kind} over the window, now {value}", end
    )


def load_spark(found: ReliabilityReport, target: float | None, palette: Palette) -> Chart:
    """A card's line: the fullest minute of each step, against the promised peak."""
    letters = found.minutes.letters.sum(axis=0)
    written = found.minutes.rows.sum(axis=0) > 0
    points: list[float | None] = []
    for group in np.array_split(np.arange(len(letters)), min(len(letters), 40)):
        here = letters[group][written[group]]
        points.append(float(here.max()) if here.size else None)
    last = next((point for point in reversed(points) if point is not None), None)
    end = "" if last is None else wording.count(last)
    return sparkline(points, target, palette, "fullest minute over the window", end)
