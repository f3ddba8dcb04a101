"""Members and the log of what people wrote, as their pages ask for them. Nothing here is cached."""

from __future__ import annotations

from sqlalchemy import Engine

from core import members as area
from core.access import Permission, Person, may
from core.access.sign_in import address
from core.audit import Cursor, Log, Search, log
from core.members import MembersReport
from core.ports.access import Member
from db.readers.audit_log import SqlLogReader
from db.readers.members import SqlMemberReader
from pages.parts.data.store import Problem, ask, now, person


def members() -> MembersReport | Problem:
    """Everybody who is or was a member; for admins."""
    who = person()
    if not isinstance(who, Person) or not may(who, Permission.ADMINISTER):
        return Problem("Members are kept by admins.", now(), denied=True)
    return ask(lambda store: area.report(SqlMemberReader(store).members()))


def audit_log(search: Search, after: Cursor | None, size: int) -> Log | Problem:
    """A page of the log, of the services that exist for who asks; for managers and admins.

    Args:
        search: what is looked for.
        after: the last entry of the page before; None for the newest.
        size: entries of a page.
    """
    who = person()
    if not isinstance(who, Person) or not may(who, Permission.INSPECT):
        return Problem("The log is read by managers and admins.", now(), denied=True)
    # What belongs to no service says who may see what: that is the admins' alone.
    everything = may(who, Permission.ADMINISTER)
    return ask(
        lambda store: log(
            SqlLogReader(store), search, who.services, after, size, everything=everything
        )
    )


def audit_subjects() -> tuple[str, ...] | Problem:
    """What the log is about."""
    return ask(lambda store: SqlLogReader(store).subjects())


def member_of(store: Engine, email: str) -> Member | None:
    """A member as an act finds it."""
    return SqlMemberReader(store).membership(address(email)).member
