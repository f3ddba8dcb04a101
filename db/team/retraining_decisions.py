"""What reviewers found: which groups are confirmed and which rejected, and how far they agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from core.false_reports.agreement import agreement
from core.false_reports.retraining import Confirmation
from core.false_reports.votes import VERDICTS, counts, resolve
from db.readers.report_reviews import reviews, second_opinions

_GROUPS = text("""
    select group_id, exemplar from team.report_group where service = :service order by group_id""")
_CONFIRM, _REJECT = VERDICTS.index("confirm"), VERDICTS.index("reject")


@dataclass(frozen=True, slots=True)
class Decisions:
    """What reviewers found.

    Attributes:
        confirmed: groups whose decisions were false, by group_id.
        rejected: groups whose decisions were right.
        agreement: n, raw and alpha of the groups that two people judged blind; None without any.
    """

    confirmed: Mapping[int, Confirmation]
    rejected: frozenset[int]
    agreement: Mapping[str, Any] | None


def decisions(connection: Connection, service: str, at: datetime) -> Decisions:
    """What reviewers found by the votes before a moment."""
    exemplars: dict[int, str] = dict(connection.execute(_GROUPS, {"service": service}).all())
    group_ids = np.fromiter(exemplars, np.int64, len(exemplars))
    votes = reviews(connection, service, at)
    # Whether there is a text to look at decides only what a group waits for.
    states = resolve(
        group_ids,
        list(exemplars.values()),
        np.ones(len(exemplars), np.bool_),
        votes,
        {asked.group_id for asked in second_opinions(connection, service, at)},
    )
    backers: defaultdict[int, set[str]] = defaultdict(set)
    for vote in votes:
        if vote.verdict == "confirm" and counts(vote, exemplars.get(vote.group_id, "")):
            backers[vote.group_id].add(vote.reviewer)
    confirmed = {
        int(states.group_ids[row]): Confirmation(
            tuple(sorted(backers[int(states.group_ids[row])])), _moment(states.decided_at[row])
        )
        for row in np.flatnonzero(states.verdicts == _CONFIRM)
    }
    rejected = states.group_ids[states.verdicts == _REJECT]
    agreed = agreement(votes, resamples=0).every
    return Decisions(
        confirmed,
        frozenset(rejected.tolist()),
        {"n": agreed.n, "raw": agreed.raw, "alpha": agreed.alpha} if agreed.n else None,
    )


def _moment(time: np.datetime64) -> datetime:
    found: datetime = time.astype("datetime64[us]").item()
    return found.replace(tzinfo=UTC)
