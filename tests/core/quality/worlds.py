"""Small services whose precision and recall can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.ports import Release
from core.quality import Focus, QualityReport, Settings, report
from core.timeframe import Window
from tests.fakes import SERVICE
from tests.fakes_quality import FakeQualityReader, LabelRow, ScoreRow, at_hour, labels, scores

#: Letters an hour by bin: two bins above the threshold (bin 20), two below.
LETTERS = {-30: 9_000, 10: 1_000, 22: 400, 40: 600}
#: The as-of of most tests: two days after the first hour.
NOW = at_hour(48)


def scored(start: int = 0, end: int = 48, **more: str) -> list[ScoreRow]:
    """Two days of the same letters."""
    return scores(start, end, LETTERS, **more)


def labelled(
    hour: float = 1,
    *,
    best: tuple[int, int] = (1_000, 1_000),
    near: tuple[int, int] = (400, 392),
    below: tuple[int, int] = (400, 100),
    far: tuple[int, int] = (400, 0),
    **more: object,
) -> list[LabelRow]:
    """Labels and positives of each bin, highest bin first, all of one hour."""
    found: list[LabelRow] = []
    for number, (count, positives) in zip((40, 22, 10, -30), (best, near, below, far), strict=True):
        found += labels(hour, number, count, positives, lag=2, **more)  # type: ignore[arg-type]
    return found


def measured(
    scored_rows: Sequence[ScoreRow] = (),
    labelled_rows: Sequence[LabelRow] = (),
    *,
    deployed: Sequence[Release] = (),
    window: str = "2d",
    as_of: datetime = NOW,
    settings: Settings | None = None,
    focus: Focus | None = None,
) -> QualityReport:
    """The report of a service."""
    reader = FakeQualityReader(scored_rows, labelled_rows, deployed)
    return report(reader, SERVICE, Window.parse(window), as_of, settings, focus=focus)


def released(hour: float, version: str = "v1", threshold: float | None = None) -> Release:
    """A release to production."""
    name = f"{version}@{hour}"
    return Release(name, at_hour(hour), version, "", "production", threshold, "")


def renamed(rows: Sequence[LabelRow], suffix: str) -> list[LabelRow]:
    """The same labels of other letters."""
    return [replace(row, letter_id=row.letter_id + suffix) for row in rows]
