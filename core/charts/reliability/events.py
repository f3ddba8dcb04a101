"""What happened in the window: gaps in the rows, releases, incidents, maintenance."""

from __future__ import annotations

from datetime import datetime

from core import wording
from core.charts.chart import Mark
from core.reliability import ReliabilityReport


def gaps(found: ReliabilityReport) -> list[tuple[datetime, datetime]]:
    """Stretches of the window without any row."""
    return [
        (episode.span.start, episode.span.end)
        for episode in found.episodes
        if episode.kind == "missing"
    ]


def marks(found: ReliabilityReport) -> list[Mark]:
    """Releases, incidents and planned maintenance of the window."""
    released = [
        Mark(cost.release.deployed_at, f"{cost.release.model_version} {cost.release.stage}")
        for cost in found.releases
    ]
    incidents = [
        Mark(
            episode.span.start,
            f"{episode.where or 'incident'}: {episode.kind}, "
            f"{wording.count(episode.bad)} bad letters in {episode.span.minutes} min",
        )
        for episode in found.episodes
        if episode.kind != "missing"
    ]
    planned = [Mark(entry.starts_at, f"maintenance: {entry.note}") for entry in found.maintenance]
    return sorted([*released, *incidents, *planned], key=lambda mark: mark.at)
