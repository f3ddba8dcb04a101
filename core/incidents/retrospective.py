"""Retrospectives: what was good, what to improve, how, and who does what by when.

An action without an owner is refused. Actions are carried over until they are done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.fields import Fields, FieldsError
from core.ports.incidents import Action

RETROSPECTIVE_FIELDS = ("title", "good", "improve", "how", "held_on", "actions")
ACTION_FIELDS = ("text", "owner", "due_on")
#: What is missing, as the form says it.
_ASKED = {
    "good": "Is missing: what was good?",
    "improve": "Is missing: what can be improved?",
    "how": "Is missing: how will it be improved?",
}


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """What somebody is to do by a day."""

    text: str
    owner: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a retrospective says, and the actions that were decided in it."""

    title: str
    good: str
    improve: str
    how: str
    held_on: date
    actions: tuple[PlannedAction, ...]


def parse_lessons(given: Mapping[str, object]) -> Lessons:
    """Read the fields of a retrospective.

    Args:
        given: RETROSPECTIVE_FIELDS by name; actions is a list of mappings of ACTION_FIELDS.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named, as is the owner of the
            second action: 'actions[1].owner'.
    """
    form = Fields(given)
    form.refuse_unknown(RETROSPECTIVE_FIELDS)
    title, held_on = form.name("title"), form.day("held_on")
    said = {field: _asked(form, field) for field in _ASKED}
    actions = tuple(_action(below) for below in form.each("actions"))
    if form.problems or title is None or held_on is None:
        raise FieldsError(form.problems)
    return Lessons(
        title,
        said["good"],
        said["improve"],
        said["how"],
        held_on,
        tuple(action for action in actions if action is not None),
    )


def parse_action(given: Mapping[str, object]) -> PlannedAction:
    """Read the fields of one action: ACTION_FIELDS.

    Raises:
        FieldsError: a field is missing, wrong or unknown; each is named.
    """
    form = Fields(given)
    action = _action(form)
    if action is None:
        raise FieldsError(form.problems)
    return action


def is_overdue(action: Action, today: date) -> bool:
    """Whether an action should have been done before today and is not."""
    return action.done_at is None and action.due_on < today


def carried_over(actions: Iterable[Action], today: date) -> tuple[Action, ...]:
    """The actions that are not done, wherever they were decided; overdue ones first."""
    left = [action for action in actions if action.done_at is None]
    return tuple(
        sorted(
            left,
            key=lambda action: (not is_overdue(action, today), action.due_on, action.action_id),
        )
    )


def _action(form: Fields) -> PlannedAction | None:
    before = len(form.problems)
    form.refuse_unknown(ACTION_FIELDS)
    said = form.text("text")
    if not said:
        form.refuse("text", "Is missing: what is to be done?")
    if not form.has("owner"):
        form.refuse("owner", "Is missing: an action without an owner is refused.")
    owner, due_on = form.name("owner"), form.day("due_on")
    if len(form.problems) > before or owner is None or due_on is None:
        return None
    return PlannedAction(said, owner, due_on)


def _asked(form: Fields, field: str) -> str:
    said = form.text(field)
    if not said:
        form.refuse(field, _ASKED[field])
    return said
