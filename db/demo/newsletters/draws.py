"""Random numbers that depend on the seed, on what they are for and on where in time alone."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What a generator is for: streams never share numbers."""

    TRAFFIC = 1
    WOBBLE = 2
    CELLS = 3
    SCORES = 4
    LABELS = 5
    REPORTS = 6
    SHADOW = 7
    USERS = 8
    EXPERIMENT = 9
    PRODUCT = 10
    REVIEWS = 11


def generator(seed: int, stream: Stream, *place: int) -> np.random.Generator:
    """A generator of its own for a place: an hour, a day, a variant."""
    return np.random.default_rng([seed, int(stream), *place])
