"""Who may do what, and what a sign-in is worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.access import (
    PAGES,
    Permission,
    Person,
    Policy,
    PolicyError,
    Reason,
    Refusal,
    Role,
    judge,
    may,
    needed_on,
    read_policy,
    refusal,
    visible,
)
from core.access.sign_in import address
from core.ports.access import Member, Membership

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
EMAIL = "anna@example.org"
ANNA = Member(EMAIL, "Анна", "manager", ("mail",))


def claims(**changed: Any) -> dict[str, Any]:
    said = {"is_logged_in": True, "email": EMAIL, "iat": int((NOON - HOUR).timestamp())}
    return said | changed


def judged(
    said: dict[str, Any], member: Member | None = ANNA, policy: Policy | None = None, **known: Any
) -> Person | Refusal:
    return judge(said, Membership(member, **known), policy or Policy(), NOON)


def reason(found: Person | Refusal) -> Reason:
    assert isinstance(found, Refusal)
    return found.reason


def person(role: Role, *services: str) -> Person:
    return Person(EMAIL, "Анна", role, services)


@pytest.mark.parametrize(
    ("permission", "lowest"),
    [
        (Permission.LOOK, Role.VIEWER),
        (Permission.RESPOND, Role.ON_CALL),
        (Permission.PLAN, Role.MANAGER),
        (Permission.INSPECT, Role.MANAGER),
        (Permission.ADMINISTER, Role.ADMIN),
    ],
)
def test_a_permission_is_of_a_role_and_of_all_above_it(permission: Permission, lowest: Role):
    roles = list(Role)
    assert [role for role in roles if may(person(role), permission)] == roles[roles.index(lowest) :]


def test_whoever_has_some_services_may_do_nothing_with_others():
    theirs = person(Role.MANAGER, "mail")
    assert may(theirs, Permission.PLAN, "mail")
    assert not may(theirs, Permission.LOOK, "search")
    assert visible(theirs, ("search", "mail")) == ("mail",)
    assert visible(person(Role.VIEWER), ("search", "mail")) == ("search", "mail")


def test_a_page_without_a_permission_of_its_own_needs_the_highest():
    assert needed_on("new page") is Permission.ADMINISTER
    assert needed_on("") is Permission.ADMINISTER


def test_every_page_has_a_permission():
    pages = {one.stem for one in (Path(__file__).parents[2] / "pages").glob("[a-z]*.py")}
    assert pages - set(PAGES) == set()


def test_no_page_lets_a_viewer_write():
    assert [page for page, needs in PAGES.items() if may(person(Role.VIEWER), needs)] == []


def test_a_refusal_names_both_roles():
    said = refusal(person(Role.VIEWER), Permission.RESPOND)
    assert said == "This needs the role on-call, and yours is viewer."


def test_a_member_is_who_the_store_says():
    assert judged(claims()) == Person(EMAIL, "Анна", Role.MANAGER, ("mail",))


def test_an_address_is_the_same_in_capital_letters():
    assert judged(claims(email=" Anna@Example.ORG")) == judged(claims())


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"is_logged_in": False}, Reason.NOBODY),
        ({"is_logged_in": "yes"}, Reason.NOBODY),
        ({"iat": None}, Reason.OVER),
        ({"iat": True}, Reason.OVER),
        ({"iat": "1780311600"}, Reason.OVER),
        ({"iat": 1e300}, Reason.OVER),
        ({"iat": float("nan")}, Reason.OVER),
        ({"iat": int((NOON - 12 * HOUR).timestamp())}, Reason.OVER),
        ({"iat": int((NOON + HOUR).timestamp())}, Reason.OVER),
        ({"email": None}, Reason.NO_ADDRESS),
        ({"email": ["anna@example.org"]}, Reason.NO_ADDRESS),
        ({"email": "anna"}, Reason.NO_ADDRESS),
        ({"email_verified": False}, Reason.NO_ADDRESS),
    ],
)
def test_every_doubt_is_a_refusal(changed: dict[str, Any], why: Reason):
    assert reason(judged(claims(**changed))) is why


def test_a_sign_in_is_good_for_as_long_as_the_policy_says_and_no_longer():
    short = Policy(lasts=HOUR)
    just = claims(iat=(NOON - HOUR).timestamp() + 1)
    assert isinstance(judged(just, policy=short), Person)
    assert reason(judged(claims(), policy=short)) is Reason.OVER


def test_the_providers_clock_may_be_a_little_ahead():
    ahead = claims(iat=int((NOON + timedelta(minutes=4)).timestamp()))
    assert isinstance(judged(ahead), Person)


def test_signing_out_ends_what_began_before_and_not_what_begins_after():
    left = NOON - timedelta(minutes=30)
    assert reason(judged(claims(), signed_out_at=left)) is Reason.OVER
    again = claims(iat=int(left.timestamp()) + 1)
    assert isinstance(judged(again, signed_out_at=left), Person)


def test_a_revoked_member_is_out_whatever_the_provider_claims():
    ended = Member(EMAIL, "Анна", "admin", revoked_at=NOON - HOUR, revoked_by="Mara")
    policy = Policy("groups", {"leads": Role.MANAGER})
    found = judged(claims(groups=["leads"]), ended, policy)
    assert reason(found) is Reason.REVOKED


def test_who_is_no_member_has_the_highest_role_among_the_claimed():
    policy = Policy("groups", {"duty": Role.ON_CALL, "leads": Role.MANAGER})
    said = claims(groups=["others", "leads", "duty", 7], name="Somebody Else")
    assert judged(said, None, policy) == Person(EMAIL, EMAIL, Role.MANAGER)
    assert judged(claims(groups="duty"), None, policy) == Person(EMAIL, EMAIL, Role.ON_CALL)


@pytest.mark.parametrize("value", [None, [], ["others"], {"leads": True}, "leads,duty", 1])
def test_a_claim_that_names_no_known_group_lets_nobody_in(value: object):
    policy = Policy("groups", {"leads": Role.MANAGER})
    assert reason(judged(claims(groups=value), None, policy)) is Reason.NO_MEMBER


def test_without_a_policy_no_claim_lets_anybody_in():
    assert reason(judged(claims(groups=["admin"], role="admin"), None)) is Reason.NO_MEMBER


def test_the_row_of_another_address_is_nobodys():
    other = Member("boris@example.org", "Борис", "admin")
    assert reason(judged(claims(), other)) is Reason.NO_MEMBER


def test_a_policy_is_read_from_the_environment():
    given = {
        "GREENLIGHT_ROLE_CLAIM": "groups",
        "GREENLIGHT_ROLE_MAP": " cn=leads=manager , duty=on-call,",
        "GREENLIGHT_SESSION_HOURS": "8",
    }
    roles = {"cn=leads": Role.MANAGER, "duty": Role.ON_CALL}
    assert read_policy(given) == Policy("groups", roles, 8 * HOUR)
    assert read_policy({}) == Policy()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GREENLIGHT_ROLE_MAP", "leads=king"),
        ("GREENLIGHT_ROLE_MAP", "leads"),
        ("GREENLIGHT_ROLE_MAP", "=admin"),
        ("GREENLIGHT_ROLE_MAP", "leads=admin"),
        ("GREENLIGHT_ROLE_CLAIM", "groups"),
        ("GREENLIGHT_SESSION_HOURS", "0"),
        ("GREENLIGHT_SESSION_HOURS", "721"),
        ("GREENLIGHT_SESSION_HOURS", "half a day"),
    ],
)
def test_a_setting_that_cannot_be_followed_is_named(name: str, value: str):
    with pytest.raises(PolicyError, match=name):
        read_policy({name: value})


@pytest.mark.parametrize("value", ["a b@c.d", "@c.d", "a@", "a\n@c.d", "a" * 200 + "@c.d", 1, None])
def test_what_is_no_address_is_none(value: object):
    assert address(value) == ""
