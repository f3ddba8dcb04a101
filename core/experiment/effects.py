"""The lift of a metric between two arms at one moment, with its intervals, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.experiment.metrics import Metric
from core.stats.ratio import Lifts, Ratios, interval, lifts, p_value, ratios
from core.stats.sequential import confidence_sequence, mixing_variance

Floats = NDArray[np.float64]

#: What the sums are called in a sentence.
_WORDS = {
    "new_users": "new users",
    "active_users": "users",
    "letters": "letters",
    "complaints": "complaints",
    "sessions": "sessions",
    "session_seconds": "session time",
    "revenue": "revenue",
}


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of a relative change.

    Attributes:
        confidence: e.g. 0.95.
    """

    low: float
    high: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What treatment does to a metric, as far as it is known.

    Attributes:
        control: the ratio of the control arm; None without denominators.
        treatment: likewise.
        lift: treatment / control - 1; None where it cannot be computed.
        log: the lift on the log scale.
        error: standard error of log.
        degrees: degrees of freedom of the error.
        fixed: the ordinary interval: right at one look that was fixed in advance.
        always_valid: the band that may be looked at daily; None without a planned error.
        p: against no change, both sides, for one look.
        missing: why there is no lift, as part of a sentence; '' otherwise.
    """

    metric: Metric
    control: float | None
    treatment: float | None
    lift: float | None
    log: float | None
    error: float | None
    degrees: float | None
    fixed: Interval | None
    always_valid: Interval | None
    p: float | None
    missing: str


def effect(
    metric: Metric,
    control: Floats,
    treatment: Floats,
    alpha: float,
    *,
    names: tuple[str, str] = ("control", "treatment"),
    s_plan: float | None = None,
) -> Effect:
    """The effect on a metric.

    Args:
        metric: which.
        control: sums by bucket, shape (B, len(SUMS)).
        treatment: likewise.
        alpha: of the intervals.
        names: what the arms are called where one lacks something.
        s_plan: the standard error expected at the planned end; None for no always-valid band.
    """
    sides = (ratios(*metric.columns(control)), ratios(*metric.columns(treatment)))
    missing = [
        why
        for name, sums in zip(names, (control, treatment), strict=True)
        if (why := why_missing(metric, sums, name))
    ]
    return from_ratios(metric, *sides, alpha, s_plan=s_plan, missing="; ".join(missing))


def from_ratios(
    metric: Metric,
    control: Ratios,
    treatment: Ratios,
    alpha: float,
    *,
    s_plan: float | None = None,
    missing: str = "",
) -> Effect:
    """The effect that two ratios show; each holds one number."""
    found = lifts(control, treatment)
    known = bool(np.isfinite(found.error) & np.isfinite(found.log))
    if not known:
        why = missing or "the spread between buckets cannot be estimated"
        return Effect(
            metric,
            _number(control.value),
            _number(treatment.value),
            *(None,) * 7,
            missing=why,
        )
    return Effect(
        metric,
        _number(control.value),
        _number(treatment.value),
        float(found.relative),
        float(found.log),
        float(found.error),
        float(found.degrees),
        ordinary(found, alpha),
        None if s_plan is None else always_valid(found, s_plan, alpha),
        float(p_value(found)),
        "",
    )


def ordinary(found: Lifts, alpha: float) -> Interval:
    """The ordinary interval of one lift."""
    low, high = interval(found, alpha)
    return Interval(float(low), float(high), 1 - alpha)


def always_valid(found: Lifts, s_plan: float, alpha: float) -> Interval:
    """The always-valid band of one lift."""
    tau2 = mixing_variance(s_plan, alpha)
    low, high = confidence_sequence(found.log, found.error, tau2, alpha)
    return Interval(float(np.expm1(low)), float(np.expm1(high)), 1 - alpha)


def why_missing(metric: Metric, sums: Floats, arm: str) -> str:
    """Why a metric cannot be computed in an arm, as part of a sentence; '' where it can.

    Args:
        metric: which.
        sums: by bucket, shape (B, len(SUMS)).
        arm: its name.
    """
    x, y = metric.columns(sums)
    for column, name in ((y, metric.denominator), (x, metric.numerator)):
        if not column.sum() > 0:
            return f"{arm} has no {_WORDS[name]}"
    if np.count_nonzero(y) < 2:
        return f"all users of {arm} are in one bucket"
    if not np.isfinite(ratios(x, y).log_variance):
        return f"the buckets of {arm} do not differ at all"
    return ""


def _number(value: Floats) -> float | None:
    return float(value) if np.isfinite(value) else None
