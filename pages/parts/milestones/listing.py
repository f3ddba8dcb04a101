"""Every milestone in one line, overdue ones first, those that are met last."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.charts.tokens import MARKDOWN
from core.milestones import MilestonesReport, MilestoneState, MilestoneView, sentences
from pages.parts.markdown import plain
from pages.parts.milestones.choice import look_at_milestone

#: More lines than these are for the terminal.
MOST = 8
_WIDTHS = [2, 3, 7, 1.6]


def listing(found: MilestonesReport, opened: MilestoneView | None) -> None:
    """The lines."""
    for at, view in enumerate(found.milestones[:MOST]):
        mark, name, said, look = st.columns(_WIDTHS, gap="small", vertical_alignment="center")
        mark.markdown(chip(view.state))
        name.markdown(f"**{plain(view.name)}**")
        said.caption(plain(_said(view, found)))
        if opened is not None and view.name == opened.name:
            look.markdown(":gray[:material/arrow_downward: below]")
        else:
            look.button(
                "Open",
                key=f"milestone_open_{at}",
                on_click=look_at_milestone,
                args=(view.name,),
                type="tertiary",
                icon=":material/arrow_forward:",
            )
    if len(found.milestones) > MOST:
        more = len(found.milestones) - MOST
        st.caption(f"And {more} more: python cli.py evidence milestones")


def chip(state: MilestoneState) -> str:
    """The state of a milestone as markdown: a word, an icon and a colour."""
    said = f":material/{state.status.icon}: **{state.word.capitalize()}**"
    return f":{MARKDOWN[state.status]}[{said}]"


def _said(view: MilestoneView, found: MilestonesReport) -> str:
    """When it is due, what is done, and the first reason to worry."""
    due = "" if view.due_on is None else f"{wording.long_date(view.due_on)}, "
    said = f"{due}{sentences.when(view, found.today)}."
    return f"{said} {view.reasons[0]}" if view.reasons else said
