"""Retrospectives: nothing is left out, and an action without an owner is refused."""

from __future__ import annotations

from typing import Any

import pytest

from core.fields import FieldsError
from core.incidents.retrospective import carried_over, is_overdue, parse_action, parse_lessons
from tests.fakes_oncall import DAY, HANDOVER, MONDAY, action

ACTION = {"text": "Ограничить очередь", "owner": "Вера", "due_on": MONDAY + 14 * DAY}
FORM: dict[str, Any] = {
    "title": "Queue overflow",
    "good": "Noticed within a minute.",
    "improve": "Nobody knew the limit.",
    "how": "Write it down, and alert on it.",
    "held_on": MONDAY,
    "actions": [ACTION],
}


def problems(given: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(FieldsError) as refusal:
        parse_lessons(given)
    return refusal.value.problems


def test_a_retrospective_is_read_from_its_form():
    found = parse_lessons(FORM)
    assert (found.good, found.improve) == (FORM["good"], FORM["improve"])
    assert [(one.owner, one.due_on) for one in found.actions] == [("Вера", MONDAY + 14 * DAY)]


@pytest.mark.parametrize("owner", [None, "", "  "])
def test_an_action_without_an_owner_is_refused_by_its_place(owner: str | None):
    wrong = {**FORM, "actions": [ACTION, {**ACTION, "owner": owner}]}
    assert problems(wrong) == {
        "actions[1].owner": "Is missing: an action without an owner is refused."
    }


@pytest.mark.parametrize("field", ["title", "good", "improve", "how", "held_on"])
def test_each_of_the_questions_has_to_be_answered(field: str):
    assert list(problems({**FORM, field: ""})) == [field]


def test_every_wrong_field_is_named_at_once():
    wrong = {
        **FORM,
        "good": "",
        "actions": [{"text": "", "owner": "", "due_on": "soon", "urgent": True}],
    }
    assert set(problems(wrong)) == {
        "good",
        "actions[0].text",
        "actions[0].owner",
        "actions[0].due_on",
        "actions[0].urgent",
    }


def test_a_single_action_without_an_owner_is_refused():
    with pytest.raises(FieldsError) as refusal:
        parse_action({**ACTION, "owner": ""})
    assert list(refusal.value.problems) == ["owner"]


def test_actions_are_carried_over_until_they_are_done_overdue_ones_first():
    done = action(1, MONDAY, done_at=HANDOVER, done_by="Вера")
    late, later, today, coming = (
        action(number, MONDAY + days * DAY) for number, days in ((5, 1), (3, 2), (2, 4), (4, 9))
    )
    now = MONDAY + 4 * DAY
    assert carried_over([coming, done, today, later, late], now) == (late, later, today, coming)
    assert not is_overdue(today, now)
    assert not is_overdue(done, now)
