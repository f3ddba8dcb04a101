"""At the left of every page: who is on call, and whether anybody counts and evaluates at all."""

from __future__ import annotations

from datetime import UTC

import streamlit as st

from core import wording
from core.oncall import Duty
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.markdown import plain
from pages.parts.states import WORKER_SILENT

#: How often an open page looks: a worker that dies changes nothing that it would notice otherwise.
REFRESH_SECONDS = 20


@st.fragment(run_every=REFRESH_SECONDS)
def on_call(service: str) -> None:
    """The line, and a red one above it while the worker is silent."""
    found = data.watch(service)
    if isinstance(found, Problem):
        return
    silent = found.pulse.ticked_at
    if silent is None:
        st.error("No worker has run yet: nobody would be called.", icon=":material/pause_circle:")
    elif data.moment() - silent > WORKER_SILENT:
        since = wording.clock(silent, data.moment())
        st.error(
            f"The worker is silent since {since}: nobody would be called.",
            icon=":material/pause_circle:",
        )
    st.caption(line(found.duty))


def line(duty: Duty) -> str:
    """Who is on call until when, as markdown."""
    shift = duty.now
    if duty.rota is None:
        return ":material/person_off: On call: **nobody**, no rota"
    if shift is None or not shift.member:
        return ":material/person_off: On call: **nobody**"
    until = shift.end.astimezone(UTC)
    return f":material/person: On call: **{plain(shift.member)}** until {until:%a %H:%M} UTC"
