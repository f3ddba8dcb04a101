"""Alerts: what calls somebody now, why, since when, what to do; and how alerts went."""

import streamlit as st

from core.alerts import sentences
from core.charts.tokens import palette
from pages.parts import data, states, view
from pages.parts.alerts import history, notices, now, routes, rules
from pages.parts.alerts.choice import tab
from pages.parts.data import Problem
from pages.parts.header import alerts_facts, header
from pages.parts.markdown import plain

shown = view.current("pages/alerts.py")
found = states.or_stop(data.alerts(shown))
theme = palette(st.context.theme.type)

# Each part has a place of its own, whatever the parts before it hold: what somebody is typing
# below does not move when a notice comes or goes.
with st.container():
    notices.first(found, shown)
with st.container():
    header(shown, plain(sentences.headline(found)), alerts_facts(found), about=plain(found.service))
    notices.second(found)
part = tab()
beside = data.background(found)
if isinstance(beside, Problem):
    states.stop_failed(beside)
if part == "now":
    now.now(found, beside, shown, theme)
elif part == "history":
    history.history(found, theme)
elif part == "rules":
    rules.rules(found, beside, shown)
else:
    routes.routes(found, shown)
