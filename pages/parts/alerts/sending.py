"""How a form of this page is sent: once, with every refusal said where it belongs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import streamlit as st
from sqlalchemy import Engine

from core.fields import FieldsError
from db.team.alert_acknowledgements import AlreadyAcknowledgedError
from db.team.alert_episodes import EpisodeOverError, NoSuchEpisodeError
from db.team.audit import ConflictError, NotNowError
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.experiment_drafts import Draft

T = TypeVar("T")
#: What people did meanwhile: told as it is, and nothing is stored.
_REFUSALS = (
    AlreadyAcknowledgedError,
    EpisodeOverError,
    NoSuchEpisodeError,
    ConflictError,
    NotNowError,
)


def base_url() -> str:
    """Where the reader has reached the dashboard: links in notifications lead there."""
    asked = urlsplit(st.context.url or "")
    return f"{asked.scheme}://{asked.netloc}" if asked.netloc else ""


def token(draft: Draft) -> str:
    """Names one click: its second arrival changes nothing."""
    key = draft.key("token")
    if key not in st.session_state:
        st.session_state[key] = uuid.uuid4().hex
    return str(st.session_state[key])


def send(
    draft: Draft,
    action: Callable[[Engine], T],
    done: Callable[[T], str],
    *,
    empty: Mapping[str, Any] | None = None,
    places: Mapping[str, str] | None = None,
) -> None:
    """Do what a form asks for, or say what keeps it from being done; then draw the page anew.

    Args:
        draft: the form.
        action: stores it.
        done: says what was stored.
        empty: what the fields show after it was.
        places: fields of the form by the fields of the action, where their names differ.
    """
    try:
        answer = data.act(action)
    except FieldsError as error:
        renamed = places or {}
        draft.refused({renamed.get(name, name): said for name, said in error.problems.items()})
    except _REFUSALS as error:
        draft.refused({}, f"Nothing was stored. {error}")
    else:
        if isinstance(answer, Problem):
            draft.refused({}, f"Nothing was stored. {answer.sentence}")
        else:
            draft.accepted(done(answer))
            st.session_state.pop(draft.key("token"), None)
            if empty:
                draft.refill(empty)
    st.rerun()
