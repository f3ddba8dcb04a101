"""Members in the store: kept, logged, revoked; and sign-outs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text

from core.fields import FieldsError
from core.ports.access import Member
from db.readers.members import SqlMemberReader
from db.team.audit import ConflictError, NotNowError
from db.team.members import revoke_member, save_member, sign_out

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
FORM: dict[str, Any] = {"email": "Anna@example.org", "name": "Анна", "role": "admin"}


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def made(app: Engine, seen: Member | None = None, **changed: Any) -> Member:
    return save_member(app, seen, FORM | changed, by=" Mara ", at=NINE)


def logged(app: Engine) -> list[tuple[str, str, str, str | None, str | None]]:
    with app.connect() as connection:
        found = connection.execute(
            text(
                "select service, subject_id, changed_by, before ->> 'role', after ->> 'role' "
                "from team.audit where subject = 'member' order by change_id"
            )
        )
        return [tuple(row) for row in found]


def test_a_member_comes_back_as_it_was_made(app: Engine):
    member = made(app)
    assert member == SqlMemberReader(app).membership("anna@example.org").member
    assert (member.email, member.name, member.role) == ("anna@example.org", "Анна", "admin")
    assert (member.changed_by, member.changed_at, member.revision) == ("Mara", NINE, 1)


def test_of_an_unknown_address_nothing_is_known(app: Engine):
    found = SqlMemberReader(app).membership("nobody@example.org")
    assert (found.member, found.signed_out_at) == (None, None)


def test_every_change_is_in_the_log_under_no_service(app: Engine):
    first = made(app, email="b@c.d", name="B", role="viewer")
    made(app, first, email="b@c.d", name="B", role="on-call", services=["mail"])
    assert logged(app) == [
        ("", "b@c.d", "Mara", None, "viewer"),
        ("", "b@c.d", "Mara", "viewer", "on-call"),
    ]


def test_the_same_again_changes_nothing(app: Engine):
    member = made(app)
    assert made(app) == member == made(app, member)
    assert len(logged(app)) == 1


def test_who_saves_second_is_told(app: Engine):
    seen = made(app, email="b@c.d", name="B", role="viewer")
    made(app, seen, email="b@c.d", name="B", role="on-call")
    with pytest.raises(ConflictError) as told:
        made(app, seen, email="b@c.d", name="B", role="manager")
    assert told.value.stored.role == "on-call"
    with pytest.raises(ConflictError):
        made(app, None, email="b@c.d", name="B", role="manager")


def test_a_name_is_one_members(app: Engine):
    made(app)
    with pytest.raises(FieldsError) as refused:
        made(app, email="other@example.org", name="анна", role="viewer")
    assert set(refused.value.problems) == {"name"}
    assert len(SqlMemberReader(app).members()) == 1


def test_an_address_cannot_be_changed(app: Engine):
    seen = made(app)
    with pytest.raises(FieldsError) as refused:
        made(app, seen, email="other@example.org")
    assert set(refused.value.problems) == {"email"}


def test_a_revoked_member_stays_told_and_can_come_back(app: Engine):
    made(app)
    seen = made(app, email="b@c.d", name="B", role="viewer")
    ended = revoke_member(app, "B@c.d", by="Анна", at=NINE + HOUR)
    assert (ended.revoked_at, ended.revoked_by) == (NINE + HOUR, "Анна")
    assert revoke_member(app, "b@c.d", by="Mara", at=NINE + 2 * HOUR) == ended
    with pytest.raises(ConflictError):
        made(app, seen, email="b@c.d", name="B", role="viewer")
    back = made(app, ended, email="b@c.d", name="B", role="viewer")
    assert (back.revoked_at, back.revision) == (None, 3)


def test_an_address_that_only_claims_let_in_can_be_revoked(app: Engine):
    ended = revoke_member(app, "claimed@example.org", by="Анна", at=NINE)
    assert ended.revoked_at == NINE
    assert SqlMemberReader(app).membership("claimed@example.org").member == ended


def test_what_is_no_address_is_not_revoked(app: Engine):
    with pytest.raises(FieldsError):
        revoke_member(app, "claimed", by="Анна", at=NINE)


def test_the_last_admin_is_neither_revoked_nor_demoted(app: Engine):
    anna = made(app)
    with pytest.raises(NotNowError):
        revoke_member(app, anna.email, by="Анна", at=NINE)
    with pytest.raises(NotNowError):
        made(app, anna, role="viewer")
    assert SqlMemberReader(app).members() == (anna,)
    assert revoke_member(app, anna.email, by="terminal", at=NINE, last_admin=True).revoked_at


def test_two_admins_who_demote_each_other_at_once_leave_one(app: Engine):
    anna, boris = made(app), made(app, email="b@c.d", name="Борис")
    together, refused = Barrier(2), []

    def demote(one: Member) -> None:
        together.wait()
        try:
            made(app, one, email=one.email, name=one.name, role="viewer")
        except NotNowError as error:
            refused.append(error)

    threads = [Thread(target=demote, args=(one,)) for one in (anna, boris)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert sorted(one.role for one in SqlMemberReader(app).members()) == ["admin", "viewer"]


def test_a_later_sign_out_counts_and_an_earlier_one_does_not(app: Engine):
    for at in (NINE, NINE + HOUR, NINE):
        sign_out(app, "anna@example.org", at=at)
    assert SqlMemberReader(app).membership("anna@example.org").signed_out_at == NINE + HOUR
