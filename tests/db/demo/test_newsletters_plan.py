"""The simulated team's plan, as the report of milestones says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import URL, Engine, text

from core.milestones import MilestonesReport, MilestoneState, TaskState, report
from core.milestones.forecast import Forecast
from db.demo.goals import MILESTONES, seed_goals
from db.demo.newsletters.plan import SWITCH_OFF_DUE, seed_plan
from db.demo.newsletters.plan_tasks import Q1, Q2, SWITCH_OFF, TASKS
from db.demo.newsletters.story import SERVICE
from db.engine import Role
from db.readers.criteria import SqlGoalReader
from db.readers.milestones import SqlPlanReader
from db.team.tasks import add_task, complete_task
from tests.conftest import new_database, open_store

ANCHOR = datetime(2025, 6, 3, 12, 40, tzinfo=UTC)
EVERYTHING = text("select subject, changed_at from team.audit order by change_id")


@pytest.fixture(scope="module")
def app(server_url: URL, migrated: str) -> Iterator[Engine]:
    """A store with the goals and the plan, and nothing measured."""
    with new_database(server_url, migrated) as url, open_store(url) as store:
        engine = store.engine(Role.APP)
        seed_goals(engine, ANCHOR)
        assert seed_plan(engine, ANCHOR)
        yield engine


def plan(app: Engine, as_of: datetime = ANCHOR) -> MilestonesReport:
    goals = SqlGoalReader(app).goals(SERVICE)
    return report(SqlPlanReader(app), goals, SERVICE, as_of)


def test_the_second_quarter_is_over_committed_and_something_was_decided(app: Engine):
    view = next(one for one in plan(app).milestones if one.name == Q2)

    assert view.state is MilestoneState.AT_RISK
    assert view.rule is not None
    assert view.rule.over_committed
    assert {one.kind for one in view.decisions} == {"simplify", "extra_hands"}
    assert any(reason.startswith("Over-committed") for reason in view.reasons)


def test_the_past_of_the_team_is_enough_for_dates(app: Engine):
    found = plan(app)

    assert isinstance(found.forecast, Forecast)
    assert found.forecast.done >= 15
    assert 1.1 < found.forecast.ratio < 1.8
    assert set(found.forecast.milestones) == {Q2, SWITCH_OFF}


def test_milestones_are_those_of_the_targets_and_one_without_any(app: Engine):
    due = {one.name: one.due_on for one in plan(app).milestones}

    today = ANCHOR.date()
    assert due == {
        **{name: today + length for name, length in MILESTONES.items()},
        SWITCH_OFF: today + SWITCH_OFF_DUE,
    }


def test_every_state_of_a_task_is_there_to_be_seen(app: Engine):
    states = Counter(one.state for one in plan(app).tasks)

    assert sum(states.values()) == len(TASKS)
    assert set(states) >= {
        *(TaskState.DONE, TaskState.LATE, TaskState.RUNNING),
        *(TaskState.PLANNED, TaskState.UNPLANNED),
    }
    assert any(one.slip_days and one.slip_days > 0 for one in plan(app).tasks)


def test_the_plan_came_about_in_time(app: Engine):
    with app.connect() as connection:
        logged = [row.changed_at for row in connection.execute(EVERYTHING)]
    half = plan(app, ANCHOR - timedelta(days=60))

    assert max(logged) < ANCHOR
    assert half.baseline is not None
    assert half.baseline.name == "Two quarters"
    assert len(half.tasks) < len(TASKS)
    assert half.nearest is not None
    assert half.nearest.name == Q1
    scope = next(one for one in plan(app).milestones if one.name == Q2).burn_up.scope
    assert scope[-1].ideal_days > scope[0].ideal_days


def test_the_turns_of_the_mvp_are_measured_and_missed(app: Engine):
    first, second, third = plan(app).iterations

    assert first.kept
    assert first.result is not None
    assert first.result.recorded
    assert second.result is None  # nothing is measured in this store
    assert third.warns


def test_seeded_again_nothing_is_written_and_what_people_changed_stays(app: Engine):
    task = next(one for one in SqlPlanReader(app).tasks(SERVICE, ANCHOR) if one.done_on is None)
    done = complete_task(app, task, ANCHOR.date(), by="Анна", at=ANCHOR)

    assert not seed_plan(app, ANCHOR)
    assert done in SqlPlanReader(app).tasks(SERVICE, ANCHOR)


def test_a_plan_that_somebody_has_made_is_left_alone(store: object, database: URL):
    with open_store(database) as opened:
        engine = opened.engine(Role.APP)
        given = {
            "title": "Мой план",
            "stage": "Launch: data",
            "direction": "Hardware",
            "ideal_days": 3,
        }
        mine = add_task(engine, SERVICE, given, by="Анна", at=ANCHOR, request_id="mine")

        assert not seed_plan(engine, ANCHOR)
        assert SqlPlanReader(engine).tasks(SERVICE, ANCHOR) == (mine,)
