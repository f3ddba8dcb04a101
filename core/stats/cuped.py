"""CUPED: less noise in an A/B test by what the same users did before it.

The covariate is the same ratio in the days before the test, and theta, its coefficient, is pooled
over both arms. The adjusted ratio is R - theta (R0 - R0 of both arms), and its variance is that of
the residual. What was measured before cannot have been changed by treatment, so it shifts nothing.

Source: Deng, Xu, Kohavi and Walker, Improving the Sensitivity of Online Controlled Experiments by
Utilizing Pre-Experiment Data (WSDM 2013), with the ratio's delta method of `core.stats.ratio`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.ratio import NO_VARIANCE, Ratios, ratios

Floats = NDArray[np.float64]
#: Numerators and denominators of an arm by bucket, each of shape (B,).
Columns = tuple[ArrayLike, ArrayLike]


def theta(metric: Columns, covariate: Columns) -> float:
    """The coefficient that takes most of the covariate's noise out of the metric.

    Args:
        metric: both arms together, numerators and denominators of shape (n,).
        covariate: the same before the test.

    Returns:
        Cov(metric, covariate) / Var(covariate) of the linearised ratios; 0 where the covariate
        does not vary or is not there.

    >>> theta(([2.0, 4.0], [1.0, 1.0]), ([1.0, 2.0], [1.0, 1.0]))
    2.0
    """
    of_metric, of_covariate = _residual(*metric), _residual(*covariate)
    variance = float((of_covariate**2).sum())
    if not variance > NO_VARIANCE:
        return 0.0
    return float((of_metric * of_covariate).sum()) / variance


def adjusted(
    control: Columns, treatment: Columns, control_before: Columns, treatment_before: Columns
) -> tuple[Ratios, Ratios]:
    """Both arms' ratios with what their users did before taken out.

    Args:
        control: numerators and denominators by bucket of the test, each of shape (B,).
        treatment: the same of the other arm.
        control_before: the same columns in the days before the test.
        treatment_before: the same of the other arm.

    Returns:
        Ratios of both arms, to be compared by `core.stats.ratio.lifts`.

    >>> y = [1.0, 1.0, 1.0]
    >>> before = ([1.0, 2.0, 3.0], y)
    >>> one, other = adjusted(([1.1, 2.1, 2.8], y), ([1.0, 2.2, 2.8], y), before, before)
    >>> raw = ratios([1.1, 2.1, 2.8], y)
    >>> float(one.value) == float(raw.value), bool(one.log_variance < raw.log_variance / 20)
    (True, True)
    """
    pooled = theta(_both(control, treatment), _both(control_before, treatment_before))
    common = _ratio(*_both(control_before, treatment_before))
    return (
        _arm(control, control_before, pooled, common),
        _arm(treatment, treatment_before, pooled, common),
    )


def _arm(metric: Columns, covariate: Columns, coefficient: float, common: float) -> Ratios:
    plain = ratios(*metric)
    if not coefficient:
        return plain
    buckets = np.asarray(metric[0]).shape[-1]
    residual = _residual(*metric) - coefficient * _residual(*covariate)
    value = np.asarray(plain.value - coefficient * (_ratio(*covariate) - common))
    variance = (residual**2).sum() / (max(buckets - 1, 1) * buckets)
    usable = np.where(value > 0, value, np.nan)
    relative = np.asarray(variance / usable**2)
    known = np.isfinite(plain.log_variance) & (relative > NO_VARIANCE)
    return Ratios(value, np.where(known, relative, np.nan), plain.degrees)


def _both(one: Columns, other: Columns) -> Columns:
    return np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])


def _ratio(x: ArrayLike, y: ArrayLike) -> float:
    bottom = float(np.sum(y))
    return float(np.sum(x)) / bottom if bottom > 0 else float("nan")


def _residual(x: ArrayLike, y: ArrayLike) -> Floats:
    """(x - R y) / ybar by bucket; zeros where there is no ratio."""
    numerators, denominators = np.asarray(x, np.float64), np.asarray(y, np.float64)
    mean = float(denominators.mean())
    if not mean > 0:
        return np.zeros_like(numerators)
    return np.asarray((numerators - _ratio(x, y) * denominators) / mean)
