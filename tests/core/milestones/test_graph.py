"""Dependencies of tasks: circles, order and the critical path."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.milestones.graph import critical_path, cycle_in, in_order, with_prerequisites
from tests.core.milestones.plans import TODAY, task
from tests.core.seeded import seeded


def test_a_circle_is_told_from_end_to_end():
    assert cycle_in({1: (2,), 2: (3,), 3: (1,), 4: (1,)}) == (1, 2, 3, 1)
    assert cycle_in({1: (1,)}) == (1, 1)


def test_two_ways_to_the_same_task_are_no_circle():
    assert cycle_in({1: (2, 3), 2: (4,), 3: (4,), 4: ()}) == ()


def test_a_long_chain_is_no_matter_of_the_stack():
    assert cycle_in({number: (number + 1,) for number in range(20_000)}) == ()


@given(st.dictionaries(st.integers(0, 7), st.sets(st.integers(0, 7), max_size=3), max_size=8))
@seeded
def test_a_circle_is_found_exactly_where_there_is_no_order(edges: dict[int, set[int]]):
    tasks = [task(one, depends_on=tuple(waits)) for one, waits in edges.items()]
    circle = cycle_in(edges)
    if circle:
        assert circle[0] == circle[-1]
        assert all(later in edges[one] for one, later in pairwise(circle))
        with pytest.raises(ValueError, match="circle"):
            in_order(tasks)
    else:
        place = {one.task_id: at for at, one in enumerate(in_order(tasks))}
        assert all(
            place[other] < place[one] for one in edges for other in edges[one] if other in edges
        )


def test_among_tasks_that_may_begin_the_plan_and_then_priority_decide():
    later = TODAY + timedelta(days=7)
    tasks = [task(1, planned_start=later), task(2, priority=3), task(3, priority=1)]

    assert [one.task_id for one in in_order(tasks)] == [3, 2, 1]


def test_prerequisites_come_along_however_far_away():
    assert with_prerequisites([1], {1: (2,), 2: (3,), 4: (1,)}) == {1, 2, 3}


def test_the_critical_path_is_the_longest_chain():
    tasks = [
        task(1, 5),
        task(2, 3),
        task(3, 5, depends_on=(1,)),
        task(4, 8, depends_on=(2,)),
        task(5, 1, depends_on=(3, 4)),
    ]

    found = critical_path(tasks, TODAY, TODAY + timedelta(days=18))

    assert found is not None
    assert (found.tasks, found.days) == ((2, 4, 5), 12)
    assert found.room == 15 - 12  # three weeks of five days


def test_a_path_that_is_longer_than_the_time_left_has_no_room():
    found = critical_path([task(1, 10)], TODAY, TODAY + timedelta(days=4))

    assert found is not None
    assert found.room == -5


def test_of_a_task_under_way_what_is_left_of_its_plan_counts():
    begun = task(1, 10, planned_start=TODAY - timedelta(days=7))
    late = task(2, 2, planned_start=TODAY - timedelta(days=14))

    of_begun = critical_path([begun], TODAY, None)
    of_late = critical_path([late], TODAY, None)

    assert of_begun is not None
    assert of_begun.days == 5
    assert of_late is not None
    assert of_late.days == 1


def test_without_open_tasks_there_is_no_path():
    assert critical_path([], TODAY, TODAY) is None
