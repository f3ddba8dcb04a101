"""Rows as columns: what the generators hand to `MetricWriter.load`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: A table's rows by column: arrays of one length, or one value for every row.
Columns = dict[str, Any]

_MINUTE_US = 60_000_000


def times(minutes: ArrayLike) -> NDArray[np.datetime64]:
    """Moments from minutes since 1970, fractions included, cut to microseconds."""
    exact = np.asarray(minutes)
    return (exact * _MINUTE_US).astype(np.int64).astype("datetime64[us]")


def named(names: Sequence[str], index: NDArray[np.int64]) -> NDArray[np.object_]:
    """The name of each index, shape of index."""
    return np.array(names, dtype=object)[index]


def joined(parts: Sequence[Columns]) -> Columns:
    """Rows of several parts as one; scalars must agree.

    Raises:
        ValueError: there is nothing to join.
    """
    if not parts:
        raise ValueError("parts is empty, must hold at least one table")
    first = parts[0]
    return {
        name: np.concatenate([part[name] for part in parts])
        if isinstance(value, np.ndarray)
        else value
        for name, value in first.items()
    }


def picked(rows: Columns, which: NDArray[np.bool_] | NDArray[np.int64]) -> Columns:
    """The rows where a mask is true, or those at some positions."""
    return {
        name: value[which] if isinstance(value, np.ndarray) else value
        for name, value in rows.items()
    }


def length(rows: Columns) -> int:
    """How many rows; 1 where every column is a single value."""
    return next((len(value) for value in rows.values() if isinstance(value, np.ndarray)), 1)
