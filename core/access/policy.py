"""How sign-ins are read, as the environment sets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from core.access.roles import Role

#: A working day: whoever comes back the next one signs in again.
DEFAULT_HOURS = 12
#: Streamlit's cookie ends after 30 days, whatever is asked for here.
MOST_HOURS = 30 * 24


class PolicyError(ValueError):
    """A setting cannot be followed; the message names it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a sign-in has to bring.

    Attributes:
        role_claim: the claim of the identity token that names groups or roles; '' is none: members
            are kept in the store alone.
        roles: the role of each value of that claim.
        lasts: how long a sign-in is good for.
    """

    role_claim: str = ""
    roles: Mapping[str, Role] = field(default_factory=dict)
    lasts: timedelta = timedelta(hours=DEFAULT_HOURS)


def read_policy(environment: Mapping[str, str]) -> Policy:
    """Read the policy.

    Args:
        environment: GREENLIGHT_ROLE_CLAIM, the claim's name; GREENLIGHT_ROLE_MAP, pairs such as
            'ml-leads=manager, ml-duty=on-call'; GREENLIGHT_SESSION_HOURS, how long a sign-in is
            good for.

    Raises:
        PolicyError: one of them cannot be read.

    >>> given = {"GREENLIGHT_ROLE_CLAIM": "groups", "GREENLIGHT_ROLE_MAP": "duty=on-call"}
    >>> read_policy(given).roles
    {'duty': <Role.ON_CALL: 'on-call'>}
    """
    claim = environment.get("GREENLIGHT_ROLE_CLAIM", "").strip()
    roles = {}
    for pair in environment.get("GREENLIGHT_ROLE_MAP", "").split(","):
        if not pair.strip():
            continue
        value, equals, role = (part.strip() for part in pair.rpartition("="))
        if not equals or not value or role not in tuple(Role):
            raise PolicyError(
                f"GREENLIGHT_ROLE_MAP holds {pair.strip()!r}: write GROUP=ROLE, where ROLE is one "
                f"of {', '.join(Role)}."
            )
        roles[value] = Role(role)
    if bool(claim) != bool(roles):
        raise PolicyError(
            "GREENLIGHT_ROLE_CLAIM and GREENLIGHT_ROLE_MAP belong together: set both or neither."
        )
    written = environment.get("GREENLIGHT_SESSION_HOURS", "").strip() or str(DEFAULT_HOURS)
    hours = int(written) if written.isascii() and written.isdecimal() else 0
    if not 1 <= hours <= MOST_HOURS:
        raise PolicyError(
            f"GREENLIGHT_SESSION_HOURS is {written!r}: write whole hours from 1 to {MOST_HOURS}."
        )
    return Policy(claim, roles, timedelta(hours=hours))
