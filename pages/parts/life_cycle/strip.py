"""The stages of a service's life at a glance, and what does not fit together."""

from __future__ import annotations

import streamlit as st

from core.life_cycle import LifeCycleReport, Phase
from core.life_cycle.report import StageView
from pages.parts.markdown import plain

PHASES = (Phase.LAUNCH, Phase.OPERATION, Phase.DECOMMISSIONING)
#: How a stage's state is marked: icon, colour, and a word where its facts do not say it.
_MARKS = {
    "done": (":material/check_circle:", "blue", "done"),
    "now": (":material/play_circle:", "orange", "now"),
    "round": (":material/autorenew:", "blue", ""),
    "ahead": (":material/schedule:", "gray", "ahead"),
}


def notices(found: LifeCycleReport) -> None:
    """What does not fit together, in one frame."""
    if found.warnings:
        lines = "\n".join(f"- {plain(said)}" for said in found.warnings)
        st.warning(lines, icon=":material/warning:")


def strip(found: LifeCycleReport) -> None:
    """Three phases side by side, each with its stages; the present one is named."""
    here = found.standing.phase
    columns = st.columns([5, 7, 4], gap="small")
    for column, phase in zip(columns, PHASES, strict=True):
        mine = [one for one in found.stages if one.stage.phase is phase]
        with (
            column,
            st.container(
                border=True, height="stretch", gap="xsmall", key=f"phase_{phase.name.lower()}"
            ),
        ):
            name = phase.value.capitalize()
            st.markdown(f"**{name}** · the service is here" if phase is here else f"**{name}**")
            st.markdown("  \n".join(_line(one) for one in mine))


def _line(view: StageView) -> str:
    icon, colour, word = _MARKS[view.state]
    told = [part for part in (word, plain(view.said)) if part]
    return f":{colour}[{icon}] {view.stage.name} :gray[· {' · '.join(told)}]"
