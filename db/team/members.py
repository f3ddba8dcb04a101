"""Members as admins keep them, and sign-outs.

Everything goes through the log of what people write. Whoever is revoked keeps the row: what was
done stays told, and the address cannot come back through a claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from core.access import Role
from core.access.sign_in import address
from core.fields import FieldsError
from core.members import leaves_no_admin, name_taken, parse_member
from core.ports.access import Member
from db.readers.members import SqlMemberReader
from db.team import audit
from db.team.audit import ConflictError, NotNowError, acting

# Two admins who demote each other at once: the second waits, and then finds that it is the last.
_ALL = "members"
_SIGN_OUT = text("""
    insert into team.sign_out as s (email, signed_out_at) values (:email, :signed_out_at)
    on conflict (email) do update
        set signed_out_at = greatest(s.signed_out_at, excluded.signed_out_at)""")


def save_member(
    engine: Engine,
    seen: Member | None,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
) -> Member:
    """Let somebody in, change what a member may do, or let a former one in again.

    Args:
        engine: the store, as greenlight_app.
        seen: the member that whoever changes it was looking at; None for a new one.
        given: the fields of a form, see `core.members.parse_member`.
        by: who saves it.
        at: now.

    Returns:
        The member as it is stored; a wanted one that is stored already is left as it is.

    Raises:
        FieldsError: a field is wrong, or the name is another member's; each is named.
        ConflictError: somebody else has changed the member since it was seen.
        NotNowError: nobody would be an admin any more.
    """
    wanted = parse_member(given)
    if seen is not None and seen.email != wanted.email:
        raise FieldsError({"email": "Stays as it is: another address is another member."})
    with acting(engine, by, at, _ALL) as connection:
        members = SqlMemberReader(connection).members()
        stored = _of(members, wanted.email)
        if stored is not None and _said(stored) == _said(wanted):
            return stored
        if stored is not None and (seen is None or seen.revision != stored.revision):
            raise ConflictError("member", stored)
        if stored is None and seen is not None:
            raise ConflictError("member", None)
        if name_taken(wanted, members):
            raise FieldsError({"name": f"Somebody else is called {wanted.name} already."})
        if leaves_no_admin(wanted, members):
            raise NotNowError("Nobody would be an admin any more: make somebody else one first.")
        values = {
            "email": wanted.email,
            "name": wanted.name,
            "role": wanted.role,
            "services": list(wanted.services),
            "revoked_at": None,
            "revoked_by": "",
        }
        return _write(connection, wanted.email, values, by=by, at=at)


def revoke_member(
    engine: Engine, email: str, *, by: str, at: datetime, last_admin: bool = False
) -> Member:
    """End a membership, at once; what was open in a browser closes with its next look.

    An address that is no member yet gets a row that is revoked: no claim lets it in any more.

    Args:
        engine: the store, as greenlight_app.
        email: whose.
        by: who ends it.
        at: now.
        last_admin: end it even if nobody would be an admin any more.

    Returns:
        The member as it is stored; one that is revoked already is left as it is.

    Raises:
        FieldsError: that is no address.
        NotNowError: nobody would be an admin any more.
    """
    whose = address(email)
    if not whose:
        raise FieldsError({"email": "Must be an e-mail address such as anna@example.org."})
    with acting(engine, by, at, _ALL) as connection:
        members = SqlMemberReader(connection).members()
        stored = _of(members, whose)
        if stored is not None and stored.revoked_at is not None:
            return stored
        ended = replace(stored or Member(whose, whose, Role.VIEWER), revoked_at=at)
        if leaves_no_admin(ended, members) and not last_admin:
            raise NotNowError("Nobody would be an admin any more: make somebody else one first.")
        values = {
            "email": ended.email,
            "name": ended.name,
            "role": str(ended.role),
            "services": list(ended.services),
            "revoked_at": at,
            "revoked_by": by.strip(),
        }
        return _write(connection, whose, values, by=by, at=at)


def sign_out(engine: Engine, email: str, *, at: datetime) -> None:
    """End every sign-in of an address that is older than now, in whatever browser it is kept."""
    with engine.begin() as connection:
        connection.execute(_SIGN_OUT, {"email": email, "signed_out_at": at})


def _write(
    connection: Connection, email: str, values: Mapping[str, object], *, by: str, at: datetime
) -> Member:
    row = audit.stored(connection, "member", email)
    if row is None:
        audit.add(connection, "member", values, by=by, at=at)
    else:
        audit.change(connection, "member", row, values, by=by, at=at)
    member = SqlMemberReader(connection).membership(email).member
    assert member is not None
    return member


def _of(members: tuple[Member, ...], email: str) -> Member | None:
    return next((one for one in members if one.email == email), None)


def _said(member: Member) -> tuple[object, ...]:
    return (member.name, member.role, member.services, member.revoked_at is None)
