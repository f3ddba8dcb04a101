"""Drills: what is measured of them, which are overdue, and when each is due again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.fields import FieldsError
from core.incidents.drills import (
    REPEAT_AFTER,
    SCENARIOS,
    is_overdue,
    next_drills,
    parse_drill,
    taken,
    times,
)
from core.ports import Acknowledgement, Transition
from tests.fakes_oncall import DAY, HANDOVER, HOUR, MINUTE, MONDAY, drill

RUNNING = drill(started_at=HANDOVER, episode_id=7)
MOVES = (
    Transition(7, HANDOVER, "", "firing", ""),
    Transition(8, HANDOVER - HOUR, "", "firing", ""),
    Transition(7, HANDOVER + 20 * MINUTE, "firing", "resolved", ""),
)
TAKEN = (
    Acknowledgement(8, "Вера", HANDOVER, "", HANDOVER + HOUR),
    Acknowledgement(7, "Вера", HANDOVER + 4 * MINUTE, "", HANDOVER + HOUR),
    Acknowledgement(7, "Глеб", HANDOVER + 9 * MINUTE, "", HANDOVER + HOUR),
)


def test_the_four_scenarios_are_those_of_the_lecture():
    assert list(SCENARIOS) == ["datacenter_lost", "inference_off", "bad_model", "samples_lost"]


def test_detection_is_the_first_notification_else_the_first_firing():
    told = HANDOVER + 2 * MINUTE
    assert times(RUNNING, MOVES, TAKEN, told).detected_at == told
    assert times(RUNNING, MOVES, TAKEN, None).detected_at == HANDOVER


def test_acknowledgement_and_recovery_are_measured_from_the_drills_own_alert():
    found = times(RUNNING, MOVES, TAKEN, None)
    assert taken(RUNNING, found.acknowledged_at) == 4 * MINUTE
    assert taken(RUNNING, found.recovered_at) == 20 * MINUTE


def test_what_was_recovered_by_hand_counts_before_the_alerts_end():
    by_hand = drill(started_at=HANDOVER, episode_id=7, recovered_at=HANDOVER + 12 * MINUTE)
    assert taken(by_hand, times(by_hand, MOVES, TAKEN, None).recovered_at) == 12 * MINUTE


def test_nothing_is_measured_of_what_has_not_happened():
    assert times(RUNNING, (), (), None) == times(drill(), MOVES, TAKEN, HANDOVER)
    assert taken(RUNNING, None) is None
    assert taken(drill(), HANDOVER) is None


def test_what_is_kept_of_a_drill_that_has_ended_is_not_measured_again():
    ended = drill(started_at=HANDOVER, episode_id=7, ended_at=HANDOVER + HOUR)
    assert times(ended, MOVES, TAKEN, HANDOVER).detected_at is None


def test_a_drill_is_overdue_from_the_day_after_it_was_due_until_it_starts():
    assert not is_overdue(drill(), MONDAY)
    assert is_overdue(drill(), MONDAY + DAY)
    assert not is_overdue(RUNNING, MONDAY + DAY)
    assert not is_overdue(drill(cancelled_at=HANDOVER), MONDAY + DAY)


def test_every_scenario_is_due_ninety_days_after_it_was_held():
    held = drill(started_at=HANDOVER, ended_at=HANDOVER + HOUR, episode_id=7)
    older = drill(2, started_at=HANDOVER - 9 * DAY, ended_at=HANDOVER - 9 * DAY, episode_id=6)
    coming = {one.scenario: one for one in next_drills((older, held), MONDAY)}
    assert timedelta(days=90) == REPEAT_AFTER
    assert coming["datacenter_lost"].due_on == MONDAY + REPEAT_AFTER
    assert coming["datacenter_lost"].last == held
    assert {name for name, one in coming.items() if one.due_on == MONDAY} == {
        *("inference_off", "bad_model", "samples_lost")
    }
    assert coming["bad_model"].why == "It was never rehearsed."


def test_a_proposal_never_lies_in_the_past_and_a_plan_may():
    held = drill(started_at=HANDOVER, ended_at=HANDOVER + HOUR, episode_id=7)
    planned = drill(2, "bad_model")
    cancelled = drill(3, "samples_lost", cancelled_at=HANDOVER)
    now = MONDAY + 100 * DAY
    coming = {one.scenario: one for one in next_drills((held, planned, cancelled), now)}
    assert coming["datacenter_lost"].due_on == now
    assert (coming["bad_model"].due_on, coming["bad_model"].planned) == (MONDAY, planned)
    assert coming["samples_lost"].planned is None
    assert next(iter(next_drills((held, planned), now))).scenario == "bad_model"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"scenario": "fire"}, "scenario"),
        ({"owner": ""}, "owner"),
        ({"due_on": None}, "due_on"),
        ({"budget": 1}, "budget"),
    ],
)
def test_a_wrong_field_of_a_drill_is_named(changed: dict[str, Any], field: str):
    given = {"scenario": "bad_model", "title": "", "due_on": MONDAY, "owner": "Вера"}
    assert parse_drill(given).title == "Bad model rolled out"
    with pytest.raises(FieldsError) as refusal:
        parse_drill({**given, **changed})
    assert list(refusal.value.problems) == [field]
