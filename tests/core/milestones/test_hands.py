"""Tasks done by a limited number of hands, held against one who does it task by task."""

from __future__ import annotations

import numpy as np
import pytest

from core.milestones.hands import ends_of


def plainly(
    takes: list[float], waits_for: list[list[int]], pools: list[str], hands: dict[str, int]
) -> list[float]:
    """One simulation: at every moment, whoever is free takes the first task that may begin."""
    ends: dict[int, float] = {}
    busy: dict[str, list[float]] = {pool: [] for pool in pools}
    now, left = 0.0, list(range(len(takes)))
    while left:
        for task in list(left):
            pool = pools[task]
            working = [end for end in busy[pool] if end > now]
            may = all(ends.get(other, np.inf) <= now for other in waits_for[task])
            if may and len(working) < hands.get(pool, 1):
                ends[task] = now + takes[task]
                busy[pool] = [*working, ends[task]]
                left.remove(task)
        now = min((end for end in ends.values() if end > now), default=now)
    return [ends[task] for task in range(len(takes))]


@pytest.mark.parametrize("seed", range(25))
def test_many_simulations_at_once_do_what_one_does_step_by_step(seed: int):
    draw = np.random.default_rng(seed)
    tasks, simulations = int(draw.integers(1, 40)), 7
    takes = draw.lognormal(1, 0.7, (tasks, simulations))
    waits_for = [
        sorted({int(one) for one in draw.integers(0, at, int(draw.integers(0, 3)))}) if at else []
        for at in range(tasks)
    ]
    pools = [str(one) for one in draw.choice(["a", "b", "c"], tasks)]
    hands = {"a": int(draw.integers(1, 4)), "b": 2}

    found = ends_of(takes, waits_for, pools, hands)

    for one in range(simulations):
        wanted = plainly(takes[:, one].tolist(), waits_for, pools, hands)
        np.testing.assert_allclose(found[:, one], wanted)


def test_one_person_does_one_thing_after_the_other():
    takes = np.array([[2.0], [3.0], [4.0]])

    assert ends_of(takes, [[], [], []], ["a"] * 3, {}).ravel().tolist() == [2, 5, 9]
    assert ends_of(takes, [[], [], []], ["a"] * 3, {"a": 5}).ravel().tolist() == [2, 3, 4]
