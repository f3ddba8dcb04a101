"""The lecture's directions and stages, milestones and planning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core import scope
from core.milestones.changes import parse_decision
from core.milestones.iterations import Turn, iteration_view
from core.milestones.rule import planning_rule
from core.ports.plan import DIRECTIONS, STAGES, Iteration
from core.training import report as training_report
from tests.core.lecture.first_example import problems_of
from tests.core.milestones.plans import TODAY, task
from tests.fakes import SERVICE
from tests.fakes_scope import AT, MemoryScope
from tests.fakes_scope import lecture as lecture_tasks
from tests.fakes_training import FakeTrainingReader, on, run


def test_the_directions_are_the_lectures_and_its_three_stages_are_among_the_defaults():
    assert DIRECTIONS == (
        "Hardware",
        "Back-end",
        "Infrastructure",
        "ML / Logics",
        "Product features",
    )
    three = {
        "Launch: shadow run",
        "Operation: accidents",
        "Decommissioning: saving data",
    }
    assert three <= set(STAGES)


def test_11_of_15_cells_are_filled_5_4_and_2():
    found = scope.report(MemoryScope(lecture_tasks()), SERVICE, AT)
    assert (found.whole.filled, found.whole.total, found.whole.gaps) == (11, 15, 4)
    assert [one.filled for one in found.by_stage] == [5, 4, 2]


def test_with_six_weeks_left_3_to_4_weeks_are_planned_and_5_are_too_many():
    for ideal_weeks, over in ((3, 0), (4, 0), (5, 1)):
        tasks = [task(number, 5) for number in range(1, ideal_weeks + 1)]
        found = planning_rule(tasks, TODAY, TODAY + timedelta(weeks=6), 1)
        assert (found.least, found.most) == (3, 4)
        assert (found.over_committed, found.over) == (bool(over), over)


@pytest.mark.parametrize("kind", ["simplify", "extra_hands"])
def test_what_does_not_fit_is_simplified_or_gets_hands_and_by_whom_is_recorded(kind: str):
    said = {
        "milestone": "Q2",
        "kind": kind,
        "task_id": None,
        "what": "Train on 50M",
        "who": "Вера",
        "decided_on": TODAY,
    }
    found = parse_decision(said, {"Q2"}, TODAY)
    assert (found.kind, found.what, found.who) == (kind, "Train on 50M", "Вера")
    for field in ("what", "who"):
        assert list(problems_of(parse_decision, {**said, field: ""}, {"Q2"}, TODAY)) == [field]
    assert list(problems_of(parse_decision, {**said, "kind": "hope"}, {"Q2"}, TODAY)) == ["kind"]


SLICE = Iteration(
    1,
    SERVICE,
    "5M of the 100M collected",
    "5M of 100M letters",
    5_000_000,
    100_000_000,
    "bert",
    "linear",
    "recall",
    Decimal("0.01"),
    date(2026, 6, 1),
    date(2026, 6, 29),
    "",
)


def test_bert_trained_on_5m_of_100m_letters_has_to_be_one_percent_better_than_today():
    report = training_report(FakeTrainingReader([run(1, 5)]), SERVICE, on(2))
    for delta, as_hoped in (("0.01", True), ("0.0099", False), ("0.02", True)):
        measured = replace(
            SLICE, result_delta=Decimal(delta), result_on=date(2026, 6, 9), result_source="hold-out"
        )
        view = iteration_view(measured, date(2026, 6, 10), report, None)
        assert (view.turn, view.kept) == (Turn.MEASURED, as_hoped)
        assert view.letters == 5_000_000


@pytest.mark.parametrize("percent", range(1, 30))
def test_a_difference_that_is_just_what_was_hoped_for_is_as_hoped_for(percent: int):
    exact = Decimal(percent) / 100
    measured = replace(
        SLICE,
        wanted_delta=exact,
        result_delta=exact,
        result_on=SLICE.starts_on,
        result_source="hold-out",
    )
    assert iteration_view(measured, SLICE.ends_on, None, None).kept is True


def test_no_measured_result_by_the_middle_of_the_time_is_a_warning():
    middle = date(2026, 6, 15)
    assert not iteration_view(SLICE, middle, None, None).warns
    assert iteration_view(SLICE, middle + timedelta(days=1), None, None).warns
