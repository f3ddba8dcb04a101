"""What a changed target would do: judged by the same code on the same reports."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core import criteria
from core.criteria import Reports
from core.goals import effect
from core.ports import Criterion
from core.reliability import report as reliability_report
from core.status import Operator, Status, Target
from core.timeframe import Window
from tests.fakes import SERVICE, FakeReliabilityReader, at, goal, outage, steady

Q1, Q2 = date(2026, 6, 30), date(2026, 9, 30)
HOUR = Window.parse("1h")


def reports(window: Window = HOUR) -> Reports:
    """Ten hours at 10,000 letters a minute, one of whose last minutes failed whole."""
    rows = outage(steady(-600, 0, 10_000), -30, -29)
    return Reports(reliability_report(FakeReliabilityReader(rows), SERVICE, window, at(0)))


def target(measure: str, value: str, due_on: date = Q2, milestone: str = "Q2") -> Target:
    return Target(measure, Operator.AT_LEAST, Decimal(value), "share", milestone, due_on)


UP = target("availability", "0.9")
SERVES = Criterion("up", "Always up", "reliability", (UP,))
FAST = Criterion("fast", "Fast", "reliability", (target("latency_sli", "0.9"),))


def test_a_harder_target_would_breach_what_is_held():
    found = effect(
        [goal(SERVES)],
        reports(),
        at(0),
        criterion_id="up",
        seen=UP,
        wanted=replace(UP, value=Decimal("0.9999")),
    )
    assert found.before is not None
    assert found.after is not None
    assert found.before.status is not Status.BREACHED
    assert found.after.status is Status.BREACHED
    assert found.sentence.endswith("to breached.")
    assert [(one.measure, one.after) for one in found.measures] == [
        ("availability", Status.BREACHED)
    ]


def test_both_verdicts_are_those_of_the_criteria():
    wanted = replace(UP, value=Decimal("0.9999"))
    found = effect(
        [goal(SERVES, FAST)], reports(), at(0), criterion_id="up", seen=UP, wanted=wanted
    )
    for targets, verdict in (((UP,), found.before), ((wanted,), found.after)):
        judged = criteria.report([goal(replace(SERVES, targets=targets), FAST)], reports(), at(0))
        assert judged.verdicts[0] == verdict


def test_a_change_without_an_effect_says_so():
    found = effect(
        [goal(SERVES)],
        reports(),
        at(0),
        criterion_id="up",
        seen=UP,
        wanted=replace(UP, value=Decimal("0.91")),
    )
    assert "stays" in found.sentence
    assert found.lines == ()


def test_a_nearer_milestone_tells_what_becomes_of_other_criteria():
    found = effect(
        [goal(SERVES, FAST)],
        reports(),
        at(0),
        criterion_id="up",
        seen=None,
        wanted=target("availability", "0.5", Q1, "Q1"),
    )
    assert (found.milestone_before, found.milestone_after) == ("Q2", "Q1")
    assert [(name, after) for name, _, after in found.others] == [("Fast", Status.NOT_DUE)]
    assert found.lines[0] == "The nearest milestone would be Q1, and is Q2."


def test_a_removed_target_leaves_no_evidence():
    found = effect([goal(SERVES)], reports(), at(0), criterion_id="up", seen=UP, wanted=None)
    assert found.after is not None
    assert found.after.status is Status.NO_DATA
    assert found.lines[0].startswith("availability: from ")
    assert found.lines[0].endswith("to no target by this change.")


def test_a_criterion_of_another_goal_changes_no_verdict():
    other = goal(FAST, goal_id="other", due_on=date(2027, 6, 30))
    found = effect(
        [goal(SERVES), other],
        reports(),
        at(0),
        criterion_id="fast",
        seen=None,
        wanted=target("latency_sli", "0.9"),
    )
    assert found.sentence.startswith("No verdict rests on “Fast”")
    with pytest.raises(ValueError, match="no goal has such a criterion"):
        effect([goal(SERVES)], reports(), at(0), criterion_id="gone", seen=None, wanted=UP)


def test_a_criterion_with_a_window_of_its_own_is_judged_over_that():
    own = Window.parse("10m")
    windowed = replace(SERVES, window=own, targets=(target("availability", "0.9999"),))
    judged = criteria.report([goal(windowed, FAST)], reports(), at(0), reports)
    assert [(one.window, one.status is Status.BREACHED) for one in judged.verdicts] == [
        (own, False),  # the outage is half an hour ago
        (HOUR, False),
    ]
    whole = criteria.report([goal(windowed)], reports(), at(0))
    assert whole.verdicts[0].status is Status.BREACHED
