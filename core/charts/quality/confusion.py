"""Decisions against truth, scaled to all letters."""

from __future__ import annotations

import altair as alt

from core import wording
from core.charts.chart import Canvas, Chart
from core.charts.tokens import Palette
from core.quality import QualityReport, sentences


def confusion(found: QualityReport, palette: Palette) -> Chart:
    """Decisions against truth, scaled to all letters of the window."""
    matrix = found.whole.confusion
    cells = (
        ("folder", "newsletter", matrix.true_positives, "right"),
        ("folder", "other letter", matrix.false_positives, "wrong"),
        ("Inbox", "newsletter", matrix.false_negatives, "wrong"),
        ("Inbox", "other letter", matrix.true_negatives, "right"),
    )
    title = sentences.confusion_title(found)
    known = [count for _, _, count, _ in cells if count is not None]
    total = sum(known)
    if not total:
        return Chart(title, None, "Without labels nobody knows which decisions were right.")
    canvas = Canvas()
    rows = [
        {
            "decision": f"decided {'positive' if decision == 'folder' else 'negative'}",
            "truth": f"label {'positive' if truth == 'newsletter' else 'negative'}",
            "count": wording.count(count or 0),
            "share": wording.percent((count or 0) / total, 3),
            "kind": kind,
        }
        for decision, truth, count, kind in cells
    ]
    x = alt.X(
        field="truth",
        type="nominal",
        sort=["label positive", "label negative"],
        axis=alt.Axis(title=None, orient="top", labelAngle=0, ticks=False, domain=False),
    )
    y = alt.Y(
        field="decision",
        type="nominal",
        sort=["decided positive", "decided negative"],
        axis=alt.Axis(title=None, ticks=False, domain=False),
    )
    base = canvas.on(rows)
    boxes = base.mark_rect(stroke=palette.background, strokeWidth=4, cornerRadius=6).encode(
        x=x,
        y=y,
        color=alt.Color(
            field="kind",
            type="nominal",
            legend=None,
            scale=alt.Scale(domain=["right", "wrong"], range=[palette.gap, palette.wrong]),
        ),
    )
    number = base.mark_text(fontSize=17, fontWeight=600, dy=-9, color=palette.text).encode(
        x=x, y=y, text=alt.Text(field="count", type="nominal")
    )
    share = base.mark_text(fontSize=11, dy=11, color=palette.text).encode(
        x=x, y=y, text=alt.Text(field="share", type="nominal")
    )
    said = ", ".join(f"{row['decision']} and {row['truth']}: {row['count']}" for row in rows)
    return canvas.finish(
        [boxes, number, share], title, f"All letters of the window, estimated: {said}."
    )
