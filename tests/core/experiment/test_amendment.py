"""What may change in a definition, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from core.experiment.amendment import (
    AMENDABLE,
    FIXED,
    Change,
    changes,
    check_change,
    is_started,
)
from core.experiment.definition import FIELDS, DefinitionError
from core.experiment.settings import default_definition
from core.ports import ExperimentDefinition, MetricRule, PlannedVariant

START = date(2026, 6, 1)
DAY = timedelta(days=1)
BEFORE = replace(
    default_definition("newsletters", "folder", ("control", "treatment"), START),
    s_plan=0.006,
    assumption="assumed",
    frozen_by="Анна",
)
#: A change of every field.
CHANGED: dict[str, Any] = {
    "service": "spambase",
    "experiment": "other",
    "variants": (PlannedVariant("control", 0.9), PlannedVariant("treatment", 0.1)),
    "control": "treatment",
    "starts_on": START + DAY,
    "minimum_days": 7,
    "planned_days": 35,
    "primary": MetricRule("complaints_per_letter", -0.03, "down"),
    "guardrails": (),
    "s_plan": 0.005,
    "assumption": "assumed otherwise",
    "stopped_on": START + 2 * DAY,
    "note": "примечание",
}


def changed(field: str) -> ExperimentDefinition:
    return replace(BEFORE, **{field: CHANGED[field]})


def refused(after: ExperimentDefinition, today: date) -> dict[str, str]:
    with pytest.raises(DefinitionError) as refusal:
        check_change(BEFORE, after, today)
    return refusal.value.problems


def test_every_field_is_either_fixed_or_amendable_or_a_name():
    assert sorted(("service", "experiment", *FIXED, *AMENDABLE)) == sorted(FIELDS)
    assert set(CHANGED) == set(FIELDS)


@pytest.mark.parametrize("field", FIELDS)
def test_a_change_of_a_field_is_seen(field: str):
    (found,) = changes(BEFORE, changed(field))
    assert found.field == field
    assert found.before != found.after


def test_who_froze_it_and_its_revision_are_no_change():
    after = replace(BEFORE, revision=7, frozen_by="Борис")
    assert changes(BEFORE, after) == check_change(BEFORE, after, START) == ()


def test_an_experiment_has_started_on_its_first_day():
    assert not is_started(BEFORE, START - DAY)
    assert is_started(BEFORE, START)


@pytest.mark.parametrize("field", [*FIXED, "planned_days", "guardrails", "note"])
def test_before_the_start_everything_may_change(field: str):
    assert [one.field for one in check_change(BEFORE, changed(field), START - DAY)] == [field]


@pytest.mark.parametrize("field", FIXED)
def test_after_the_start_what_the_verdict_rests_on_is_fixed(field: str):
    found = refused(changed(field), START)
    assert list(found) == [field]
    assert "fixed since the start on 2026-06-01" in found[field]


@pytest.mark.parametrize("field", AMENDABLE)
def test_after_the_start_the_rest_may_be_amended(field: str):
    assert [one.field for one in check_change(BEFORE, changed(field), START + 9 * DAY)] == [field]


@pytest.mark.parametrize("field", ["service", "experiment"])
def test_an_experiment_keeps_its_name(field: str):
    assert list(refused(changed(field), START - 9 * DAY)) == [field]


def test_every_refused_field_is_named_at_once():
    after = replace(BEFORE, planned_days=35, control="treatment", s_plan=None, minimum_days=7)
    assert set(refused(after, START + DAY)) == {"control", "s_plan", "minimum_days"}


def test_it_cannot_be_stopped_on_a_day_to_come():
    today = START + DAY
    assert check_change(BEFORE, replace(BEFORE, stopped_on=today), today)
    found = refused(replace(BEFORE, stopped_on=today + DAY), today)
    assert found == {"stopped_on": "Must not be after today, 2026-06-02."}


def test_who_has_seen_the_results_cannot_choose_which_days_count():
    today = START + 20 * DAY
    assert check_change(BEFORE, replace(BEFORE, planned_days=20), today)
    assert "at least 20" in refused(replace(BEFORE, planned_days=19), today)["planned_days"]
    over = START + 60 * DAY
    assert "at least 28" in refused(replace(BEFORE, planned_days=21), over)["planned_days"]
    assert check_change(BEFORE, replace(BEFORE, planned_days=56), over)


def test_a_change_is_said_in_words():
    found = {one.field: one.sentence for one in changes(BEFORE, replace(BEFORE, **CHANGED))}
    assert found["planned_days"] == "planned_days was 28 and is now 35."
    assert found["stopped_on"] == "stopped_on was empty and is now 2026-06-03."
    assert found["variants"] == (
        "variants was control 0.5; treatment 0.5 and is now control 0.9; treatment 0.1."
    )
    assert found["guardrails"].endswith("revenue_per_user -0.01 up and is now empty.")
    assert Change("note", "", "примечание").sentence == "note was empty and is now примечание."
