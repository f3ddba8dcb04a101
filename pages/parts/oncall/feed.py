"""The shifts as a calendar file."""

from __future__ import annotations

import streamlit as st

from core.oncall import OnCallReport

_EVERYBODY = "everybody"


def feed(found: OnCallReport) -> None:
    """Whose shifts, and the file; what a calendar that reads a feed again needs is said."""
    with st.container(border=True):
        st.markdown("**Shifts in your calendar**")
        names = {shift.member for duty in found.duties for shift in duty.shifts if shift.member}
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        member = left.selectbox("Whose shifts", [_EVERYBODY, *sorted(names)], key="feed_member")
        wanted = None if member == _EVERYBODY else member
        right.download_button(
            "Download .ics",
            found.calendar(member=wanted),
            file_name="on-call.ics",
            mime="text/calendar",
            icon=":material/calendar_month:",
            on_click="ignore",
            key="feed_file",
        )
        st.caption(
            "The file holds the next eight weeks of every service. A calendar that is to stay "
            "up to date reads it from a web server of yours, to which a job writes it every hour:"
        )
        st.code("python cli.py calendar > on-call.ics", language=None)
