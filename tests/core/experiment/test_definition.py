"""What a definition must hold."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from core.experiment.definition import FIELDS, DefinitionError, as_fields, parse
from core.experiment.metrics import METRICS
from core.experiment.settings import default_definition
from core.ports import ExperimentDefinition, MetricRule, PlannedVariant


def fields(**changed: Any) -> dict[str, Any]:
    """A definition as a form gives it; a field that is set to ... is left out."""
    whole = {
        "service": "newsletters",
        "experiment": "Папка 2026",
        "variants": [{"name": "control", "share": 0.9}, {"name": "treatment", "share": 0.1}],
        "control": "control",
        "starts_on": date(2026, 6, 1),
        "minimum_days": 14,
        "planned_days": 28,
        "primary": {"metric": "complaints_per_letter", "margin": -0.05, "direction": "down"},
        "guardrails": [{"metric": "sessions_per_user", "margin": -0.01, "direction": "up"}],
        "s_plan": 0.0061,
        "assumption": "1.2e-4 complaints per letter, 4.3M users a variant",
        "stopped_on": None,
        "note": "",
    }
    return {name: value for name, value in (whole | changed).items() if value is not ...}


def problems(**changed: Any) -> dict[str, str]:
    with pytest.raises(DefinitionError) as refusal:
        parse(fields(**changed))
    return refusal.value.problems


def test_a_definition_is_read_from_a_form():
    assert parse(fields(note=" first test ")) == ExperimentDefinition(
        service="newsletters",
        experiment="Папка 2026",
        variants=(PlannedVariant("control", 0.9), PlannedVariant("treatment", 0.1)),
        control="control",
        starts_on=date(2026, 6, 1),
        minimum_days=14,
        planned_days=28,
        primary=MetricRule("complaints_per_letter", -0.05, "down"),
        guardrails=(MetricRule("sessions_per_user", -0.01, "up"),),
        s_plan=0.0061,
        assumption="1.2e-4 complaints per letter, 4.3M users a variant",
        frozen_by="",
        frozen_at=None,
        stopped_on=None,
        note="first test",
        revision=0,
    )


def test_what_may_be_left_out_is_empty():
    found = parse(fields(guardrails=..., s_plan=..., assumption=..., stopped_on=..., note=...))
    assert (found.guardrails, found.s_plan, found.assumption) == ((), None, "")
    assert (found.stopped_on, found.note) == (None, "")


def test_what_is_read_once_is_read_the_same_again_through_json():
    thirds = [{"name": name, "share": 0.333} for name in ("a", "b", "control")]
    for given in (fields(), fields(variants=thirds, stopped_on="2026-06-09")):
        once = parse(given)
        again = as_fields(once)
        assert tuple(again) == FIELDS
        assert parse(json.loads(json.dumps(again))) == once


def test_thirds_that_were_cut_are_thirds():
    found = parse(
        fields(variants=[{"name": f"{at}", "share": 0.333} for at in range(3)], control="1")
    )
    assert [one.share for one in found.variants] == [pytest.approx(1 / 3, rel=1e-15)] * 3


def test_every_wrong_field_is_named_at_once():
    with pytest.raises(DefinitionError) as refusal:
        parse({"service": "newsletters", "planned_days": 3, "planed_days": 28, "s_plan": "small"})
    assert set(refusal.value.problems) == {
        "planed_days",
        "experiment",
        "variants",
        "control",
        "starts_on",
        "minimum_days",
        "planned_days",
        "primary",
        "s_plan",
    }
    assert "planned_days: Must be a whole number from 7 to 366, and is 3." in str(refusal.value)


@pytest.mark.parametrize(
    "name", ["service", "experiment", "variants", "control", "starts_on", "minimum_days"]
)
def test_a_missing_field_is_named_alone(name: str):
    assert problems(**{name: ...}) == {name: "Is missing."}


TWO = {"name": "a", "share": 0.5}, {"name": "b", "share": 0.5}


@pytest.mark.parametrize(
    ("variants", "field", "said"),
    [
        ([], "variants", "Must be at least two, and is 0."),
        ([{"name": "a", "share": 0.99}], "variants", "Must be at least two, and is 1."),
        ("a, b", "variants", "Must be a list, and is 'a, b'."),
        ([*TWO, {"name": "c", "share": 0.5}], "variants", "must add up to 1, and add up to 1.5."),
        ([TWO[0], {"name": "b", "share": 0}], "variants[1].share", "and is 0."),
        ([TWO[0], {"name": "b", "share": 50}], "variants[1].share", "Must be above 0 and below 1"),
        ([TWO[0], {"name": "b"}], "variants[1].share", "Is missing."),
        ([TWO[0], {"share": 0.5}], "variants[1].name", "Is missing."),
        ([TWO[0], TWO[0]], "variants[1].name", "Must differ from the other variants' names"),
        ([TWO[0], TWO[1] | {"split": 1}], "variants[1].split", "There is no such field"),
        ([TWO[0], "b"], "variants[1]", "Must be a mapping of fields, and is 'b'."),
    ],
)
def test_a_wrong_variant_is_named(variants: Any, field: str, said: str):
    found = problems(variants=variants, control="a")
    assert said in found[field]
    assert set(found) <= {field, "variants", "control"}


def test_the_control_is_one_of_the_variants():
    assert problems(control="контроль") == {
        "control": "Must be one of control, treatment, and is 'контроль'."
    }


@pytest.mark.parametrize(
    ("margin", "direction", "right"),
    [
        (-0.05, "down", True),
        (0, "down", True),
        (0.05, "down", False),
        (-1, "down", False),
        (-5, "down", False),
        (0.05, "up", True),
        (0, "up", True),
        (-0.05, "up", False),
        (5, "up", False),
    ],
)
def test_the_primary_margin_lies_on_the_side_of_its_direction(
    margin: float, direction: str, right: bool
):
    rule = {"metric": "complaints_per_letter", "margin": margin, "direction": direction}
    if right:
        assert parse(fields(primary=rule)).primary.margin == margin
    else:
        assert list(problems(primary=rule)) == ["primary.margin"]


@pytest.mark.parametrize(
    ("margin", "direction", "right"),
    [
        (-0.01, "up", True),
        (0, "up", False),
        (0.01, "up", False),
        (-1, "up", False),
        (0.01, "down", True),
        (-0.01, "down", False),
        (1, "down", False),
    ],
)
def test_a_guardrails_margin_lies_on_the_wrong_side_of_its_direction(
    margin: float, direction: str, right: bool
):
    rule = {"metric": "sessions_per_user", "margin": margin, "direction": direction}
    if right:
        assert parse(fields(guardrails=[rule])).guardrails[0].margin == margin
    else:
        assert list(problems(guardrails=[rule])) == ["guardrails[0].margin"]


def test_a_metric_is_one_that_is_computed():
    rule = {"metric": "complaints per letter", "margin": -0.05, "direction": "down"}
    found = problems(primary=rule, guardrails=[rule | {"margin": "?", "direction": "left"}])
    assert set(found) == {
        "primary.metric",
        "guardrails[0].metric",
        "guardrails[0].margin",
        "guardrails[0].direction",
    }
    assert all(name in found["primary.metric"] for name in METRICS)


def test_a_guardrail_is_neither_the_primary_metric_nor_there_twice():
    sessions = {"metric": "sessions_per_user", "margin": -0.01, "direction": "up"}
    primary = {"metric": "complaints_per_letter", "margin": 0.01, "direction": "down"}
    assert problems(guardrails=[sessions, sessions, primary]) == {
        "guardrails[1].metric": "Must be there once, and 'sessions_per_user' is there again.",
        "guardrails[2].metric": "Must not be the primary metric.",
    }


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"minimum_days": 6}, "minimum_days"),
        ({"minimum_days": 21, "planned_days": 20}, "planned_days"),
        ({"planned_days": 367}, "planned_days"),
        ({"stopped_on": "2026-05-31"}, "stopped_on"),
        ({"stopped_on": "2026-06-29"}, "stopped_on"),
        ({"s_plan": 0}, "s_plan"),
        ({"s_plan": 1}, "s_plan"),
        ({"s_plan": None}, "s_plan"),
        ({"assumption": " "}, "assumption"),
        ({"primary": "complaints"}, "primary"),
        ({"guardrails": {}}, "guardrails"),
        ({"starts_on": "June"}, "starts_on"),
    ],
)
def test_a_wrong_field_is_named_and_no_other(changed: dict[str, Any], field: str):
    assert list(problems(**changed)) == [field]


def test_it_may_be_stopped_on_its_first_and_its_last_day():
    for day in (date(2026, 6, 1), date(2026, 6, 28)):
        assert parse(fields(stopped_on=day)).stopped_on == day


def test_a_form_would_take_what_an_undefined_experiment_is_read_by():
    found = default_definition("mail", "folder", ("treatment", "control", "b"), date(2026, 6, 1))
    assert parse(as_fields(found)) == found
