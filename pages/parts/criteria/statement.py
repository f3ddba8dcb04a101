"""The goal: for whom, which problem, by when, what each side gains; and what is missing."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core import wording
from core.goals import GoalsReport
from core.goals.completeness import missing
from core.ports.criteria import Goal
from pages.parts.markdown import plain
from pages.parts.prose_table import prose_table

MOST = 6


def notices(found: GoalsReport) -> None:
    """What the goal lacks, and which targets are odd."""
    said = [one.sentence for one in found.missing] + list(found.flags)
    for sentence in said[:MOST]:
        st.warning(plain(sentence), icon=":material/rule:")
    if len(said) > MOST:
        st.caption(f"And {len(said) - MOST} more.")


def statement(found: GoalsReport) -> None:
    """The goal that the service is judged by, and the others in a table."""
    goal = found.goal
    if goal is None:
        st.info(
            f"Nobody has set a goal for {plain(found.service)}. A goal says for whom it is, which "
            "problem it solves, by when, and what each side gains.",
            icon=":material/flag:",
        )
        return
    st.markdown(f"#### {plain(goal.title)}")
    left, middle, right = st.columns(3, gap="small")
    with left:
        _box("For whom", goal.for_whom, "nobody is named")
        _box("Which problem", goal.problem, "no why")
    with middle:
        _box("What users gain", goal.gain_user, "it does not say")
        _box("What we gain", goal.gain_us, "it does not say")
    with right:
        _box("By when", _span(found, goal), "")
        _box("Key results", "\n".join(f"• {one}" for one in goal.key_results), "none")
    _others(found, goal)


def _box(name: str, said: str, empty: str) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.caption(name)
        if said:
            st.text(said)
        else:
            st.markdown(f":orange[:material/warning: {empty}]")


def _span(found: GoalsReport, goal: Goal) -> str:
    left = (goal.due_on - found.as_of.date()).days
    when = f"{left} days left" if left >= 0 else f"{-left} days over"
    return f"{wording.long_date(goal.due_on)}: {when}"


def _lacks(goal: Goal, known: Mapping[str, Goal]) -> str:
    serves = known.get(goal.parent_goal_id or "")
    return ", ".join(dict.fromkeys(gap.what for gap in missing(goal, serves))) or "–"


def _others(found: GoalsReport, goal: Goal) -> None:
    others = [one for one in found.goals if one.goal_id != goal.goal_id]
    if not others:
        return
    known = {one.goal_id: one for one in found.goals}
    prose_table(
        [
            {
                "Other goal": one.title,
                "Is": "interim goal" if one.parent_goal_id == goal.goal_id else "a goal",
                "Starts": one.starts_on,
                "Due": one.due_on,
                "Criteria": len(one.criteria),
                "It lacks": _lacks(one, known),
            }
            for one in others
        ],
        alt="Other goals of the service, with what each lacks.",
    )
