"""The milestones' report: which come first, what state they are in, and why."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core import printout
from core.criteria import Reports
from core.milestones import (
    MilestonesReport,
    MilestoneState,
    MilestoneView,
    TaskState,
    evidence,
    report,
    sentences,
)
from core.milestones.burn_up import Step
from core.ports import Criterion, Goal
from core.ports.plan import (
    Baseline,
    BaselineTask,
    PlannedMilestone,
    PlanningDecision,
    ScopeChange,
    Task,
)
from core.reliability import report as reliability_report
from core.status import Operator, Status, Target
from core.timeframe import Window
from tests.core.milestones.plans import SERVICE, TODAY, WRITTEN, history, task
from tests.fakes import FakeReliabilityReader
from tests.fakes_plan import FakePlanReader

AS_OF = datetime.combine(TODAY, datetime.min.time(), UTC) + timedelta(hours=12)
WEEK = timedelta(days=7)


def goal(**due: date) -> Goal:
    targets = tuple(
        Target("letters_anonymised", Operator.AT_LEAST, Decimal(1), "letters", name, day)
        for name, day in due.items()
    )
    criterion = Criterion("training", "Letters", "training", targets)
    return Goal(
        "g", SERVICE, "Goal", "", "", "", "", date(2026, 1, 1), date(2026, 12, 31), None,
        (criterion,),
    )  # fmt: skip


def milestone(name: str, due_on: date, hands: int = 1) -> PlannedMilestone:
    return PlannedMilestone(1, SERVICE, name, due_on, hands, "")


def seen(
    *tasks: Task, goals: tuple[Goal, ...] = (), reports: Reports | None = None, **said: Any
) -> MilestonesReport:
    said.setdefault("planned", (milestone("Q2", TODAY + 6 * WEEK),))
    return report(FakePlanReader(written=tasks, **said), goals, SERVICE, AS_OF, reports)


def view(found: MilestonesReport, name: str = "Q2") -> MilestoneView:
    return next(one for one in found.milestones if one.name == name)


def test_overdue_milestones_stay_first_and_those_met_go_last():
    planned = (
        milestone("long ago", TODAY - 9 * WEEK),
        milestone("met first", TODAY - 8 * WEEK),
        milestone("met then", TODAY - 7 * WEEK),
        milestone("just now", TODAY - WEEK),
        milestone("next", TODAY + WEEK),
        milestone("later", TODAY + 4 * WEEK),
    )
    done = TODAY - 10 * WEEK
    tasks = [task(number, 1, milestone=one.name) for number, one in enumerate(planned, start=1)]
    tasks[1:3] = [
        task(number, 1, milestone=planned[number - 1].name, planned_start=done, done_on=done)
        for number in (2, 3)
    ]

    found = seen(*tasks, planned=planned)

    names = [one.name for one in found.milestones]
    assert names == ["long ago", "just now", "next", "later", "met then", "met first"]
    assert found.nearest is found.milestones[0]
    assert sentences.headline(found) == (
        "Two milestones are overdue, long ago for the longest time"
    )


def test_a_milestone_is_one_whether_a_target_or_a_row_names_it_and_the_target_says_when():
    due = TODAY + 5 * WEEK
    found = seen(
        task(1),
        task(2, milestone="Q3"),
        goals=(goal(Q2=due, Q4=due + WEEK),),
        planned=(milestone("Q2", TODAY, 3), milestone("Q5", due + 2 * WEEK)),
    )

    assert [(one.name, one.due_on, one.milestone.hands) for one in found.milestones] == [
        ("Q2", due, 3),
        ("Q4", due + WEEK, 1),
        ("Q5", due + 2 * WEEK, 1),
        ("Q3", None, 1),
    ]
    assert view(found, "Q5").state is MilestoneState.EMPTY
    assert found.warnings == (
        "Q3 has tasks and no due date: neither a target nor a milestone of that name is left.",
    )


def test_criteria_that_nobody_has_looked_at_keep_a_milestone_from_being_met():
    done = task(1, done_on=TODAY)

    assert view(seen(done)).state is MilestoneState.MET
    unseen = view(seen(done, goals=(goal(Q2=TODAY - WEEK),)))
    assert unseen.state is MilestoneState.OVERDUE
    assert unseen.reasons[0].startswith("It was due 7 days ago, with its tasks done")


def test_a_criterion_without_data_leaves_it_unknown_whether_a_milestone_is_on_track():
    """Nobody wrote a training run: what is not seen is not good."""
    reliability = reliability_report(FakeReliabilityReader([]), SERVICE, Window.parse("1h"), AS_OF)
    said = {"goals": (goal(Q2=TODAY + 6 * WEEK),), "reports": Reports(reliability)}

    found = seen(task(1, 1), **said)
    assert view(found).state is MilestoneState.UNKNOWN
    assert view(found).state.status is Status.NO_DATA
    assert view(found).reasons == ("One criterion has no data.",)
    assert sentences.headline(found).startswith(
        "Whether Q2 is on track is not known: due in 6 weeks"
    )

    crowded = view(seen(*(task(number, 5, depends_on=()) for number in range(1, 6)), **said))
    assert crowded.state is MilestoneState.AT_RISK
    assert crowded.reasons[1:] == ("One criterion has no data.",)


def test_five_ideal_weeks_in_six_put_a_milestone_at_risk():
    found = view(seen(*(task(number, 5, depends_on=()) for number in range(1, 6))))

    assert found.state is MilestoneState.AT_RISK
    assert found.reasons == ("Over-committed: 5 ideal weeks are planned where 4 ideal weeks fit.",)
    assert found.rule is not None
    assert sentences.rule(found.rule) == (
        "6 weeks are left: 3 to 4 ideal weeks may be planned, and 5 ideal weeks are: "
        "over-committed by 1 ideal week. Simplify, or find extra hands."
    )


def test_four_are_on_track():
    found = view(seen(*(task(number, 5) for number in range(1, 5))))

    assert (found.state, found.reasons) == (MilestoneState.ON_TRACK, ())


def test_dates_beyond_the_due_day_put_a_milestone_at_risk():
    slow = history([3.0, 2.8, 3.2, 2.9, 3.1] * 4)
    found = seen(*slow, *(task(number, 5) for number in range(1, 5)))

    reasons = view(found).reasons
    assert len(reasons) == 1
    assert reasons[0].startswith("Its tasks are done in time in ")
    ahead = view(found).forecast
    assert ahead is not None
    assert ahead.dates.p85 > TODAY + 6 * WEEK


def test_a_late_task_and_a_path_without_room_are_said():
    late = task(1, 2, planned_start=TODAY - 2 * WEEK)
    found = view(seen(late, task(2, 40, depends_on=(1,), planned_start=TODAY)))

    assert "One task is late." in found.reasons
    assert any("critical path is" in reason for reason in found.reasons)
    assert [one.critical for one in found.tasks] == [True, True]


def test_states_of_tasks_follow_from_their_days():
    found = seen(
        task(1, 1, planned_start=TODAY - WEEK),
        task(2, 5, planned_start=TODAY, depends_on=(1,)),
        task(3, 5, planned_start=TODAY + WEEK),
        task(4, 5, planned_start=TODAY),
        task(5, 5, milestone="", planned_start=None),
        task(6, 5, done_on=TODAY),
    )

    assert [one.state for one in found.tasks] == [
        TaskState.LATE,
        TaskState.BLOCKED,
        TaskState.PLANNED,
        TaskState.RUNNING,
        TaskState.UNPLANNED,
        TaskState.DONE,
    ]
    assert found.tasks[1].waits_for == (1,)
    assert [one.task.task_id for one in found.backlog] == [5]


def frozen(one: Task, end: date) -> BaselineTask:
    start = one.planned_start or TODAY
    return BaselineTask(one.task_id, one.title, "Q2", one.ideal_days, min(start, end), end)


def test_slips_are_counted_from_the_baseline_in_days():
    early = task(1, done_on=TODAY - timedelta(days=3))
    late = task(2, 1, planned_start=TODAY - 2 * WEEK)
    moved = task(3, 5, planned_start=TODAY + WEEK)
    new = task(4, 1)
    old, newest = (
        Baseline(number, SERVICE, f"b{number}", "", "Вера", WRITTEN + number * WEEK)
        for number in (1, 2)
    )
    copies = {
        1: [frozen(late, TODAY - 4 * WEEK)],
        2: [
            frozen(early, TODAY),
            frozen(late, TODAY - timedelta(days=10)),
            frozen(moved, TODAY + timedelta(days=4)),
        ],
    }
    reader = FakePlanReader(
        planned=(milestone("Q2", TODAY + 6 * WEEK),),
        written=(early, late, moved, new),
        frozen=(newest, old),
        frozen_tasks=copies,
    )

    found = report(reader, (), SERVICE, AS_OF)

    assert [one.slip_days for one in found.tasks] == [-3, 10, 7, None]
    assert view(found).slip_days == 7
    assert sentences.slip(view(found).slip_days) == "7 days late"
    of_old = report(reader, (), SERVICE, AS_OF, baseline_id=1)
    assert [one.slip_days for one in of_old.tasks] == [None, 28, None, None]
    with pytest.raises(ValueError, match="baseline_id == 9"):
        report(reader, (), SERVICE, AS_OF, baseline_id=9)


def test_the_burn_up_has_a_line_of_scope_that_goes_up_and_down():
    first, second = task(1, 5, done_on=TODAY - WEEK), task(2, 3)
    changes = [
        ScopeChange(1, AS_OF - 5 * WEEK, "Q2", Decimal(4)),
        ScopeChange(2, AS_OF - 4 * WEEK, "Q1", Decimal(3)),
        ScopeChange(1, AS_OF - 3 * WEEK, "Q2", Decimal(5)),
        ScopeChange(2, AS_OF - 2 * WEEK, "Q2", Decimal(3)),
        ScopeChange(3, AS_OF - 2 * WEEK, "Q2", Decimal(9)),
        ScopeChange(3, AS_OF - WEEK, "", Decimal(9)),
    ]

    found = view(seen(first, second, scope=changes)).burn_up

    assert found.scope == (
        Step(TODAY - 5 * WEEK, Decimal(4)),
        Step(TODAY - 3 * WEEK, Decimal(5)),
        Step(TODAY - 2 * WEEK, Decimal(17)),
        Step(TODAY - WEEK, Decimal(8)),
    )
    assert found.done == (Step(TODAY - WEEK, Decimal(5)),)
    assert found.growth == 4


def test_what_was_done_before_it_was_written_down_was_in_scope_by_then():
    done = task(1, 5, done_on=TODAY - 2 * WEEK)
    found = view(seen(done, scope=[ScopeChange(1, AS_OF, "Q2", Decimal(5))])).burn_up

    assert found.scope == found.done == (Step(TODAY - 2 * WEEK, Decimal(5)),)


def test_without_milestones_that_is_what_is_said():
    found = seen(planned=())

    assert found.nearest is None
    assert sentences.headline(found).startswith("No milestone is set")


def test_evidence_and_printout_say_the_same_and_carry_names_as_they_are():
    title = "*Собрать* 100M | <b>писем</b>"
    decision = PlanningDecision(1, SERVICE, "Q2", "simplify", 1, "half of it", "Вера", TODAY)
    found = seen(task(1, 30, title=title), *history([1.5] * 12), decided=(decision,))

    values = evidence(found)
    printed = printout.rendered(printout.milestones(found), "markdown")

    assert values["sentence"] == f"{sentences.headline(found)}."
    q2 = next(one for one in values["milestones"] if one["name"] == "Q2")
    assert q2["rule"]["most_ideal_weeks"] == 4.0
    assert q2["rule"]["over_committed"]
    assert q2["forecast"]["p50"] <= q2["forecast"]["p85"]
    assert q2["decisions"][0]["who"] == "Вера"
    assert values["tasks"][0]["title"] == title
    assert "<b>" not in printed
    assert "Open tasks" in printed
    assert sentences.headline(found) in printed
