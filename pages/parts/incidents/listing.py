"""Every incident of the window in one line, those that have not recovered first."""

from __future__ import annotations

import streamlit as st

from core.incidents import IncidentsReport, IncidentView
from pages.parts.incidents.choice import NEW, Choice, look_at
from pages.parts.incidents.words import chip
from pages.parts.markdown import plain

#: More lines than these are for the terminal.
MOST = 20
_WIDTHS = [2, 5, 5, 1]


def listing(found: IncidentsReport, choice: Choice, *, live: bool) -> None:
    """The lines, and the way to a new one."""
    if "incidents" in found.empty:
        st.markdown(f":blue[:material/check_circle:] {found.empty['incidents']}")
    views = sorted(
        (*found.incidents, *found.rehearsed),
        key=lambda one: (one.incident.recovered_at is not None, one.incident.drill_id is not None),
    )
    for one in views[:MOST]:
        _line(one, is_open=choice.opened is not None and choice.opened.incident == one.incident)
    if len(views) > MOST:
        st.caption(f"And {len(views) - MOST} more: python cli.py evidence incidents")
    if live and not choice.opening:
        st.button(
            "Open an incident",
            icon=":material/add:",
            on_click=look_at,
            args=(NEW,),
            key="incident_new",
        )


def _line(one: IncidentView, *, is_open: bool) -> None:
    number = one.incident.incident_id
    mark, title, said, look = st.columns(_WIDTHS, gap="small", vertical_alignment="center")
    mark.markdown(chip(one.incident))
    title.markdown(f"**{plain(one.incident.title)}**")
    said.caption(plain(one.sentence))
    if is_open:
        look.markdown(":gray[:material/arrow_downward: below]")
    else:
        look.button(
            "Open",
            key=f"incident_{number}",
            on_click=look_at,
            args=(str(number),),
            type="tertiary",
            icon=":material/arrow_forward:",
        )
