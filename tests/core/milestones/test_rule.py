"""The planning rule by the lecture's own numbers."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from core.milestones.rule import PlanningRule, planning_rule
from core.ports.plan import Task
from tests.core.milestones.plans import TODAY, task
from tests.core.seeded import seeded

SIX_WEEKS = TODAY + timedelta(weeks=6)


def weeks_of_work(*weeks: float) -> list[Task]:
    return [task(number, 5 * ideal) for number, ideal in enumerate(weeks, start=1)]


def rule(tasks: list[Task], hands: int = 1) -> PlanningRule:
    return planning_rule(tasks, TODAY, SIX_WEEKS, hands)


def test_with_six_weeks_left_three_to_four_weeks_of_ideal_work_are_planned():
    found = rule(weeks_of_work(2, 2))

    assert (found.time, found.least, found.most) == (6, 3, 4)
    assert found.planned == 4
    assert not found.over_committed
    assert found.too_much == ()


def test_five_ideal_weeks_in_six_are_over_committed():
    found = rule(weeks_of_work(1, 1, 1, 1, 1))

    assert found.over_committed
    assert found.over == 1
    assert found.fits == (1, 2, 3, 4)
    assert found.too_much == (5,)


def test_what_fits_is_taken_by_priority():
    tasks = [
        task(1, 15, priority=3),
        task(2, 10, priority=1),
        task(3, 10, priority=2),
        task(4, 2.5, priority=5),
    ]

    found = rule(tasks)

    assert found.fits == (2, 3)
    assert found.too_much == (1, 4)


def test_a_task_brings_along_what_it_waits_for():
    tasks = [task(1, 10, priority=5), task(2, 10, priority=1, depends_on=(1,)), task(3, 5)]

    found = rule(tasks)

    assert found.fits == (1, 2)
    assert found.too_much == (3,)


def test_a_second_pair_of_hands_doubles_what_may_be_planned():
    found = rule(weeks_of_work(1, 1, 1, 1, 1), hands=2)

    assert found.most == 8
    assert not found.over_committed
    assert found.room == 3


def test_once_it_is_due_anything_open_is_too_much():
    found = planning_rule(weeks_of_work(1), TODAY, TODAY - timedelta(days=1), 1)

    assert found.days_left == 0
    assert found.over_committed
    assert found.too_much == (1,)


def test_two_thirds_are_compared_exactly():
    due_on = TODAY + timedelta(days=21)  # three weeks: two of ideal work

    assert not planning_rule([task(1, 10)], TODAY, due_on, 1).over_committed
    assert planning_rule([task(1, 10.01)], TODAY, due_on, 1).over_committed


@given(
    st.lists(st.tuples(st.sampled_from([0.5, 1, 3, 8]), st.integers(1, 5)), max_size=12),
    st.integers(0, 60),
    st.data(),
)
@seeded
def test_what_fits_never_exceeds_what_may_be_planned(
    drawn: list[tuple[float, int]], days: int, data: st.DataObject
):
    tasks = []
    for number, (ideal, priority) in enumerate(drawn, start=1):
        waits = data.draw(st.sets(st.integers(1, number - 1))) if number > 1 else set()
        tasks.append(task(number, ideal, priority=priority, depends_on=tuple(sorted(waits))))
    found = planning_rule(tasks, TODAY, TODAY + timedelta(days=days), 1)
    taken = [one for one in tasks if one.task_id in found.fits]

    assert sum(Fraction(one.ideal_days) for one in taken) / 5 <= found.most
    assert sorted([*found.fits, *found.too_much]) == [one.task_id for one in tasks]
    assert all(set(one.depends_on) <= set(found.fits) for one in taken)
    assert bool(found.too_much) == found.over_committed
