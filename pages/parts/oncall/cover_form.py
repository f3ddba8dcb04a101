"""Who stands in for a while: an override, a swap of two shifts, and taking either back."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from core import wording
from core.oncall import Duty, Shift
from core.ports.oncall import Override, Rota
from db.team.rotas import add_override, cancel_override, swap
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import minute_of, moment_of, problems, send, token, who
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
    with st.form(draft.key("form"), border=False):
        names = [name for name in dict.fromkeys(rota.members) if name and name not in rota.departed]
        chosen = draft.values(["member"])["member"]
        known = [NOBODY, *names]
        st.selectbox(
            "Who stands in",
            known if chosen is None or chosen in known else [*known, chosen],
            index=None,
            key=draft.key("member"),
            accept_new_options=True,
            placeholder="Choose, or type another name",
        )
        draft.problem("member")
        for field, label in (("starts_at", "From"), ("ends_at", "To")):
            st.datetime_input(f"{label} ({zone.key})", None, key=draft.key(field), step=_STEP)
            draft.problem(field)
        st.text_input("Why (needed where nobody is on call)", key=draft.key("reason"))
        draft.problem("reason")
        who(draft)
        problems(draft, "member", "starts_at", "ends_at", "reason")
        sent = st.form_submit_button("Let them stand in", type="primary")
    draft.outcome()
    if not sent:
        return
    typed, at = draft.values(("member", "starts_at", "ends_at", "reason", "by")), data.moment()
    if typed["member"] is None:
        draft.refused({"member": "Is missing: choose a name, or that nobody is on call."})
        st.rerun()
    given = {
        "member": "" if typed["member"] == NOBODY else typed["member"],
        "starts_at": moment_of(typed["starts_at"], zone),
        "ends_at": moment_of(typed["ends_at"], zone),
        "reason": typed["reason"],
    }
    send(
        draft,
        lambda store: add_override(
            store, duty.service, given, by=typed["by"], at=at, request_id=token(draft)
        ),
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
    draft.begin({"first": None, "second": None, "reason": "", "by": ""}, shifts=duty.shifts)
    # The list stands still while somebody chooses from it; it is renewed when it is sent or asked.
    if st.session_state.pop(draft.key("renew"), False):
        draft.refill({"first": None, "second": None}, shifts=duty.shifts)
        draft.begin({})
    shifts: tuple[Shift, ...] = draft.seen("shifts")
    with st.container():
        if shifts != duty.shifts:
            st.caption("The shifts have changed since the form was opened.")
            if st.button("Show the newest", icon=":material/sync:", key=draft.key("sync")):
                st.session_state[draft.key("renew")] = True
                st.rerun()
    with st.form(draft.key("form"), border=False):
        for field, label in (("first", "This shift"), ("second", "against that one")):
            st.selectbox(
                label,
                range(len(shifts)),
                index=None,
                key=draft.key(field),
                format_func=lambda number: shift_words(shifts[number], zone),
                placeholder=f"Choose a shift ({zone.key})",
            )
            draft.problem(field)
        st.text_input("Why", key=draft.key("reason"))
        draft.problem("reason")
        who(draft)
        problems(draft, "first", "second", "reason")
        sent = st.form_submit_button("Swap them", type="primary")
    draft.outcome()
    if not sent:
        return
    typed, at = draft.values(("first", "second", "reason", "by")), data.moment()
    missing = {field: "Is missing." for field in ("first", "second") if typed[field] is None}
    if missing:
        draft.refused(missing)
        st.rerun()
    st.session_state[draft.key("renew")] = True
    send(
        draft,
        lambda store: swap(
            store,
            duty.service,
            shifts[typed["first"]],
            shifts[typed["second"]],
            by=typed["by"],
            at=at,
            request_id=token(draft),
            reason=typed["reason"],
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
    if draft.values(["override"])["override"] not in {None, *known}:
        draft.refill({"override": None})  # somebody else has taken it back
        draft.begin({})
    with st.form(draft.key("form"), border=False):
        st.selectbox(
            "Which",
            list(known),
            index=None,
            key=draft.key("override"),
            format_func=lambda number: _words(known[number], rota),
            placeholder=f"Choose ({zone.key})",
        )
        draft.problem("override")
        who(draft)
        problems(draft, "override")
        sent = st.form_submit_button("Take it back", type="primary")
    draft.outcome()
    if not sent:
        return
    typed, at = draft.values(("override", "by")), data.moment()
    if typed["override"] is None:
        draft.refused({"override": "Is missing."})
        st.rerun()
    chosen = known[typed["override"]]
    send(
        draft,
        lambda store: cancel_override(store, chosen, by=typed["by"], at=at),
        lambda gone: f"Taken back at {wording.clock(at)}: the rota holds there again.",
        empty={"override": None},
    )


def _words(override: Override, rota: Rota) -> str:
    zone = zone_of(rota)
    tied = " (half of a swap: both are taken back)" if override.swap else ""
    span = f"{local(override.starts_at, zone)} to {local(override.ends_at, zone)}"
    return f"{span}: {override.member or NOBODY}, by {override.created_by}{tied}"
