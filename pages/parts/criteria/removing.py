"""Taking something back: asked twice, logged, and read as it was at an earlier time."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlalchemy import Engine

from pages.parts.drafts import Draft
from pages.parts.forms import Button, Sent, form, send


def removing(name: str, label: str, remove: Callable[[Engine, Sent], None]) -> None:
    """A form behind an expander.

    Args:
        name: of the form.
        label: what happens.
        remove: does it, for who has sent it.
    """
    draft = Draft(name)
    with st.expander(label, icon=":material/delete:"):
        draft.begin({"by": ""})
        with form(draft, Button("Take it back", ":material/delete:")) as sent:
            st.caption("It stays in the history, and in every report of an earlier time.")
    if sent:
        send(draft, lambda store: remove(store, sent), lambda _: "Taken back.")
