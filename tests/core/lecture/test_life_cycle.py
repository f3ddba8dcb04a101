"""The lecture's launch, operation and decommissioning."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from core.life_cycle import GATES, Phase, Settings, stages
from core.life_cycle.shadow import runs_of
from core.status import Status
from tests.fakes_life_cycle import MONDAY, columns, kept, later, model, passed, release, seen, week


def test_the_stages_are_those_of_launch_operation_and_decommissioning():
    by_phase = {
        phase: [one.name for one in stages.STAGES if one.phase is phase]
        for phase in (Phase.LAUNCH, Phase.OPERATION, Phase.DECOMMISSIONING)
    }
    assert by_phase == {
        Phase.LAUNCH: ["Data", "Research", "Shadow run"],
        Phase.OPERATION: [
            "Collecting false decisions",
            "Retraining",
            "A/B test",
            "Production metrics",
            "Quick fixes",
            "Accidents",
            "Drills",
        ],
        Phase.DECOMMISSIONING: ["Saving the samples", "Switching off"],
    }


def test_research_ends_with_a_model_and_a_system():
    both = {"runs": [model(MONDAY)], "deployed": [release(MONDAY, "canary")]}
    assert seen(later(7), **both).standing.gates[stages.RESEARCH].ready
    for name, rows in both.items():
        assert not seen(later(7), **{name: rows}).standing.gates[stages.RESEARCH].ready


@pytest.mark.parametrize("letters", [0, 1])
def test_a_shadow_run_that_changed_anything_for_a_user_has_failed(letters: int):
    rows = week()
    rows[3] = replace(rows[3], user_visible=letters)
    view = seen(later(7.1), rows=rows).standing.gates[stages.SHADOW]
    (untouched,) = (one for one in view.met if one.requirement.key == "users_untouched")
    assert untouched.status is (Status.BREACHED if letters else Status.ON_TARGET)
    assert bool(view.refusal) is bool(letters)


@pytest.mark.parametrize("unsaved", ["samples", "raw_data", "score_distributions"])
def test_nothing_is_switched_off_with_anything_unsaved(unsaved: str):
    every = {"samples", "raw_data", "score_distributions"}
    assert {one.key for one in GATES[stages.SWITCHING_OFF].said} == every
    given_up = [passed(stages.DECOMMISSIONING, MONDAY)]
    saved = [kept(key, number=at) for at, key in enumerate(sorted(every - {unsaved}), start=1)]
    view = seen(later(1), kept=saved, passed=given_up).standing.gates[stages.SWITCHING_OFF]
    assert view.refusal.startswith("Not saved: ")

    whole = [*saved, kept(unsaved, number=9)]
    view = seen(later(1), kept=whole, passed=given_up).standing.gates[stages.SWITCHING_OFF]
    assert view.refusal == ""


def test_a_shadow_run_is_held_to_the_service_level_of_the_lecture():
    settings = Settings()
    assert settings.errors == settings.slow == 1 - Fraction(9_999, 10_000)
    (whole,) = runs_of(columns(week()), (), later(8), settings)
    assert whole.whole.matrix.agreement == Fraction(970, 1_000)
