"""How much counts vary from one period to the next, beside independent events.

Pearson's statistic over its degrees of freedom (McCullagh and Nelder 1989, Generalized Linear
Models, section 6.2): for each of several series of counts with a rate of its own, the sum over
periods of (x - mu)^2 / mu, mu being the series' total shared out by exposure. Independent events
make it 1 on average, whatever the rates; events that come in bursts of m make it about m. Standard
errors of counts are then too small by its square root.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def dispersion(counts: ArrayLike, exposure: ArrayLike) -> float | None:
    """Variance of counts between periods, over what independent events would have.

    Args:
        counts: shape (series, periods); series without an event are left out.
        exposure: of each period, shape (periods,); periods without exposure are left out.

    Returns:
        None where nothing tells: fewer than two periods with exposure, or no event.

    Raises:
        ValueError: the shapes do not fit.

    >>> dispersion([[12, 8, 10, 10]], [1.0, 1.0, 1.0, 1.0])
    0.26666666666666666
    >>> round(dispersion([[40, 0, 0, 0], [0, 8, 0, 0]], [1.0, 1.0, 1.0, 1.0]), 9)
    24.0
    """
    seen, size = np.asarray(counts, np.float64), np.asarray(exposure, np.float64)
    if seen.ndim != 2 or size.shape != seen.shape[1:]:
        raise ValueError(f"counts.shape == {seen.shape}, exposure.shape == {size.shape}")
    known = size > 0
    seen, share = seen[:, known], size[known] / max(size[known].sum(), np.finfo(float).tiny)
    seen = seen[seen.sum(axis=1) > 0]
    if share.size < 2 or not seen.size:
        return None
    expected = seen.sum(axis=1, keepdims=True) * share
    degrees = seen.shape[0] * (share.size - 1)
    return float(((seen - expected) ** 2 / expected).sum() / degrees)
