"""Goals and criteria: what is promised to whom by when, and whether it can be told."""

import streamlit as st

from core.charts.tokens import palette
from pages.parts import data, forms, states, view
from pages.parts.criteria.business import business
from pages.parts.criteria.drilldown import drilldown
from pages.parts.criteria.editing import editing
from pages.parts.criteria.history import history
from pages.parts.criteria.statement import notices, statement
from pages.parts.criteria.targets import targets
from pages.parts.header import header, team_facts
from pages.parts.markdown import plain
from pages.parts.naming import naming

TABS = ("Goal and criteria", "Drill-down", "Business metrics", "History")

shown = view.current("pages/criteria.py")
found = states.or_stop(data.criteria(shown))
theme = palette(st.context.theme.type)

# Each part has a place of its own: what somebody is typing below does not move when a warning
# comes or goes.
with st.container():
    header(shown, plain(found.headline), team_facts(windowed=True), about=plain(shown.service))
with st.container():
    live = not forms.closed(shown)
    notices(found)
tabs = dict(zip(TABS, st.tabs(TABS, key="part", bind="query-params"), strict=True))
if tabs["Goal and criteria"].open:
    with tabs["Goal and criteria"]:
        with st.container():
            statement(found)
            targets(found)
        if live:
            editing(found)
            with st.expander("Plan a service that writes nothing yet", icon=":material/add:"):
                known = data.services()
                naming(() if isinstance(known, data.Problem) else known)
if tabs["Drill-down"].open:
    with tabs["Drill-down"]:
        drilldown(found, theme, live=live)
if tabs["Business metrics"].open:
    with tabs["Business metrics"]:
        business(found, live=live)
if tabs["History"].open:
    with tabs["History"]:
        history(found)
