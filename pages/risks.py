"""Risks: what may go wrong, what is done about it before it does, and when plan B begins."""

import streamlit as st

from core.charts.tokens import palette
from pages.parts import data, forms, states, view
from pages.parts.data import Problem
from pages.parts.header import header, team_facts
from pages.parts.markdown import plain
from pages.parts.risks.choice import chosen
from pages.parts.risks.elicitation import elicitation
from pages.parts.risks.forms import follow, new_risk
from pages.parts.risks.notices import notices
from pages.parts.risks.panel import panel
from pages.parts.risks.register import closed, exposure, figures, matrix, register, reviews

TABS = ("Register", "Find risks", "Reviews and exposure", "Closed")

shown = view.current("pages/risks.py")
found = states.or_stop(data.risks(shown))
theme = palette(st.context.theme.type)
planned = data.plan_names(shown)
names = data.PlanNames() if isinstance(planned, Problem) else planned

# Each part has a place of its own: what somebody is typing below does not move when a warning
# comes or goes.
with st.container():
    header(shown, plain(found.headline), team_facts(), about=plain(shown.service))
with st.container():
    notices(found)
with st.container():
    editable = not forms.closed(shown)
tabs = dict(zip(TABS, st.tabs(TABS, key="part", bind="query-params"), strict=True))
if tabs["Register"].open:
    with tabs["Register"]:
        with st.container():
            figures(found)
            if found.risks:
                matrix(found, theme)
        with st.container(gap="xsmall"):
            register(found)
        opened, said = chosen(found)
        if said:
            st.info(plain(said), icon=":material/info:")
        if opened is not None:
            left, right = st.columns([3, 2], gap="medium")
            with left, st.container(border=True, key="risk_panel"):
                panel(opened, found, names)
            with right:
                if editable:
                    follow(opened, found, names)
if tabs["Find risks"].open:
    with tabs["Find risks"]:
        if editable:
            with st.container():
                elicitation(found, names)
            with st.expander("Or write one risk down", icon=":material/add:"):
                new_risk(found, names)
if tabs["Reviews and exposure"].open:
    with tabs["Reviews and exposure"]:
        exposure(found, theme)
        reviews(found)
if tabs["Closed"].open:
    with tabs["Closed"]:
        closed(found)
