"""Which part of the page is shown, and which alert is open on it; the URL says both."""

from __future__ import annotations

import streamlit as st

from core.alerts.report import AlertsReport, Shown

TABS = {"now": "Now", "history": "History", "rules": "Rules", "notifications": "Notifications"}
#: The alert that the page itself opened, with its service: another service's URL does not name it.
_OPENED = "alerts_opened"
_TAB = "alerts_tab"


def tab() -> str:
    """The chosen part of the page."""
    asked = st.query_params.get("tab", "now")
    st.session_state[_TAB] = asked if asked in TABS else "now"
    st.segmented_control(
        "Part",
        list(TABS),
        key=_TAB,
        format_func=TABS.__getitem__,
        label_visibility="collapsed",
        required=True,
        on_change=_chosen,
    )
    return str(st.session_state[_TAB])


def _chosen() -> None:
    wanted = st.session_state[_TAB]
    if wanted == "now":
        st.query_params.pop("tab", None)
    else:
        st.query_params["tab"] = wanted


def look_at(service: str, episode_id: int) -> None:
    """Open an alert: a button's callback."""
    st.session_state[_OPENED] = (service, episode_id)
    st.query_params["episode"] = str(episode_id)
    st.query_params.pop("tab", None)


def opened(found: AlertsReport) -> tuple[Shown | None, str]:
    """The alert that is open, and a sentence where the one that was asked for is not there.

    The first one stays open until another one is chosen: an alert that comes in while somebody is
    typing does not take its place.
    """
    asked = st.query_params.get("episode", "")
    shown = named(found, asked)
    said = ""
    if shown is None and asked:
        pinned = st.session_state.get(_OPENED)
        if pinned is None or str(pinned[1]) != asked or pinned[0] == found.service:
            said = f"No alert {asked} of {found.service} ran in this window: choose a longer one."
        del st.query_params["episode"]
    if shown is None and found.open:
        shown = found.open[0]
        look_at(found.service, shown.episode.episode_id)
    return shown, said


def named(found: AlertsReport, asked: str) -> Shown | None:
    """An alert of the report by its number, open or over."""
    for one in found.open:
        if str(one.episode.episode_id) == asked:
            return one
    for episode in found.episodes:
        if str(episode.episode_id) == asked:
            rule = next((one for one in found.rules if one.rule_id == episode.rule_id), None)
            return Shown(episode, rule, None, None, None, found.deliveries_of(episode.episode_id))
    return None
