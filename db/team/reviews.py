"""Keeping reviews, for good, and writing down what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from core.ports.reviews import Decision, KeptReview
from core.review.decisions import parse_decision
from db.readers.review import SqlReviewReader
from db.readers.values import value_of
from db.review_export import Pack
from db.team.audit import NotNowError, acting
from db.team.rows import Rows

_DECISIONS = Rows("decision", "decision", lambda row: value_of(Decision, row))
_ADD = text("""
    insert into team.review_pack
        (service, as_of, title, headline, request_id, changed_by, changed_at)
    values (:service, :as_of, :title, :headline, :request_id, :by, :at)
    returning review_id""")
_FILE = text("""
    insert into team.review_file (review_id, kind, content) values (:review_id, :kind, :content)""")
_OF_REQUEST = text("""
    select review_id from team.review_pack
    where service = :service and request_id = :request_id""")
# The rows of a kept review may not even be locked, as whatever may change may be.
_LOG = text("""
    insert into team.audit
        (service, subject, subject_id, changed_by, changed_at, before, after)
    select service, 'review', cast(review_id as text), changed_by, changed_at, '{}',
        to_jsonb(stored)
    from team.review_pack stored where review_id = :review_id""")


def keep_review(
    engine: Engine, pack: Pack, *, by: str, at: datetime, request_id: str
) -> KeptReview:
    """Keep a review as it is, with its files: it never changes, whatever its data do later.

    Args:
        engine: the store, as greenlight_app.
        pack: the review and its files.
        by: who keeps it.
        at: now.
        request_id: one a click; its second arrival gives back what the first has kept.

    Raises:
        FieldsError: by or request_id is missing.
        NotNowError: the review is of a moment ahead.
    """
    review = pack.drawn.review
    if review.as_of > at:
        raise NotNowError("This review is of a moment that has not come yet.")
    asked = {
        "service": review.service,
        "as_of": review.as_of,
        "title": review.title,
        "headline": review.headline,
        "request_id": request_id.strip(),
        "by": by.strip(),
        "at": at,
    }
    with acting(engine, by, at, request_id) as connection:
        number = connection.execute(_OF_REQUEST, asked).scalar_one_or_none()
        if number is None:
            number = connection.execute(_ADD, asked).scalar_one()
            _store_files(connection, number, pack)
            connection.execute(_LOG, {"review_id": number})
        kept = SqlReviewReader(connection).one(number)
    assert kept is not None
    return kept


def add_decision(
    engine: Engine,
    service: str,
    given: Mapping[str, object],
    *,
    by: str,
    at: datetime,
    request_id: str,
) -> Decision:
    """Write down what was decided.

    Args:
        engine: the store, as greenlight_app.
        service: about which service.
        given: the fields of a form, see `core.review.decisions.parse_decision`.
        by: who writes it down.
        at: now.
        request_id: one a click; its second arrival gives back what the first has stored.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
    """
    wanted = parse_decision(given, at.date())
    with acting(engine, by, at, request_id) as connection:
        done = _DECISIONS.of_request(connection, service, request_id)
        if done:
            return done[0]
        values = {**asdict(wanted), "created_by": by.strip(), "created_at": at}
        return _DECISIONS.add(connection, service, values, by=by, at=at, request_id=request_id)


def change_decision(
    engine: Engine, seen: Decision, given: Mapping[str, object], *, by: str, at: datetime
) -> Decision:
    """Correct a decision. Reviews that were kept go on saying what they said.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ConflictError: somebody else has changed it since it was seen.
        NotNowError: it was taken back.
    """
    wanted = parse_decision(given, at.date())
    with acting(engine, by, at) as connection:
        held = _DECISIONS.held(connection, seen)
        if held.is_removed:
            raise NotNowError(f"{held.value.removed_by} has taken this decision back.")
        return held.become(asdict(wanted), by=by, at=at)


def remove_decision(engine: Engine, seen: Decision, *, by: str, at: datetime) -> Decision:
    """Take a decision back: later reviews do not tell of it. Said twice, the first counts.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        return _DECISIONS.remove(connection, seen, by=by, at=at)


def _store_files(connection: Connection, number: int, pack: Pack) -> None:
    rows = [
        {"review_id": number, "kind": kind, "content": content}
        for kind, content in pack.files.items()
    ]
    connection.execute(_FILE, rows)
