"""The latency histogram of the metric contract: 162 cells whose edges include exactly 20 ms.

With b = 2**(1/16), cell 0 (SQL's 1) holds what was answered in at most 0.625 ms, cell 1 + k for
k = 0..159 what took (0.625 b**k, 0.625 b**(k + 1)] ms, and cell 161 what took more than 640 ms.
Cells add up over rows, so a percentile of any slice and window comes from summed cells; it is never
averaged.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

CELLS = 162
#: Ratio of neighbouring edges.
BASE = 2 ** (1 / 16)
#: Upper edges of cells 0..160 in ms; the last cell has none. Computed from 20 ms, which is thereby
#: exact: 0.625 * BASE**80 in floats is 19.99999999999987.
UPPER_EDGES: NDArray[np.float64] = 20.0 * 2.0 ** ((np.arange(-1, 160) - 79) / 16)
#: The largest relative error of a percentile read from a cell: (b - 1) / (b + 1) = 2.17 %.
RELATIVE_ERROR = (BASE - 1) / (BASE + 1)


def latency_cells(milliseconds: ArrayLike) -> NDArray[np.int64]:
    """Count latencies by cell.

    Args:
        milliseconds: latencies of answered letters, any shape, ms.

    Returns:
        Counts, shape (162,).

    Raises:
        ValueError: a latency is negative, infinite or not a number.

    >>> cells = latency_cells([20.0, 20.1])
    >>> int(cells[80]), int(cells[81])
    (1, 1)
    """
    values = np.asarray(milliseconds, dtype=np.float64).ravel()
    if values.size and not (np.isfinite(values).all() and values.min() >= 0):
        raise ValueError("milliseconds must be finite and not negative")
    cells = np.searchsorted(UPPER_EDGES, values, side="left")
    return np.bincount(cells, minlength=CELLS)


def cells_within(target_ms: float) -> int:
    """How many leading cells hold exactly the latencies of at most the target.

    Raises:
        ValueError: the target is not an edge of a cell, so the histogram cannot tell.

    >>> cells_within(20)
    81
    """
    at = int(np.searchsorted(UPPER_EDGES, target_ms))
    if at == len(UPPER_EDGES) or UPPER_EDGES[at] != target_ms:
        raise ValueError(f"target_ms == {target_ms}, must be the upper edge of a cell")
    return at + 1


def quantile(cells: ArrayLike, q: float) -> float | None:
    """The q-quantile in ms of the letters counted in the cells; see `quantiles`."""
    found = quantiles(np.asarray(cells)[None, :], [q])[0, 0]
    return None if np.isnan(found) else float(found)


def quantiles(cells: ArrayLike, qs: ArrayLike) -> NDArray[np.float64]:
    """Quantiles of many histograms at once.

    The value of a cell (lo, hi] is the harmonic mean 2 lo hi / (lo + hi): whatever the letters in
    it, it is off by at most (b - 1)/(b + 1) = 2.17 %. The first cell reports its upper edge and the
    last its lower one, which is all that is known of them.

    Args:
        cells: counts, shape (n, 162).
        qs: quantiles in (0, 1], shape (m,).

    Returns:
        Milliseconds, shape (n, m); NaN where a histogram is empty.

    Raises:
        ValueError: a shape or a quantile is out of range.

    >>> cells = np.zeros(162, int); cells[40] = 99; cells[81] = 1
    >>> [round(x, 2) for x in quantiles([cells], [0.5, 0.99, 1])[0].tolist()]
    [3.46, 3.46, 20.43]
    """
    counts = np.asarray(cells, dtype=np.int64)
    wanted = np.asarray(qs, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[1] != CELLS:
        raise ValueError(f"cells.shape == {counts.shape}, must be (n, {CELLS})")
    if wanted.size and not (wanted.min() > 0 and wanted.max() <= 1):
        raise ValueError("qs must lie in (0, 1]")
    cumulative = counts.cumsum(axis=1)
    total = cumulative[:, -1]
    # The rank is cut to what a float can mean: 0.07 * 100 is 7.000000000000001, and not rank 8.
    # Beyond 2**53 letters a float may also round a rank up past the last letter.
    ranks = np.ceil(np.round(wanted[None, :] * total[:, None], 6)).astype(np.int64)
    ranks = ranks.clip(min=1, max=np.maximum(total, 1)[:, None])
    cell = (cumulative[:, None, :] < ranks[:, :, None]).sum(axis=2).clip(max=CELLS - 1)
    found: NDArray[np.float64] = _CELL_VALUES[cell]
    found[total == 0] = np.nan
    return found


def _cell_values() -> NDArray[np.float64]:
    low, high = UPPER_EDGES[:-1], UPPER_EDGES[1:]
    return np.concatenate([UPPER_EDGES[:1], 2 * low * high / (low + high), UPPER_EDGES[-1:]])


_CELL_VALUES = _cell_values()
