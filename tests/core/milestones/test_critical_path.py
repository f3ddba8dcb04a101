"""The critical path and the dates of the forecast against every way through small random plans."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from core.milestones import Forecast
from core.milestones.forecast import forecast
from core.milestones.graph import critical_path
from core.ports.plan import Task
from tests.core.milestones.plans import TODAY, history, task

DUE = TODAY + timedelta(weeks=8)


def random_plan(draw: np.random.Generator) -> list[Task]:
    """Up to nine tasks, none planned, so that each takes its ideal days."""
    return [
        task(
            number,
            int(draw.integers(1, 9)),
            planned_start=None,
            depends_on=tuple(one for one in range(1, number) if draw.random() < 0.35),
        )
        for number in range(1, int(draw.integers(2, 10)))
    ]


def every_chain(tasks: list[Task]) -> list[tuple[Task, ...]]:
    """Every chain of tasks that wait for each other, by brute force."""
    by_id = {one.task_id: one for one in tasks}

    def up_to(one: Task) -> list[tuple[Task, ...]]:
        before = [chain for other in one.depends_on for chain in up_to(by_id[other])]
        return [(*chain, one) for chain in before] or [(one,)]

    return [chain for one in tasks for chain in up_to(one)]


@pytest.mark.parametrize("seed", range(40))
def test_no_chain_of_tasks_is_longer_than_the_critical_path(seed: int):
    tasks = random_plan(np.random.default_rng(seed))
    lengths = {
        tuple(one.task_id for one in chain): sum(int(one.ideal_days) for one in chain)
        for chain in every_chain(tasks)
    }

    found = critical_path(tasks, TODAY, DUE)

    assert found is not None
    assert found.days == max(lengths.values())
    assert lengths[found.tasks] == found.days
    assert found.room == 41 - found.days  # Monday to the Monday in eight weeks, both counted


@pytest.mark.parametrize("seed", range(8))
def test_with_hands_for_all_a_team_that_holds_its_plan_ends_with_the_critical_path(seed: int):
    tasks = random_plan(np.random.default_rng([seed, 1]))
    path = critical_path(tasks, TODAY, DUE)
    found = forecast(
        [*history([1.0] * 60, ideal=40), *tasks], {"Q2": DUE}, {"Q2": 9}, TODAY, simulations=200
    )

    assert path is not None
    assert isinstance(found, Forecast)
    days = np.busday_count(TODAY, found.milestones["Q2"].dates.p50) + 1
    # A task may take a day more or less than planned: durations are counted in whole days.
    assert path.days <= days <= path.days + len(path.tasks) + 1
