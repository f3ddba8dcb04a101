"""Who may see and do what: roles, permissions, and what a sign-in is worth."""

from core.access.policy import Policy, PolicyError, read_policy
from core.access.roles import (
    OPEN,
    PAGES,
    Permission,
    Person,
    Role,
    may,
    needed_on,
    reading,
    refusal,
    sees,
    visible,
)
from core.access.sign_in import Reason, Refusal, judge

__all__ = [
    "OPEN",
    "PAGES",
    "Permission",
    "Person",
    "Policy",
    "PolicyError",
    "Reason",
    "Refusal",
    "Role",
    "judge",
    "may",
    "needed_on",
    "read_policy",
    "reading",
    "refusal",
    "sees",
    "visible",
]
