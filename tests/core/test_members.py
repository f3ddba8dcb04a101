"""What a form says about a member, and what must never happen to them all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.fields import FieldsError
from core.members import leaves_no_admin, name_taken, parse_member, report
from core.ports.access import Member

THEN = datetime(2026, 6, 1, tzinfo=UTC)
ANNA = Member("anna@example.org", "Анна", "admin")
MARA = Member("mara@example.org", "Mara", "manager", ("mail",))
GONE = Member("oleg@example.org", "Олег", "admin", revoked_at=THEN, revoked_by="Анна")
FORM: dict[str, Any] = {"email": "Mara@Example.org", "name": " Mara ", "role": "manager"}


def problems(**changed: Any) -> dict[str, str]:
    with pytest.raises(FieldsError) as refused:
        parse_member(FORM | changed)
    return refused.value.problems


def test_a_member_is_read_from_a_form():
    assert parse_member(FORM | {"services": ["mail"]}) == MARA


@pytest.mark.parametrize("field", ["email", "name", "role"])
def test_a_missing_field_is_named(field: str):
    assert set(problems(**{field: ""})) == {field}


def test_wrong_fields_are_named_together():
    found = problems(email="mara", role="king", services="mail", age=7)
    assert set(found) == {"email", "role", "services", "age"}


def test_an_admin_sees_every_service():
    assert "services" in problems(role="admin", services=["mail"])
    assert parse_member(FORM | {"role": "admin"}).services == ()


def test_two_members_never_share_a_name():
    assert name_taken(Member("new@example.org", "АННА", "viewer"), [ANNA, MARA])
    assert name_taken(Member("new@example.org", "олег", "viewer"), [GONE])
    assert not name_taken(ANNA, [ANNA, MARA])


def test_the_last_admin_stays_one():
    demoted = Member(ANNA.email, ANNA.name, "viewer")
    assert leaves_no_admin(demoted, [ANNA, MARA, GONE])
    assert not leaves_no_admin(demoted, [ANNA, Member("x@y.z", "X", "admin")])
    assert not leaves_no_admin(MARA, [MARA])


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([], "Nobody is a member yet"),
        ([GONE], "Nobody is a member yet"),
        ([MARA], "1 member, and none of them is an admin"),
        ([ANNA, MARA, GONE], "2 members, 1 of them an admin"),
    ],
)
def test_the_report_says_who_there_is(members: list[Member], said: str):
    assert report(members).headline == said
    assert report(members).revoked == tuple(one for one in members if one is GONE)
