"""What can be changed of goals, criteria and targets: one form at a time."""

from __future__ import annotations

import streamlit as st

from core.goals import GoalsReport
from pages.parts.criteria.criterion_form import criterion_form
from pages.parts.criteria.goal_form import goal_form
from pages.parts.criteria.target_form import target_form

GOAL, CRITERION, TARGET = "The goal", "A criterion", "A target"


def editing(found: GoalsReport) -> None:
    """Choose what to change; a service without a goal begins with one."""
    st.markdown("#### Set or change")
    offered = [GOAL]
    if found.goals:
        offered.append(CRITERION)
    if any(goal.criteria for goal in found.goals):
        offered.append(TARGET)
    chosen: str | None = GOAL
    if len(offered) > 1:
        chosen = st.segmented_control(
            "What",
            offered,
            key=f"criteria editing·{found.service}",
            required=True,
            label_visibility="collapsed",
        )
    with st.container(key="criteria_form"):
        if chosen == GOAL:
            goal_form(found)
        elif chosen == CRITERION:
            criterion_form(found)
        elif chosen == TARGET:
            target_form(found)
