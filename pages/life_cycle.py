"""Life cycle: where a service is, which gate comes next, and what has to be there before it."""

import streamlit as st

from core.charts.tokens import palette
from pages.parts import data, forms, states, view
from pages.parts.header import header, team_facts
from pages.parts.life_cycle.decommissioning import decommissioning
from pages.parts.life_cycle.gates import gates
from pages.parts.life_cycle.shadow import shadow
from pages.parts.life_cycle.strip import notices, strip
from pages.parts.markdown import plain

TABS = ("Shadow run", "Gates", "Decommissioning")

shown = view.current("pages/life_cycle.py")
found = states.or_stop(data.life_cycle(shown))
theme = palette(st.context.theme.type)

# Each part has a place of its own: what somebody is typing below does not move when a warning
# comes or goes.
with st.container():
    header(shown, plain(found.headline), team_facts(), about=plain(shown.service))
with st.container():
    read_only = forms.closed(shown)
    notices(found)
with st.container():
    strip(found)
tabs = dict(zip(TABS, st.tabs(TABS, key="part", bind="query-params"), strict=True))
if tabs["Shadow run"].open:
    with tabs["Shadow run"]:
        shadow(found, theme)
if tabs["Gates"].open:
    with tabs["Gates"]:
        gates(found, live=not read_only)
if tabs["Decommissioning"].open:
    with tabs["Decommissioning"]:
        decommissioning(found, live=not read_only)
