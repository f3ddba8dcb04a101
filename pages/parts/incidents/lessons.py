"""Every retrospective, of incidents and of milestones or periods."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.incidents import IncidentsReport
from core.ports.incidents import Action
from pages.parts.incidents.retrospective import retrospective_form, written
from pages.parts.markdown import plain


def lessons(found: IncidentsReport, *, live: bool) -> None:
    """One opened at a time; below them the form of one that is of no incident."""
    st.markdown("#### Retrospectives")
    with st.container():
        _known(found, live=live)
    if live:
        with st.expander("Look back on a milestone or a period", icon=":material/history_edu:"):
            retrospective_form(found.service, None)


def _known(found: IncidentsReport, *, live: bool) -> None:
    known = {one.retrospective_id: one for one in found.retrospectives}
    if not known:
        st.caption(plain(found.empty["retrospectives"]))
        return
    chosen = st.selectbox(
        "Which",
        list(known),
        key=f"retrospective·{found.service}",
        format_func=lambda number: (
            f"{wording.short_date(known[number].held_on)}: {known[number].title}"
        ),
    )
    one = known.get(chosen, found.retrospectives[0])
    with st.container(border=True):
        written(one, _of(one.retrospective_id, found), found, live=live)


def _of(retrospective_id: int, found: IncidentsReport) -> list[Action]:
    """The actions that were decided in one, as far as they are open or of the window."""
    every = (*found.actions, *found.done)
    return [one for one in every if one.retrospective_id == retrospective_id]
