"""Roles and what each may do.

Roles are a ladder: whoever stands higher may do everything that is done below. A permission is
what an act needs; each writing page has one, and a page that nobody gave one needs the highest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody is to the team, the lowest first."""

    VIEWER = "viewer"
    ON_CALL = "on-call"
    MANAGER = "manager"
    ADMIN = "admin"


class Permission(StrEnum):
    """What an act needs.

    LOOK: reading the pages of a service. RESPOND: what is done while a service runs: alerts,
    incidents, drills, shifts, runbooks, reviews of reports. PLAN: what is promised and decided:
    goals, milestones, scope, risks, experiments, alert rules, channels, training sets.
    INSPECT: reading who changed what. ADMINISTER: members and their roles.
    """

    LOOK = "look"
    RESPOND = "respond"
    PLAN = "plan"
    INSPECT = "inspect"
    ADMINISTER = "administer"


#: The lowest role that has a permission.
_FROM: Mapping[Permission, Role] = MappingProxyType(
    {
        Permission.LOOK: Role.VIEWER,
        Permission.RESPOND: Role.ON_CALL,
        Permission.PLAN: Role.MANAGER,
        Permission.INSPECT: Role.MANAGER,
        Permission.ADMINISTER: Role.ADMIN,
    }
)
_LADDER = tuple(Role)

#: What writing on a page needs, where an act does not say more itself.
PAGES: Mapping[str, Permission] = MappingProxyType(
    {
        "overview": Permission.PLAN,
        "quality": Permission.PLAN,
        "experiment": Permission.PLAN,
        "reliability": Permission.PLAN,
        "false_reports": Permission.RESPOND,
        "alerts": Permission.RESPOND,
        "oncall": Permission.RESPOND,
        "incidents": Permission.RESPOND,
        "documentation": Permission.RESPOND,
        "criteria": Permission.PLAN,
        "milestones": Permission.PLAN,
        "scope": Permission.PLAN,
        "risks": Permission.PLAN,
        "life_cycle": Permission.PLAN,
        "review": Permission.PLAN,
        "audit": Permission.ADMINISTER,
        "members": Permission.ADMINISTER,
    }
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in front of a page.

    Attributes:
        email: who it is, as the sign-in says; '' where nobody signs in.
        name: what everything that is done carries; '' where people type their names themselves.
        services: which services may be seen and changed; none is every service.
    """

    email: str
    name: str
    role: Role
    services: tuple[str, ...] = ()


#: Whoever reaches a dashboard without sign-in: it listens on its own machine alone.
OPEN = Person("", "", Role.ADMIN)


def may(person: Person, permission: Permission, service: str | None = None) -> bool:
    """Whether somebody may do something.

    Args:
        person: who.
        permission: what it needs.
        service: of which service; None where it concerns none.

    >>> may(Person("a@b.c", "A", Role.VIEWER), Permission.RESPOND)
    False
    """
    if service is not None and not sees(person, service):
        return False
    return _LADDER.index(person.role) >= _LADDER.index(_FROM[permission])


def sees(person: Person, service: str) -> bool:
    """Whether a service exists for somebody."""
    return not person.services or service in person.services


def visible(person: Person, services: Iterable[str]) -> tuple[str, ...]:
    """The services that exist for somebody, in the order given."""
    return tuple(one for one in services if sees(person, one))


def needed_on(page: str) -> Permission:
    """What writing on a page needs; on one that has not been given a permission, the most.

    >>> needed_on("no such page")
    <Permission.ADMINISTER: 'administer'>
    """
    return PAGES.get(page, Permission.ADMINISTER)


def reading(person: Person, permission: Permission) -> str:
    """What is said in place of forms to somebody who may not do something.

    >>> reading(Person("a@b.c", "A", Role.VIEWER), Permission.RESPOND)
    'Yours to read: changing it needs the role on-call, and yours is viewer.'
    """
    lowest = _FROM[permission]
    return f"Yours to read: changing it needs the role {lowest}, and yours is {person.role}."


def refusal(person: Person, permission: Permission) -> str:
    """Why somebody may not do something, as a sentence.

    >>> refusal(Person("a@b.c", "A", Role.VIEWER), Permission.PLAN)
    'This needs the role manager, and yours is viewer.'
    """
    return f"This needs the role {_FROM[permission]}, and yours is {person.role}."
