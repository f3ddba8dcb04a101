"""Members: what a form or a command says about one, and what must never happen to them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.access.roles import Role
from core.access.sign_in import address
from core.fields import Fields, FieldsError
from core.ports.access import Member

FIELDS = ("email", "name", "role", "services")


@dataclass(frozen=True, slots=True)
class MembersReport:
    """Everybody who may use the dashboard, and who may no longer.

    Attributes:
        current: by name.
        revoked: whose membership has ended, by name.
    """

    current: tuple[Member, ...]
    revoked: tuple[Member, ...]

    @property
    def headline(self) -> str:
        """Who there is, as a sentence."""
        if not self.current:
            return "Nobody is a member yet"
        admins = sum(one.role == Role.ADMIN for one in self.current)
        people = "1 member" if len(self.current) == 1 else f"{len(self.current)} members"
        if not admins:
            return f"{people}, and none of them is an admin"
        return f"{people}, {admins} of them {'an admin' if admins == 1 else 'admins'}"


def report(members: Sequence[Member]) -> MembersReport:
    """Tell members from former ones."""
    return MembersReport(
        tuple(one for one in members if one.revoked_at is None),
        tuple(one for one in members if one.revoked_at is not None),
    )


def parse_member(given: Mapping[str, object]) -> Member:
    """Read a member from the fields of a form or the options of a command.

    Args:
        given: email, name (needed), role (one of `core.access.Role`), services (a list of names;
            none is every service; an admin has no other).

    Raises:
        FieldsError: fields are missing or wrong; each is named.

    >>> parse_member({"email": "Anna@b.org", "name": "Anna", "role": "viewer"}).email
    'anna@b.org'
    """
    form = Fields(given)
    form.refuse_unknown(FIELDS)
    email, name = form.name("email"), form.name("name")
    role, services = form.name("role", tuple(Role)), form.names("services")
    if email is not None and not address(email):
        form.refuse("email", "Must be an e-mail address such as anna@example.org.")
    if role == Role.ADMIN and services:
        form.refuse("services", "An admin sees every service: leave this empty.")
    if form.problems or email is None or name is None or role is None:
        raise FieldsError(form.problems)
    return Member(address(email), name, role, services)


def name_taken(wanted: Member, members: Sequence[Member]) -> bool:
    """Whether somebody else has the name already: what is done would tell the two apart no more."""
    name = wanted.name.casefold()
    return any(one.email != wanted.email and one.name.casefold() == name for one in members)


def leaves_no_admin(wanted: Member, members: Sequence[Member]) -> bool:
    """Whether nobody could let anybody in any more if a member became as wanted."""

    def rules(one: Member) -> bool:
        return one.role == Role.ADMIN and one.revoked_at is None

    others = any(rules(one) for one in members if one.email != wanted.email)
    before = any(rules(one) for one in members if one.email == wanted.email)
    return before and not rules(wanted) and not others
