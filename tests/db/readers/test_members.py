"""Members as they are read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from db.engine import Role
from db.readers.members import SqlMemberReader
from db.team.members import revoke_member, save_member, sign_out

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def test_members_are_by_name_and_former_ones_are_among_them(app: Engine):
    for name, role in (("Mara", "manager"), ("Анна", "admin"), ("anton", "viewer")):
        given = {
            "email": f"{len(name)}{role}@example.org",
            "name": name,
            "role": role,
            "services": [],
        }
        save_member(app, None, given, by="terminal", at=NINE)
    revoke_member(app, "4manager@example.org", by="terminal", at=NINE)
    found = SqlMemberReader(app).members()
    assert [one.name for one in found] == ["anton", "Mara", "Анна"]
    assert [one.revoked_at for one in found] == [None, NINE, None]


def test_a_transaction_reads_what_it_has_not_committed(app: Engine):
    given = {"email": "a@b.c", "name": "A", "role": "viewer", "services": ["mail", "search"]}
    save_member(app, None, given, by="terminal", at=NINE)
    sign_out(app, "a@b.c", at=NINE)
    with app.connect() as connection:
        found = SqlMemberReader(connection).membership("a@b.c")
    assert found.member is not None
    assert found.member.services == ("mail", "search")
    assert found.signed_out_at == NINE


def test_the_worker_reads_members_and_cannot_make_one(oncall_engines: dict[Role, Engine]):
    assert SqlMemberReader(oncall_engines[Role.WORKER]).members() == ()
