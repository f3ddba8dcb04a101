"""The lift of a ratio of sums in an A/B test, from sums by hash bucket of users.

A ratio R = sum x / sum y, such as complaints per letter, has the variance of its log estimated over
the buckets by the delta method; a lift is compared on the log scale, L = ln(R_t / R_c), because
there its interval is symmetric, cannot pass -100 % and covers what it says for reductions, too.

From B buckets instead of the users themselves the lift is the same, and its standard error is known
to about 1 / sqrt(2 (B - 1)): to 3.2 % for one arm of 500 buckets, to 2.2 % for two alike.

Source: Deng, Knoblich and Lu, Applying the Delta Method in Metric Analytics (KDD 2018), section 3;
Welch, The generalization of Student's problem (Biometrika 1947), for the degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

Floats = NDArray[np.float64]

#: A relative variance below this is the rounding error of the sums, not spread between buckets.
NO_VARIANCE = 1e-20


@dataclass(frozen=True, slots=True, eq=False)
class Ratios:
    """Ratios of sums, each with the variance of its log.

    Attributes:
        value: sum x / sum y, any shape; NaN where there is no y.
        log_variance: variance of ln(value), same shape; NaN where it cannot be computed.
        degrees: degrees of freedom of the variance: buckets - 1.
    """

    value: Floats
    log_variance: Floats
    degrees: int


@dataclass(frozen=True, slots=True, eq=False)
class Lifts:
    """Lifts of treatment over control on the log scale; NaN where one cannot be computed.

    Attributes:
        log: ln(R_t / R_c), any shape.
        error: standard error of log, same shape.
        degrees: Welch's degrees of freedom, same shape.
    """

    log: Floats
    error: Floats
    degrees: Floats

    @property
    def relative(self) -> Floats:
        """R_t / R_c - 1: -0.05 is 5 % less."""
        return np.asarray(np.expm1(self.log))


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """R_t - R_c in the units of the ratio, each with its interval and p-value against no change."""

    value: Floats
    low: Floats
    high: Floats
    p: Floats


def ratios(x: ArrayLike, y: ArrayLike) -> Ratios:
    """The ratio of the sums of two columns, and the variance of its log over the buckets.

    V = sum (x - R y)^2 / ((B - 1) B ybar^2), and Var ln R = V / R^2. A bucket without rows counts
    as zero and stays in B: it was empty by chance, as it will be next time.

    Args:
        x: numerators by bucket, shape (..., B).
        y: denominators by bucket, same shape.

    Raises:
        ValueError: the shapes differ, or there is no axis of buckets.

    >>> found = ratios([2.0, 1.0, 3.0], [100.0, 90.0, 110.0])
    >>> float(found.value), round(float(found.log_variance), 6)
    (0.02, 0.053333)
    """
    numerators, denominators = _columns(x, y)
    buckets = numerators.shape[-1]
    value = _over(numerators.sum(axis=-1), denominators.sum(axis=-1))
    # In one array that is written over: these are the passes that a report of many segments is made
    # of.
    residual = denominators * -value[..., None]
    residual += numerators
    squares = np.einsum("...b,...b->...", residual, residual)
    mean = denominators.mean(axis=-1)
    variance = _over(squares, max(buckets - 1, 0) * buckets * mean**2)
    return Ratios(value, _log_variance(value, variance), buckets - 1)


def linearised(x: ArrayLike, y: ArrayLike) -> Floats:
    """What each bucket adds to ln R: values whose mean is 0 and whose variance over B is Var ln R.

    Args:
        x: numerators by bucket, shape (..., B).
        y: denominators by bucket, same shape.

    Returns:
        (x - R y) / (R ybar), shape (..., B); NaN where there is no ratio or it is 0.

    Raises:
        ValueError: the shapes differ, or there is no axis of buckets.

    >>> linearised([2.0, 1.0, 3.0], [100.0, 90.0, 110.0]).round(3).tolist()
    [0.0, -0.4, 0.4]
    """
    numerators, denominators = _columns(x, y)
    value = _over(numerators.sum(axis=-1), denominators.sum(axis=-1))[..., None]
    mean = denominators.mean(axis=-1)[..., None]
    return _over(numerators - value * denominators, value * mean)


def lifts(control: Ratios, treatment: Ratios) -> Lifts:
    """The lift of treatment over control, with Welch's degrees of freedom from both log variances.

    >>> control = ratios([2.0, 1.0, 3.0], [100.0, 90.0, 110.0])
    >>> treatment = ratios([1.0, 2.0, 2.0], [100.0, 90.0, 110.0])
    >>> found = lifts(control, treatment)
    >>> round(float(found.relative), 4), round(float(found.error), 4)
    (-0.1667, 0.3109)
    """
    quotient = _over(treatment.value, control.value)
    log = np.log(np.where(quotient > 0, quotient, np.nan))
    variance = control.log_variance + treatment.log_variance
    squares = control.log_variance**2 / max(control.degrees, 1) + treatment.log_variance**2 / max(
        treatment.degrees, 1
    )
    log = np.where(np.isfinite(variance), log, np.nan)
    return Lifts(log, np.asarray(np.sqrt(variance)), _over(variance**2, squares))


def interval(found: Lifts, alpha: float) -> tuple[Floats, Floats]:
    """The ordinary interval of a lift, exp(L +- t s) - 1: right at one look fixed in advance.

    Args:
        found: lifts, any shape.
        alpha: share of intervals that may miss, both sides together, in (0, 1).

    Returns:
        Lower and upper ends as relative changes.

    Raises:
        ValueError: alpha is out of range.

    >>> one = Lifts(np.array(-0.06), np.array(0.01), np.array(998.0))
    >>> [round(float(end), 4) for end in interval(one, 0.05)]
    [-0.0765, -0.0396]
    """
    check_alpha(alpha)
    half = stdtrit(found.degrees, 1 - alpha / 2) * found.error
    return np.asarray(np.expm1(found.log - half)), np.asarray(np.expm1(found.log + half))


def p_value(found: Lifts, margin: float = 0.0, *, side: str = "both") -> Floats:
    """The p-value of a lift against a margin by Welch's t on the log scale, for one look.

    Args:
        found: lifts, any shape.
        margin: a relative change, e.g. -0.05 for "5 % less".
        side: 'below' tests whether the lift lies below the margin, 'above' above it, 'both' either.

    Raises:
        ValueError: the margin is not above -1, or there is no such side.

    >>> one = Lifts(np.array(-0.07), np.array(0.01), np.array(998.0))
    >>> round(float(p_value(one, -0.05, side="below")), 4)
    0.0308
    """
    t = (found.log - log_margin(margin)) / found.error
    if side == "below":
        return np.asarray(stdtr(found.degrees, t))
    if side == "above":
        return np.asarray(stdtr(found.degrees, -t))
    if side != "both":
        raise ValueError(f"side == {side!r}, must be 'below', 'above' or 'both'")
    return np.asarray(2 * stdtr(found.degrees, -np.abs(t)))


def differences(control: Ratios, treatment: Ratios, alpha: float) -> Differences:
    """R_t - R_c with Welch's interval: what the lift is in the units of the ratio.

    The interval is linear in the ratio, so it may disagree with that of the lift by the delta
    method's second order; the lift is what decides.

    Raises:
        ValueError: alpha is out of range.

    >>> control = ratios([2.0, 1.0, 3.0], [100.0, 90.0, 110.0])
    >>> treatment = ratios([1.0, 2.0, 2.0], [100.0, 90.0, 110.0])
    >>> found = differences(control, treatment, 0.05)
    >>> round(float(found.value), 5), round(float(found.p), 4)
    (-0.00333, 0.5971)
    """
    check_alpha(alpha)
    one = control.log_variance * control.value**2
    other = treatment.log_variance * treatment.value**2
    error = np.sqrt(one + other)
    squares = one**2 / max(control.degrees, 1) + other**2 / max(treatment.degrees, 1)
    degrees = _over((one + other) ** 2, squares)
    value = np.asarray(treatment.value - control.value)
    half = stdtrit(degrees, 1 - alpha / 2) * error
    p = 2 * stdtr(degrees, -np.abs(_over(value, error)))
    return Differences(value, np.asarray(value - half), np.asarray(value + half), np.asarray(p))


def log_margin(margin: float) -> float:
    """A margin on the log scale.

    Raises:
        ValueError: nothing can fall by 100 % or more.

    >>> round(log_margin(-0.05), 6)
    -0.051293
    """
    if not margin > -1:
        raise ValueError(f"margin == {margin}, must be above -1")
    return float(np.log1p(margin))


def check_alpha(alpha: float) -> None:
    """Refuse what is no error rate.

    Raises:
        ValueError: alpha is not strictly between 0 and 1.

    >>> check_alpha(0.05)
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha == {alpha}, must be in (0, 1)")


def _columns(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    numerators, denominators = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if numerators.ndim:  # columns of a table lie apart in memory: each is gathered once
        numerators = np.ascontiguousarray(numerators)
        denominators = np.ascontiguousarray(denominators)
    if numerators.shape != denominators.shape or not numerators.ndim:
        raise ValueError(
            f"x.shape == {numerators.shape}, must be y.shape == {denominators.shape}, with buckets"
        )
    return numerators, denominators


def _over(top: ArrayLike, bottom: ArrayLike) -> Floats:
    """A quotient; NaN, without a warning, where the divisor is not above 0."""
    divisor = np.asarray(bottom, np.float64)
    usable = np.where(divisor > 0, divisor, np.nan)
    return np.asarray(np.asarray(top, np.float64) / usable)


def _log_variance(value: Floats, variance: Floats) -> Floats:
    relative = _over(variance, np.where(value > 0, value, np.nan) ** 2)
    return np.where(relative > NO_VARIANCE, relative, np.nan)
