"""What is looked for in the log, in the URL, so that a link shows what its sender saw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from core.audit import Search
from pages.parts.view import View


def search(view: View, subjects: Sequence[str]) -> Search:
    """The fields above the table, and what they ask for.

    The log is read up to the view's as-of; the day fields narrow it further.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        everywhere = st.segmented_control(
            "Services",
            ("this service", "all of mine"),
            default="this service",
            required=True,
            key="of",
            bind="query-params",
        )
        by = st.text_input("Who", key="by", bind="query-params", placeholder="Part of a name")
        about = st.multiselect(
            "What", list(subjects), key="what", bind="query-params", placeholder="Everything"
        )
        since = st.date_input("From", None, key="since", bind="query-params")
        until = st.date_input("To, inclusive", None, key="until", bind="query-params")
    end = None if view.live else view.as_of
    if isinstance(until, date):
        asked = _midnight(until) + timedelta(days=1)
        end = asked if end is None else min(end, asked)
    return Search(
        services=() if everywhere == "all of mine" else (view.service,),
        unowned=everywhere == "all of mine",
        by=by or "",
        subjects=tuple(about),
        since=_midnight(since) if isinstance(since, date) else None,
        until=end,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
