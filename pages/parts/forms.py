"""How people's forms are sent: once, every refusal said where it belongs, nothing typed lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.access import Permission
from core.fields import FieldsError
from db.team.audit import ConflictError, NotNowError
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.drafts import Draft
from pages.parts.view import View

T = TypeVar("T")


class Revised(Protocol):
    """What people change, each time to another revision."""

    @property
    def revision(self) -> int:
        """How often it has been changed."""
        ...


R = TypeVar("R", bound=Revised)
#: Of a long text that two people changed, this much is said; the form holds all of one's own.
_SAID = 200


@dataclass(frozen=True, slots=True)
class Editing(Generic[T]):
    """What a form changes, so that somebody else's change can be told beside what was typed.

    Attributes:
        seen: as it was when the form was filled; None where the form makes a new one.
        values_of: the form's fields of such a thing.
        labels: of the fields that are told, as the form calls them.
    """

    seen: T | None
    values_of: Callable[[T], dict[str, Any]]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Button:
    """A button that sends a form.

    Attributes:
        label: what it says.
        icon: before that, where there is one.
        primary: it is what the form is for.
    """

    label: str
    icon: str | None = None
    primary: bool = False


@dataclass(slots=True)
class Sent:
    """What somebody has sent with a form; false until they press one of its buttons.

    Attributes:
        draft: of the form.
        button: the label of the one that was pressed, '' where none was.
        given: what the fields held, without who sends it.
        by: who.
        at: when.
    """

    draft: Draft
    button: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    at: datetime = field(default_factory=data.moment)

    def __bool__(self) -> bool:
        return bool(self.button)

    @property
    def signed(self) -> dict[str, Any]:
        """Who did it and when, as every act takes it."""
        return {"by": self.by, "at": self.at}

    @property
    def once(self) -> dict[str, Any]:
        """The same, and what names the click: an act takes it where it makes something new."""
        return self.signed | {"request_id": token(self.draft)}


@contextmanager
def form(
    draft: Draft,
    *buttons: Button,
    asks: str | None = "Who",
    border: bool = False,
    tells: bool = True,
) -> Iterator[Sent]:
    """A form around the fields that are drawn within, which have to be those of its draft.

    Below them it asks who sends it, says what is wrong beside no field, offers the buttons, and
    tells what became of the last sending.

    Args:
        draft: begun.
        buttons: that send it; whoever presses Enter presses the first.
        asks: what the name is asked as; None where the fields within ask for it, or nobody does.
        border: it is not in a box already.
        tells: what became of the last sending is told below it, and not elsewhere.

    Yields:
        What was sent, once the form is drawn.
    """
    sent = Sent(draft)
    with st.form(draft.form, border=border):
        yield sent
        if asks is not None:
            who(draft, asks)
        draft.other_problems()
        with st.container(horizontal=True):
            for number, button in enumerate(buttons):
                if st.form_submit_button(
                    button.label,
                    key=draft.key(f"send {number}" if number else "send"),
                    type="primary" if button.primary else "secondary",
                    icon=button.icon,
                ):
                    sent.button = button.label
    if tells:
        draft.outcome()
    if sent:
        sent.given, sent.by, sent.at = draft.typed(), draft.sender, data.moment()


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


def begin_either(
    draft: Draft,
    stored: R | None,
    values_of: Callable[[R], dict[str, Any]],
    empty: Mapping[str, Any],
) -> R | None:
    """Begin a form that changes what is stored, or makes a new one where nothing is.

    Args:
        draft: the form.
        stored: what is stored now; None for a new one.
        values_of: the form's fields of such a thing.
        empty: the fields of a new one.

    Returns:
        What the form was filled from, see `begin_editing`; None for a new one.
    """
    if stored is None:
        draft.begin({**empty, "by": ""})
        return None
    return begin_editing(draft, stored, values_of, revision=stored.revision)


def who(draft: Draft, label: str = "Who") -> None:
    """The name that every act carries; one that was given once is there in the other forms.

    Where people sign in it is the signed-in person's, and cannot be changed.
    """
    draft.text_input(label, "by", placeholder="Your name", disabled=draft.signed)


def require(sent: Sent, *fields: str, said: str = "Is missing.") -> None:
    """Refuse at once a form in which that is empty which its act cannot be called without.

    Args:
        sent: what was sent.
        fields: that have to hold something; "by" is who sends it.
        said: of each that does not.
    """
    held = sent.given | {"by": sent.by}
    missing = {name: said for name in fields if held[name] is None or not str(held[name]).strip()}
    if missing:
        sent.draft.refused(missing)
        st.rerun()


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
        empty: what the fields show after something new was.
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
            if editing is not None and editing.seen is not None:
                made: Any = answer
                draft.refill(editing.values_of(made), stored=made, revision=made.revision)
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


def _conflict(draft: Draft, error: ConflictError, editing: Editing[Any] | None) -> None:
    seen = None if editing is None else editing.seen
    if editing is None or seen is None or type(error.stored) is not type(seen):
        draft.refused({}, f"Nothing was stored. {error}")
        return
    before, now = editing.values_of(seen), editing.values_of(error.stored)
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
