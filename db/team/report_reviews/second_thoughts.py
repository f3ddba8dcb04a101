"""Taking a vote back, and asking for another opinion: both are added to the log, nothing goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from core.fields import Fields, FieldsError
from core.ports import Review, SecondOpinion
from db.readers.report_reviews import review
from db.readers.retraining_sets import lock
from db.team.report_reviews import conflict
from db.team.report_reviews.conflict import ReviewConflictError
from db.team.report_reviews.locking import LOCK, Group, check_aware, groups, name

_UNDO = text("""
    insert into team.report_review_undo (review_id, service, undone_by, undone_at)
    values (:review_id, :service, :by, :at)""")
_SET = text("""
    select set_id from team.retraining_set_letter
    where service = :service and group_id = :group_id
    order by set_id collate "C" limit 1""")
_ASK = text("""
    insert into team.report_second_opinion (service, group_id, asked_by, reason, asked_at)
    values (:service, :group_id, :by, :reason, :at)""")


def undo(engine: Engine, service: str, review_id: int, *, reviewer: str, at: datetime) -> Review:
    """Take one's own vote back, as long as it is the last that stands on its group.

    The group then stands exactly where it stood before the vote. That holds for adjudicators, too.

    Returns:
        The vote, undone; one that was undone already comes back as it is.

    Raises:
        ReviewConflictError: it is somebody else's vote, others have voted since, or the group is
            in a retraining set by now.
        FieldsError: the reviewer's name is missing or too long.
    """
    check_aware(at)
    given = Fields({"reviewer": reviewer})
    who = name(given, "reviewer")
    if given.problems:
        raise FieldsError(given.problems)
    with engine.begin() as connection:
        lock(connection, service, shared=True)  # or a set might be made of this vote meanwhile
        vote = review(connection, service, review_id)
        if vote is None:
            raise ReviewConflictError(0, "There is no such vote.")
        group = groups(connection, service, [vote.group_id], LOCK)[vote.group_id]
        (vote,) = (one for one in group.votes if one.review_id == review_id)
        if vote.reviewer != who:
            raise ReviewConflictError(
                vote.group_id, f"Only {vote.reviewer} can take this vote back.", vote.reviewer
            )
        if vote.undone_at is not None:
            return vote
        _check_last(connection, service, group, vote)
        connection.execute(_UNDO, {"review_id": review_id, "service": service, "by": who, "at": at})
        return replace(vote, undone_at=at)


def ask_second_opinion(
    engine: Engine, service: str, group_id: int, *, by: str, at: datetime, reason: str
) -> SecondOpinion:
    """Have somebody else look at a group, too: one that is decided by one vote is open again.

    Returns:
        Who asked; where somebody has asked before and nobody has answered yet, that.

    Raises:
        ReviewConflictError: there is no such group, or two people have voted on it already.
        FieldsError: the name or the reason is missing or wrong.
    """
    check_aware(at)
    given = Fields({"by": by, "reason": reason})
    who = name(given, "by")
    why = given.text("reason")
    if not why:
        given.refuse("reason", "Is missing.")
    if given.problems:
        raise FieldsError(given.problems)
    with engine.begin() as connection:
        group = groups(connection, service, [group_id], LOCK).get(group_id)
        if group is None:
            raise conflict.gone(group_id)
        if len(group.counting) > 1:
            people = " and ".join(vote.reviewer for vote in group.counting[:2])
            raise ReviewConflictError(group_id, f"{people} have both looked at this group.")
        if group.second_opinions:
            return group.second_opinions[0]
        asked = {"service": service, "group_id": group_id, "by": who, "reason": why, "at": at}
        connection.execute(_ASK, asked)
    return SecondOpinion(group_id, who, at, why)


def _check_last(connection: Connection, service: str, group: Group, vote: Review) -> None:
    """Refuse to take back a vote that something else was built on."""
    last = next(one for one in reversed(group.votes) if one.undone_at is None)
    if last.review_id != vote.review_id:
        raise ReviewConflictError(
            group.group_id, f"{last.reviewer} has voted on this group since.", last.reviewer
        )
    asked = {"service": service, "group_id": group.group_id}
    set_id = connection.execute(_SET, asked).scalar_one_or_none()
    if set_id is not None:
        raise ReviewConflictError(
            group.group_id,
            f"This group is in retraining set {set_id}, which was made from this vote: it stays. "
            "Ask for a second opinion instead.",
        )
