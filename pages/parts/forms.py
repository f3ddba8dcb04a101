"""How people's forms are sent: once, every refusal said where it belongs, nothing typed lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.access import Permission
from core.fields import FieldsError
from db.team.audit import ConflictError, NotNowError
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.experiment_drafts import Draft
from pages.parts.view import View

T = TypeVar("T")
#: Of a long text that two people changed, this much is said; the form holds all of one's own.
_SAID = 200


@dataclass(frozen=True, slots=True)
class Editing(Generic[T]):
    """What a form changes, so that somebody else's change can be told beside what was typed.

    Attributes:
        seen: as it was when the form was filled.
        values_of: the form's fields of such a thing.
        labels: of the fields that are told, as the form calls them.
    """

    seen: T
    values_of: Callable[[T], dict[str, Any]]
    labels: Mapping[str, str]


def reads_only(needs: Permission | None = None) -> bool:
    """Whether the reader's role is to read here, and not to change anything; that is said.

    Args:
        needs: the permission; None for what writing on this page needs.
    """
    said = data.read_only(needs)
    if said:
        st.info(said, icon=":material/lock:")
    return bool(said)


def closed(view: View, needs: Permission | None = None) -> bool:
    """Whether nothing can be done here, because of the moment or the reader's role; that is said.

    It spares the reader forms that would be refused: what is sent all the same is refused, too.

    Args:
        view: what the page shows.
        needs: the permission; None for what writing on this page needs.
    """
    if view.live:
        return reads_only(needs)
    st.info(
        f"This is how it stood at {wording.clock(view.as_of)}. "
        "“Back to now”, at the left, is where something can be done.",
        icon=":material/history:",
    )
    return True


def token(draft: Draft) -> str:
    """Names one click: its second arrival changes nothing."""
    key = draft.key("token")
    if key not in st.session_state:
        st.session_state[key] = uuid.uuid4().hex
    return str(st.session_state[key])


def begin_editing(
    draft: Draft, stored: T, values_of: Callable[[T], dict[str, Any]], *, revision: int
) -> T:
    """Fill a form with what is stored; what somebody types stays, whatever others store meanwhile.

    What is being typed is known to the browser alone until it is sent. So a newer version never
    takes the place of what the form shows by itself: it is told, and may be taken over.

    Args:
        draft: the form.
        stored: what is stored now.
        values_of: the form's fields of such a thing.
        revision: of what is stored now.

    Returns:
        What the form was filled from: what somebody who sends it was looking at.
    """
    values = values_of(stored)
    draft.begin(values | {"by": ""}, stored=stored, revision=revision)
    seen: T = draft.seen("stored")
    with st.container():  # the form below has the same place with and without a notice
        if revision > draft.seen("revision"):
            if values == values_of(seen):
                draft.refill({}, stored=stored, revision=revision)
                draft.begin({})
                return stored
            draft.tell("This has been changed since the form was opened. What you typed stays.", [])
            if st.button("Take over what is stored", icon=":material/sync:", key=draft.key("sync")):
                draft.refill(values, stored=stored, revision=revision)
                st.rerun()
    return seen


def who(draft: Draft, label: str = "Who") -> None:
    """The name that every act carries; one that was given once is there in the other forms.

    Where people sign in it is the signed-in person's, and cannot be changed.
    """
    st.text_input(label, key=draft.key("by"), placeholder="Your name", disabled=draft.signed)
    draft.problem("by")


def send(
    draft: Draft,
    action: Callable[[Engine], T],
    done: Callable[[T], str],
    *,
    needs: Permission | None = None,
    empty: Mapping[str, Any] | None = None,
    place: Callable[[str], str] = str,
    editing: Editing[Any] | None = None,
) -> None:
    """Do what a form asks for, or say what keeps it from being done; then draw the page anew.

    Args:
        draft: the form.
        action: stores it.
        done: says what was stored.
        needs: the permission; None for what writing on this page needs.
        empty: what the fields show after it was.
        place: the form's field of a field of the action, where their names differ.
        editing: what the form changes. Where somebody else has changed it meanwhile, both versions
            are told, and what was typed stays: over what is stored now, to be sent again.
    """
    try:
        answer = data.act(action, needs)
    except FieldsError as error:
        problems: dict[str, str] = {}
        for field, said in error.problems.items():
            problems.setdefault(place(field), said)
        draft.refused(problems)
    except ConflictError as error:
        _conflict(draft, error, editing)
    except NotNowError as error:
        draft.refused({}, f"Nothing was stored. {error}")
    else:
        if isinstance(answer, Problem):
            draft.refused({}, f"Nothing was stored. {answer.sentence}")
        else:
            draft.accepted(done(answer))
            st.session_state.pop(draft.key("token"), None)
            if editing is not None:
                made: Any = answer
                values = editing.values_of(made) | dict(empty or {})
                draft.refill(values, stored=made, revision=made.revision)
            elif empty:
                draft.refill(empty)
    st.rerun()


def minute_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """A moment as a field for date and time shows it: on the clock of a zone, to the minute."""
    return moment.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)


def moment_of(
    typed: datetime | None, zone: ZoneInfo, known: datetime | None = None
) -> datetime | None:
    """The moment that somebody typed on the clock of a zone.

    Args:
        typed: what the field holds.
        zone: on whose clock.
        known: what the field was filled with. If it still shows that, it is that to the second.
    """
    if typed is None:
        return None
    if known is not None and typed == minute_of(known, zone):
        return known
    return typed.replace(tzinfo=zone)


def problems(draft: Draft, *fields: str) -> None:
    """What is wrong with a form beside its fields: those named here say it where they stand."""
    draft.other_problems([*fields, "by"])


def _conflict(draft: Draft, error: ConflictError, editing: Editing[Any] | None) -> None:
    if editing is None or error.stored is None or type(error.stored) is not type(editing.seen):
        draft.refused({}, f"Nothing was stored. {error}")
        return
    before, now = editing.values_of(editing.seen), editing.values_of(error.stored)
    typed = draft.values(list(before))
    lines = [
        f"{label}: theirs is {shown(now[field])}, yours is {shown(typed[field])}"
        for field, label in editing.labels.items()
        if now[field] != typed[field]
    ]
    when = "" if error.changed_at is None else f" That was on {wording.clock(error.changed_at)}."
    draft.refused(
        {},
        f"Nothing was stored. {error}{when} What you typed is still here, over what is stored "
        "now. Send it again to store it.",
        lines,
    )
    kept = {
        field: typed[field] if typed[field] != before[field] else now[field] for field in before
    }
    draft.refill(kept, stored=error.stored, revision=error.stored.revision)


def shown(value: object) -> str:
    r"""A field's value in a sentence.

    >>> shown("a\nb"), shown(None), shown(date(2026, 6, 1))
    ('“a / b”', 'empty', '2026-06-01')
    """
    if value is None or value == "":
        return "empty"
    if isinstance(value, str):
        said = " / ".join(value.splitlines())
        return f"“{said if len(said) <= _SAID else said[: _SAID - 1] + '…'}”"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)
