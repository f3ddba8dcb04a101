"""False reports: what waits, what was found, and did the next model mend it?"""

import streamlit as st

from core.charts.tokens import palette
from core.false_reports import Stage, sentences
from pages.parts import data, states, view
from pages.parts.false_reports.desk import desk_of
from pages.parts.false_reports.figures import figures
from pages.parts.false_reports.inbox import inbox
from pages.parts.false_reports.release import after, first
from pages.parts.false_reports.sets import sets
from pages.parts.false_reports.topics import topics
from pages.parts.false_reports.training import training
from pages.parts.header import false_reports_facts, header
from pages.parts.markdown import plain

TABS = ("Inbox", "Topics", "Sets", "After the release", "Training data")

shown = view.current("pages/false_reports.py")
found = states.or_stop(data.false_reports(shown))
trained = data.training(shown).report
theme = palette(st.context.theme.type)

header(
    shown,
    plain(sentences.headline(found)),
    false_reports_facts(found),
    about=plain(found.service),
)
for notice in found.notices:
    st.warning(plain(notice), icon=":material/warning:")
if found.stage is Stage.NO_REPORTS:
    st.info(
        "Reports of false decisions are rows of metrics.false_report: users, assessors and shadow "
        "runs make them, the serving stack writes them. docs/metrics.md says how.",
        icon=":material/inbox:",
    )
    training(trained, theme)
    st.stop()
if found.stage is Stage.UNTAKEN:
    st.info(
        "Reports are anonymised once more and sorted into groups by the worker before anybody sees "
        "them. Start it: python cli.py worker",
        icon=":material/pause_circle:",
    )
figures(found, trained)
top = st.container()
tabs = dict(zip(TABS, st.tabs(TABS, key="tab", bind="query-params"), strict=True))
if not tabs["After the release"].open:
    with top:
        first(found, theme, working=desk_of(shown.service).begun)
if tabs["Inbox"].open:
    with tabs["Inbox"]:
        inbox(found, shown, theme)
if tabs["Topics"].open:
    with tabs["Topics"]:
        topics(found, shown, theme)
if tabs["Sets"].open:
    with tabs["Sets"]:
        sets(found, trained, shown)
if tabs["After the release"].open:
    with tabs["After the release"]:
        after(found, theme)
if tabs["Training data"].open:
    with tabs["Training data"]:
        training(trained, theme)
