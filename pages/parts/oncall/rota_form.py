"""The form of a rota: made or changed, every wrong field named, nothing stored on an error."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from core import wording
from core.oncall import Duty
from core.ports.oncall import Rota
from core.timeframe import MINUTE
from db.team.rotas import save_rota
from pages.parts import data
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, send, who
from pages.parts.oncall.words import WEEKDAYS

#: Stands in the list of members for a week that nobody has.
NO_MEMBER = "-"
_LABELS = {
    "members": "Members",
    "departed": "Who has left",
    "zone": "Time zone",
    "handover_weekday": "Handover on",
    "handover_time": "Handover at",
    "starts_on": "First week begins",
    "escalate_after_minutes": "Minutes until somebody else is called",
    "escalate_to": "Called first then",
}


@st.cache_resource(show_spinner=False)
def _zones() -> tuple[str, ...]:
    return ("UTC", *sorted(available_timezones() - {"UTC"}))


def rota_form(duty: Duty) -> None:
    """The form; a service without a rota begins with an empty one."""
    today = data.now().date()
    stored = duty.rota
    shown = stored or Rota(duty.service, "UTC", 0, time(10), today, ())
    draft = Draft(f"rota·{duty.service}")
    seen = begin_editing(draft, shown, _values_of, revision=shown.revision)
    word = "Make the rota" if stored is None else "Change the rota"
    with form(draft, Button(word, primary=True), asks=None) as sent:
        left, middle, right = st.columns(3, gap="medium")
        with left:
            draft.text_area(
                f"{_LABELS['members']}, one a line, in the order of their weeks "
                f"({NO_MEMBER} is a week that nobody has)",
                "members",
                height=150,
            )
            draft.text_area(f"{_LABELS['departed']}, one a line", "departed", height=80)
        with middle:
            draft.selectbox(_LABELS["zone"], draft.offered("zone", _zones()), "zone")
            draft.selectbox(
                _LABELS["handover_weekday"],
                range(len(WEEKDAYS)),
                "handover_weekday",
                format_func=WEEKDAYS.__getitem__,
            )
            draft.time_input(
                f"{_LABELS['handover_time']} (on the clock of that zone)", "handover_time"
            )
            draft.date_input(_LABELS["starts_on"], "starts_on")
        with right:
            draft.number_input(_LABELS["escalate_after_minutes"], "escalate_after_minutes", step=5)
            draft.text_input(
                f"{_LABELS['escalate_to']}: a person or a channel (empty: the next member)",
                "escalate_to",
            )
            who(draft)
        st.caption(
            "This week stays with whoever has it, whoever joins or leaves. Weeks of somebody who "
            "has left are nobody's, and warned about, until they are given to somebody."
        )
    if sent:
        given = sent.given | {
            "members": [
                "" if name == NO_MEMBER else name for name in lines_of(str(sent.given["members"]))
            ],
            "departed": lines_of(str(sent.given["departed"])),
        }
        before = seen if seen.revision else None
        send(
            draft,
            lambda store: save_rota(store, duty.service, before, given, **sent.signed),
            lambda rota: f"Stored at {wording.clock(sent.at)}: revision {rota.revision}.",
            place=lambda field: field.split("[")[0],
            editing=Editing(seen, _values_of, _LABELS),
        )


def lines_of(written: str) -> list[str]:
    r"""The lines of a list that somebody typed, empty ones left out.

    >>> lines_of(" Anna \n\nБорис")
    ['Anna', 'Борис']
    """
    return [line.strip() for line in written.splitlines() if line.strip()]


def _values_of(rota: Rota) -> dict[str, Any]:
    starts_on: date = rota.starts_on
    return {
        "members": "\n".join(name or NO_MEMBER for name in rota.members),
        "departed": "\n".join(rota.departed),
        "zone": rota.zone,
        "handover_weekday": rota.handover_weekday,
        "handover_time": rota.handover_time,
        "starts_on": starts_on,
        "escalate_after_minutes": rota.escalate_after // MINUTE,
        "escalate_to": rota.escalate_to,
    }
