"""A review put together from the reports of the other areas."""

from datetime import datetime, timedelta
from decimal import Decimal

from core.charts.chart import Chart
from core.charts.review import Chosen
from core.criteria import Reports
from core.overview import OverviewReport
from core.overview import report as overview_report
from core.ports import Criterion
from core.ports.plan import PlanningDecision
from core.reliability import report as reliability_report
from core.review import Plan, Review, report
from core.review.desk import reviews
from core.status import Operator, Status, Target
from core.timeframe import Window
from tests.fakes import (
    BEGIN,
    SERVICE,
    FakeOverviewReader,
    FakeReliabilityReader,
    goal,
    outage,
    steady,
)
from tests.fakes_oncall import action
from tests.fakes_review import DAY, MemoryReviews, decision

SOON = (BEGIN + 30 * DAY).date()
AVAILABLE = Criterion(
    "sla",
    "Четыре девятки",
    "reliability",
    (Target("availability", Operator.AT_LEAST, Decimal("0.9999"), "share", "Q1", SOON),),
)
CHART = Chosen("budget", "Четыре девятки: on target", Chart("All is left", {}, "100 %"))


def overview(as_of: datetime = BEGIN, *, failing: bool = False) -> OverviewReport:
    rows = FakeReliabilityReader(outage(-60, 0) if failing else steady(-60, 0))
    found = reliability_report(rows, SERVICE, Window.parse("1h"), as_of)
    return overview_report(FakeOverviewReader(), [goal(AVAILABLE)], Reports(found))


def made(reader: MemoryReviews | None = None, plan: Plan | None = None, **seen: object) -> Review:
    return report(reader or MemoryReviews(), overview(**seen), plan or Plan(), [CHART])


def test_a_review_says_what_the_overview_says():
    found = made()
    assert found.headline == f"{SERVICE.capitalize()}: one criterion on target"
    (line,) = found.criteria
    assert (line.name, line.status, line.value) == (
        "Четыре девятки",
        Status.ON_TARGET,
        "100.0000 %",
    )
    assert line.target == "at least 99.99 %"
    assert found.milestone == "Q1"
    assert found.due_on == SOON
    assert [one.key for one in found.charts] == ["budget"]
    assert found.before is None
    assert found.changes is None


def test_a_later_review_tells_what_changed_since_the_last_one_kept():
    reader = MemoryReviews()
    reader.keep(made(), BEGIN)
    later = made(reader, as_of=BEGIN + DAY)
    assert later.before is not None
    assert later.before.as_of == BEGIN
    assert later.changes is not None
    assert [one.said.split(";")[0] for one in later.changes] == ["from on target to no data"]


def test_what_was_kept_after_a_moment_changes_nothing_about_its_review():
    reader = MemoryReviews()
    reader.keep(made(), BEGIN + 2 * DAY)  # of an earlier moment, kept later
    assert made(reader, as_of=BEGIN + DAY).before is None


def test_a_review_is_not_compared_with_one_of_its_own_moment_or_a_later_one():
    reader = MemoryReviews()
    reader.keep(made(as_of=BEGIN + DAY), BEGIN + DAY)
    assert made(reader, as_of=BEGIN + DAY).before is None


def test_a_review_before_that_cannot_be_read_is_named_and_the_changes_are_unknown():
    reader = MemoryReviews()
    kept = reader.keep(made(), BEGIN)
    reader.written[kept.review_id] = (kept, '{"format": 99, "review": {}}')
    later = made(reader, as_of=BEGIN + DAY)
    assert later.before is not None
    assert later.changes is None


def test_decisions_are_told_once_by_the_first_review_after_they_were_written_down():
    hour = timedelta(hours=1)
    reader = MemoryReviews([decision(1, BEGIN - hour), decision(2, BEGIN + hour)])
    first = made(reader)
    assert [one.text for one in first.decisions] == ["Decision 1"]
    reader.keep(first, BEGIN)
    assert [one.text for one in made(reader, as_of=BEGIN + DAY).decisions] == ["Decision 2"]


def test_what_was_decided_about_a_plan_is_a_decision_too():
    planned = PlanningDecision(
        1, SERVICE, "Q1", "simplify", None, "5M of the 100M", "Вера", BEGIN.date(),
        changed_at=BEGIN - DAY,
    )  # fmt: skip
    (line,) = made(plan=Plan(decisions=(planned,))).decisions
    assert (line.text, line.decided_by) == ("Q1: simplify. 5M of the 100M", "Вера")


def test_actions_are_carried_over_until_they_are_done_overdue_ones_first():
    today = BEGIN.date()
    plan = Plan(
        actions=(
            action(1, today + DAY),
            action(2, today - DAY),
            action(3, today, done_at=BEGIN - DAY, done_by="Вера"),
            action(4, today, done_at=BEGIN - 100 * DAY, done_by="Вера"),
        )
    )
    found = made(plan=plan)
    assert [(one.action_id, one.overdue) for one in found.actions] == [(2, True), (1, False)]
    assert [one.action_id for one in found.done] == [3]


def test_without_a_goal_the_review_tells_how_reliable_the_service_is():
    rows = FakeReliabilityReader(steady(-60, 0))
    found = reliability_report(rows, SERVICE, Window.parse("1h"), BEGIN)
    seen = overview_report(FakeOverviewReader(), [], Reports(found))
    bare = report(MemoryReviews(), seen, Plan(), [])
    assert bare.goal == ""
    assert bare.criteria == ()
    assert bare.headline.startswith(f"{SERVICE.capitalize()}: ")


def test_the_desk_says_when_the_last_review_was_and_what_was_decided_since():
    reader = MemoryReviews([decision(1, BEGIN + timedelta(hours=1))])
    assert reviews(reader, SERVICE, BEGIN).headline == f"No review of {SERVICE} was kept yet"
    reader.keep(made(), BEGIN)
    name = SERVICE.capitalize()
    assert reviews(reader, SERVICE, BEGIN).headline == (
        f"{name} was last reviewed on 1 June; nothing was decided since"
    )
    later = reviews(reader, SERVICE, BEGIN + DAY)
    assert later.headline == f"{name} was last reviewed on 1 June; one decision since"
    assert [one.decision_id for one in later.untold] == [1]
