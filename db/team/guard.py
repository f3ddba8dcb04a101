"""What an engine lets through while a person acts: no name but theirs, no service but theirs.

Pages build what they write in many places. Whatever they build reaches the store as a statement
with bound parameters, and every statement of a page's engine passes here. So a place that forgot
to ask is refused all the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, event

from core.access import Person, sees

#: The parameters that say who writes or does something, by the columns that they fill.
NAMES = frozenset(
    {
        *("by", "changed_by", "created_by", "removed_by", "author", "reviewer"),
        *("added_by", "amended_by", "asked_by", "cancelled_by", "done_by", "ended_by"),
        *("frozen_by", "opened_by", "passed_by", "resolved_by", "reviewed_by", "revoked_by"),
        *("undone_by", "withdrawn_by"),
    }
)
#: Columns that name somebody else on purpose: whom a task, a risk or a rule belongs to, who accepts
#: a risk, who took a decision at a meeting. Beside them stands who wrote it down.
NAMED = frozenset({"owner", "approver", "who", "decided_by"})
#: Several rows in one statement, or a name used twice: SQLAlchemy numbers the parameters.
_NUMBER = re.compile(r"__?\d+$")
_PERSON: ContextVar[Person | None] = ContextVar("person", default=None)


class NotAllowedError(RuntimeError):
    """A statement names somebody else, or a service that does not exist for who acts."""


def guard(engine: Engine, *, writes: bool) -> Engine:
    """Let an engine's statements pass only if they fit the person who acts.

    Without such a person nothing passes.

    Args:
        engine: one of the web server's, as greenlight_app.
        writes: what passes may write. Otherwise PostgreSQL itself refuses every write.
    """
    if writes:
        event.listen(engine, "before_cursor_execute", _check)
    else:
        event.listen(engine, "connect", _read_only)
        event.listen(engine, "before_cursor_execute", _check_service)
    return engine


@contextmanager
def on_behalf_of(person: Person) -> Iterator[None]:
    """Whatever a guarded engine does within is done by somebody."""
    token = _PERSON.set(person)
    try:
        yield
    finally:
        _PERSON.reset(token)


def refused(person: Person, parameters: Mapping[str, Any]) -> str:
    """Why a statement's parameters do not fit a person; '' where they do.

    >>> from core.access import Role
    >>> anna = Person("a@b.c", "Anna", Role.MANAGER, ("mail",))
    >>> refused(anna, {"by": "Boris", "service": "mail"})
    'This would be written in the name of somebody else.'
    >>> refused(anna, {"by": "Anna", "service": "search"})
    'There is no such service for you.'
    """
    for numbered, value in parameters.items():
        name = _NUMBER.sub("", numbered)
        if name in NAMES and person.name and value and value != person.name:
            return "This would be written in the name of somebody else."
        if name == "matchers" and person.services and not _within(person, value):
            return "This would reach alerts of other services: choose the service, too."
    return unseen(person, parameters)


def unseen(person: Person, parameters: Mapping[str, Any]) -> str:
    """Why a person may not even read with a statement's parameters; '' where they may."""
    for numbered, value in parameters.items():
        if _NUMBER.sub("", numbered) not in {"service", "services"}:
            continue
        asked = [value] if isinstance(value, str) else value or ()
        if not all(sees(person, service) for service in asked):
            return "There is no such service for you."
    return ""


def _within(person: Person, matchers: Any) -> bool:
    """Whether what a silence matches is of the person's services alone."""
    try:
        found = json.loads(matchers) if isinstance(matchers, str) else matchers
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("service") in person.services


def _check(
    _connection: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, _many: bool
) -> None:
    _refuse(refused, parameters)


def _check_service(
    _connection: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, _many: bool
) -> None:
    _refuse(unseen, parameters)


def _refuse(reason_of: Callable[[Person, Mapping[str, Any]], str], parameters: Any) -> None:
    person = _PERSON.get()
    if person is None:
        raise NotAllowedError("Nobody acts here.")
    for one in parameters if isinstance(parameters, list | tuple) else (parameters or {},):
        if not isinstance(one, Mapping):
            raise NotAllowedError("A statement's parameters have to have names.")
        if reason := reason_of(person, one):
            raise NotAllowedError(reason)


def _read_only(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set default_transaction_read_only = on")
    connection.commit()
