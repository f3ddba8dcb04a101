"""What is set of a milestone, and of the plan as a whole: dates, hands, baselines."""

from __future__ import annotations

import streamlit as st

from core.charts.milestones.words import shortened
from core.milestones import MilestonesReport, MilestoneView
from pages.parts.markdown import plain
from pages.parts.milestones.baseline_form import baseline_form
from pages.parts.milestones.milestone_form import edit_milestone, new_milestone


def settings(found: MilestonesReport, opened: MilestoneView | None) -> None:
    """The forms; without any milestone, that of the first one."""
    if opened is None:
        st.markdown("#### Make the first milestone")
        new_milestone(found.service)
        return
    left, middle, right = st.columns(3, gap="medium")
    planned = opened.milestone.planned
    name = plain(shortened(opened.name))
    with left, st.expander(f"Change {name}", icon=":material/edit_calendar:"):
        if planned is None:
            st.caption("Its day comes from its targets: they are changed on Goals and criteria.")
            new_milestone(found.service, opened.name, opened.due_on)
        else:
            edit_milestone(planned)
    with middle, st.expander("Add a milestone", icon=":material/flag:"):
        new_milestone(found.service)
    with right, st.expander("Freeze the plan as a baseline", icon=":material/ac_unit:"):
        for one in found.baselines[:5]:
            st.text(f"{one.name}: {one.frozen_at:%Y-%m-%d}, {one.frozen_by}")
        baseline_form(found.service)
