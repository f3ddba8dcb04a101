"""Votes: one row each in a log that only grows, stored once however often a button is pressed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from core.false_reports.reviews import OTHER, REASONS, Seen
from core.false_reports.votes import STAGES, VERDICTS
from core.fields import Fields, FieldsError
from core.ports import Review
from db.readers.report_reviews import reviews_by_request
from db.team.report_reviews import conflict
from db.team.report_reviews.locking import LOCK, Group, check_aware, groups, name

_REPORTS = text("""
    select group_id, count(*) from team.report_letter
    where service = :service and group_id = any(cast(:group_ids as bigint[]))
    group by group_id""")
_VOTE = text("""
    insert into team.report_review (service, group_id, reviewer, verdict, reason, note, stage,
        blind, drawn, group_version, exemplar, reports, request_id, decided_at)
    values (:service, :group_id, :reviewer, :verdict, :reason, :note, :stage,
        :blind, :drawn, :version, :exemplar, :reports, :request_id, :at)""")
_DONE_WITH = text("""
    delete from team.report_claim
    where service = :service and reviewer = :reviewer
        and group_id = any(cast(:group_ids as bigint[]))""")


@dataclass(frozen=True, slots=True)
class Refused:
    """A group of a bulk decision that was left as it is, and why."""

    group_id: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Bulk:
    """What became of a bulk decision: every group is in one of the two, by number."""

    stored: tuple[Review, ...]
    refused: tuple[Refused, ...]


def decide(
    engine: Engine,
    service: str,
    seen: Seen,
    verdict: str,
    *,
    reviewer: str,
    at: datetime,
    request_id: str,
    reason: str = "",
    note: str = "",
    blind: bool = True,
) -> Review:
    """Store a vote and give the group back.

    Reports that joined the group since it was seen change nothing; another text, or a vote of
    somebody else, does.

    Args:
        engine: the store, as greenlight_app.
        service: whose reports.
        seen: the group as the reviewer saw it.
        verdict: 'confirm', 'reject' or 'unsure'.
        reviewer: who votes.
        at: now.
        request_id: one a click: pressed twice, the first vote is returned and nothing is stored.
        reason: for 'reject', one of `core.false_reports.reviews.REASONS`.
        note: what the reviewer adds in words; needed where the reason is OTHER.
        blind: the reviewer saw nobody else's vote; adjudicators see them anyway.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        ReviewConflictError: the group has changed, is somebody else's at the moment, or needs no
            vote of this reviewer; the message says what, and who.
    """
    vote = _checked(
        [seen], verdict, reviewer, at, request_id=request_id, reason=reason, note=note, blind=blind
    )
    with engine.begin() as connection:
        found = groups(connection, service, [seen.group_id], LOCK)
        for stored in reviews_by_request(connection, service, vote.request_id):
            if stored.group_id == seen.group_id:
                return stored
        problem = _problem(found, seen, vote)
        if problem is not None:
            raise problem
        (stored,) = _store(connection, service, [(seen, found[seen.group_id])], vote)
    return stored


def decide_many(
    engine: Engine,
    service: str,
    seen: Sequence[Seen],
    verdict: str,
    *,
    reviewer: str,
    at: datetime,
    request_id: str,
    reason: str = "",
    note: str = "",
    blind: bool = True,
) -> Bulk:
    """Store the same vote on exactly the groups that were on the screen.

    Every group that can be voted on is, in one transaction; the others are listed with the reason.
    (All or nothing would throw a screen of work away for one group that somebody else has opened.)
    Pressed twice, what was stored comes back, and groups that were refused are tried again.

    Args and errors are those of `decide`; a group that is named twice is an error of the caller.

    Raises:
        FieldsError: a field is missing or wrong; nothing is stored.
        ValueError: a group is named twice.
    """
    vote = _checked(
        seen, verdict, reviewer, at, request_id=request_id, reason=reason, note=note, blind=blind
    )
    if len({one.group_id for one in seen}) != len(seen):
        raise ValueError("a group is named twice")
    wanted = sorted(seen, key=lambda one: one.group_id)
    with engine.begin() as connection:
        found = groups(connection, service, [one.group_id for one in wanted], LOCK)
        done = {
            stored.group_id: stored
            for stored in reviews_by_request(connection, service, vote.request_id)
        }
        new: list[tuple[Seen, Group]] = []
        refused: list[Refused] = []
        for one in wanted:
            if one.group_id in done:
                continue
            problem = _problem(found, one, vote)
            if problem is None:
                new.append((one, found[one.group_id]))
            else:
                refused.append(Refused(one.group_id, str(problem)))
        done |= {stored.group_id: stored for stored in _store(connection, service, new, vote)}
    stored = tuple(done[one.group_id] for one in wanted if one.group_id in done)
    return Bulk(stored, tuple(refused))


@dataclass(frozen=True, slots=True)
class _Vote:
    verdict: str
    reviewer: str
    at: datetime
    request_id: str
    reason: str
    note: str
    blind: bool


def _checked(
    seen: Iterable[Seen],
    verdict: str,
    reviewer: str,
    at: datetime,
    *,
    request_id: str,
    reason: str,
    note: str,
    blind: bool,
) -> _Vote:
    """The vote with nothing in it that a form would not take."""
    check_aware(at)
    given = Fields(
        {
            "reviewer": reviewer,
            "verdict": verdict,
            "reason": reason,
            "note": note,
            "request_id": request_id,
        }
    )
    who = name(given, "reviewer")
    given.name("verdict", VERDICTS)
    click = given.name("request_id") or ""
    why = ""
    if verdict == "reject":
        why = given.name("reason", tuple(REASONS)) or ""
    elif given.has("reason"):
        given.refuse("reason", "Is for rejecting only; a note may be added to any vote.")
    said = given.text("note")
    if why == OTHER and not said:
        given.refuse("note", "Is missing: say which other reason it is.")
    for one in seen:
        if one.stage not in STAGES:
            given.refuse("stage", f"Must be one of {', '.join(STAGES)}.")
    if given.problems:
        raise FieldsError(given.problems)
    return _Vote(verdict, who, at, click, why, said, blind)


def _problem(
    found: dict[int, Group], seen: Seen, vote: _Vote
) -> conflict.ReviewConflictError | None:
    group = found.get(seen.group_id)
    if group is None:
        return conflict.gone(seen.group_id)
    return conflict.changed(group, seen, vote.reviewer, vote.at)


def _store(
    connection: Connection, service: str, votes: Sequence[tuple[Seen, Group]], vote: _Vote
) -> list[Review]:
    """Store votes on locked groups, and give the groups back."""
    if not votes:
        return []
    ids = [seen.group_id for seen, _ in votes]
    asked = {"service": service, "group_ids": ids, "reviewer": vote.reviewer}
    reports = {row.group_id: row.count for row in connection.execute(_REPORTS, asked)}
    connection.execute(
        _VOTE,
        [
            {
                "service": service,
                "group_id": seen.group_id,
                "reviewer": vote.reviewer,
                "verdict": vote.verdict,
                "reason": vote.reason,
                "note": vote.note,
                "stage": group.state.stage,
                "blind": vote.blind and seen.stage != "adjudication",
                "drawn": _drawn(group, vote.reviewer),
                "version": seen.version,
                "exemplar": seen.exemplar,
                "reports": reports.get(seen.group_id, 0),
                "request_id": vote.request_id,
                "at": vote.at,
            }
            for seen, group in votes
        ],
    )
    connection.execute(_DONE_WITH, asked)
    stored = reviews_by_request(connection, service, vote.request_id)
    return [one for one in stored if one.group_id in set(ids)]


def _drawn(group: Group, reviewer: str) -> str:
    """How the queue came to hand the group out; one chosen from a list was not drawn at random."""
    mine = group.claim is not None and group.claim.reviewer == reviewer
    return group.claim.drawn if mine and group.claim is not None else "order"
