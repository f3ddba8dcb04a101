"""Drills: what is due, what runs, and how long it took to notice, to react, to recover."""

from __future__ import annotations

import streamlit as st

from core.incidents import SCENARIOS, IncidentsReport
from core.incidents.drills import NextDrill
from core.incidents.sentences import drill_rule, next_sentence
from pages.parts.incidents.drill_forms import act, plan
from pages.parts.incidents.words import length
from pages.parts.markdown import plain
from pages.parts.prose_table import prose_table


def drills(found: IncidentsReport, *, live: bool) -> None:
    """The four scenarios, the drill at hand, and what was measured."""
    st.caption(drill_rule())
    columns = st.columns(len(found.coming))
    for column, one in zip(columns, found.coming, strict=True):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            _scenario(one, found)
    with st.container():
        for view in found.drills:
            if view.drill.started_at is not None and view.drill.ended_at is None:
                st.info(plain(view.sentence), icon=":material/exercise:")
    if live:
        left, right = st.columns(2, gap="medium")
        with left, st.container(border=True):
            act(found)
        with right, st.expander("Plan a drill", icon=":material/event:"):
            plan(found)
    _table(found)


def _scenario(one: NextDrill, found: IncidentsReport) -> None:
    scenario, today = SCENARIOS[one.scenario], found.as_of.date()
    st.markdown(f"**{scenario.name}**")
    late = one.due_on < today if one.planned is not None else one.due_on <= today
    icon = ":orange[:material/event_busy:]" if late else ":material/event:"
    said = next_sentence(one, today).removeprefix(f"{scenario.name}: ")
    st.markdown(f"{icon} {plain(said[:1].upper() + said[1:])}")
    st.caption(f"{scenario.rehearsal} Gone well: {scenario.shows}")


def _table(found: IncidentsReport) -> None:
    st.markdown("**Held and planned**")
    if "drills" in found.empty:
        st.caption(found.empty["drills"])
        return
    rows = [
        {
            "Drill": view.drill.title,
            "Scenario": SCENARIOS[view.drill.scenario].name,
            "Due": view.drill.due_on,
            "Owner": view.drill.owner,
            "Started (UTC)": None if view.drill.started_at is None else view.drill.started_at,
            "Noticed after": length(view.to_detect),
            "In hand after": length(view.to_acknowledge),
            "Recovered after": length(view.to_recover),
            "What it showed": view.drill.result,
        }
        for view in found.drills
    ]
    if not rows:
        st.caption(f"None in the {found.window.last}.")
        return
    prose_table(rows, alt="Drills, with how long each took.")
