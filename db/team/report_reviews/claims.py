"""Handing out groups: one person at a time looks at a group, for as long as a lease runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from core.false_reports.queue import Draw, Queue, draw, generator
from core.fields import Fields, FieldsError
from core.ports import Claim, Counts
from db.team.report_reviews import conflict
from db.team.report_reviews.conflict import ReviewConflictError
from db.team.report_reviews.locking import LOCK, LOCK_FREE, LOOK, Group, check_aware, groups, name

#: How long a group is kept for whoever opened it.
LEASE = timedelta(minutes=10)
#: How many groups of the order are looked at first, and at most at once.
_FEW, _MANY = 32, 1_024

#: The draws of one reviewer come one after the other, or two tabs would hold two groups.
_ONE_AT_A_TIME = text("""
    select pg_advisory_xact_lock(hashtextextended(:service || chr(10) || :reviewer, 9))""")
_OWN = text("""
    select group_id from team.report_claim
    where service = :service and reviewer = :reviewer and leased_until > :at
    order by claimed_at, group_id""")
_NUMBER = text("select nextval('team.report_draw')")
# A claim whose lease has ended gives way, and so does one's own. What was drawn at random stays so.
_TAKE = text("""
    insert into team.report_claim as c (service, group_id, reviewer, claimed_at, leased_until,
        drawn, stage, exemplar, group_version)
    values (:service, :group_id, :reviewer, :at, :until, :drawn, :stage, :exemplar, :version)
    on conflict (service, group_id) do update
    set reviewer = excluded.reviewer, stage = excluded.stage, exemplar = excluded.exemplar,
        group_version = excluded.group_version, leased_until = excluded.leased_until,
        claimed_at = case when c.reviewer = excluded.reviewer and c.leased_until > :at
            then c.claimed_at else excluded.claimed_at end,
        drawn = case when c.reviewer = excluded.reviewer and c.drawn = 'random'
            then c.drawn else excluded.drawn end
    where c.leased_until <= :at or c.reviewer = excluded.reviewer
    returning group_id, reviewer, claimed_at, leased_until, drawn, stage, exemplar, group_version
""")
_EXTEND = text("""
    update team.report_claim set leased_until = greatest(leased_until, :until)
    where service = :service and group_id = :group_id and reviewer = :reviewer
    returning group_id, reviewer, claimed_at, leased_until, drawn, stage, exemplar, group_version
""")
_RELEASE = text("""
    delete from team.report_claim
    where service = :service and group_id = :group_id and reviewer = :reviewer""")


def claim_next(
    engine: Engine,
    service: str,
    reviewer: str,
    *,
    order: Queue,
    at: datetime,
    lease: timedelta = LEASE,
) -> Claim | None:
    """Hand out the next group, for this reviewer alone while the lease runs.

    Whoever holds a claim gets the same group again, with the time that is left of it. The order may
    be some minutes old: a group that needs no vote of this reviewer any more is passed over.

    Args:
        engine: the store, as greenlight_app.
        service: whose reports.
        reviewer: who asks.
        order: `core.false_reports.queue.queue`: groups that are not in it are not handed out.
        at: now.
        lease: how long the group is kept.

    Returns:
        The claim; None where no group of the order is free for this reviewer.

    Raises:
        FieldsError: the reviewer's name is missing or too long.
    """
    reviewer = _checked(reviewer, at)
    asked = _Asked(service, reviewer, at, at + lease)
    with engine.begin() as connection:
        connection.execute(_ONE_AT_A_TIME, {"service": service, "reviewer": reviewer})
        held = _held(connection, asked)
        if held is not None:
            return held
        number = int(connection.execute(_NUMBER).scalar_one())
        drawn = draw(order, generator(service, number))
        found = _first_free(connection, asked, drawn)
        if found is None and drawn.drawn == "random":
            found = _first_free(connection, asked, Draw("order", order.group_ids))
        return found


def claim(
    engine: Engine,
    service: str,
    group_id: int,
    reviewer: str,
    *,
    at: datetime,
    lease: timedelta = LEASE,
) -> Claim:
    """Claim a group that somebody has chosen; one's own claim begins its lease anew.

    Raises:
        ReviewConflictError: somebody else is looking at it, and until when; or it needs no vote of
            this reviewer, and why.
        FieldsError: the reviewer's name is missing or too long.
    """
    reviewer = _checked(reviewer, at)
    with engine.begin() as connection:
        group = groups(connection, service, [group_id], LOCK).get(group_id)
        if group is None:
            raise conflict.gone(group_id)
        problem = conflict.held(group, reviewer, at) or conflict.closed(group, reviewer, at)
        if problem is not None:
            raise problem
        taken = _take(connection, _Asked(service, reviewer, at, at + lease), group, "order")
        assert taken is not None, "the group is locked, and nobody else's lease runs"
        return taken


def extend(
    engine: Engine,
    service: str,
    group_id: int,
    reviewer: str,
    *,
    at: datetime,
    lease: timedelta = LEASE,
) -> Claim:
    """Keep a claimed group longer, also one whose lease has ended while nobody else took it.

    Raises:
        ReviewConflictError: the claim is somebody else's by now, or was given back.
        FieldsError: the reviewer's name is missing or too long.
    """
    reviewer = _checked(reviewer, at)
    asked = {"service": service, "group_id": group_id, "reviewer": reviewer, "until": at + lease}
    with engine.begin() as connection:
        row = connection.execute(_EXTEND, asked).one_or_none()
        if row is not None:
            return Claim(*row)
        group = groups(connection, service, [group_id]).get(group_id)
    if group is None:
        raise conflict.gone(group_id)
    raise conflict.held(group, reviewer, at) or ReviewConflictError(
        group_id, "You do not hold this group any more: open it again."
    )


def release(engine: Engine, service: str, group_id: int, reviewer: str) -> bool:
    """Give a claimed group back; whether there was anything to give back."""
    asked = {"service": service, "group_id": group_id, "reviewer": reviewer.strip()}
    with engine.begin() as connection:
        return connection.execute(_RELEASE, asked).rowcount > 0


@dataclass(frozen=True, slots=True)
class _Asked:
    service: str
    reviewer: str
    at: datetime
    until: datetime


def _checked(reviewer: str, at: datetime) -> str:
    check_aware(at)
    given = Fields({"reviewer": reviewer})
    found = name(given, "reviewer")
    if given.problems:
        raise FieldsError(given.problems)
    return found


def _held(connection: Connection, asked: _Asked) -> Claim | None:
    """The reviewer's own claim, of the group as it is now; those of no use any more are dropped."""
    who = {"service": asked.service, "reviewer": asked.reviewer, "at": asked.at}
    ids = connection.execute(_OWN, who).scalars().all()
    own = groups(connection, asked.service, ids, LOCK)
    for group_id in ids:
        group = own[group_id]
        if group.claim is None or group.claim.reviewer != asked.reviewer:
            continue  # decided or given back while waiting for the lock
        if conflict.closed(group, asked.reviewer, asked.at) is None:
            kept = replace(asked, until=group.claim.leased_until)
            return _take(connection, kept, group, group.claim.drawn)
        connection.execute(_RELEASE, who | {"group_id": group_id})
    return None


def _first_free(connection: Connection, asked: _Asked, drawn: Draw) -> Claim | None:
    """Claim the first group of a draw that is free for the reviewer."""
    for ids in _portions(drawn.group_ids):
        looked = groups(connection, asked.service, ids, LOOK)
        for group_id in ids:
            if group_id not in looked or not _is_free(looked[group_id], asked, drawn):
                continue
            # Held by somebody at this moment: the next one. Otherwise look again, now that nobody
            # can change it: it may have been claimed or voted on since the first look.
            locked = groups(connection, asked.service, [group_id], LOCK_FREE).get(group_id)
            if locked is not None and _is_free(locked, asked, drawn):
                taken = _take(connection, asked, locked, drawn.drawn)
                if taken is not None:
                    return taken
    return None


def _portions(group_ids: Counts) -> Iterator[list[int]]:
    """The groups in order, few at first: mostly one of the first is free."""
    start, size = 0, _FEW
    while start < group_ids.size:
        yield group_ids[start : start + size].tolist()
        start, size = start + size, min(4 * size, _MANY)


def _is_free(group: Group, asked: _Asked, drawn: Draw) -> bool:
    if drawn.drawn == "random" and group.state.stage != "first":
        return False
    return conflict.closed(group, asked.reviewer, asked.at) is None and (
        group.claim is None or group.claim.leased_until <= asked.at
    )


def _take(connection: Connection, asked: _Asked, group: Group, drawn: str) -> Claim | None:
    """Write the claim; None where somebody else's lease runs."""
    row = connection.execute(
        _TAKE,
        {
            "service": asked.service,
            "group_id": group.group_id,
            "reviewer": asked.reviewer,
            "at": asked.at,
            "until": asked.until,
            "drawn": drawn,
            "stage": group.state.stage,
            "exemplar": group.exemplar,
            "version": group.version,
        },
    ).one_or_none()
    return None if row is None else Claim(*row)
