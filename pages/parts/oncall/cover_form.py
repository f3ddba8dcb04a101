"""Who stands in for a while: an override, a swap of two shifts, and taking either back."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from core import wording
from core.oncall import Duty, Shift
from core.ports.oncall import Override, Rota
from db.team.rotas import add_override, cancel_override, swap
from pages.parts import data
from pages.parts.drafts import Draft
from pages.parts.forms import Button, form, minute_of, moment_of, require, send
from pages.parts.oncall.words import NOBODY, local, shift_words, zone_of

_STEP = timedelta(minutes=15)


def override_form(duty: Duty, rota: Rota) -> None:
    """Somebody else for a while; nobody is a gap that is meant, and needs a reason."""
    zone = zone_of(rota)
    draft = Draft(f"override·{duty.service}")
    begins = minute_of(data.now(), zone).replace(minute=0)
    draft.begin(
        {
            "member": None,
            "starts_at": begins,
            "ends_at": begins + timedelta(days=1),
            "reason": "",
            "by": "",
        }
    )
    with form(draft, Button("Let them stand in", primary=True)) as sent:
        names = [name for name in dict.fromkeys(rota.members) if name and name not in rota.departed]
        draft.selectbox(
            "Who stands in",
            draft.offered("member", [NOBODY, *names]),
            "member",
            index=None,
            accept_new_options=True,
            placeholder="Choose, or type another name",
        )
        for field, label in (("starts_at", "From"), ("ends_at", "To")):
            draft.datetime_input(f"{label} ({zone.key})", field, step=_STEP)
        draft.text_input("Why (needed where nobody is on call)", "reason")
    if not sent:
        return
    require(sent, "member", said="Is missing: choose a name, or that nobody is on call.")
    given = {
        "member": "" if sent.given["member"] == NOBODY else sent.given["member"],
        "starts_at": moment_of(sent.given["starts_at"], zone),
        "ends_at": moment_of(sent.given["ends_at"], zone),
        "reason": sent.given["reason"],
    }
    send(
        draft,
        lambda store: add_override(store, duty.service, given, **sent.once),
        lambda made: (
            f"{made.member or NOBODY} from {local(made.starts_at, zone)} to "
            f"{local(made.ends_at, zone)} ({zone.key})."
        ),
        empty={"member": None, "reason": ""},
    )


def swap_form(duty: Duty, rota: Rota) -> None:
    """Two shifts exchanged: both or none."""
    zone = zone_of(rota)
    draft = Draft(f"swap·{duty.service}")
    # The list stands still while somebody chooses from it; it is renewed when it is sent or asked.
    if st.session_state.pop(draft.key("renew"), False):
        draft.refill({"first": None, "second": None}, shifts=duty.shifts)
    draft.begin({"first": None, "second": None, "reason": "", "by": ""}, shifts=duty.shifts)
    shifts: tuple[Shift, ...] = draft.seen("shifts")
    with st.container():
        if shifts != duty.shifts:
            st.caption("The shifts have changed since the form was opened.")
            if st.button("Show the newest", icon=":material/sync:", key=draft.key("sync")):
                st.session_state[draft.key("renew")] = True
                st.rerun()
    with form(draft, Button("Swap them", primary=True)) as sent:
        for field, label in (("first", "This shift"), ("second", "against that one")):
            draft.selectbox(
                label,
                range(len(shifts)),
                field,
                index=None,
                format_func=lambda number: shift_words(shifts[number], zone),
                placeholder=f"Choose a shift ({zone.key})",
            )
        draft.text_input("Why", "reason")
    if not sent:
        return
    require(sent, "first", "second")
    st.session_state[draft.key("renew")] = True
    send(
        draft,
        lambda store: swap(
            store,
            duty.service,
            shifts[sent.given["first"]],
            shifts[sent.given["second"]],
            **sent.once,
            reason=sent.given["reason"],
        ),
        lambda made: (
            "Swapped: "
            + "; ".join(
                f"{one.member} has {local(one.starts_at, zone)} to {local(one.ends_at, zone)}"
                for one in made
            )
        ),
        empty={"reason": ""},
    )


def cancel_form(duty: Duty, rota: Rota) -> None:
    """Take one back; of a swap both halves."""
    if not duty.overrides:
        st.caption("Nobody stands in now or later.")
        return
    zone = zone_of(rota)
    known = {one.override_id: one for one in duty.overrides}
    draft = Draft(f"cancel override·{duty.service}")
    draft.begin({"override": None, "by": ""})
    draft.only("override", known)
    with form(draft, Button("Take it back", primary=True)) as sent:
        draft.selectbox(
            "Which",
            known,
            "override",
            index=None,
            format_func=lambda number: _words(known[number], rota),
            placeholder=f"Choose ({zone.key})",
        )
    if not sent:
        return
    require(sent, "override")
    chosen = known[sent.given["override"]]
    send(
        draft,
        lambda store: cancel_override(store, chosen, **sent.signed),
        lambda gone: f"Taken back at {wording.clock(sent.at)}: the rota holds there again.",
        empty={"override": None},
    )


def _words(override: Override, rota: Rota) -> str:
    zone = zone_of(rota)
    tied = " (half of a swap: both are taken back)" if override.swap else ""
    span = f"{local(override.starts_at, zone)} to {local(override.ends_at, zone)}"
    return f"{span}: {override.member or NOBODY}, by {override.created_by}{tied}"
