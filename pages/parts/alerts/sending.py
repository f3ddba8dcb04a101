"""How a form about an alert is sent, and where the notification of it leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import streamlit as st
from sqlalchemy import Engine

from db.team.alert_acknowledgements import AlreadyAcknowledgedError
from db.team.alert_episodes import EpisodeOverError, NoSuchEpisodeError
from db.team.audit import NotNowError
from pages.parts import forms
from pages.parts.drafts import Draft

T = TypeVar("T")
#: What people did meanwhile: nothing is stored then.
_MEANWHILE = (AlreadyAcknowledgedError, EpisodeOverError, NoSuchEpisodeError)


def base_url() -> str:
    """Where the reader has reached the dashboard: links in notifications lead there."""
    asked = urlsplit(st.context.url or "")
    return f"{asked.scheme}://{asked.netloc}" if asked.netloc else ""


def send(
    draft: Draft,
    action: Callable[[Engine], T],
    done: Callable[[T], str],
    *,
    empty: Mapping[str, Any] | None = None,
) -> None:
    """As `forms.send`; that people did something meanwhile is told as it is.

    Args:
        draft: the form.
        action: stores it.
        done: says what was stored.
        empty: what the fields show after it was.
    """

    def asked(store: Engine) -> T:
        try:
            return action(store)
        except _MEANWHILE as error:
            raise NotNowError(str(error)) from error

    forms.send(draft, asked, done, empty=empty)
