"""Incidents and drills: what happened, what it cost, what was learned, what is rehearsed."""

import streamlit as st

from core.charts.tokens import palette
from pages.parts import data, forms, states, view
from pages.parts.header import header, team_facts
from pages.parts.incidents.actions import actions
from pages.parts.incidents.choice import chosen
from pages.parts.incidents.drills import drills
from pages.parts.incidents.follow import follow
from pages.parts.incidents.lessons import lessons
from pages.parts.incidents.listing import listing
from pages.parts.incidents.notices import notices
from pages.parts.incidents.opening import opening
from pages.parts.incidents.panel import notes, panel
from pages.parts.incidents.retrospective import of_incident
from pages.parts.markdown import plain

TABS = ("Incidents", "Drills", "Retrospectives and actions")

shown = view.current("pages/incidents.py")
found = states.or_stop(data.incidents(shown))
theme = palette(st.context.theme.type)

# Each part has a place of its own: what somebody is typing below does not move when a warning
# comes or goes.
with st.container():
    facts = team_facts(windowed=True)
    header(shown, plain(found.headline), facts, about=plain(shown.service))
with st.container():
    live = not forms.closed(shown)
    notices(found)
tabs = dict(zip(TABS, st.tabs(TABS, key="part", bind="query-params"), strict=True))
if tabs["Incidents"].open:
    with tabs["Incidents"]:
        choice = chosen(found, shown)
        with st.container(gap="xsmall"):
            if choice.said:
                st.info(plain(choice.said), icon=":material/info:")
            listing(found, choice, live=live)
        with st.container(key="incident_panel"):
            if choice.opening and live:
                opening(shown.service, choice.episodes)
            elif choice.opened is not None:
                left, right = st.columns([3, 2], gap="medium")
                with left:
                    panel(choice.opened, found, theme)
                with right:
                    if live:
                        follow(choice.opened)
                    notes(choice.opened, found)
                of_incident(choice.opened, found, live=live)
if tabs["Drills"].open:
    with tabs["Drills"]:
        drills(found, live=live)
if tabs["Retrospectives and actions"].open:
    with tabs["Retrospectives and actions"]:
        with st.container():
            actions(found, live=live)
        lessons(found, live=live)
