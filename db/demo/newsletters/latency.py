"""Latency histograms that add up exactly and cost one random number a row.

A row's letters are laid out along the cumulative distribution and cut at the cells' edges: with one
uniform u, cell i gets floor(n F_i + u) - floor(n F_{i-1} + u) letters (systematic sampling). Each
count is within one letter of its expectation, unbiased, and the counts add up to n without any
mending.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from core.stats.histogram import CELLS, UPPER_EDGES, cells_within
from db.demo.newsletters.draws import Stream, generator
from db.demo.newsletters.story import INSTANCES, Scenario
from db.demo.newsletters.traffic import Floats, Hour

#: The service's latency target.
TARGET_MS = 20.0
GOOD_CELLS = cells_within(TARGET_MS)

#: A letter takes a fixed cost and a lognormal time on top of it.
FIXED_MS = 1.8
SPREAD = 0.588
#: Median of the time on top at load 1, and how it grows with load and its square.
MEDIAN_MS = 1.95
MEDIAN_LOAD, MEDIAN_LOAD_SQUARED = 0.06, 0.04
DATACENTER_FACTORS: Floats = np.array([1.0, 0.985, 1.02])
#: bert-4 is a little faster than bert-3, except while the first canary's cache was full.
VERSION_FACTORS: Floats = np.array([1.0, 0.97])
SLOWED_FACTOR = 2.6
#: Medians are looked up on this grid, one percent apart.
_MEDIANS: Floats = 1.5 * np.power(1.01, np.arange(180, dtype=np.float64))
#: Slow letters are Pareto above the target; a few hit a time-out's long tail.
SLOW_TAIL, LONG_TAIL, LONG_SHARE = 9.0, 2.0, 0.003


def _ok_table() -> Floats:
    """Cumulative shares over cells 1..81 of the letters within the target, a line a median."""
    above = np.maximum(UPPER_EDGES[:GOOD_CELLS] - FIXED_MS, 1e-9)
    deviations = np.log(above[None, :] / _MEDIANS[:, None]) / SPREAD
    table = np.array([[math.erfc(-z / math.sqrt(2)) / 2 for z in line] for line in deviations])
    return np.asarray(table / table[:, -1:], dtype=np.float64)


def _slow_table() -> Floats:
    """Cumulative shares over cells 82..162 of the letters over the target, shape (81,)."""
    ratio = TARGET_MS / UPPER_EDGES[GOOD_CELLS:]
    survival = (1 - LONG_SHARE) * ratio**SLOW_TAIL + LONG_SHARE * ratio**LONG_TAIL
    return np.concatenate([1 - survival, [1.0]])


_INSTANCE_DATACENTER = np.array([instance.datacenter for instance in INSTANCES])
_OK = _ok_table()
_SLOW = _slow_table()


def medians(hour: Hour) -> Floats:
    """The median of the time on top of the fixed cost by row, in ms, shape (n,)."""
    datacenter = _INSTANCE_DATACENTER[hour.instance]
    load = 1 + MEDIAN_LOAD * hour.load + MEDIAN_LOAD_SQUARED * hour.load**2
    slowed = np.where(hour.slowed, SLOWED_FACTOR, 1.0)
    factor = DATACENTER_FACTORS[datacenter] * VERSION_FACTORS[hour.version] * slowed
    return np.asarray(MEDIAN_MS * load * factor)


def cells(scenario: Scenario, number: int, hour: Hour) -> NDArray[np.int32]:
    """Latency histograms of an hour's rows.

    Args:
        scenario: whose.
        number: hours since 1970, the hour that was drawn.
        hour: its rows, n of them.

    Returns:
        Counts, shape (n, 162): each row adds up to letters - errors, and its cells 82..162 to slow.
    """
    draw = generator(scenario.seed, Stream.CELLS, number)
    rows = hour.minute.size
    # A float sum with a u of almost 1 could round up to the next letter; such u are left out.
    uniform = 0.999 * draw.random((2, rows, 1))
    wander = np.exp(0.012 * draw.standard_normal(rows))
    line = np.rint(np.log(medians(hour) * wander / _MEDIANS[0]) / np.log(1.01)).astype(np.int64)
    good = (hour.answered - hour.slow)[:, None] * _OK[line.clip(0, _MEDIANS.size - 1)]
    slow = hour.slow[:, None] * _SLOW
    result = np.empty((rows, CELLS), dtype=np.int32)
    result[:, :GOOD_CELLS] = np.diff(np.floor(good + uniform[0]), axis=1, prepend=0.0)
    result[:, GOOD_CELLS:] = np.diff(np.floor(slow + uniform[1]), axis=1, prepend=0.0)
    return result
