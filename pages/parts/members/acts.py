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
from pages.parts.drafts import Draft
from pages.parts.forms import Button, Editing, begin_editing, form, send

_LABELS = {"name": "Name", "role": "Role", "services": "Services"}
_WHAT = {
    Role.VIEWER: "reads",
    Role.ON_CALL: "reads; acts on alerts, incidents, shifts, runbooks and reports",
    Role.MANAGER: "all that, and goals, plans, risks, experiments, rules; reads the audit log",
    Role.ADMIN: "all that, and keeps the members; sees every service",
}
_STORE = Button("Store", primary=True)
_REVOKE = Button("Revoke the membership", ":material/block:")


def add(services: Sequence[str]) -> None:
    """Somebody new, or somebody who comes back."""
    draft = Draft("member·new")
    draft.begin({"email": "", "name": "", "role": Role.VIEWER, "services": [], "by": ""})
    with form(draft, Button("Let them in", primary=True)) as sent:
        draft.text_input("E-mail, as the identity provider says it", "email")
        _fields(draft, services)
    if not sent:
        return
    send(
        draft,
        lambda store: _known_anew(
            save_member(store, _former(store, sent.given["email"]), sent.given, **sent.signed)
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
    with form(draft, _STORE, _REVOKE) as sent:
        _fields(draft, services)
    if sent.button == _REVOKE.label:
        send(
            draft,
            lambda store: _known_anew(revoke_member(store, seen.email, **sent.signed)),
            lambda made: f"{made.name} is no longer a member. Whatever they have open closes now.",
            needs=Permission.ADMINISTER,
        )
    elif sent:
        given = sent.given | {"email": seen.email}
        send(
            draft,
            lambda store: _known_anew(save_member(store, seen, given, **sent.signed)),
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
    draft.text_input("Name, which everything they do will carry", "name")
    draft.radio(
        "Role", list(Role), "role", format_func=str, captions=[_WHAT[role] for role in Role]
    )
    held = draft.value("services")
    draft.multiselect(
        "Services (none is every service)",
        dict.fromkeys((*services, *held)),
        "services",
        placeholder="Every service",
    )


def _values(member: Member) -> dict[str, Any]:
    return {"name": member.name, "role": Role(member.role), "services": list(member.services)}
