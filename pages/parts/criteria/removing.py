"""Taking something back: asked twice, logged, and read as it was at an earlier time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import send, who


def removing(name: str, label: str, remove: Callable[[Engine, str, datetime], None]) -> None:
    """A form behind an expander.

    Args:
        name: of the form.
        label: what happens.
        remove: does it, for somebody at a moment.
    """
    draft = Draft(name)
    with st.expander(label, icon=":material/delete:"):
        draft.begin({"by": ""})
        with st.form(draft.key("form"), border=False):
            who(draft)
            st.caption("It stays in the history, and in every report of an earlier time.")
            sent = st.form_submit_button("Take it back", icon=":material/delete:")
        draft.outcome()
    if sent:
        by, at = draft.values(["by"])["by"], data.moment()
        send(draft, lambda store: remove(store, by, at), lambda _: "Taken back.")
