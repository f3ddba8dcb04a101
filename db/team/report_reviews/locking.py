"""A group with everything that is known of its review now, under a lock where one is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, TextClause, text

from core.false_reports.reviews import REVIEWER_LENGTH, GroupState, state_at
from core.false_reports.votes import counts, resolve
from core.fields import Fields
from core.ports import Claim, Review, SecondOpinion
from db.readers.report_reviews import claims_of, reviews_of, second_opinions_of

_GROUPS = """
    select group_id, kind, exemplar, version, exists (
        select from team.report_letter
        where report_letter.service = report_group.service
            and report_letter.group_id = report_group.group_id and withdrawn_at is null)
    from team.report_group
    where service = :service and group_id = any(cast(:group_ids as bigint[]))
    order by group_id"""
LOOK = text(_GROUPS)
#: Waits for whoever holds one of the groups; in the order of their numbers, so that two who lock
#: several never wait for each other.
LOCK = text(f"{_GROUPS} for update of report_group")
#: Leaves out groups that somebody holds.
LOCK_FREE = text(f"{_GROUPS} for update of report_group skip locked")


@dataclass(frozen=True, slots=True)
class Group:
    """A group and its review as they are now.

    Attributes:
        votes: all, undone ones too, oldest first.
        counting: those that count, oldest first.
        second_opinions: who asked for another opinion, oldest first.
        claim: whose claim stands last, whether or not its lease still runs.
    """

    group_id: int
    kind: str
    exemplar: str
    version: int
    votes: tuple[Review, ...]
    counting: tuple[Review, ...]
    second_opinions: tuple[SecondOpinion, ...]
    claim: Claim | None
    state: GroupState


def groups(
    connection: Connection, service: str, group_ids: Iterable[int], how: TextClause = LOOK
) -> dict[int, Group]:
    """Groups by number; those that do not exist, or that LOCK_FREE passes over, are left out.

    Votes and claims are read after the lock has been taken, by statements of their own: what was
    stored while waiting for it is seen.
    """
    asked = {"service": service, "group_ids": sorted(set(group_ids))}
    rows = connection.execute(how, asked).all()
    ids = [row.group_id for row in rows]
    if not ids:
        return {}
    votes: defaultdict[int, list[Review]] = defaultdict(list)
    for vote in reviews_of(connection, service, ids):
        votes[vote.group_id].append(vote)
    opinions: defaultdict[int, list[SecondOpinion]] = defaultdict(list)
    for opinion in second_opinions_of(connection, service, ids):
        opinions[opinion.group_id].append(opinion)
    claimed = {claim.group_id: claim for claim in claims_of(connection, service, ids)}
    states = resolve(
        np.array(ids, np.int64),
        [row.exemplar for row in rows],
        np.array([row.exists for row in rows], np.bool_),
        [vote for of_group in votes.values() for vote in of_group],
        opinions.keys(),
    )
    return {
        row.group_id: Group(
            group_id=row.group_id,
            kind=row.kind,
            exemplar=row.exemplar,
            version=row.version,
            votes=tuple(votes[row.group_id]),
            counting=tuple(vote for vote in votes[row.group_id] if counts(vote, row.exemplar)),
            second_opinions=tuple(opinions[row.group_id]),
            claim=claimed.get(row.group_id),
            state=state_at(states, number),
        )
        for number, row in enumerate(rows)
    }


def name(given: Fields, field: str) -> str:
    """A person's name, trimmed; '' where something is wrong with it, which is then noted."""
    found = given.name(field) or ""
    if len(found) > REVIEWER_LENGTH:
        given.refuse(field, f"Must have at most {REVIEWER_LENGTH} characters, has {len(found)}.")
    return found


def check_aware(at: datetime) -> None:
    """Refuse a time that is nobody's.

    Raises:
        ValueError: it has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"at == {at}, must have a time zone")
