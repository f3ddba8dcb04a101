"""Whether a lift changes between two groups of the same buckets, such as weeks of exposure.

Users of a bucket share traits, and users exposed in one week come back in the next, so the two
lifts are not independent. What each bucket adds to the log of a ratio is subtracted within the
bucket, which takes out what is common to both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core.stats.ratio import NO_VARIANCE, Lifts, lifts, linearised, ratios

#: Numerators and denominators of control and of treatment by bucket, four columns of shape (B,).
Arms = tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike]


def change(first: Arms, later: Arms) -> Lifts:
    """The change of the log lift from a first group of users to a later one.

    Args:
        first: control's and treatment's numerators and denominators.
        later: the same of the other group, by the same buckets.

    Returns:
        ln(R_t/R_c) later minus first, with its standard error; NaN where one cannot be computed.

    >>> y = [100.0, 100.0, 100.0]
    >>> control, treatment = ([5.0, 4.0, 6.0], y), ([3.0, 4.0, 5.0], y)
    >>> same = ([5.0, 4.0, 7.0], y)
    >>> found = change((*control, *treatment), (*control, *same))
    >>> round(float(found.log), 4), round(float(found.error), 4)
    (0.2877, 0.1301)
    """
    log = np.asarray(_lift(later).log - _lift(first).log)
    control = linearised(later[0], later[1]) - linearised(first[0], first[1])
    treatment = linearised(later[2], later[3]) - linearised(first[2], first[3])
    buckets = control.shape[-1]
    moved = [
        float((arm**2).sum()) / (max(buckets - 1, 1) * buckets) for arm in (control, treatment)
    ]
    variance = sum(moved)
    if not variance > NO_VARIANCE:
        nothing = np.asarray(np.nan)
        return Lifts(nothing, nothing, nothing)
    degrees = variance**2 / sum(one**2 / max(buckets - 1, 1) for one in moved)
    error = np.where(np.isfinite(log), np.sqrt(variance), np.nan)
    return Lifts(log, error, np.asarray(degrees))


def _lift(arms: Arms) -> Lifts:
    return lifts(ratios(arms[0], arms[1]), ratios(arms[2], arms[3]))
