"""What can be done about an alert: take it, note, escalate, resolve. Each form stands still.

The forms have the same place whatever else the page shows, so that a refresh takes nothing away
from who is typing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.alerts.report import AlertsReport, Shown
from db.team.alert_acknowledgements import acknowledge
from db.team.alert_episodes import add_note, escalate, resolve_by_hand
from pages.parts import data
from pages.parts.alerts.incident import incident
from pages.parts.alerts.sending import base_url, send, token
from pages.parts.alerts.silence import silence
from pages.parts.data import Problem
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import closed
from pages.parts.view import View

#: For how long somebody may have an alert in hand before it is everybody's again, in hours.
HOLD_HOURS = (1, 2, 4, 8, 24, 72)
DEFAULT_HOLD = 4
_OPEN_TABS = ("Acknowledge", "Resolve", "Escalate", "Silence", "Incident")
_OVER_TABS = ("Incident",)


def acts(found: AlertsReport, shown: Shown, view: View) -> None:
    """The forms; for who may only read, and on an earlier moment's page, there are none."""
    if closed(view):
        return
    over = shown.episode.state == "resolved"
    forms: dict[str, Callable[[AlertsReport, Shown], None]] = {
        "Acknowledge": _acknowledge,
        "Resolve": _resolve,
        "Escalate": _escalate,
        "Silence": silence,
        "Incident": incident,
    }
    names = _OVER_TABS if over else _OPEN_TABS
    with st.container(border=True, key="alert_acts"):
        for tab, name in zip(st.tabs(names), names, strict=True):
            with tab:
                forms[name](found, shown)


def _draft(act: str, shown: Shown) -> Draft:
    return Draft(f"alert {act}·{shown.episode.service}·{shown.episode.episode_id}")


def _acknowledge(found: AlertsReport, shown: Shown) -> None:
    draft = _draft("acknowledge", shown)
    draft.begin({"by": "", "hours": DEFAULT_HOLD, "note": ""})
    with st.form(draft.key("form"), border=False):
        left, right = st.columns(2)
        left.text_input("Who takes it", key=draft.key("by"), disabled=draft.signed)
        right.selectbox(
            "For",
            HOLD_HOURS,
            key=draft.key("hours"),
            format_func=lambda hours: wording.duration(timedelta(hours=hours)),
        )
        st.text_input("Note (may stay empty)", key=draft.key("note"))
        _problems(draft, ("by", "until", "note"))
        sent = st.form_submit_button("Acknowledge", type="primary", icon=":material/front_hand:")
    draft.outcome()
    if sent:
        typed, at = draft.values(("by", "hours", "note")), data.moment()
        send(
            draft,
            lambda store: acknowledge(
                store,
                shown.episode.episode_id,
                by=typed["by"],
                at=at,
                note=typed["note"],
                until=at + timedelta(hours=typed["hours"]),
                request_id=token(draft),
                base_url=base_url(),
            ),
            lambda made: f"It is {made.by}'s until {wording.clock(made.until, at)}.",
            empty={"note": ""},
        )


def _resolve(found: AlertsReport, shown: Shown) -> None:
    draft = _draft("resolve", shown)
    draft.begin({"by": "", "reason": ""})
    with st.form(draft.key("form"), border=False):
        st.text_input("Who resolves it", key=draft.key("by"), disabled=draft.signed)
        st.text_area("Why it is over", key=draft.key("reason"), height=90)
        _problems(draft, ("by", "reason"))
        sent = st.form_submit_button("Resolve by hand", type="primary", icon=":material/check:")
    draft.outcome()
    st.caption(
        "An alert resolves by itself once its data are well. If they are not, the next evaluation "
        "calls again: whoever wants quiet silences it."
    )
    if sent:
        typed, at = draft.values(("by", "reason")), data.moment()
        send(
            draft,
            lambda store: resolve_by_hand(
                store,
                shown.episode.episode_id,
                **typed,
                at=at,
                request_id=token(draft),
                base_url=base_url(),
            ),
            lambda over: f"Resolved at {wording.clock(at)}.",
        )


def _escalate(found: AlertsReport, shown: Shown) -> None:
    draft = _draft("escalate", shown)
    draft.begin({"by": "", "to": None, "note": ""})
    with st.form(draft.key("form"), border=False):
        left, right = st.columns(2)
        left.text_input("Who escalates it", key=draft.key("by"), disabled=draft.signed)
        right.selectbox(
            "Whom to call",
            _callable(shown.episode.service),
            index=None,
            key=draft.key("to"),
            accept_new_options=True,
            placeholder="A channel or a name",
        )
        st.text_input("What they should know", key=draft.key("note"))
        _problems(draft, ("by", "to", "note"))
        sent = st.form_submit_button("Escalate", type="primary", icon=":material/call:")
    draft.outcome()
    st.caption(
        "Where it names a channel, the call goes there; a person is named in every channel that "
        "this alert concerns."
    )
    if sent:
        typed, at = draft.values(("by", "to", "note")), data.moment()
        send(
            draft,
            lambda store: escalate(
                store,
                shown.episode.episode_id,
                by=typed["by"],
                at=at,
                to=typed["to"] or "",
                note=typed["note"],
                request_id=token(draft),
                base_url=base_url(),
            ),
            lambda act: f"Escalated to {act.escalate_to} at {wording.clock(at)}.",
            empty={"to": None, "note": ""},
        )


def _callable(service: str) -> Sequence[str]:
    """Whom an escalation may name: the rota's own choice, its members, and channels."""
    watched, channels = data.watch(service), data.notification_channels()
    names: list[str] = []
    rota = None if isinstance(watched, Problem) else watched.duty.rota
    if rota is not None:
        members = [rota.escalate_to, *rota.members]
        names += [name for name in members if name not in rota.departed]
    if not isinstance(channels, Problem):
        names += [one.channel.name for one in channels if one.channel.enabled]
    return list(dict.fromkeys(name for name in names if name))


def note(shown: Shown) -> None:
    """The form of a note, which is all that an alert that is over still takes."""
    draft = _draft("note", shown)
    draft.begin({"by": "", "note": ""})
    with st.form(draft.key("form"), border=False):
        st.text_input("Who notes it", key=draft.key("by"), disabled=draft.signed)
        st.text_area("Note", key=draft.key("note"), height=90)
        _problems(draft, ("by", "note"))
        sent = st.form_submit_button("Add the note", icon=":material/edit_note:")
    draft.outcome()
    if sent:
        typed, at = draft.values(("by", "note")), data.moment()

        def store_it(store: Engine) -> object:
            number = shown.episode.episode_id
            return add_note(store, number, **typed, at=at, request_id=token(draft))

        send(draft, store_it, lambda act: f"Noted at {wording.clock(at)}.", empty={"note": ""})


def _problems(draft: Draft, fields: Sequence[str]) -> None:
    """What is wrong, below the fields that it is about."""
    draft.problem(*fields)
    draft.other_problems(fields)
