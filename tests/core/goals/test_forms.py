"""What people fill in of goals, criteria, targets, metrics: read, or refused field by field."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.fields import FieldsError
from core.goals.forms import parse_criterion, parse_goal, parse_target
from core.goals.metric_forms import parse_business, parse_node
from core.ports import Criterion
from core.ports.criteria import BusinessMetric, GoalNode, KeptTarget
from core.status import Operator, Target
from core.timeframe import Window
from tests.fakes import goal

DUE = date(2026, 9, 30)
GOAL: dict[str, Any] = {
    "title": "Меньше жалоб",
    "problem": "Unimportant letters litter the Inbox",
    "for_whom": "users",
    "gain_us": "an embedding of letters",
    "gain_user": "a newsletters folder",
    "starts_on": "2026-01-01",
    "due_on": DUE,
    "key_results": ["Complaints −5 %"],
    "parent_goal_id": None,
}
TARGET: dict[str, Any] = {
    "measure": "precision",
    "operator": ">=",
    "value": "99 %",
    "milestone": "Q2",
    "due_on": DUE,
}
QUALITY = Criterion("q", "99 / 70", "quality", ())
KEPT = KeptTarget(
    1, "q", "mail", Target("precision", Operator.AT_LEAST, Decimal("0.97"), "share", "Q2", DUE)
)
NODE: dict[str, Any] = {
    "name": "Latency",
    "parent_id": None,
    "operator": "<=",
    "value": "20 ms",
    "unit": "ms",
    "note": "",
    "criterion_id": None,
}
PRODUCT = GoalNode(7, "mail", "complaints", None, 1, "Complaints", None, None, "", "", None)
BUSINESS = {
    "kind": "time span",
    "name": "Time in sessions",
    "source": "session_seconds",
    "direction": "down",
    "why": "less of it goes to useless letters",
}


def problems(error: pytest.ExceptionInfo[FieldsError]) -> dict[str, str]:
    return error.value.problems


def test_a_whole_goal_is_read():
    draft = parse_goal(GOAL, [])
    assert (draft.title, draft.due_on, draft.key_results) == (
        "Меньше жалоб",
        DUE,
        ("Complaints −5 %",),
    )


def test_a_goal_without_a_why_or_a_date_is_refused():
    with pytest.raises(FieldsError) as error:
        parse_goal(GOAL | {"problem": " ", "due_on": None, "for_whom": ""}, [])
    assert set(problems(error)) == {"problem", "due_on", "for_whom"}
    assert problems(error)["problem"] == "Is missing: a goal without a why is no goal."


def test_a_goal_ends_after_it_starts():
    with pytest.raises(FieldsError) as error:
        parse_goal(GOAL | {"due_on": "2026-01-01"}, [])
    assert "due_on" in problems(error)


def test_no_goal_serves_itself_not_even_by_way_of_others():
    top = goal(goal_id="top", parent="below")
    below = goal(goal_id="below")
    assert parse_goal(GOAL | {"parent_goal_id": "top"}, [top, below]).parent_goal_id == "top"
    for parent in ("top", "below"):
        with pytest.raises(FieldsError, match="cannot serve itself"):
            parse_goal(GOAL | {"parent_goal_id": parent}, [top, below], "below")
    with pytest.raises(FieldsError, match="no such goal"):
        parse_goal(GOAL | {"parent_goal_id": "gone"}, [top])


def test_a_criterion_has_a_window_where_its_report_looks_back():
    draft = parse_criterion({"name": "Precision", "area": "quality", "window": "7d"})
    assert draft.window == Window.parse("7d")
    assert parse_criterion({"name": "p", "area": "quality", "window": ""}).window is None
    for area, window in (("quality", "a week"), ("training", "7d")):
        with pytest.raises(FieldsError) as error:
            parse_criterion({"name": "p", "area": area, "window": window})
        assert set(problems(error)) == {"window"}


def test_an_area_that_nobody_judges_is_refused_with_the_list():
    with pytest.raises(FieldsError, match="one of experiment, quality, reliability, training"):
        parse_criterion({"name": "p", "area": "beauty", "window": ""})


def test_a_criterion_with_targets_keeps_its_area():
    seen = Criterion("q", "p", "quality", (KEPT.target,))
    with pytest.raises(FieldsError, match="remove them first"):
        parse_criterion({"name": "p", "area": "training", "window": ""}, seen)


def test_a_target_is_read_exactly():
    assert parse_target(TARGET, QUALITY, []) == Target(
        "precision", Operator.AT_LEAST, Decimal("0.99"), "share", "Q2", DUE
    )


def test_a_share_without_its_sign_is_refused():
    with pytest.raises(FieldsError) as error:
        parse_target(TARGET | {"value": "99"}, QUALITY, [])
    assert problems(error)["value"] == (
        "A share needs a sign: is 99 meant as 99 %? Write 99 %, or 0.99."
    )


def test_the_operator_is_the_measures():
    with pytest.raises(FieldsError) as error:
        parse_target(TARGET | {"operator": "<="}, QUALITY, [])
    assert problems(error)["operator"] == (
        "Precision is good where it is high: its target is at least (>=)."
    )
    rate = TARGET | {"measure": "false_positive_rate", "value": "0.1 %"}
    with pytest.raises(FieldsError, match="good where it is low"):
        parse_target(rate, QUALITY, [])


def test_a_measure_that_no_report_has_is_refused_with_the_list():
    with pytest.raises(FieldsError) as error:
        parse_target(TARGET | {"measure": "availability"}, QUALITY, [])
    assert problems(error)["measure"] == (
        "No report of Quality has 'availability'; it has precision, recall, f1, "
        "false_positive_rate."
    )


def test_a_milestone_is_due_on_one_day_and_has_a_measure_once():
    with pytest.raises(FieldsError) as error:
        parse_target(TARGET | {"due_on": "2026-10-01"}, QUALITY, [KEPT])
    assert problems(error) == {
        "due_on": "Other targets of Q2 are due on 2026-09-30.",
        "measure": "Has a target at Q2 already: change that one.",
    }
    assert parse_target(TARGET | {"due_on": "2026-10-01"}, QUALITY, [KEPT], KEPT)


def test_a_metric_may_be_without_a_number_and_has_an_operator_with_one():
    assert parse_node(NODE | {"value": "", "operator": None}, goal(), []).value is None
    draft = parse_node(NODE | {"parent_id": 7}, goal(), [PRODUCT])
    assert (draft.operator, draft.value, draft.unit) == (Operator.AT_MOST, Decimal(20), "ms")
    with pytest.raises(FieldsError) as error:
        parse_node(NODE | {"operator": None, "unit": ""}, goal(), [])
    assert set(problems(error)) == {"operator", "unit"}


def test_a_metric_lies_below_a_product_metric_and_never_below_itself():
    for given in ({"parent_id": 8}, {"criterion_id": "gone"}):
        with pytest.raises(FieldsError):
            parse_node(NODE | given, goal(), [PRODUCT])
    with pytest.raises(FieldsError, match="below itself"):
        parse_node(NODE | {"parent_id": 7}, goal(), [PRODUCT], PRODUCT)


def test_a_business_metric_has_a_good_direction_with_a_reason():
    assert parse_business(BUSINESS, []).direction == "down"
    with pytest.raises(FieldsError) as error:
        parse_business(BUSINESS | {"direction": "sideways", "why": "", "kind": "fame"}, [])
    assert set(problems(error)) == {"direction", "why", "kind"}


def test_what_is_measured_has_one_good_direction():
    there = BusinessMetric(1, "mail", **BUSINESS)
    with pytest.raises(FieldsError) as error:
        parse_business(BUSINESS, [there])
    assert set(problems(error)) == {"source"}
    assert parse_business(BUSINESS, [there], there)
