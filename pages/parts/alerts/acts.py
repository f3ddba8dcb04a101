"""What can be done about an alert: take it, note, escalate, resolve. Each form stands still.

The forms have the same place whatever else the page shows, so that a refresh takes nothing away
from who is typing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import streamlit as st

from core import wording
from core.alerts.report import AlertsReport, Shown
from db.team.alert_acknowledgements import acknowledge
from db.team.alert_episodes import add_note, escalate, resolve_by_hand
from pages.parts import data
from pages.parts.alerts.incident import incident
from pages.parts.alerts.sending import base_url, send
from pages.parts.alerts.silence import silence
from pages.parts.data import Problem
from pages.parts.drafts import Draft
from pages.parts.forms import Button, closed, form, who
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
    with form(
        draft, Button("Acknowledge", ":material/front_hand:", primary=True), asks=None
    ) as sent:
        left, right = st.columns(2)
        with left:
            who(draft, "Who takes it")
        with right:
            draft.selectbox(
                "For",
                HOLD_HOURS,
                "hours",
                format_func=lambda hours: wording.duration(timedelta(hours=hours)),
            )
            draft.problem("until")
        draft.text_input("Note (may stay empty)", "note")
    if sent:
        until = sent.at + timedelta(hours=sent.given["hours"])
        send(
            draft,
            lambda store: acknowledge(
                store,
                shown.episode.episode_id,
                **sent.once,
                note=sent.given["note"],
                until=until,
                base_url=base_url(),
            ),
            lambda made: f"It is {made.by}'s until {wording.clock(made.until, sent.at)}.",
            empty={"note": ""},
        )


def _resolve(found: AlertsReport, shown: Shown) -> None:
    draft = _draft("resolve", shown)
    draft.begin({"by": "", "reason": ""})
    with form(
        draft, Button("Resolve by hand", ":material/check:", primary=True), asks=None
    ) as sent:
        who(draft, "Who resolves it")
        draft.text_area("Why it is over", "reason", height=90)
    st.caption(
        "An alert resolves by itself once its data are well. If they are not, the next evaluation "
        "calls again: whoever wants quiet silences it."
    )
    if sent:
        send(
            draft,
            lambda store: resolve_by_hand(
                store,
                shown.episode.episode_id,
                reason=sent.given["reason"],
                **sent.once,
                base_url=base_url(),
            ),
            lambda over: f"Resolved at {wording.clock(sent.at)}.",
        )


def _escalate(found: AlertsReport, shown: Shown) -> None:
    draft = _draft("escalate", shown)
    draft.begin({"by": "", "to": None, "note": ""})
    with form(draft, Button("Escalate", ":material/call:", primary=True), asks=None) as sent:
        left, right = st.columns(2)
        with left:
            who(draft, "Who escalates it")
        with right:
            draft.selectbox(
                "Whom to call",
                draft.offered("to", _callable(shown.episode.service)),
                "to",
                index=None,
                accept_new_options=True,
                placeholder="A channel or a name",
            )
        draft.text_input("What they should know", "note")
    st.caption(
        "Where it names a channel, the call goes there; a person is named in every channel that "
        "this alert concerns."
    )
    if sent:
        send(
            draft,
            lambda store: escalate(
                store,
                shown.episode.episode_id,
                **sent.once,
                to=sent.given["to"] or "",
                note=sent.given["note"],
                base_url=base_url(),
            ),
            lambda act: f"Escalated to {act.escalate_to} at {wording.clock(sent.at)}.",
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
    with form(draft, Button("Add the note", ":material/edit_note:"), asks=None) as sent:
        who(draft, "Who notes it")
        draft.text_area("Note", "note", height=90)
    if sent:
        number, said = shown.episode.episode_id, sent.given["note"]
        send(
            draft,
            lambda store: add_note(store, number, note=said, **sent.once),
            lambda act: f"Noted at {wording.clock(sent.at)}.",
            empty={"note": ""},
        )
