"""Numbers of an experiment as charts, cards and tables write them."""

from __future__ import annotations

import math

from core.experiment.effects import Effect, Interval
from core.experiment.words import range_words

#: P-values below this are told as below it.
_TINY = 0.001


def p_words(p: float | None) -> str:
    """A p-value, cut up: a larger one flatters less.

    >>> p_words(0.2211), p_words(3e-9), p_words(None)
    ('p = 0.23', 'p < 0.001', 'p unknown')
    """
    if p is None or not math.isfinite(p):
        return "p unknown"
    if p < _TINY:
        return f"p < {_TINY:g}"
    digits = 2 if p >= 0.1 else 3
    return f"p = {min(math.ceil(p * 10**digits) / 10**digits, 1.0):.{digits}f}"


def interval_words(bounds: Interval | None, digits: int = 1) -> str:
    """An interval with its confidence, its ends cut outward.

    >>> interval_words(Interval(-0.0812, -0.0497, 0.95)), interval_words(None)
    ('95 % interval −8.2 to −4.9 %', 'no interval yet')
    """
    if bounds is None:
        return "no interval yet"
    return f"{confidence_words(bounds)} interval {range_words(bounds.low, bounds.high, digits)}"


def confidence_words(bounds: Interval) -> str:
    """How sure an interval is.

    >>> confidence_words(Interval(-0.08, -0.05, 0.995))
    '99.5 %'
    """
    return f"{bounds.confidence * 100:.4g} %"


def levels(effect: Effect) -> str:
    """A metric's ratio in both arms, in units that can be read; its name where it is unknown.

    For example: 'Complaints per letter · 9.978 → 9.346 per 100,000 letters'.
    """
    metric = effect.metric
    if effect.control is None or effect.treatment is None:
        return metric.label
    control, treatment = (
        f"{ratio * metric.per:#.4g}".rstrip(".") for ratio in (effect.control, effect.treatment)
    )
    counted, _, per = metric.unit.partition(" per ")
    unit = f"per {per}" if metric.label.lower().startswith(counted) else metric.unit
    return f"{metric.label} · {control} → {treatment} {unit}"
