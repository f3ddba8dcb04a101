"""Every gate with what it requires, the form of one of them, and who passed which."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.charts.tokens import MARKDOWN
from core.life_cycle import GATES, GateView, LifeCycleReport, stages
from core.life_cycle.gates import WORDS
from core.status import Status
from pages.parts.life_cycle.items import item_form
from pages.parts.life_cycle.passing import pass_form, passed_line, withdraw_form
from pages.parts.markdown import plain
from pages.parts.prose_table import Marked, prose_table

#: What to write where people say that something is there.
_HINTS = {
    "data": "a table, a bucket, a folder",
    "successor": "what takes over, or why nothing has to",
}
#: The gates of this part; the last one has a part of its own.
CHOICE = tuple(key for key in GATES if key != stages.SWITCHING_OFF)


def gates(found: LifeCycleReport, *, live: bool) -> None:
    """The table; below it the gate that is next, and what was passed."""
    now = found.standing
    st.markdown("#### What each gate requires")
    _table(found)
    with st.container(border=True):
        key = st.selectbox(
            "Gate",
            CHOICE,
            index=_next(found),
            key=f"gate·{found.service}",
            format_func=lambda one: GATES[one].name,
        )
        _one(now.gates[key], found.service, live=live and now.switched_off is None)
    history(found)


def history(found: LifeCycleReport) -> None:
    """Who passed which gate, the newest first; what was taken back stays."""
    passed = found.standing.passed
    st.markdown("#### Gates that were passed")
    if not passed:
        st.caption("Nobody has recorded one yet.")
        return
    rows = [
        {
            "When": one.passed_at.date(),
            "Gate": GATES[one.gate].name,
            "Model": one.model_version or "–",
            "By": one.passed_by,
            "What was decided": one.reason,
            "Without": _without(one.waived, one.waiver),
            "Taken back": ""
            if one.withdrawn_at is None
            else f"{wording.short_date(one.withdrawn_at)} by {one.withdrawn_by}: "
            f"{one.withdrawn_why}",
        }
        for one in reversed(passed)
    ]
    prose_table(rows, alt="Gates that were passed, by whom and when (UTC).")


def _without(waived: tuple[str, ...], waiver: str) -> str:
    if not waived:
        return ""
    names = {one.key: one.name for gate in GATES.values() for one in gate.requires}
    return f"{wording.listing([names.get(key, key) for key in waived])}: {waiver}"


def _table(found: LifeCycleReport) -> None:
    rows = [
        {
            "Gate": view.gate.name,
            "Requires": one.requirement.name,
            "State": Marked(_state(one.status)),
            "What is known": one.said,
            "Model": view.version or "–",
            "Passed": "–" if view.passed is None else view.passed.passed_at.date(),
        }
        for view in found.standing.gates.values()
        for one in view.met
    ]
    prose_table(rows, alt="Gates with what each requires, and whether it is there.")


def _state(status: Status) -> str:
    """Whether what a gate requires is there: a word, an icon and a colour, as a verdict has."""
    said = f":material/{status.icon}: {WORDS[status]}"
    colour = MARKDOWN.get(status)
    return f":{colour}[{said}]" if colour else said


def _next(found: LifeCycleReport) -> int:
    """The first gate of the present phase that is not passed; the last one if all are."""
    views = [found.standing.gates[key] for key in CHOICE]
    if any(one.passed for one in views[2:]) or found.standing.run is None:
        open_ones = [at for at, one in enumerate(views) if one.passed is None]
        return open_ones[0] if open_ones else len(CHOICE) - 1
    return CHOICE.index(stages.SHADOW)


def _one(view: GateView, service: str, *, live: bool) -> None:
    about = f" · {plain(view.version)}" if view.version else ""
    st.markdown(f"**{view.gate.name}**{about}")
    st.caption(view.gate.rule)
    if view.passed is not None:
        st.markdown(passed_line(view.passed))
    elif view.refusal:
        st.markdown(f":red[:material/block:] {plain(view.refusal)}")
    elif view.ready:
        st.markdown(":blue[:material/check_circle:] All that it requires is there.")
    else:
        names = wording.listing([one.requirement.name for one in view.missing])
        st.markdown(f":orange[:material/pending:] Not there: {plain(names)}.")
    if not live:
        return
    for one in view.met:
        if not one.requirement.measured:
            with st.expander(one.requirement.name, icon=":material/place:"):
                item_form(one, service, _HINTS[one.requirement.key])
    if view.passed is None:
        pass_form(view, service, "Pass the gate")
    else:
        with st.expander("Take it back", icon=":material/undo:"):
            withdraw_form(view.passed, service)
