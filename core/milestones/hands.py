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
    ends = np.empty(takes.shape)
    for group in _groups(waits_for, pools):
        # Tasks of a pool lie side by side: a hand looks at those of its own pool alone.
        tasks = [task for pool in group for task, of in enumerate(pools) if of == pool]
        place = {task: at for at, task in enumerate(tasks)}
        sizes = [pools.count(pool) for pool in group]
        state = _Simulations(
            takes[tasks],
            [sorted({place[other] for other in waits_for[task]}) for task in tasks],
            sizes,
            [min(hands.get(pool, 1), size) for pool, size in zip(group, sizes, strict=True)],
        )
        ends[tasks] = state.run()
    return ends


def _groups(waits_for: Sequence[Sequence[int]], pools: Sequence[str]) -> list[list[str]]:
    """Pools whose tasks wait for each other, together: no other group concerns them."""
    group = {pool: pool for pool in pools}
    for task, before in enumerate(waits_for):
        for other in before:
            joined, into = group[pools[task]], group[pools[other]]
            if joined != into:
                group = {pool: into if of == joined else of for pool, of in group.items()}
    return [
        [pool for pool, of in group.items() if of == first]
        for first in dict.fromkeys(group.values())
    ]


class _Simulations:
    """All simulations, each at a moment of its own; rows are simulations."""

    def __init__(
        self,
        takes: Floats,
        waits_for: Sequence[Sequence[int]],
        tasks_of_pools: Sequence[int],
        hands_of_pools: Sequence[int],
    ) -> None:
        tasks, simulations = takes.shape
        self._takes = np.ascontiguousarray(takes.T)
        self.ends = np.full((simulations, tasks), np.inf)
        self._rows = np.arange(simulations)
        self._pool_of_hand = np.repeat(np.arange(len(hands_of_pools)), hands_of_pools)
        self._left = np.tile(np.array(tasks_of_pools), (simulations, 1))
        # Of each pool, the first task that has not begun in every simulation, and the end.
        self._until = np.cumsum(tasks_of_pools).tolist()
        self._first = [
            until - count for until, count in zip(self._until, tasks_of_pools, strict=True)
        ]
        # When each hand is free, and since when it has had nothing to do; infinite for the other.
        self._free = np.zeros((simulations, len(self._pool_of_hand)))
        self._idle_since = np.full(self._free.shape, np.inf)
        self._waits = np.tile([len(one) for one in waits_for], (simulations, 1))
        # When each task may begin: infinite while it waits, or once it has begun.
        self._ready = np.where(self._waits == 0, 0.0, np.inf)
        self._latest = np.zeros((simulations, tasks))
        followers: list[list[int]] = [[] for _ in range(tasks)]
        for task, before in enumerate(waits_for):
            for other in before:
                followers[other].append(task)
        self._followers = np.array([one for each in followers for one in each], dtype=np.int64)
        self._counts = np.array([len(each) for each in followers])
        self._firsts = np.cumsum(self._counts) - self._counts

    def run(self) -> Floats:
        """Do all tasks in all simulations: when each ends, shape (tasks, s)."""
        missing, steps = self.ends.size, 0
        while missing:
            missing -= self.step()
            steps += 1
            if steps % _LOOK == 0:
                self.forget_begun()
        return self.ends.T

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
        pool = np.where(np.isfinite(now), self._pool_of_hand[hand], -1)
        return sum(
            self._step_of(at, np.flatnonzero(pool == at), hand, now)
            for at in range(len(self._first))
        )

    def _step_of(
        self, pool: int, rows: NDArray[np.int64], hand: NDArray[np.int64], now: Floats
    ) -> int:
        """The same in the simulations where the hand is of a pool."""
        first, until = self._first[pool], self._until[pool]
        if not rows.size:
            return 0
        every = rows.size == len(self._rows)
        ready = self._ready[:, first:until] if every else self._ready[rows, first:until]
        may = ready <= now[rows, None]
        task = may.argmax(axis=1)
        taken = may[self._rows[: rows.size], task]
        busy, idle = rows[taken], rows[~taken]
        if busy.size:
            self._take(busy, hand[busy], task[taken] + first, now[busy], pool)
        if idle.size:
            self._free[idle, hand[idle]] = np.inf
            self._idle_since[idle, hand[idle]] = now[idle]
        return int(busy.size)

    def forget_begun(self) -> None:
        """Look no more at the first tasks, as far as they have begun in every simulation."""
        for pool, (first, until) in enumerate(zip(self._first, self._until, strict=True)):
            begun = np.isfinite(self.ends[:, first : until - 1]).all(axis=0)
            self._first[pool] += begun.size if begun.all() else int(begun.argmin())

    def _take(
        self,
        rows: NDArray[np.int64],
        hand: NDArray[np.int64],
        task: NDArray[np.int64],
        now: Floats,
        pool: int,
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
