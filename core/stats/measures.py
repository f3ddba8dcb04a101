"""Precision, recall, F1 and false positive rate as ratios of sums over strata.

Each is linear over linear in the share q of positive letters of each stratum: with N letters,

    value = sum N (top + top_q q) / sum N (bottom + bottom_q q),

where the four coefficients depend on the decision alone. What holds for such a ratio (its slope,
its extremes over a convex set) is worked out once for all four.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Sides = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Measure:
    """A ratio of sums; each coefficient as (decided negative, decided positive).

    Attributes:
        name: its name in reports.
        top: letters that count in the numerator whatever they are.
        top_q: positive letters in the numerator.
        bottom: letters that count in the denominator whatever they are.
        bottom_q: positive letters in the denominator.
        rises: whether a larger share of positive letters raises the value.
        sides: the decisions that it is about.
    """

    name: str
    top: Sides
    top_q: Sides
    bottom: Sides
    bottom_q: Sides
    rises: tuple[bool, bool]
    sides: tuple[bool, ...] = (False, True)

    def parts(
        self, letters: Floats, decided: NDArray[np.bool_], q: Floats
    ) -> tuple[Floats, Floats]:
        """Numerator and denominator in letters, shape (...), from strata of shape (..., h).

        >>> decided = np.array([True, False])
        >>> top, bottom = RECALL.parts(np.array([100.0, 900.0]), decided, np.array([0.9, 0.01]))
        >>> float(top), float(bottom)
        (90.0, 99.0)
        """
        top = letters * (_by(self.top, decided) + _by(self.top_q, decided) * q)
        bottom = letters * (_by(self.bottom, decided) + _by(self.bottom_q, decided) * q)
        return np.asarray(top.sum(axis=-1)), np.asarray(bottom.sum(axis=-1))

    def slope(self, decided: NDArray[np.bool_], value: Floats) -> Floats:
        """How the value moves with positive letters of a stratum, times the denominator."""
        return np.asarray(_by(self.top_q, decided) - value * _by(self.bottom_q, decided))

    def coefficients(
        self, letters: Floats, decided: NDArray[np.bool_]
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """N times top, top_q, bottom and bottom_q, each of shape (..., h)."""
        top, top_q = _by(self.top, decided), _by(self.top_q, decided)
        bottom, bottom_q = _by(self.bottom, decided), _by(self.bottom_q, decided)
        return letters * top, letters * top_q, letters * bottom, letters * bottom_q

    def favourable(self, decided: NDArray[np.bool_]) -> Floats:
        """The share, 0 or 1, of positive letters of a stratum that makes the value largest."""
        return np.where(decided, float(self.rises[1]), float(self.rises[0]))


def _by(sides: Sides, decided: NDArray[np.bool_]) -> Floats:
    return np.where(decided, sides[1], sides[0])


#: TP / (TP + FP).
PRECISION = Measure("precision", (0, 0), (0, 1), (0, 1), (0, 0), (True, True), sides=(True,))
#: TP / (TP + FN).
RECALL = Measure("recall", (0, 0), (0, 1), (0, 0), (1, 1), (False, True))
#: 2 TP / (2 TP + FP + FN).
F1 = Measure("f1", (0, 0), (0, 2), (0, 1), (1, 1), (False, True))
#: FP / (FP + TN).
FALSE_POSITIVE_RATE = Measure(
    "false_positive_rate", (0, 1), (0, -1), (1, 1), (-1, -1), (True, False)
)
MEASURES = {each.name: each for each in (PRECISION, RECALL, F1, FALSE_POSITIVE_RATE)}
