"""Kept reviews and decisions, as `core.review` asks for them, and the files that were kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from core.ports.reviews import Decision, KeptReview
from db.readers.audit import states
from db.readers.snapshot import Source, snapshot
from db.readers.values import value_of

_KEPT = text("""
    select review_id, service, as_of, title, headline, changed_by as kept_by, changed_at as kept_at
    from team.review_pack
    where service = :service and changed_at <= :as_of
    order by review_pack.as_of desc, review_id desc""")
_ONE = text("""
    select review_id, service, as_of, title, headline, changed_by as kept_by, changed_at as kept_at
    from team.review_pack where review_id = :review_id""")
_FILE = text("""
    select content from team.review_file where review_id = :review_id and kind = :kind""")
#: Identities are numbers of this kind; whatever is larger names nothing.
_LARGEST = 2**63 - 1


class SqlReviewReader:
    """Fulfils `core.ports.reviews.ReviewReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def decisions(self, service: str, as_of: datetime) -> tuple[Decision, ...]:
        """The decisions that stand, the newest first."""
        with snapshot(self._source) as connection:
            found = [
                value_of(Decision, row) for row in states(connection, "decision", service, as_of)
            ]
        standing = [one for one in found if one.removed_at is None]
        return tuple(
            sorted(standing, key=lambda one: (one.decided_on, one.decision_id), reverse=True)
        )

    def kept(self, service: str, as_of: datetime) -> tuple[KeptReview, ...]:
        """The reviews that were kept, the newest first."""
        with snapshot(self._source) as connection:
            found = connection.execute(_KEPT, {"service": service, "as_of": as_of})
            return tuple(KeptReview(**row) for row in found.mappings())

    def one(self, review_id: int) -> KeptReview | None:
        """A review that was kept; None where there is no such one."""
        if not 0 < review_id <= _LARGEST:
            return None
        with snapshot(self._source) as connection:
            row = connection.execute(_ONE, {"review_id": review_id}).mappings().one_or_none()
        return None if row is None else KeptReview(**row)

    def values(self, review_id: int) -> str | None:
        """A kept review as `core.review.codec` writes it; None where there is no such review."""
        found = self.file(review_id, "values")
        return None if found is None else found.decode()

    def file(self, review_id: int, kind: str) -> bytes | None:
        """A file of a kept review, byte for byte as it was kept; see `db.review_export.Pack`."""
        if not 0 < review_id <= _LARGEST:
            return None
        asked = {"review_id": review_id, "kind": kind}
        with snapshot(self._source) as connection:
            found = connection.execute(_FILE, asked).scalar_one_or_none()
        return None if found is None else bytes(found)
