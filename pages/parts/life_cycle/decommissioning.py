"""The check list before a switch-off: what has to be saved, where it lies, and the switch-off."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.life_cycle import LifeCycleReport, stages
from core.life_cycle.gates import Met
from pages.parts.life_cycle.items import item_form
from pages.parts.life_cycle.passing import pass_form, passed_line, withdraw_form
from pages.parts.markdown import plain

#: Of each: what is meant, and what to write.
_MEANT = {
    "samples": (
        "Labelled letters and false decisions: what the next model learns from.",
        "a bucket, a table, a tape",
    ),
    "raw_data": ("The raw letters that training data are made of.", "a bucket, a table, a tape"),
    "score_distributions": (
        "How each classifier's scores were distributed in production: what a later one is held to.",
        "a file, a table, a report",
    ),
}
RECORD = (
    "This is a record: Greenlight switches nothing off. Whoever switches the service off writes it "
    "down here, and cannot before everything is saved."
)


def decommissioning(found: LifeCycleReport, *, live: bool) -> None:
    """The check list, and below it the switch-off."""
    view = found.standing.gates[stages.SWITCHING_OFF]
    st.markdown("#### What has to outlive the service")
    st.caption(view.gate.rule)
    for met, column in zip(view.met, st.columns(len(view.met), gap="small"), strict=True):
        key = f"saved_{met.requirement.key}"
        with column, st.container(border=True, height="stretch", gap="xsmall", key=key):
            _item(met, found.service, live=live)
    st.markdown("#### Switching off")
    st.caption(RECORD)
    if found.last_served is not None:
        served = wording.clock(found.last_served)
        st.caption(f"The newest hour in which letters were served: {served}.")
    if view.passed is not None:
        st.markdown(passed_line(view.passed))
        if view.passed.reason:
            st.text(view.passed.reason)
        if live:
            with st.expander("Take it back", icon=":material/undo:"):
                withdraw_form(view.passed, found.service)
        return
    if view.refusal:
        st.markdown(f":red[:material/block: **Blocked**] {plain(view.refusal)}")
    else:
        st.markdown(":blue[:material/check_circle:] Everything is saved: it may be switched off.")
    if live:
        pass_form(view, found.service, "Record the switch-off")


def _item(met: Met, service: str, *, live: bool) -> None:
    meant, hint = _MEANT[met.requirement.key]
    st.markdown(f"**{met.requirement.name}**")
    if met.item is None:
        st.markdown(":red[:material/radio_button_unchecked: **Not saved**]")
        st.caption(meant)
    else:
        st.markdown(":blue[:material/check_circle: **Saved**]")
        st.text(met.item.place)
        if met.item.note:
            st.text(met.item.note)
        st.caption(f"{plain(met.item.changed_by)} said so on {wording.clock(met.item.changed_at)}.")
    if live:
        with st.expander("Say where" if met.item is None else "Change it"):
            item_form(met, service, hint)
