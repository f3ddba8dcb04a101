"""Two slices side by side: two model versions, or two windows."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from core.quality.slices import SliceQuality
from core.status import Estimate


@dataclass(frozen=True, slots=True)
class Difference:
    """How much a measure differs, second minus first.

    Attributes:
        estimate: value, low and high; value None where one side has none.
        apart: the interval leaves out zero.
    """

    measure: str
    first: Estimate
    second: Estimate
    estimate: Estimate

    @property
    def apart(self) -> bool:
        """Whether the labels tell the two apart."""
        low, high = self.estimate.low, self.estimate.high
        return low is not None and high is not None and (low > 0 or high < 0)


def differences(first: SliceQuality, second: SliceQuality) -> tuple[Difference, ...]:
    """Every measure of two slices whose labels are different letters.

    The interval of a difference comes from the intervals of its sides (MOVER: Newcombe 1998,
    Statistics in Medicine 17, 873-890, method 10; Zou and Donner 2008): low = d - sqrt((v2 - l2)^2
    + (u1 - v1)^2), high = d + sqrt((u2 - v2)^2 + (v1 - l1)^2), d = v2 - v1.
    """
    return tuple(
        Difference(name, before, second.measures[name], _difference(before, second.measures[name]))
        for name, before in first.measures.items()
    )


def _difference(first: Estimate, second: Estimate) -> Estimate:
    n = min(first.n, second.n)
    sides = (first.value, first.low, first.high, second.value, second.low, second.high)
    if any(side is None for side in sides):
        return Estimate(None, None, None, n)
    v1, l1, u1, v2, l2, u2 = (float(side) for side in sides if side is not None)
    between = v2 - v1
    low = between - sqrt((v2 - l2) ** 2 + (u1 - v1) ** 2)
    high = between + sqrt((u2 - v2) ** 2 + (v1 - l1) ** 2)
    return Estimate(between, max(low, -1.0), min(high, 1.0), n)
