"""Working days: Monday to Friday. Holidays are not known here, and are part of why plans slip."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

#: Working days of an ideal week.
WEEK = 5
_DAY = timedelta(days=1)


def between(start: date, end: date) -> int:
    """Working days of start to end, both counted; 0 where end lies before start.

    >>> between(date(2026, 6, 1), date(2026, 6, 5)), between(date(2026, 6, 6), date(2026, 6, 7))
    (5, 0)
    """
    return max(int(np.busday_count(start, end + _DAY)), 0)


def ends(today: date, days: NDArray[np.floating]) -> NDArray[np.datetime64]:
    """The days on which work ends that takes some working days from the morning of today on.

    On a weekend, work goes on on Monday.

    >>> ends(date(2026, 6, 5), np.array([0.5, 1.0, 1.2, 5.2])).astype(str).tolist()
    ['2026-06-05', '2026-06-05', '2026-06-08', '2026-06-12']
    """
    whole = np.maximum(np.ceil(days), 1).astype(np.int64)
    return np.asarray(np.busday_offset(today, whole - 1, roll="forward"))


def moved(day: date, days: int) -> date:
    """A day moved by working days; a weekend is first moved on to Monday.

    >>> moved(date(2026, 6, 5), 1)
    datetime.date(2026, 6, 8)
    """
    found: date = np.busday_offset(day, days, roll="forward").astype(object)
    return found
