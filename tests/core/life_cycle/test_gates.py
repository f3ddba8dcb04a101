"""Gates: what each requires, and who is refused. The lecture's rules, one test each."""

from __future__ import annotations

import pytest

from core.fields import FieldsError
from core.life_cycle import GATES, GateView, parse_passing, parse_place, parse_why, stages
from core.status import Status
from tests.fakes_life_cycle import MONDAY, NEW, OLD, kept, later, model, passed, release, seen, week

SAVED = ("samples", "raw_data", "score_distributions")


def gate(key: str, days: float = 7.1, **given: object) -> GateView:
    return seen(later(days), **given).standing.gates[key]


def states(view: GateView) -> dict[str, Status]:
    return {one.requirement.key: one.status for one in view.met}


def test_research_ends_with_a_model_and_a_system():
    assert not gate(stages.RESEARCH).ready
    assert not gate(stages.RESEARCH, runs=[model(MONDAY)]).ready
    assert not gate(stages.RESEARCH, deployed=[release(MONDAY)]).ready
    both = gate(stages.RESEARCH, runs=[model(MONDAY)], deployed=[release(MONDAY, version=OLD)])
    assert both.ready
    assert both.version == NEW


@pytest.mark.parametrize("stage", ["retired", "rolled_back"])
def test_what_was_taken_away_is_no_system(stage: str):
    assert not gate(stages.RESEARCH, runs=[model(MONDAY)], deployed=[release(MONDAY, stage)]).ready


def test_a_run_that_has_not_succeeded_is_no_model():
    assert not gate(
        stages.RESEARCH, days=0.5, runs=[model(later(1))], deployed=[release(MONDAY)]
    ).ready


def test_a_shadow_run_that_changed_anything_for_a_user_has_failed():
    rows = week()
    rows[100] = type(rows[0])(rows[100].hour, user_visible=1)
    view = gate(stages.SHADOW, rows=rows)
    assert states(view)["users_untouched"] is Status.BREACHED
    assert "changed 1 letters for users" in view.refusal
    assert "A shadow run that changed anything for a user has failed." in view.refusal


def test_a_week_without_a_gap_passes():
    view = gate(stages.SHADOW, rows=week())
    assert view.ready
    assert view.refusal == ""
    assert view.version == NEW


def test_missing_hours_keep_it_from_passing():
    rows = week(200)
    del rows[20:24]
    found = states(gate(stages.SHADOW, days=9, rows=rows))
    assert found["hours"] is Status.ON_TARGET
    assert found["gaps"] is Status.UNDECIDED


def test_too_few_hours_are_not_enough_yet():
    view = gate(stages.SHADOW, rows=week(167), days=7)
    assert states(view)["hours"] is Status.UNDECIDED
    assert not view.ready
    assert view.refusal == ""  # it may be passed with a reason


@pytest.mark.parametrize(("field", "key"), [("errors", "errors"), ("slow", "slow")])
def test_exactly_the_limit_is_met_and_one_letter_more_is_not(field: str, key: str):
    rows = week()
    letters = 168_000  # a ten-thousandth of them is 16.8
    for failed, status in ((16, Status.ON_TARGET), (17, Status.BREACHED)):
        rows[0] = type(rows[0])(rows[0].hour, **{field: failed})
        assert (failed * 10_000 <= letters) is (status is Status.ON_TARGET)
        assert states(gate(stages.SHADOW, rows=rows))[key] is status


def test_without_a_run_nothing_is_measured():
    assert set(states(gate(stages.SHADOW)).values()) == {Status.NO_DATA}


def test_nothing_is_switched_off_before_all_three_are_saved():
    for missing in SAVED:
        there = [kept(item, number=at) for at, item in enumerate(SAVED) if item != missing]
        view = gate(stages.SWITCHING_OFF, kept=there)
        name = next(one.name for one in view.gate.requires if one.key == missing).lower()
        assert view.refusal.startswith(f"Not saved: {name}.")
    everything = [kept(item, number=at) for at, item in enumerate(SAVED)]
    view = gate(stages.SWITCHING_OFF, kept=everything)
    assert (view.ready, view.refusal) == (True, "")
    assert [one.said for one in view.met] == ["hdfs://x"] * 3


def test_no_reason_waives_what_has_to_be_saved():
    assert all(not one.waivable for one in GATES[stages.SWITCHING_OFF].requires)
    assert all(not one.waivable for one in gate(stages.SWITCHING_OFF).met)


def test_a_gate_is_passed_by_one_model_and_not_by_the_next():
    old = passed(stages.SHADOW, later(7), OLD)
    mine = passed(stages.SHADOW, later(7), NEW)
    assert gate(stages.SHADOW, rows=week(), passed=[old]).passed is None
    assert gate(stages.SHADOW, rows=week(), passed=[old, mine]).passed == mine


def test_without_all_that_it_requires_a_reason_is_asked_for():
    view = gate(stages.DATA)
    with pytest.raises(FieldsError) as refusal:
        parse_passing({"reason": "go", "waiver": " "}, view)
    assert "“The data are collected”" in refusal.value.problems["waiver"]
    made = parse_passing({"reason": "go", "waiver": "they are elsewhere"}, view)
    assert (made.waiver, made.waived) == ("they are elsewhere", ("data",))


def test_a_reason_for_nothing_is_not_kept():
    made = parse_passing({"waiver": "because"}, gate(stages.DATA, kept=[kept("data")]))
    assert (made.waiver, made.waived) == ("", ())


def test_what_is_saved_lies_somewhere():
    with pytest.raises(FieldsError) as refusal:
        parse_place({"place": "  ", "note": "somewhere"})
    assert list(refusal.value.problems) == ["place"]
    with pytest.raises(FieldsError) as refusal:
        parse_place({"place": "a", "size": 3})
    assert list(refusal.value.problems) == ["size"]


def test_what_is_taken_back_needs_a_reason():
    with pytest.raises(FieldsError):
        parse_why({"why": ""})
    assert parse_why({"why": " ошибка "}) == "ошибка"


def test_what_users_saw_fails_a_run_that_has_no_other_letter():
    rows = [type(week(1)[0])(MONDAY, (0, 0, 0, 0), user_visible=1)]
    view = gate(stages.SHADOW, days=1, rows=rows)
    assert states(view)["users_untouched"] is Status.BREACHED
    assert states(view)["errors"] is Status.NO_DATA
    assert view.refusal.startswith("The candidate changed 1 letters for users.")
