"""Tasks done by a limited number of hands, in many simulations at once.

Whoever is free takes the first task that may begin; nobody keeps a hand free for a later one (the
parallel schedule generation scheme: Kolisch 1996, European Journal of Operational Research 90).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: How often it is looked which tasks have begun in every simulation, in steps.
_LOOK = 16


def ends_of(
    takes: Floats,
    waits_for: Sequence[Sequence[int]],
    pools: Sequence[str],
    hands: Mapping[str, int],
) -> Floats:
    """When each task ends, in each of s simulations, in the unit of takes.

    Args:
        takes: how long each task takes, above 0, shape (tasks, s); the first that may begin is
            taken first.
        waits_for: of each task, the places of those that have to be done before it; no circles.
        pools: whose hands do each task.
        hands: how many each pool has, one where it is left out.

    Returns:
        Ends, counted from now, shape (tasks, s).
    """
    tasks, simulations = takes.shape
    state = _Simulations(takes, waits_for, pools, hands)
    missing = tasks * simulations
    steps = 0
    while missing:
        missing -= state.step()
        steps += 1
        if steps % _LOOK == 0:
            state.forget_begun()
    return state.ends.T


class _Simulations:
    """All simulations, each at a moment of its own; rows are simulations."""

    def __init__(
        self,
        takes: Floats,
        waits_for: Sequence[Sequence[int]],
        pools: Sequence[str],
        hands: Mapping[str, int],
    ) -> None:
        tasks, simulations = takes.shape
        names = list(dict.fromkeys(pools))
        sizes = [min(hands.get(name, 1), pools.count(name)) for name in names]
        self._takes = np.ascontiguousarray(takes.T)
        self.ends = np.full((simulations, tasks), np.inf)
        self._rows = np.arange(simulations)
        self._pool_of_hand = np.repeat(np.arange(len(names)), sizes)
        pool_of_task = np.array([names.index(pool) for pool in pools])
        self._of_pool = np.arange(len(names))[:, None] == pool_of_task
        self._left = np.tile(np.bincount(pool_of_task), (simulations, 1))
        # When each hand is free, and since when it has had nothing to do; infinite for the other.
        self._free = np.zeros((simulations, len(self._pool_of_hand)))
        self._idle_since = np.full(self._free.shape, np.inf)
        self._waits = np.tile([len(set(one)) for one in waits_for], (simulations, 1))
        # When each task may begin: infinite while it waits, or once it has begun.
        self._ready = np.where(self._waits == 0, 0.0, np.inf)
        self._latest = np.zeros((simulations, tasks))
        followers: list[list[int]] = [[] for _ in range(tasks)]
        for task, before in enumerate(waits_for):
            for other in set(before):
                followers[other].append(task)
        self._followers = np.array([one for each in followers for one in each], dtype=np.int64)
        self._counts = np.array([len(each) for each in followers])
        self._firsts = np.cumsum(self._counts) - self._counts
        self._begun = 0  # tasks before this place have begun in every simulation

    def step(self) -> int:
        """In each simulation the hand that is free first takes a task, or waits until one ends.

        Returns:
            In how many a task was taken.
        """
        now = self._free.min(axis=1)
        # Something has ended since they found nothing to do.
        woken = (self._idle_since < now[:, None]) & (self._left[:, self._pool_of_hand] > 0)
        np.copyto(self._free, now[:, None], where=woken)
        self._idle_since[woken] = np.inf
        hand = self._free.argmin(axis=1)
        pool = self._pool_of_hand[hand]
        ready = self._ready[:, self._begun :]
        of_pool = self._of_pool[:, self._begun :]
        single = len(of_pool) == 1
        may = ready <= now[:, None] if single else (ready <= now[:, None]) & of_pool[pool]
        task = may.argmax(axis=1)
        taken = may[self._rows, task] & np.isfinite(now)
        task += self._begun
        if taken.any():
            self._take(self._rows[taken], hand[taken], task[taken], now[taken], pool[taken])
        if not taken.all():
            idle = ~taken & np.isfinite(now)
            self._free[self._rows[idle], hand[idle]] = np.inf
            self._idle_since[self._rows[idle], hand[idle]] = now[idle]
        return int(taken.sum())

    def forget_begun(self) -> None:
        """Look no more at the first tasks, as far as they have begun in every simulation."""
        begun = np.isfinite(self.ends[:, self._begun :]).all(axis=0)
        self._begun += int(begun.argmin()) if not begun.all() else 0

    def _take(
        self,
        rows: NDArray[np.int64],
        hand: NDArray[np.int64],
        task: NDArray[np.int64],
        now: Floats,
        pool: NDArray[np.int64],
    ) -> None:
        end = now + self._takes[rows, task]
        self.ends[rows, task] = end
        self._ready[rows, task] = np.inf
        self._left[rows, pool] -= 1
        self._free[rows, hand] = end
        counts = self._counts[task]
        if not counts.any():
            return
        # Each task's followers, one after the other: no pair of row and follower comes twice.
        into = np.repeat(rows, counts)
        offsets = np.arange(len(into)) - np.repeat(np.cumsum(counts) - counts, counts)
        followers = self._followers[np.repeat(self._firsts[task], counts) + offsets]
        self._latest[into, followers] = np.maximum(
            self._latest[into, followers], np.repeat(end, counts)
        )
        self._waits[into, followers] -= 1
        may = self._waits[into, followers] == 0
        self._ready[into[may], followers[may]] = self._latest[into[may], followers[may]]
