"""The metrics of an experiment: ratios of two of the contract's sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.ports.experiment import SUMS

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Metric:
    """A ratio of two sums.

    Attributes:
        name: its name in definitions and in JSON.
        label: what a reader calls it.
        numerator: a name of `SUMS`.
        denominator: likewise.
        good: 'down' if less is good, 'up' if more is, 'neither' where it depends.
        per: the number of units of the denominator that it is shown for, so that it is readable.
        unit: what it is shown in, for that many.
    """

    name: str
    label: str
    numerator: str
    denominator: str
    good: str
    per: int = 1
    unit: str = ""

    def columns(self, sums: Floats) -> tuple[Floats, Floats]:
        """Numerators and denominators of an array whose last axis is `SUMS`."""
        return (
            sums[..., SUMS.index(self.numerator)],
            sums[..., SUMS.index(self.denominator)],
        )


_ALL = (
    Metric(
        "complaints_per_letter",
        "Complaints per letter",
        "complaints",
        "letters",
        "down",
        100_000,
        "complaints per 100,000 letters",
    ),
    Metric(
        "complaints_per_user",
        "Complaints per user-day",
        "complaints",
        "active_users",
        "down",
        1_000,
        "complaints per 1,000 user-days",
    ),
    # Fewer letters in the Inbox may be what treatment is for, or what it breaks.
    Metric(
        "letters_per_user",
        "Letters per user-day",
        "letters",
        "active_users",
        "neither",
        1,
        "letters per user-day",
    ),
    Metric(
        "sessions_per_user",
        "Sessions per user-day",
        "sessions",
        "active_users",
        "up",
        1,
        "sessions per user-day",
    ),
    Metric(
        "session_seconds_per_user",
        "Session time per user-day",
        "session_seconds",
        "active_users",
        "up",
        1,
        "seconds per user-day",
    ),
    Metric(
        "active_days_per_user",
        "Active days per user",
        "active_users",
        "new_users",
        "up",
        1,
        "active days per user",
    ),
    Metric(
        "revenue_per_user",
        "Revenue per user-day",
        "revenue",
        "active_users",
        "up",
        1,
        "revenue per user-day",
    ),
)
#: Every metric by name.
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}
#: The primary metric, and the two whose product it is not: complaints per letter is complaints per
#: user over letters per user, and treatment changes both.
PER_LETTER, PER_USER, LETTERS_PER_USER = (
    METRICS[name] for name in ("complaints_per_letter", "complaints_per_user", "letters_per_user")
)


def metric_named(name: str) -> Metric:
    """A metric by its name.

    Raises:
        ValueError: there is no such metric.

    >>> metric_named("sessions_per_user").label
    'Sessions per user-day'
    """
    if name not in METRICS:
        raise ValueError(f"metric == {name!r}, must be one of {', '.join(METRICS)}")
    return METRICS[name]
