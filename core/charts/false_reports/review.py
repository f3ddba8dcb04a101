"""Where topics and reviewers stand."""

from __future__ import annotations

from core import wording
from core.charts.chart import Chart
from core.charts.false_reports.stacks import Stack, stacks
from core.charts.tokens import Palette
from core.false_reports import FalseReportsReport, sentences
from core.false_reports.words import plain, topic_name

#: So many topics or reviewers are drawn; tables have all of them.
MOST = 10


def topics(found: FalseReportsReport, palette: Palette) -> Chart:
    """Groups by topic: waiting, confirmed, rejected; the topic with most reports on top."""
    named = [topic for topic in found.topics if topic.topic_id][:MOST]
    rows = [
        Stack(
            topic_name(topic.topic_id, topic.words),
            (topic.waiting, topic.confirmed, topic.rejected),
        )
        for topic in named
    ]
    said = "; ".join(
        f"{row.name}: {wording.whole(row.counts[0])} waiting, {wording.whole(row.counts[1])} "
        f"confirmed, {wording.whole(row.counts[2])} rejected"
        for row in rows
    )
    return stacks(
        rows,
        (
            ("waiting", palette.at_risk),
            ("confirmed", palette.on_target),
            ("rejected", palette.no_data),
        ),
        palette,
        title=sentences.topics_title(found),
        axis="groups",
        text=said or "Topics are found once there are about ten groups.",
    )


def reviewers(found: FalseReportsReport, palette: Palette) -> Chart:
    """Votes by reviewer: confirmed, rejected, unsure."""
    shown = found.standings.progress[:MOST]
    rows = [Stack(plain(one.reviewer), (one.confirmed, one.rejected, one.unsure)) for one in shown]
    said = "; ".join(
        f"{row.name}: {wording.whole(row.counts[0])} confirmed, {wording.whole(row.counts[1])} "
        f"rejected, {wording.whole(row.counts[2])} unsure"
        for row in rows
    )
    return stacks(
        rows,
        (
            ("confirmed", palette.on_target),
            ("rejected", palette.no_data),
            ("unsure", palette.at_risk),
        ),
        palette,
        title=sentences.reviewers_title(found),
        axis="votes",
        text=said or "No vote has been cast.",
    )
