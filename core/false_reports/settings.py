"""What the area judges by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.timeframe import STALE_AFTER_DAYS


@dataclass(frozen=True, slots=True)
class Settings:
    """Error rates, limits and patience of the area.

    Attributes:
        confidence: of all intervals of one release together.
        halved: a group counts as fixed once its ratio of rates, after over before, is shown to be
            below this.
        follow_up: reports made later than this after the prediction are left out, and so are
            letters younger than this: both sides of a release are then watched equally long.
        quiet: the last part of the old version's life; a group without a report in it, though
            `expected` were, had stopped before the release.
        expected: reports that make silence telling: none comes by chance in 5 % of cases (e^-3).
        most_releases: releases that are compared, the newest first.
        stale_after: without a report or a heartbeat for so long, the reports are stale.
        untaken_after: reports that wait longer than this for the worker are told.
    """

    confidence: float = 0.95
    halved: float = 0.5
    follow_up: timedelta = timedelta(hours=48)
    quiet: timedelta = timedelta(days=7)
    expected: float = 3.0
    most_releases: int = 4
    stale_after: timedelta = STALE_AFTER_DAYS
    untaken_after: timedelta = timedelta(minutes=10)

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence == {self.confidence}, must be in (0, 1)")
        if not 0 < self.halved < 1:
            raise ValueError(f"halved == {self.halved}, must be in (0, 1)")
        if self.follow_up <= timedelta(0) or self.quiet <= timedelta(0):
            raise ValueError("follow_up and quiet must be positive")
