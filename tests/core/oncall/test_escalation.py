"""Who is called when nobody acknowledges a page, when, and when nobody is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.oncall.escalation import due, steps
from core.ports.alerts import Acknowledgement, Silence
from tests.fakes_oncall import DAY, HANDOVER, HOUR, MINUTE, override, page, rota

FIRED = HANDOVER + HOUR
THREE = rota("Анна", "Борис", "Вера")
PAGE = page(FIRED)
LATE = FIRED + 10 * DAY


def taken(at: datetime, until: datetime, episode_id: int = 7) -> Acknowledgement:
    return Acknowledgement(episode_id, "Анна", at, "", until)


def silence(start: datetime, end: datetime, ended: datetime | None = None) -> Silence:
    return Silence(1, {"sli": "availability"}, "deploy", "Анна", start, end, ended)


def test_after_the_wait_the_next_of_the_rota_is_called():
    assert due(PAGE, (), THREE, FIRED + 15 * MINUTE - timedelta.resolution) is None
    found = due(PAGE, (), THREE, FIRED + 15 * MINUTE)
    assert found is not None
    assert (found.to, found.step, found.at) == ("Борис", 1, FIRED + 15 * MINUTE)
    assert found.sentence == "nobody has acknowledged this page for 15 minutes; Борис is called."


def test_the_chain_goes_on_and_ends_with_the_last_of_the_rota():
    found = steps(PAGE, (), THREE, LATE)
    assert [(one.to, one.at) for one in found] == [
        ("Борис", FIRED + 15 * MINUTE),
        ("Вера", FIRED + 30 * MINUTE),
    ]


def test_who_is_named_comes_first_and_nobody_is_called_twice():
    named = rota("Анна", "Борис", "", "Вера", "Борис", escalate_to="Вера")
    assert [one.to for one in steps(PAGE, (), named, LATE)] == ["Вера", "Борис"]


def test_whoever_stands_in_is_not_called_and_the_owner_of_the_week_comes_last():
    stands_in = override("Глеб", HANDOVER, HANDOVER + DAY)
    found = steps(PAGE, (), THREE, LATE, overrides=(stands_in,))
    assert [one.to for one in found] == ["Борис", "Вера", "Анна"]


def test_whoever_has_left_is_not_called():
    one = rota("Анна", "Борис", "Вера", departed=("Борис",))
    assert [found.to for found in steps(PAGE, (), one, LATE)] == ["Вера"]


def test_each_step_has_one_key_however_often_it_is_found():
    early, late = due(PAGE, (), THREE, FIRED + 16 * MINUTE), steps(PAGE, (), THREE, LATE)
    assert early == late[0]
    assert len({one.key for one in late}) == 2


def test_an_acknowledgement_stops_it_and_its_end_starts_it_anew():
    until = FIRED + 2 * HOUR
    in_hand = (taken(FIRED + 5 * MINUTE, until),)
    assert due(PAGE, in_hand, THREE, until - MINUTE) is None
    assert due(PAGE, in_hand, THREE, until + 14 * MINUTE) is None
    found = due(PAGE, in_hand, THREE, until + 15 * MINUTE)
    assert found is not None
    assert (found.step, found.at) == (1, until + 15 * MINUTE)
    first = due(PAGE, (), THREE, FIRED + 15 * MINUTE)
    assert first is not None
    assert found.key != first.key


def test_an_acknowledgement_of_another_alert_or_of_later_does_not_count():
    others = (taken(FIRED, FIRED + DAY, episode_id=8), taken(FIRED + HOUR, FIRED + DAY))
    assert due(PAGE, others, THREE, FIRED + 15 * MINUTE) is not None


def test_a_silence_holds_it_and_its_early_end_starts_it_anew():
    running = silence(FIRED - HOUR, FIRED + 5 * HOUR)
    assert due(PAGE, (), THREE, FIRED + HOUR, silences=(running,)) is None
    ended = silence(FIRED - HOUR, FIRED + 5 * HOUR, ended=FIRED + HOUR)
    assert due(PAGE, (), THREE, FIRED + HOUR + 14 * MINUTE, silences=(ended,)) is None
    assert due(PAGE, (), THREE, FIRED + HOUR + 15 * MINUTE, silences=(ended,)) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"severity": "ticket"},
        {"state": "resolved", "resolved_at": FIRED},
        {"inhibited_by": "another"},
        {"drill": True},
    ],
)
def test_what_calls_nobody_is_not_escalated(changed: dict[str, Any]):
    assert due(page(FIRED, **changed), (), THREE, LATE) is None


def test_a_pending_page_and_a_service_without_a_rota_call_nobody():
    assert due(page(None), (), THREE, LATE) is None
    assert due(PAGE, (), None, LATE) is None


def test_an_unknown_page_is_escalated_like_a_firing_one():
    assert due(page(FIRED, state="unknown"), (), THREE, LATE) is not None


def test_a_labelled_drill_is_escalated_as_a_drill():
    found = due(page(FIRED, drill=True, labels={"drill": "3"}), (), THREE, FIRED + 15 * MINUTE)
    assert found is not None
    assert found.drill
    assert found.sentence.startswith("Drill: ")
