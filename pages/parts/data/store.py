"""The store as pages ask it: where it is, and what is wrong when it does not answer.

There are two roads to it and no third. `ask` reads, on connections where PostgreSQL refuses every
write. `write` writes, once the person in front of the page is found to have the permission. On
both, a guard lets no statement pass that names a service which does not exist for that person.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import streamlit as st
from sqlalchemy import Engine, NullPool, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.access import Permission, Person, Refusal, may, reading, refusal, sees, visible
from core.ports import FillStep, WorkerPulse
from db import schema
from db.embedded import EmbeddedError
from db.engine import Role, Store
from db.readers.overview import SqlOverviewReader
from db.team.guard import NotAllowedError, guard, on_behalf_of
from pages.parts.data import access

T = TypeVar("T")
#: How long a page waits for one of the web server's connections to become free, s.
POOL_SECONDS = 10.0
#: A store that took longer than this to fail is silent: one asks, the others are told the same.
SLOW_FAILURE_SECONDS = 2.0
#: How long they are; after that the next one asks again.
TOLD_AGAIN_SECONDS = 5.0
_PERSON = "person"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is nothing new to show, as a sentence, and since when.

    Attributes:
        denied: whoever asks may not know: nothing that is kept is shown instead.
    """

    sentence: str
    since: datetime
    denied: bool = False


@st.cache_resource(show_spinner=False)
def _store(database_url: str | None, folder: Path) -> Store:
    return Store(database_url, folder)


@st.cache_resource(show_spinner=False)
def _engine(database_url: str | None, folder: Path) -> Engine:
    made = _store(database_url, folder).engine(
        Role.APP, watched=True, pool_size=4, max_overflow=8, pool_timeout=POOL_SECONDS
    )
    return guard(_heard(made), writes=False)


@st.cache_resource(show_spinner=False)
def _writer(database_url: str | None, folder: Path) -> Engine:
    made = _store(database_url, folder).engine(
        Role.APP, watched=True, pool_size=1, max_overflow=5, pool_timeout=POOL_SECONDS
    )
    return guard(_heard(made), writes=True)


@st.cache_resource(show_spinner=False)
def _owner(database_url: str | None, folder: Path) -> Engine:
    return _store(database_url, folder).engine(Role.OWNER, poolclass=NullPool)


@st.cache_resource(show_spinner=False)
def _last_services() -> list[tuple[str, ...]]:
    """The newest known services, at most one entry."""
    return []


@st.cache_resource(show_spinner=False)
def _down_since() -> dict[str, datetime]:
    """Since when the store has not answered; empty while it does."""
    return {}


def _heard(engine: Engine) -> Engine:
    """An engine whose every answer says that the store is there.

    What pages are told may come from what is kept, and says nothing about that.
    """
    down = _down_since()
    event.listen(engine, "after_cursor_execute", lambda *_: down.clear())
    return engine


def connect(database_url: str | None, folder: Path, clock: Callable[[], datetime]) -> None:
    """Say where the store is and what tells the time; app.py calls it first in every run."""
    st.session_state["store_address"] = (database_url, folder)
    st.session_state["clock"] = clock
    st.session_state["now"] = clock()


def now() -> datetime:
    """The clock, as app.py read it when this run began."""
    began: datetime = st.session_state["now"]
    return began


def moment() -> datetime:
    """The clock at this moment: a fragment runs alone, long after the page's run began."""
    clock: Callable[[], datetime] = st.session_state["clock"]
    return clock()


def seen_at(as_of: datetime, *, live: bool) -> datetime:
    """The moment of a report of what people write.

    A live page is of this very moment: who has just stored something sees it.
    """
    return max(moment(), as_of) if live else as_of


def engine() -> Engine:
    """The web server's connections for reading, under the role greenlight_app."""
    return _engine(*st.session_state["store_address"])


def person() -> Person | Refusal | Problem:
    """Who is in front of the page, or why nobody may be."""
    found = _who()
    if not isinstance(found, Problem):
        st.session_state[_PERSON] = found if isinstance(found, Person) else None
    return found


def _who() -> Person | Refusal | Problem:
    """As the store says; while it cannot be asked, as it said lately."""
    asked: Person | Refusal | Problem = _answer(lambda: access.judged(engine(), moment()))
    if isinstance(asked, Problem):
        return access.remembered(moment()) or asked
    return asked


def acting_name() -> str:
    """The name that everything carries which is done here; '' where people type it themselves."""
    found: Person | None = st.session_state.get(_PERSON)
    return "" if found is None else found.name


def allowed(needs: Permission | None = None) -> bool:
    """Whether the person in front of the page may do something.

    Args:
        needs: what it needs; None for what writing on this page needs.
    """
    found: Person | None = st.session_state.get(_PERSON)
    return found is not None and may(found, needs or access.needed())


def read_only(needs: Permission | None = None) -> str:
    """Why the person in front of the page may only read something; '' where they may change it.

    Args:
        needs: as in `allowed`.
    """
    found: Person | None = st.session_state.get(_PERSON)
    if found is None or allowed(needs):
        return ""
    return reading(found, needs or access.needed())


def within(service: str) -> bool:
    """Whether a service exists for the person in front of the page; '' is all of them."""
    found: Person | None = st.session_state.get(_PERSON)
    return found is not None and sees(found, service)


def ask(question: Callable[[Engine], T], *, service: str | None = None) -> T | Problem:
    """Ask the store; a store that is down or does not fit the code answers with a problem.

    Args:
        question: reads. An attempt to write is refused by PostgreSQL.
        service: what it is about; of a service that does not exist for who asks, nothing is told,
            also not from a cache.
    """
    found = _who()
    if isinstance(found, Problem):
        # Nobody knows who asks: what is kept for a store that is away is not for them.
        return replace(found, denied=True)
    if isinstance(found, Refusal):
        return Problem(found.sentence, now(), denied=True)
    if service is not None and not sees(found, service):
        return Problem("There is no such service for you.", now(), denied=True)

    def asked() -> T:
        with on_behalf_of(found):
            return question(engine())

    return _answer(asked)


def when_asked(question: Callable[[Engine], T], *, service: str) -> Callable[[], T]:
    """What a file holds that is made when somebody asks for it, outside of the page's runs.

    Args:
        question: reads, as in `ask`.
        service: what it is about.

    Returns:
        Makes it. Whoever may not see the service any more gets a NotAllowedError instead, and a
        store that is away its own error: both are shown in place of the file.
    """
    source, judged_at = engine(), access.judging(engine())
    clock: Callable[[], datetime] = st.session_state["clock"]

    def made() -> T:
        found = judged_at(clock())
        if isinstance(found, Refusal):
            raise NotAllowedError(found.sentence)
        if not sees(found, service):
            raise NotAllowedError("There is no such service for you.")
        with on_behalf_of(found):
            return question(source)

    return made


def write(action: Callable[[Engine], T], needs: Permission | None = None) -> T | Problem:
    """Do what somebody asks for, if they may: the one road by which a page writes.

    Args:
        action: writes. What it refuses itself (a wrong field, a conflict) is raised as it is.
        needs: the permission; None for what writing on this page needs.
    """

    def done() -> T | Problem:
        found = access.judged(engine(), moment(), now=True)
        if isinstance(found, Refusal):
            return Problem(found.sentence, now(), denied=True)
        wanted = needs or access.needed()
        if not may(found, wanted):
            return Problem(refusal(found, wanted), now(), denied=True)
        with on_behalf_of(found):
            return action(_writer(*st.session_state["store_address"]))

    return _answer(done)


@st.cache_resource(show_spinner=False)
def _silence() -> list[tuple[float, Problem]]:
    """The latest failure that took long, and when it came, by the clock of this process."""
    return []


def _answer(question: Callable[[], T | Problem]) -> T | Problem:
    unready = _unready()
    if unready is not None:
        return unready
    began = time.monotonic()
    if (silence := _silence()) and began - silence[-1][0] < TOLD_AGAIN_SECONDS:
        return silence[-1][1]
    answer = _asked(question)
    ended = time.monotonic()
    is_slow = ended - began > SLOW_FAILURE_SECONDS
    if isinstance(answer, Problem) and is_slow and not answer.denied:
        # A page asks a dozen times: it must not wait a dozen times for what does not answer.
        _silence()[:] = [(ended, answer)]
    return answer


def _asked(question: Callable[[], T | Problem]) -> T | Problem:
    try:
        return question()
    except NotAllowedError as error:
        return Problem(str(error), now(), denied=True)
    except (OperationalError, EmbeddedError) as error:
        return _away(error)
    except PoolTimeoutError:
        since = _down_since().setdefault("store", now())
        return Problem("The store is busy: every connection of this web server is in use", since)
    except DBAPIError:
        # The store answers but refuses the query: its schema is the first suspect.
        sentence = _schema_sentence()
        if sentence is None:
            raise
        return Problem(sentence, now())


def _unready() -> Problem | None:
    """Why there is no store to ask at all."""
    try:
        engine()
    except ValueError as error:  # an address that cannot be read
        return Problem(str(error), now())
    except EmbeddedError as error:
        since = _down_since().setdefault("store", now())
        return Problem(f"The store does not start: {error}", since)
    return None


def _away(error: Exception) -> Problem:
    """The store does not answer, or has no schema yet."""
    sentence = _schema_sentence() if "does not exist" in str(error) else None
    if sentence is not None:
        return Problem(sentence, now())
    since = _down_since().setdefault("store", now())
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()
    said = reason[0] if reason else "no reason given"
    return Problem(f"The store does not answer: {said}", since)


def _schema_sentence() -> str | None:
    """What is wrong with the schema, asked as the login itself: a new store has no other role."""
    try:
        schema.check(_owner(*st.session_state["store_address"]))
    except schema.SchemaError as error:
        return str(error)
    except OperationalError:
        return None
    return None


def services() -> tuple[str, ...] | Problem:
    """Every service that exists for who asks; while the store is away, those known before."""
    answer = ask(_services)
    found = person()
    if isinstance(found, Refusal):
        return Problem(found.sentence, now(), denied=True)
    if isinstance(found, Problem):
        return found
    if not isinstance(answer, Problem):
        _last_services().append(answer)
        del _last_services()[:-1]
        return visible(found, answer)
    return visible(found, _last_services()[-1]) if _last_services() else answer


def store_answers() -> bool:
    """Whether the store can be asked now."""
    return not isinstance(ask(_services), Problem)


def fill_progress() -> tuple[FillStep, ...] | Problem:
    """How far the demo's first fill is; empty where there is none."""
    return ask(_fill_progress)


def worker_pulse() -> WorkerPulse | Problem:
    """When the worker last did its work."""
    return ask(_worker_pulse)


@st.cache_data(ttl=5, show_spinner=False)
def _services(_store: Engine) -> tuple[str, ...]:
    return SqlOverviewReader(_store).services()


# Every page shows both in every run: for all its viewers together the store is asked once.
@st.cache_data(ttl=2, show_spinner=False)
def _fill_progress(_store: Engine) -> tuple[FillStep, ...]:
    return SqlOverviewReader(_store).fill_progress()


# What is said of it goes by minutes.
@st.cache_data(ttl=5, show_spinner=False)
def _worker_pulse(_store: Engine) -> WorkerPulse:
    return SqlOverviewReader(_store).worker_pulse()
