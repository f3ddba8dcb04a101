"""The labels of a window, summed up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.quality.trend import Lag


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of the window.

    Attributes:
        count: those that count: of letters that are in score_hour.
        above: of letters decided positive.
        positives: whose label is positive.
        strays: labels of letters that score_hour does not count.
        arrived_share: about this share of the labels that the window's letters will get have come;
            None where lags are not known.
        mature_share: share of the window's letters on days whose labels have (nearly) all come;
            None where lags are not known.
        lag: how long they take.
        newest: when the newest was given; None where none ever was.
    """

    count: int
    above: int
    positives: int
    strays: int
    arrived_share: float | None
    mature_share: float | None
    lag: Lag
    newest: datetime | None
