"""Opening the review of this moment, and keeping it for good."""

from __future__ import annotations

import streamlit as st
from sqlalchemy import Engine

from core.ports.reviews import KeptReview
from core.review.desk import ReviewsReport
from db.review_export import pack
from db.team.reviews import keep_review
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Sent, form, require, send
from pages.parts.review.reading import live_address
from pages.parts.view import View


def keeping(found: ReviewsReport, view: View, *, live: bool) -> None:
    """The review of the moment that the page shows: to be read, and to be kept."""
    with st.container(border=True, height="stretch", key="review_keeping"):
        st.markdown("**The review of this moment**" if live else "**The review of that moment**")
        st.caption(
            "One page for those who come with five minutes: verdicts, what has changed, three "
            "charts, milestones, top risks, decisions and actions. Its address carries the moment."
        )
        st.link_button("Read it as a page", live_address(view), icon=":material/open_in_new:")
        if live:
            _form(found, view)


def _form(found: ReviewsReport, view: View) -> None:
    draft = Draft(f"review keep·{found.service}")
    draft.begin({"by": ""})
    with form(
        draft,
        Button("Keep this review", ":material/inventory_2:", primary=True),
        asks="Who keeps it",
    ) as sent:
        pass
    st.caption(
        "A kept review never changes: whoever opens it sees exactly what you see now, whatever "
        "becomes of the data. It can be downloaded as HTML and as PDF."
    )
    if sent:
        _keep(sent, view)


def _keep(sent: Sent, view: View) -> None:
    require(sent, "by")
    with st.spinner("The review is being made."):
        drawn = data.review_now(view, sent.at)
    if isinstance(drawn, Problem):
        sent.draft.refused({}, f"Nothing was stored. {drawn.sentence}")
        st.rerun()

    def keep(store: Engine) -> KeptReview:
        return keep_review(store, pack(drawn), **sent.once)

    send(sent.draft, keep, lambda made: f"Kept as review {made.review_id}.")
