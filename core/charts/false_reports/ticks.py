"""Ticks of an axis that counts things."""

from __future__ import annotations

import math


def whole_ticks(most: float, about: int = 5) -> list[int]:
    """Whole numbers from zero on, in steps of one, two or five times a power of ten.

    Vega would put ticks at halves where counts are small, and write them as whole numbers.

    >>> whole_ticks(3.4), whole_ticks(70), whole_ticks(0.5)
    ([0, 1, 2, 3], [0, 20, 40, 60], [0])
    """
    step = max(most / about, 1.0)
    power = 10 ** math.floor(math.log10(step))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= step)
    return list(range(0, math.floor(most) + 1, int(step)))
