"""Members and sign-outs, as `core.access` asks for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, text

from core.ports.access import Member, Membership

MEMBER_COLUMNS = (
    "email, name, role, services, revoked_at, revoked_by, revision, changed_by, changed_at"
)
# One row, whatever is known: whether there is a member, and when somebody signed out.
_MEMBERSHIP = text(f"""
    select {MEMBER_COLUMNS}, signed_out_at
    from (select cast(:email as text) as asked) as who
    left join team.member on email = asked
    left join (select email as left_by, signed_out_at from team.sign_out) as gone
        on left_by = asked""")
_MEMBERS = text(f"""
    select {MEMBER_COLUMNS} from team.member order by lower(name) collate "C", email""")


class SqlMemberReader:
    """Reads members from the store; fulfils `core.ports.access.MemberReader`."""

    def __init__(self, source: Engine | Connection) -> None:
        """Read from an engine, or within the transaction of a connection."""
        self._source = source

    def membership(self, email: str) -> Membership:
        """What is known about an address; of an unknown one, nothing."""
        (row,) = self._rows(_MEMBERSHIP, email=email)
        member = None if row["email"] is None else member_of(row)
        return Membership(member, row["signed_out_at"])

    def members(self) -> tuple[Member, ...]:
        """Every member, also the revoked ones, by name."""
        return tuple(map(member_of, self._rows(_MEMBERS)))

    def _rows(self, statement: Any, **asked: object) -> list[RowMapping]:
        if isinstance(self._source, Connection):
            return list(self._source.execute(statement, asked).mappings())
        with self._source.connect() as connection:
            return list(connection.execute(statement, asked).mappings())


def member_of(row: RowMapping) -> Member:
    """A member from a row of team.member."""
    return Member(
        row["email"],
        row["name"],
        row["role"],
        tuple(row["services"]),
        row["revoked_at"],
        row["revoked_by"],
        row["revision"],
        row["changed_by"],
        row["changed_at"],
    )
