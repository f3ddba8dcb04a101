"""Members: who may use the dashboard, as what, and of which services."""

import streamlit as st

from pages.parts import data, forms, states, view
from pages.parts.data import Problem
from pages.parts.header import header, team_facts
from pages.parts.members.acts import add, change
from pages.parts.members.listing import listing

shown = view.current("pages/members.py")
found = data.members()
if isinstance(found, Problem):
    states.stop_failed(found)

with st.container():
    header(shown, found.headline, team_facts("members of all services, as they are now"))
with st.container():
    listing(found)
with st.container():
    if not forms.closed(shown):
        services = data.services()
        known = () if isinstance(services, Problem) else services
        left, right = st.columns(2, gap="medium")
        with left, st.expander("Let somebody in", icon=":material/person_add:"):
            add(known)
        with right, st.expander("Change or revoke a membership", icon=":material/manage_accounts:"):
            change(found, known)
