"""The forecast: how often its dates are kept, when there is none, and what moves it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from core.milestones import Forecast, NoForecast, workdays
from core.milestones.forecast import LEAST_DONE, forecast
from core.milestones.history import durations
from core.ports.plan import Task
from tests.core.milestones.plans import TODAY, history, project, task

EVEN = [1.0, 1.2, 1.5, 0.9, 1.1, 2.0, 1.3, 1.0, 1.6, 1.2, 1.4, 1.8]
#: Tasks done, tasks ahead, hands: with a history as thin as it may be, and longer.
TEAMS = ((10, 10, 2), (12, 5, 2), (16, 20, 1), (40, 15, 3))
WORLDS = 150


def dates(tasks: list[Task], hands: int = 1, **asked: int) -> Forecast:
    due = TODAY + timedelta(days=30)
    found = forecast(tasks, {"Q2": due}, {"Q2": hands}, TODAY, **asked)
    assert isinstance(found, Forecast)
    return found


def test_the_safe_date_is_kept_by_simulated_projects_as_often_as_it_says():
    kept = likely = 0
    for done, ahead, hands in TEAMS:
        for world in range(WORLDS):
            draw = np.random.default_rng([world, done])
            real = project(draw, done=done, ahead=ahead, hands=hands)
            found = forecast(
                real.tasks, {"Q2": None}, {"Q2": hands}, TODAY, simulations=200, seed=world
            )
            assert isinstance(found, Forecast)
            ends = found.milestones["Q2"].dates
            kept += real.done_on <= ends.p85
            likely += real.done_on <= ends.p50
    worlds = len(TEAMS) * WORLDS

    assert 0.80 <= kept / worlds <= 0.90
    assert 0.45 <= likely / worlds <= 0.60


@pytest.mark.parametrize("seed", range(20))
def test_the_safe_date_never_comes_before_the_likely_one(seed: int):
    draw = np.random.default_rng(seed)
    real = project(draw, done=10 + seed, ahead=8, hands=1 + seed % 3)
    found = dates(real.tasks, real.hands, seed=seed)

    every = [*found.tasks.values(), *(one.dates for one in found.milestones.values())]
    assert all(TODAY <= one.p50 <= one.p85 for one in every)
    for one in found.milestones.values():
        assert one.ends == tuple(sorted(one.ends))


def test_the_same_seed_gives_the_same_dates_and_another_may_not():
    tasks = [*history(EVEN), *(task(number) for number in range(1, 20))]

    assert dates(tasks) == dates(tasks)
    assert dates(list(reversed(tasks))) == dates(tasks)
    assert dates(tasks, seed=1).milestones != dates(tasks, seed=2).milestones


def test_a_thin_history_is_refused_with_how_much_is_missing():
    tasks = [*history(EVEN[:7]), task(1)]

    found = forecast(tasks, {}, {}, TODAY)

    assert isinstance(found, NoForecast)
    assert found.missing == LEAST_DONE - 7
    assert found.reason == (
        "No dates: 7 tasks are done, and it takes 10 to know the team's pace; 3 more to go."
    )


def test_where_all_is_done_there_is_nothing_to_forecast():
    found = forecast(history(EVEN), {}, {}, TODAY)

    assert isinstance(found, NoForecast)
    assert found.missing == 0
    assert "nothing to forecast" in found.reason


def test_a_team_that_always_holds_its_plan_is_done_as_planned():
    found = dates([*history([1.0] * 12), task(1, 10)])

    ends = found.milestones["Q2"].dates
    assert found.ratio == 1.0
    assert workdays.moved(TODAY, 8) <= ends.p50 <= workdays.moved(TODAY, 10)
    assert found.milestones["Q2"].in_time == 1.0


def test_open_tasks_that_take_long_are_part_of_the_history():
    before = TODAY - timedelta(days=84)
    stuck = [
        task(number, 10, milestone="Q1", planned_start=before, started_on=before)
        for number in range(500, 505)
    ]

    def of_new(found: Forecast) -> int:
        return workdays.between(TODAY, found.tasks[1].p85)

    alone = dates([*history(EVEN), task(1, 10)])
    with_stuck = dates([*history(EVEN), *stuck, task(1, 10)])

    assert with_stuck.running == 5
    assert of_new(with_stuck) > 1.3 * of_new(alone)


def test_a_thin_history_gives_wider_dates_than_a_long_one_of_the_same_kind():
    def width(times: int) -> int:
        ends = dates([*history(EVEN[:10] * times), *(task(one) for one in range(1, 8))])
        found = ends.milestones["Q2"].dates
        return (found.p85 - found.p50).days

    assert width(1) > width(12)


def test_more_hands_are_done_earlier_and_a_chain_gains_nothing_by_them():
    apart = [*history(EVEN), *(task(number) for number in range(1, 9))]
    chain = [
        *history(EVEN),
        *(task(number, depends_on=(number - 1,) if number > 1 else ()) for number in range(1, 9)),
    ]

    assert dates(apart, 4).milestones["Q2"].dates.p50 < dates(apart, 1).milestones["Q2"].dates.p50
    assert dates(chain, 4).milestones["Q2"] == dates(chain, 1).milestones["Q2"]


def test_a_task_waits_for_one_that_no_milestone_has():
    waited = task(1, 50, milestone="", planned_start=None)
    found = dates([*history(EVEN), waited, task(2, 1, depends_on=(1,))])

    assert found.tasks[2].p50 > found.tasks[1].p50
    assert set(found.milestones) == {"Q2"}


def test_tasks_of_no_milestone_alone_are_not_forecast():
    found = forecast([*history(EVEN), task(1, milestone="")], {}, {}, TODAY)

    assert isinstance(found, NoForecast)


def test_without_a_start_a_task_begins_when_it_could_have():
    first = task(1, 5, planned_start=TODAY - timedelta(days=28), done_on=TODAY - timedelta(days=14))
    second = task(
        2, 2, planned_start=TODAY - timedelta(days=21), depends_on=(1,),
        done_on=TODAY - timedelta(days=12),
    )  # fmt: skip
    early = task(3, 2, planned_start=TODAY, done_on=TODAY - timedelta(days=7))
    waiting = task(4, 2, planned_start=TODAY - timedelta(days=3), depends_on=(5,))
    running = task(5, 2, planned_start=TODAY - timedelta(days=7))
    today = task(6, 2, started_on=TODAY)

    found = durations([first, second, early, waiting, running, today], TODAY)

    assert [(one.task_id, one.taken, one.over) for one in found] == [
        (1, 11, True),
        (2, 2, True),  # from the day after the first was done
        (5, 5, False),
    ]
