"""The store as pages ask it: where it is, and what is wrong when it does not answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import streamlit as st
from sqlalchemy import Engine, NullPool
from sqlalchemy.exc import DBAPIError, OperationalError

from core.ports import FillStep, WorkerPulse
from db import schema
from db.embedded import EmbeddedError
from db.engine import Role, Store
from db.readers.overview import SqlOverviewReader

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is nothing new to show, as a sentence, and since when."""

    sentence: str
    since: datetime


@st.cache_resource(show_spinner=False)
def _store(database_url: str | None, folder: Path) -> Store:
    return Store(database_url, folder)


@st.cache_resource(show_spinner=False)
def _engine(database_url: str | None, folder: Path) -> Engine:
    return _store(database_url, folder).engine(Role.APP, pool_size=4, max_overflow=8)


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


def engine() -> Engine:
    """The web server's connections, under the role greenlight_app."""
    return _engine(*st.session_state["store_address"])


def ask(question: Callable[[Engine], T]) -> T | Problem:
    """Ask the store; a store that is down or does not fit the code answers with a problem."""
    try:
        source = engine()
    except ValueError as error:  # an address that cannot be read
        return Problem(str(error), now())
    except EmbeddedError as error:
        return Problem(
            f"The store does not start: {error}", _down_since().setdefault("store", now())
        )
    try:
        answer = question(source)
    except (OperationalError, EmbeddedError) as error:
        sentence = _schema_sentence() if "does not exist" in str(error) else None
        if sentence is not None:
            return Problem(sentence, now())
        since = _down_since().setdefault("store", now())
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()
        return Problem(
            f"The store does not answer: {reason[0] if reason else 'no reason given'}", since
        )
    except DBAPIError:
        # The store answers but refuses the query: its schema is the first suspect.
        sentence = _schema_sentence()
        if sentence is None:
            raise
        return Problem(sentence, now())
    _down_since().clear()
    return answer


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
    """Every known service; while the store is away, those that were known before."""
    answer = ask(_services)
    if not isinstance(answer, Problem):
        _last_services().append(answer)
        del _last_services()[:-1]
        return answer
    return _last_services()[-1] if _last_services() else answer


def store_answers() -> bool:
    """Whether the store can be asked now."""
    return not isinstance(ask(_services), Problem)


def fill_progress() -> tuple[FillStep, ...] | Problem:
    """How far the demo's first fill is; empty where there is none."""
    return ask(lambda store: SqlOverviewReader(store).fill_progress())


def worker_pulse() -> WorkerPulse | Problem:
    """When the worker last did its work."""
    return ask(lambda store: SqlOverviewReader(store).worker_pulse())


@st.cache_data(ttl=5, show_spinner=False)
def _services(_store: Engine) -> tuple[str, ...]:
    return SqlOverviewReader(_store).services()
