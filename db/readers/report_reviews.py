"""Votes on groups of reports, who asked for another opinion, and who is looking at what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, text

from core.ports import Claim, Review, SecondOpinion

_VOTES = """
    select review_id, group_id, reviewer, verdict, reason, stage, blind, drawn, decided_at,
        undone_at, group_version, exemplar, reports, note
    from team.report_review
    left join team.report_review_undo using (service, review_id)
    where service = :service"""
_REVIEWS = text(f"""
    {_VOTES} and decided_at < :as_of
    order by review_id""")
_OF_GROUPS = text(f"""
    {_VOTES} and group_id = any(cast(:group_ids as bigint[]))
    order by review_id""")
_OF_REQUEST = text(f"""
    {_VOTES} and request_id = :request_id
    order by group_id""")
_ONE = text(f"{_VOTES} and review_id = :review_id")
_SECOND_OPINIONS = """
    select group_id, asked_by, asked_at, reason from team.report_second_opinion
    where service = :service"""
_ASKED = text(f"""
    {_SECOND_OPINIONS} and asked_at < :as_of
    order by ask_id""")
_ASKED_OF_GROUPS = text(f"""
    {_SECOND_OPINIONS} and group_id = any(cast(:group_ids as bigint[]))
    order by ask_id""")
_LEASES = """
    select group_id, reviewer, claimed_at, leased_until, drawn, stage, exemplar, group_version
    from team.report_claim
    where service = :service"""
_CLAIMS = text(f"""
    {_LEASES} and claimed_at <= :as_of and leased_until > :as_of
    order by group_id""")
_CLAIMS_OF_GROUPS = text(f"{_LEASES} and group_id = any(cast(:group_ids as bigint[]))")


def reviews(connection: Connection, service: str, as_of: datetime) -> tuple[Review, ...]:
    """Every vote before as_of, oldest first; one undone at as_of or later is not yet undone."""
    found = connection.execute(_REVIEWS, {"service": service, "as_of": as_of})
    votes = (Review(*row) for row in found)
    return tuple(
        vote if vote.undone_at is None or vote.undone_at < as_of else replace(vote, undone_at=None)
        for vote in votes
    )


def second_opinions(
    connection: Connection, service: str, as_of: datetime
) -> tuple[SecondOpinion, ...]:
    """Every second opinion asked for before as_of, oldest first."""
    found = connection.execute(_ASKED, {"service": service, "as_of": as_of})
    return tuple(SecondOpinion(*row) for row in found)


def claims(connection: Connection, service: str, as_of: datetime) -> tuple[Claim, ...]:
    """Leases that run at as_of, by group; those given back since are not known any more."""
    found = connection.execute(_CLAIMS, {"service": service, "as_of": as_of})
    return tuple(Claim(*row) for row in found)


def reviews_of(
    connection: Connection, service: str, group_ids: Sequence[int]
) -> tuple[Review, ...]:
    """Every vote on some groups as it stands now, oldest first."""
    asked = {"service": service, "group_ids": list(group_ids)}
    return tuple(Review(*row) for row in connection.execute(_OF_GROUPS, asked))


def reviews_by_request(connection: Connection, service: str, request_id: str) -> tuple[Review, ...]:
    """The votes that one click has stored, by group."""
    asked = {"service": service, "request_id": request_id}
    return tuple(Review(*row) for row in connection.execute(_OF_REQUEST, asked))


def review(connection: Connection, service: str, review_id: int) -> Review | None:
    """One vote as it stands now."""
    asked = {"service": service, "review_id": review_id}
    row = connection.execute(_ONE, asked).one_or_none()
    return None if row is None else Review(*row)


def second_opinions_of(
    connection: Connection, service: str, group_ids: Sequence[int]
) -> tuple[SecondOpinion, ...]:
    """Every second opinion asked for on some groups, oldest first."""
    asked = {"service": service, "group_ids": list(group_ids)}
    return tuple(SecondOpinion(*row) for row in connection.execute(_ASKED_OF_GROUPS, asked))


def claims_of(connection: Connection, service: str, group_ids: Sequence[int]) -> tuple[Claim, ...]:
    """Claims of some groups, those whose lease has ended too."""
    asked = {"service": service, "group_ids": list(group_ids)}
    return tuple(Claim(*row) for row in connection.execute(_CLAIMS_OF_GROUPS, asked))
