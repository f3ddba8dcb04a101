"""What waits for a reviewer, and where each topic stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from core.false_reports.reviews import Standings
from core.false_reports.votes import State
from core.ports import Groups, Topic

#: States in which somebody has to look at a group.
OPEN = (State.WAITING, State.SECOND_OPINION, State.ADJUDICATION)


@dataclass(frozen=True, slots=True)
class Worst:
    """The group that hurts most people: the one with most reporters, then most reports."""

    group_id: int
    kind: str
    reports: int
    reporters: int
    first_reported: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits.

    Attributes:
        groups: that somebody has to look at, for the first time or once more.
        reports: in these groups.
        first: of the groups, those that nobody has looked at.
        oldest: when the oldest of the groups was first reported; None where none waits.
        worst: None where none waits.
    """

    groups: int
    reports: int
    first: int
    oldest: datetime | None
    worst: Worst | None


@dataclass(frozen=True, slots=True)
class TopicState:
    """Groups about the same thing.

    Attributes:
        topic_id: 0 for groups that no topic holds.
        words: its telling words; empty for topic 0.
        groups: all of its groups.
        reports: in them.
        waiting: groups that somebody has to look at.
        confirmed: groups whose report is right.
        rejected: groups whose report is not.
        last_reported: its newest report.
    """

    topic_id: int
    words: tuple[str, ...]
    groups: int
    reports: int
    waiting: int
    confirmed: int
    rejected: int
    last_reported: datetime


def waiting(groups: Groups, found: Standings) -> Waiting:
    """What waits for a reviewer."""
    open_ = np.flatnonzero(found.states.are(*OPEN))
    if not open_.size:
        return Waiting(0, 0, 0, None, None)
    order = np.lexsort((groups.reports[open_], groups.reporters[open_]))
    at = int(open_[order[-1]])
    return Waiting(
        groups=open_.size,
        reports=int(groups.reports[open_].sum()),
        first=found.counts[State.WAITING],
        oldest=moment(groups.first_reported[open_].min()),
        worst=Worst(
            int(groups.group_ids[at]),
            groups.kinds[at],
            int(groups.reports[at]),
            int(groups.reporters[at]),
            moment(groups.first_reported[at]),
        ),
    )


def topic_states(
    groups: Groups, found: Standings, topics: Sequence[Topic]
) -> tuple[TopicState, ...]:
    """Where each topic stands, the one with most reports first and groups without one last."""
    if not groups.group_ids.size:
        return ()
    words = {topic.topic_id: topic.words for topic in topics}
    ids, at = np.unique(groups.topics, return_inverse=True)

    def summed(weights: NDArray[np.generic]) -> list[int]:
        sums: list[int] = np.bincount(at, weights, ids.size).astype(np.int64).tolist()
        return sums

    newest = np.full(ids.size, np.iinfo(np.int64).min)
    np.maximum.at(newest, at, groups.last_reported.astype("datetime64[us]").astype(np.int64))
    states = found.states
    columns = (
        summed(np.ones(at.size)),
        summed(groups.reports),
        summed(states.are(*OPEN)),
        summed(states.are(State.CONFIRMED)),
        summed(states.are(State.REJECTED)),
        [moment(time) for time in newest.astype("datetime64[us]")],
    )
    rows = [
        TopicState(topic, words.get(topic, ()), *row)
        for topic, *row in zip(ids.tolist(), *columns, strict=True)
    ]
    return tuple(sorted(rows, key=lambda one: (one.topic_id == 0, -one.reports, one.topic_id)))


def moment(time: np.datetime64) -> datetime:
    """A time of the arrays as an aware one."""
    found: datetime = time.astype("datetime64[us]").item()
    return found.replace(tzinfo=UTC)
