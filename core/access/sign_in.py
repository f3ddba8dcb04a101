"""What a sign-in is worth: who it is, or why it is not good enough.

The identity token proves an address. Everything else is decided anew at each look, from what the
store says now: a cookie is never asked for a role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from core.access.policy import Policy
from core.access.roles import Person, Role
from core.ports.access import Membership

#: How far the provider's clock may be ahead of this one.
SKEW = timedelta(minutes=5)


class Reason(StrEnum):
    """Why somebody is not let in."""

    NOBODY = "nobody"
    OVER = "over"
    NO_ADDRESS = "no address"
    NO_MEMBER = "no member"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Somebody is not let in.

    Attributes:
        sentence: why, for that person.
        again: signing in (again) may help.
    """

    reason: Reason
    sentence: str
    again: bool


def judge(
    claims: Mapping[str, object], membership: Membership, policy: Policy, now: datetime
) -> Person | Refusal:
    """Who a sign-in is.

    A row of the store outweighs a claim: it can give more, and it can take everything.

    Args:
        claims: the identity token's, as the signed cookie keeps them; `is_logged_in` says whether
            there is any.
        membership: what the store knows about the address now.
        policy: what a sign-in has to bring.
        now: the clock.

    Returns:
        The person, or why there is none. Every doubt is a refusal.
    """
    over = _over(claims, membership, policy, now)
    if over is not None:
        return over
    email = address(claims.get("email"))
    if not email or claims.get("email_verified") is False:
        return Refusal(
            Reason.NO_ADDRESS,
            "Your identity provider gave no e-mail address that it vouches for.",
            again=True,
        )
    member = membership.member
    if member is None or member.email != email:
        return _claimant(email, claims, policy)
    if member.revoked_at is not None:
        said = f"{email} is no longer a member. Ask an admin."
        return Refusal(Reason.REVOKED, said, again=False)
    return Person(email, member.name, Role(member.role), member.services)


def _over(
    claims: Mapping[str, object], membership: Membership, policy: Policy, now: datetime
) -> Refusal | None:
    """Why there is no sign-in that is still good; None where there is one."""
    if claims.get("is_logged_in") is not True:
        return Refusal(Reason.NOBODY, "Sign in to see your services.", again=True)
    began = _moment(claims.get("iat"))
    if began is None or began > now + SKEW or now - began >= policy.lasts:
        return Refusal(Reason.OVER, "Your sign-in is over. Sign in again.", again=True)
    # The token knows whole seconds, so a sign-in of the same second counts as a later one.
    ended = membership.signed_out_at
    if ended is not None and began < ended.replace(microsecond=0):
        return Refusal(Reason.OVER, "You have signed out. Sign in again.", again=True)
    return None


def _claimant(email: str, claims: Mapping[str, object], policy: Policy) -> Person | Refusal:
    """Whom the store does not know, by what the identity provider says."""
    claimed = _claimed(claims.get(policy.role_claim), policy) if policy.role_claim else None
    if claimed is None:
        return Refusal(Reason.NO_MEMBER, f"{email} is no member. Ask an admin.", again=False)
    # A name that a provider lets people choose could be somebody else's; the address cannot.
    return Person(email, email, claimed)


def address(value: object) -> str:
    """An e-mail address as members are kept under it; '' where it is none.

    >>> address(" Anna@Example.ORG "), address(None), address("anna")
    ('anna@example.org', '', '')
    """
    if not isinstance(value, str):
        return ""
    found = value.strip().lower()
    name, at, host = found.rpartition("@")
    whole = bool(name and at and host) and found.isprintable() and " " not in found
    return found if whole and len(found) <= 200 else ""


def _claimed(value: object, policy: Policy) -> Role | None:
    """The highest role among a claim's values."""
    values = value if isinstance(value, list | tuple) else [value]
    found = [policy.roles[one] for one in values if isinstance(one, str) and one in policy.roles]
    return max(found, key=tuple(Role).index, default=None)


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
