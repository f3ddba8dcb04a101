"""What `core.access` asks of a store: who is a member, and when somebody signed out last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may use the dashboard (team.member).

    Attributes:
        email: in small letters; who signs in with it is this member.
        name: what everything carries that the member does; no two members share one.
        role: one of `core.access.Role`.
        services: which may be seen and changed; none is every service.
        revoked_at: since when the member is none any more; None while it is one.
        revision: grows with every change, for optimistic locking.
    """

    email: str
    name: str
    role: str
    services: tuple[str, ...] = ()
    revoked_at: datetime | None = None
    revoked_by: str = ""
    revision: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """What the store knows about an address now.

    Attributes:
        signed_out_at: sign-ins that are older than this are over.
    """

    member: Member | None = None
    signed_out_at: datetime | None = None


class MemberReader(Protocol):
    """What the gate and the page of members ask."""

    def membership(self, email: str) -> Membership:
        """What is known about an address; of an unknown one, nothing."""

    def members(self) -> tuple[Member, ...]:
        """Every member, also the revoked ones, by name."""
