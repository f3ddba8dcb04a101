"""What people fill in of a risk; every refusal names its field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.fields import FieldsError
from core.ports.risks import RedLine
from core.risks.changes import fields_of, parse_review, parse_risk, parse_risks, parse_said
from tests.fakes_risks import LINE, P999, TODAY, form, risk

MEASURE = {"line_due_on": None, "line_path": P999, "line_operator": ">", "line_value": 20}


def refused(**changed: Any) -> dict[str, str]:
    with pytest.raises(FieldsError) as refusal:
        parse_risk(form(**changed), TODAY)
    return refusal.value.problems


@pytest.mark.parametrize("field", ["probability", "consequence"])
@pytest.mark.parametrize("wrong", [0, 4, 2.5, None, "", "3", True])
def test_zero_four_two_and_a_half_and_empty_are_refused(field: str, wrong: Any):
    assert list(refused(**{field: wrong})) == [field]


def test_a_rank_typed_by_hand_is_refused():
    assert refused(rank=9) == {
        "rank": "Is computed from probability and consequence, and never typed."
    }


@pytest.mark.parametrize("field", ["title", "owner", "review_on"])
def test_what_must_be_there_is_named(field: str):
    assert refused(**{field: ""}) == {field: "Is missing."}


def test_a_field_that_does_not_exist_is_named():
    assert list(refused(probabilty=1)) == ["probabilty"]


def test_a_red_line_is_a_day():
    assert parse_risk(form(), TODAY).line == RedLine(date(2026, 7, 1))


def test_a_red_line_is_any_measure_of_any_report():
    assert parse_risk(form(**MEASURE), TODAY).line == LINE
    shorter = parse_risk(form(**MEASURE, line_window="6h"), TODAY).line
    assert shorter == RedLine(None, P999, ">", 20.0, "6h")
    for area in ("quality", "experiment", "false-reports", "alerts", "training", "criteria"):
        found = parse_risk(form(**{**MEASURE, "line_path": f"{area}.some.number"}), TODAY)
        assert found.line is not None


def test_no_red_line_is_none():
    assert parse_risk(form(line_due_on=None), TODAY).line is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"line_due_on": "2026-07-01"}, "line_path"),
        ({"line_path": "weather.rain"}, "line_path"),
        ({"line_path": "reliability"}, "line_path"),
        ({"line_path": ""}, "line_path"),
        ({"line_operator": "="}, "line_operator"),
        ({"line_operator": ""}, "line_operator"),
        ({"line_value": None}, "line_value"),
        ({"line_value": float("inf")}, "line_value"),
        ({"line_window": "5y"}, "line_window"),
    ],
)
def test_half_a_red_line_is_refused(changed: dict[str, Any], field: str):
    assert field in refused(**{**MEASURE, **changed})


def test_from_rank_four_on_an_acceptance_needs_an_approver_and_a_day():
    assert set(refused(accepted=True)) == {"approver", "accepted_on"}
    assert "rank 9" in refused(accepted=True)["approver"]
    assert set(refused(accepted=True, approver="Вера")) == {"accepted_on"}
    found = parse_risk(form(accepted=True, approver="Вера", accepted_on="2026-06-01"), TODAY)
    assert (found.accepted, found.approver, found.accepted_on) == (True, "Вера", TODAY)


def test_a_small_risk_is_accepted_without_anybody():
    assert parse_risk(form(probability=1, accepted=True), TODAY).accepted


def test_nothing_is_accepted_ahead_of_time_or_without_being_accepted():
    late = refused(accepted=True, approver="Вера", accepted_on="2026-06-02")
    assert late == {"accepted_on": "Must not lie ahead."}
    assert list(refused(approver="Вера")) == ["approver"]
    assert list(refused(accepted="yes")) == ["accepted"]


def test_a_risk_as_a_form_reads_back_as_it_is():
    one = risk(line=LINE, prevention="x", accepted=True, approver="В", accepted_on=TODAY)
    found = parse_risk(fields_of(one), TODAY)
    assert (found.line, found.prevention, found.approver) == (LINE, "x", "В")


def test_several_risks_are_read_together_and_each_wrong_field_is_named():
    assert len(parse_risks([form(), form(title="Другой")], TODAY)) == 2
    with pytest.raises(FieldsError) as refusal:
        parse_risks([form(), form(owner="", probability=4)], TODAY)
    assert set(refusal.value.problems) == {"risks[1].owner", "risks[1].probability"}
    for wrong in ([], [form()] * 51):
        with pytest.raises(FieldsError) as refusal:
            parse_risks(wrong, TODAY)
        assert list(refusal.value.problems) == ["risks"]


def test_a_closing_says_why_and_a_review_when_next():
    assert parse_said(" Gone ", "closed_why", "why?") == "Gone"
    with pytest.raises(FieldsError, match=r"Is missing: why\?"):
        parse_said(" ", "closed_why", "why?")
    assert parse_review(TODAY, TODAY) == TODAY
    with pytest.raises(FieldsError, match="Must not be over"):
        parse_review(date(2026, 5, 31), TODAY)
