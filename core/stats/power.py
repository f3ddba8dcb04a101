"""What a test can find: power of one look, and the shift that it finds with a given power.

Shifts and standard errors are on the same scale, for a lift the log's. The test is one-sided by
Student's t; its power is that of the noncentral t.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import nctdtr, stdtrit

from core.stats.ratio import check_alpha

#: Shifts are looked for up to this many standard errors; power is 1 long before.
_FARTHEST = 50.0


def power(
    shift: ArrayLike, error: ArrayLike, degrees: ArrayLike, alpha: float
) -> NDArray[np.float64]:
    """The chance that a one-sided test finds a shift.

    Args:
        shift: the distance of the truth from the null in the direction that is tested; below 0 it
            lies on the other side.
        error: standard error of the estimate, of a shape that broadcasts with shift.
        degrees: degrees of freedom, likewise.
        alpha: chance of finding something where the shift is 0.

    Raises:
        ValueError: alpha is out of range.

    >>> round(float(power(0.029, 0.01, 998, 0.02)), 3)
    0.8
    """
    check_alpha(alpha)
    noncentral = np.asarray(shift, np.float64) / np.asarray(error, np.float64)
    critical = stdtrit(degrees, 1 - alpha)
    return np.asarray(1 - nctdtr(degrees, noncentral, critical))


def detectable_shift(error: float, degrees: float, alpha: float, wanted: float) -> float:
    """The smallest shift that a one-sided test finds with the wanted power.

    Raises:
        ValueError: alpha or wanted is not strictly between 0 and 1, or wanted is not above alpha.

    >>> round(detectable_shift(0.01, 998, 0.02, 0.80), 4)
    0.029
    """
    return error * _noncentral(degrees, alpha, wanted)


def needed_error(shift: float, degrees: float, alpha: float, wanted: float) -> float:
    """The standard error at which a one-sided test finds a shift with the wanted power.

    Raises:
        ValueError: the shift is not above 0, or a chance is out of range.

    >>> round(needed_error(0.029, 998, 0.02, 0.80), 4)
    0.01
    """
    if not shift > 0:
        raise ValueError(f"shift == {shift}, must be above 0")
    return shift / _noncentral(degrees, alpha, wanted)


def _noncentral(degrees: float, alpha: float, wanted: float) -> float:
    from scipy.optimize import brentq

    check_alpha(alpha)
    if not alpha < wanted < 1:
        raise ValueError(f"wanted == {wanted}, must be above alpha == {alpha} and below 1")

    def short(noncentral: float) -> float:
        return float(power(noncentral, 1.0, degrees, alpha)) - wanted

    return float(brentq(short, 0.0, _FARTHEST, xtol=1e-13))
