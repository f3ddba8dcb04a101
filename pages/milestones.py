"""Milestones: what is promised by when, whether the plan fits the time, when it will be done."""

import streamlit as st

from core.charts.tokens import palette
from core.milestones import sentences
from pages.parts import data, forms, states, view
from pages.parts.header import header, team_facts
from pages.parts.markdown import plain
from pages.parts.milestones import plan
from pages.parts.milestones.choice import (
    ITERATIONS,
    PARTS,
    PLAN,
    TASKS,
    opened_milestone,
    opened_task,
)
from pages.parts.milestones.iterations import iterations
from pages.parts.milestones.listing import listing
from pages.parts.milestones.settings import settings
from pages.parts.milestones.tasks import tasks

shown = view.current("pages/milestones.py")
found = states.or_stop(data.milestones(shown))
theme = palette(st.context.theme.type)
task, unknown_task = opened_task(found)
opened, unknown_milestone = opened_milestone(found, task)

# Each part has a place of its own: what somebody is typing below does not move when a warning
# comes or goes.
with st.container():
    facts = team_facts(windowed=True)
    header(shown, plain(sentences.headline(found)), facts, about=plain(shown.service))
with st.container():
    live = not forms.closed(shown)
    for said in (unknown_task, unknown_milestone):
        if said:
            st.info(plain(said), icon=":material/info:")
    if found.warnings:
        st.warning("  \n".join(map(plain, found.warnings)), icon=":material/warning:")
with st.container(gap="xsmall"):
    listing(found, opened)
tabs = dict(zip(PARTS, st.tabs(PARTS, key="part", bind="query-params"), strict=True))
if tabs[PLAN].open:
    with tabs[PLAN]:
        if opened is not None:
            with st.container():
                plan.criteria(opened, shown, theme)
            with st.container():
                plan.rule(opened, found, live=live)
            with st.container():
                plan.gantt(opened, found, task, theme)
            left, right = st.columns(2)
            with left:
                plan.outlook(opened, found, theme)
            with right:
                plan.burn_up(opened, found, theme)
        if live:
            settings(found, opened)
if tabs[TASKS].open:
    with tabs[TASKS]:
        tasks(found, task, opened, live=live)
if tabs[ITERATIONS].open:
    with tabs[ITERATIONS]:
        iterations(found, live=live)
