"""A definition through its form and back: nothing is lost or undone, every slip is placed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.experiment.definition import DefinitionError, parse
from core.ports import ExperimentDefinition, MetricRule, PlannedVariant
from pages.parts.experiment_fields import fields_of, merged, places, values_of

PLAIN = parse(
    {
        "service": "mail",
        "experiment": "Папка",
        "variants": [{"name": "control", "share": 0.5}, {"name": "лечение", "share": 0.5}],
        "control": "control",
        "starts_on": date(2026, 6, 1),
        "minimum_days": 14,
        "planned_days": 28,
        "primary": {"metric": "complaints_per_letter", "margin": -0.05, "direction": "down"},
        "guardrails": [
            {"metric": "revenue_per_user", "margin": -0.0123456789, "direction": "up"},
            {"metric": "sessions_per_user", "margin": -0.01, "direction": "up"},
        ],
        "s_plan": 0.00612345678,
        "assumption": "4.3M users",
    }
)
THIRDS = replace(
    PLAIN, variants=tuple(PlannedVariant(name, 1 / 3) for name in ("control", "a", "b"))
)
SIX = replace(
    PLAIN, variants=tuple(PlannedVariant(f"v{at}", 1 / 6) for at in range(6)), control="v0"
)


@pytest.mark.parametrize(
    "definition",
    [
        PLAIN,
        THIRDS,
        SIX,
        replace(PLAIN, guardrails=(), s_plan=None, assumption=""),
        replace(PLAIN, stopped_on=date(2026, 6, 9), note="1 * 2 _ 3"),
        replace(PLAIN, primary=MetricRule("sessions_per_user", 0.0, "up"), guardrails=()),
    ],
)
def test_what_is_left_alone_comes_back_to_the_last_digit(definition: ExperimentDefinition):
    assert parse(fields_of(values_of(definition), definition)) == definition


def test_percent_that_is_typed_becomes_the_share_that_is_meant():
    typed = values_of(PLAIN) | {
        "primary_margin": -7.0,
        "variant_0_share": 90.0,
        "variant_1_share": 10.0,
    }
    found = parse(fields_of(typed, PLAIN))
    assert found.primary.margin == -0.07
    assert [one.share for one in found.variants] == [0.9, 0.1]


def test_rows_left_empty_are_no_variants_and_guardrails_keep_their_order():
    typed = values_of(PLAIN) | {
        "variant_1_name": "",
        "variant_1_share": None,
        "variant_3_name": "other",
        "variant_3_share": 50.0,
        "guard_active_days_per_user_on": True,
        "guard_active_days_per_user_margin": -1.0,
    }
    found = parse(fields_of(typed, PLAIN))
    assert [one.name for one in found.variants] == ["control", "other"]
    assert [rule.metric for rule in found.guardrails] == [
        "revenue_per_user",
        "sessions_per_user",
        "active_days_per_user",
    ]


def test_every_slip_stands_beside_the_field_it_was_made_in():
    typed: dict[str, Any] = values_of(PLAIN) | {
        "variant_1_name": "",
        "variant_1_share": None,
        "variant_2_name": "b",
        "variant_2_share": 140.0,
        "minimum_days": 2,
        "starts_on": None,
        "primary_margin": 5.0,
        "guard_revenue_per_user_margin": None,
        "guard_complaints_per_letter_on": True,
        "guard_complaints_per_letter_margin": 1.0,
        "guard_complaints_per_letter_direction": "down",
        "assumption": "",
    }
    with pytest.raises(DefinitionError) as refused:
        parse(fields_of(typed, PLAIN))
    assert set(places(refused.value.problems, typed, PLAIN)) == {
        "variant_2_share",
        "minimum_days",
        "starts_on",
        "primary_margin",
        "guard_revenue_per_user_margin",
        "guard_complaints_per_letter_on",
        "assumption",
    }


def test_what_somebody_else_stored_is_undone_only_where_it_was_typed_over():
    stored = replace(PLAIN, planned_days=35, minimum_days=21, note="theirs")
    typed = values_of(PLAIN) | {"note": "mine", "planned_days": 42}
    kept = merged(typed, PLAIN, stored)
    found = parse(fields_of(kept, stored))
    assert (found.note, found.planned_days, found.minimum_days) == ("mine", 42, 21)
