"""Keeping alerts quiet for a while: which, why, who says so, until when; and what it would hide."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from core import wording
from core.alerts import silences
from core.alerts.report import AlertsReport, Shown
from core.ports.alerts import Episode, Silence
from db.team.alert_silences import end_silence
from db.team.alert_silences import silence as store_silence
from pages.parts import data
from pages.parts.alerts.sending import send
from pages.parts.data import Problem
from pages.parts.drafts import Draft
from pages.parts.forms import token, who
from pages.parts.markdown import plain

#: How long a silence may last, in hours; the choice is never made for somebody.
HOURS = (1, 2, 4, 8, 24, 72, 168)
_MOST_PREVIEWED = 6


def silence(found: AlertsReport, shown: Shown) -> None:
    """The form; its preview follows the matchers as they are chosen."""
    episode = shown.episode
    offered = labels_of(episode)
    draft = Draft(f"alert silence·{episode.service}·{episode.episode_id}")
    draft.begin({"matchers": list(offered), "hours": None, "by": "", "reason": ""})
    draft.multiselect(
        "Alerts that have all of these",
        offered,
        "matchers",
        format_func=lambda name: f"{name} = {offered[name]}",
        placeholder="At least one",
    )
    matchers = {name: offered[name] for name in draft.value("matchers")}
    _preview(matchers, found)
    left, right = st.columns(2)
    with left:
        who(draft, "Who silences it")
    with right:
        draft.selectbox(
            "It ends after",
            HOURS,
            "hours",
            index=None,
            format_func=lambda hours: wording.duration(timedelta(hours=hours)),
            placeholder="Choose",
        )
        draft.problem("ends_at")
    draft.text_input("Reason", "reason")
    draft.other_problems()
    sent = st.button("Silence", key=draft.key("send"), icon=":material/notifications_paused:")
    draft.outcome()
    if not sent:
        return
    typed, at = draft.values(("by", "hours", "reason")), data.moment()
    given = {
        "matchers": matchers,
        "reason": typed["reason"],
        "ends_at": None if typed["hours"] is None else at + timedelta(hours=typed["hours"]),
    }
    send(
        draft,
        lambda store: store_silence(store, given, by=typed["by"], at=at, request_id=token(draft)),
        lambda made: f"Quiet until {wording.clock(made.ends_at, at)}.",
        empty={"hours": None, "reason": ""},
    )


def labels_of(episode: Episode) -> dict[str, str]:
    """What a silence may match an alert by; the narrowest choice is all of it."""
    return {
        "service": episode.service,
        "rule": episode.rule_id,
        **{
            name: value
            for name, value in sorted(episode.labels.items())
            if name not in {"service", "rule", "severity"}
        },
        "severity": episode.severity,
    }


def _preview(matchers: dict[str, str], found: AlertsReport) -> None:
    """What it would hide now, of any service."""
    everywhere = data.open_alerts()
    if isinstance(everywhere, Problem):
        st.caption("What it would hide cannot be read now.")
        return
    wanted = Silence(0, matchers, "", "", found.as_of, found.as_of)
    hidden = silences.preview(wanted, everywhere)
    if not matchers:
        st.caption("A silence that matches everything is refused: choose at least one.")
        return
    word = "alert" if len(hidden) == 1 else "alerts"
    pages = sum(one.severity == "page" for one in hidden)
    of_them = f", {wording.number_word(pages)} of them pages" if pages else ""
    st.caption(
        f"It would hide {wording.number_word(len(hidden))} open {word}{of_them}, and every one "
        "like them that comes before it ends:"
    )
    for one in hidden[:_MOST_PREVIEWED]:
        st.text(f"• {one.service}: {one.sentence}")


def running(found: AlertsReport, *, live: bool) -> None:
    """Silences that run or are to come, each of which can be ended."""
    # A silence may be of other services; those that exist for nobody here are not told of.
    told = [
        one
        for one in found.silences
        if "service" not in one.matchers or data.within(one.matchers["service"])
    ]
    if not told:
        return
    st.markdown("**Silences**")
    for one in told:
        said = ", ".join(f"{name} = {value}" for name, value in one.matchers.items())
        begins = one.starts_at > found.as_of
        when = f"from {wording.clock(one.starts_at, found.as_of)} " if begins else ""
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(
                f":material/notifications_paused: {plain(said)} · {when}until "
                f"{wording.clock(one.ends_at, found.as_of)} · {plain(one.author)}: "
                f"{plain(one.reason)}",
                width="content",
            )
            if live and data.within(one.matchers.get("service", "")):
                _end(one)


def _end(one: Silence) -> None:
    draft = Draft(f"alert silence end·{one.silence_id}")
    with st.popover("End it", type="tertiary"):
        draft.begin({"by": ""})
        who(draft, "Who ends it")
        sent = st.button("End the silence now", key=draft.key("send"))
        draft.outcome()
    if sent:
        by, at = draft.value("by"), data.moment()
        send(
            draft,
            lambda store: end_silence(store, one.silence_id, by=by, at=at),
            lambda ended: "Ended.",
        )
