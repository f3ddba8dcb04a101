"""All letters by score, and how densely they are labelled."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np

from core import wording
from core.charts.chart import Canvas, Chart, haloed
from core.charts.tokens import Palette
from core.quality import QualityReport, sentences
from core.stats.scores import ALL_BINS, BINS_PER_LOGIT

#: Height of the panel of labels under the histogram, in pixels.
LOW = 120
#: Scores that the logit axis names.
_NAMED = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
#: Both panels reserve this for their y axis, so that their x axes line up, in pixels.
_AXIS_WIDTH = 46


def histogram(found: QualityReport, palette: Palette) -> Chart:
    """All letters of the window by score on a logit axis, split by decision."""
    title = sentences.histogram_title(found)
    letters = found.histogram.letters
    total = float(letters.sum())
    if not total:
        return Chart(title, None, "Nobody has counted scores in this window (metrics.score_hour).")
    canvas = Canvas()
    highest = float(letters.sum(axis=0).max()) / total * 100
    rows = [
        {
            "from": float(number) / BINS_PER_LOGIT,
            "to": float(number + 1) / BINS_PER_LOGIT,
            "share": float(letters[decision, at]) / total * 100,
            "base": float(letters[0, at]) / total * 100 * decision,
            "top": float(letters[: decision + 1, at].sum()) / total * 100,
            "name": ("decided negative", "decided positive")[decision],
            "letters": wording.count(float(letters[decision, at])),
        }
        for decision in (0, 1)
        for at, number in enumerate(ALL_BINS.tolist())
        if letters[decision, at]
    ]
    bars = (
        canvas.on(rows)
        .mark_rect(stroke=None)
        .encode(
            x=_logit("from", found),
            x2=alt.X2(field="to"),
            y=alt.Y(
                field="base",
                type="quantitative",
                axis=_axis("letters, %"),
                # Room above the bars for the threshold's name.
                scale=alt.Scale(domain=[0, highest * 1.18], nice=False),
            ),
            y2=alt.Y2(field="top"),
            color=_by_decision(palette),
            tooltip=[
                alt.Tooltip(field="name", type="nominal", title="decision"),
                alt.Tooltip(field="letters", type="nominal"),
                alt.Tooltip(field="from", type="quantitative", format=".1f", title="logit from"),
            ],
        )
    )
    split = float(letters[1].sum()) / total
    return canvas.finish(
        [bars, *_threshold(canvas, found, palette)],
        title,
        f"Letters by score on a logit axis; {wording.percent(split, 1)} of "
        f"{wording.count(total)} letters were decided positive.",
        height=210,
    )


def coverage(found: QualityReport, palette: Palette) -> Chart:
    """Labels by score, under the histogram and with its axis."""
    labels = found.histogram.labels
    count = int(labels.sum())
    title = f"{wording.whole(count)} labels by score"
    if not count:
        return Chart(title, None, "No letter of this window is labelled.")
    canvas = Canvas()
    rows = [
        {
            "from": float(number) / BINS_PER_LOGIT,
            "to": float(number + 1) / BINS_PER_LOGIT,
            "base": float(labels[0, at]) * decision,
            "top": float(labels[: decision + 1, at].sum()),
            "labels": int(labels[decision, at]),
            "name": ("decided negative", "decided positive")[decision],
        }
        for decision in (0, 1)
        for at, number in enumerate(ALL_BINS.tolist())
        if labels[decision, at]
    ]
    bars = (
        canvas.on(rows)
        .mark_rect(stroke=None)
        .encode(
            x=_logit("from", found, title="score (logit axis)"),
            x2=alt.X2(field="to"),
            y=alt.Y(
                field="base",
                type="quantitative",
                axis=_axis("labels", ticks=3),
                scale=alt.Scale(domainMin=0),
            ),
            y2=alt.Y2(field="top"),
            color=_by_decision(palette, named=False),
            tooltip=[
                alt.Tooltip(field="name", type="nominal", title="decision"),
                alt.Tooltip(field="labels", type="quantitative", format=","),
            ],
        )
    )
    return canvas.finish(
        [bars],
        title,
        f"Labels by score: {wording.whole(count)}, {wording.whole(int(labels[1].sum()))} of them "
        "of letters decided positive.",
        height=LOW,
    )


def _logit(field: str, found: QualityReport, title: str | None = None) -> alt.X:
    """A logit axis that names scores, over the bins that hold letters."""
    there = np.flatnonzero(found.histogram.letters.sum(axis=0))
    low = float(ALL_BINS[there.min()]) / BINS_PER_LOGIT
    high = float(ALL_BINS[there.max()] + 1) / BINS_PER_LOGIT
    values = [float(np.log(score / (1 - score))) for score in _NAMED]
    named = [value for value in values if low <= value <= high]
    return alt.X(
        field=field,
        type="quantitative",
        scale=alt.Scale(domain=[low, high], nice=False),
        axis=alt.Axis(
            title=title,
            grid=False,
            values=named,
            labelExpr="format(1 / (1 + exp(-datum.value)), '.3~f')",
            labelOverlap=True,
        ),
    )


def _axis(title: str, ticks: int = 5) -> alt.Axis:
    return alt.Axis(
        title=title, tickCount=ticks, format="~s", minExtent=_AXIS_WIDTH, maxExtent=_AXIS_WIDTH
    )


def _by_decision(palette: Palette, *, named: bool = True) -> alt.Color:
    names = ["decided negative", "decided positive"]
    return alt.Color(
        field="name",
        type="nominal",
        scale=alt.Scale(domain=names, range=[palette.muted, palette.on_target]),
        legend=alt.Legend(orient="top", title=None, labelColor=palette.text) if named else None,
    )


def _threshold(canvas: Canvas, found: QualityReport, palette: Palette) -> list[alt.Chart]:
    """The operating threshold as a line with its name."""
    threshold = found.thresholds.operating
    if threshold is None or not 0 < threshold < 1:
        return []
    row: dict[str, Any] = {
        "from": float(np.log(threshold / (1 - threshold))),
        "label": f"threshold {wording.score(threshold)}",
    }
    base = canvas.on([row])
    x = _logit("from", found)
    rule = base.mark_rule(strokeDash=[5, 4], strokeWidth=1.4, color=palette.text).encode(x=x)
    name = haloed(base, palette, x=x, y=alt.value(2), align="left", baseline="top", dx=5)
    return [rule, *name]
