"""Letting somebody in, changing what a member may do, and ending a membership."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.access import Permission, Role
from core.members import MembersReport
from core.ports.access import Member
from db.team.members import revoke_member, save_member
from pages.parts import data
from pages.parts.experiment_drafts import Draft
from pages.parts.forms import Editing, begin_editing, problems, send, who

_LABELS = {"name": "Name", "role": "Role", "services": "Services"}
_WHAT = {
    Role.VIEWER: "reads",
    Role.ON_CALL: "reads; acts on alerts, incidents, shifts, runbooks and reports",
    Role.MANAGER: "all that, and goals, plans, risks, experiments, rules; reads the audit log",
    Role.ADMIN: "all that, and keeps the members; sees every service",
}


def add(services: Sequence[str]) -> None:
    """Somebody new, or somebody who comes back."""
    draft = Draft("member·new")
    draft.begin({"email": "", "name": "", "role": Role.VIEWER, "services": [], "by": ""})
    with st.form(draft.key("form"), border=False):
        st.text_input("E-mail, as the identity provider says it", key=draft.key("email"))
        draft.problem("email")
        _fields(draft, services)
        who(draft)
        problems(draft, "email", *_LABELS)
        sent = st.form_submit_button("Let them in", type="primary")
    draft.outcome()
    if not sent:
        return
    typed, at = draft.values(("email", *_LABELS, "by")), data.moment()
    given = {field: typed[field] for field in ("email", *_LABELS)}
    send(
        draft,
        lambda store: _known_anew(
            save_member(store, _former(store, given["email"]), given, by=typed["by"], at=at)
        ),
        lambda made: f"{made.name} is in, as {made.role}.",
        needs=Permission.ADMINISTER,
        empty={"email": "", "name": "", "role": Role.VIEWER, "services": []},
    )


def change(found: MembersReport, services: Sequence[str]) -> None:
    """Another role, other services, another name; or none of it any more."""
    names = {one.email: f"{one.name}, {one.email}" for one in found.current}
    chosen = st.selectbox(
        "Whom",
        list(names),
        index=None,
        key="member_chosen",
        format_func=lambda email: names.get(email, email),
        placeholder="Choose",
    )
    member = next((one for one in found.current if one.email == chosen), None)
    if member is None:
        return
    draft = Draft(f"member·{member.email}")
    seen = begin_editing(draft, member, _values, revision=member.revision)
    with st.form(draft.key("form"), border=False):
        _fields(draft, services)
        who(draft)
        problems(draft, *_LABELS)
        with st.container(horizontal=True):
            sent = st.form_submit_button("Store", type="primary")
            ended = st.form_submit_button("Revoke the membership", icon=":material/block:")
    draft.outcome()
    if not sent and not ended:
        return
    typed, at = draft.values((*_LABELS, "by")), data.moment()
    if ended:
        send(
            draft,
            lambda store: _known_anew(revoke_member(store, seen.email, by=typed["by"], at=at)),
            lambda made: f"{made.name} is no longer a member. Whatever they have open closes now.",
            needs=Permission.ADMINISTER,
        )
    given = {field: typed[field] for field in _LABELS} | {"email": seen.email}
    send(
        draft,
        lambda store: _known_anew(save_member(store, seen, given, by=typed["by"], at=at)),
        lambda made: f"{made.name} is {made.role} from now on.",
        needs=Permission.ADMINISTER,
        editing=Editing(seen, _values, _LABELS),
    )


def _known_anew(member: Member) -> Member:
    """Forget what this web server knew of a member: it may go on without the store after this."""
    data.forget(data.engine(), member.email)
    return member


def _former(store: Any, email: str) -> Member | None:
    """The row of somebody who comes back: it is changed, and not made anew."""
    member = data.member_of(store, email)
    return member if member is not None and member.revoked_at is not None else None


def _fields(draft: Draft, services: Sequence[str]) -> None:
    st.text_input("Name, which everything they do will carry", key=draft.key("name"))
    draft.problem("name")
    st.radio(
        "Role",
        list(Role),
        key=draft.key("role"),
        format_func=str,
        captions=[_WHAT[role] for role in Role],
    )
    draft.problem("role")
    held = draft.values(["services"])["services"]
    st.multiselect(
        "Services (none is every service)",
        list(dict.fromkeys((*services, *held))),
        key=draft.key("services"),
        placeholder="Every service",
    )
    draft.problem("services")


def _values(member: Member) -> dict[str, Any]:
    return {"name": member.name, "role": Role(member.role), "services": list(member.services)}
