"""Targets in words."""

from __future__ import annotations

from fractions import Fraction

from core import wording
from core.status import Operator, Target


def target_words(target: Target) -> str:
    """A target as a card shows it.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> lift = Decimal("-0.05")
    >>> due_on = date(2027, 1, 24)
    >>> target_words(Target("complaint_lift", Operator.AT_MOST, lift, "share", "Q2", due_on))
    'at most −5 %'
    """
    word = "at least" if target.operator is Operator.AT_LEAST else "at most"
    if target.unit == "share":
        number = f"{(target.value * 100).normalize():f} %".replace("-", "−")
    else:
        number = wording.count(Fraction(target.value))
    return f"{word} {number}"
