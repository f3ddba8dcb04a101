"""When letters come: a Poisson process that runs whether or not the scorer keeps up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from db.demo.classifier import SEED

#: The sender lives in the scorer's process. Where that was stopped for longer, nobody was sending.
LONGEST_STALL_S = 10.0


class Arrivals:
    """Letters of many independent senders, so many a second on average.

    A letter's arrival is the moment that the process says, not the moment when the scorer looked:
    a stall is charged to every letter that came while it lasted. A loop of send, wait, send would
    leave those out.
    """

    def __init__(self, per_second: float, began: float) -> None:
        self._per_second = per_second
        self._until = began
        self._rng = np.random.default_rng(SEED)

    def until(self, moment: float) -> NDArray[np.float64]:
        """Arrivals since the last call, ascending, shape (n,); moments in seconds, as began is."""
        since = max(self._until, moment - LONGEST_STALL_S)
        self._until = moment
        count = self._rng.poisson(self._per_second * (moment - since))
        return np.sort(self._rng.uniform(since, moment, count))
