"""The review of reported groups: where each stands, who has done what, why a report is rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.false_reports.votes import NONE, STAGES, STATES, VERDICTS, State, States, resolve
from core.ports import Counts, Groups, Review, SecondOpinion

#: The longest name of a reviewer.
REVIEWER_LENGTH = 80
#: Two votes further apart than this are not of one sitting: the time between them was a break.
BREAK = timedelta(minutes=30)

#: Why a report is rejected: a phrase for each kind of report. OTHER needs a note.
OTHER = "other"
REASONS: Mapping[str, Mapping[str, str]] = {
    "decision_was_right": {
        "false_positive": "A newsletter after all",
        "false_negative": "Not a newsletter after all",
    },
    "wanted": {
        "false_positive": "A newsletter that its reader wants in the Inbox",
        "false_negative": "No newsletter, only one that its reader does not want",
    },
    "too_little_text": {
        "false_positive": "Not enough text to tell",
        "false_negative": "Not enough text to tell",
    },
    "fixed_case": {
        "false_positive": "Duplicate of a case that is fixed",
        "false_negative": "Duplicate of a case that is fixed",
    },
    OTHER: {
        "false_positive": "Another reason, in words",
        "false_negative": "Another reason, in words",
    },
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A group as it was on a reviewer's screen: what a vote is about.

    Attributes:
        version: of the group.
        exemplar: report_id of the text that was shown.
        stage: one of STAGES: what the group was waiting for.
    """

    group_id: int
    version: int
    exemplar: str
    stage: str = "first"


@dataclass(frozen=True, slots=True)
class GroupState:
    """Where one group stands.

    Attributes:
        stage: one of STAGES that it waits for; None where it waits for none.
        verdict: 'confirm' or 'reject' once it is decided.
        votes: votes that count.
        agreed: the first two verdicts are the same and sure.
        disputed: the first two verdicts contradict each other.
        decided_at: when it was settled; None while it is not.
        decided_version: version of the group at that vote; 0 while it is not decided.
    """

    state: State
    stage: str | None
    verdict: str | None
    votes: int
    agreed: bool
    disputed: bool
    decided_at: datetime | None
    decided_version: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What one reviewer has done.

    Attributes:
        votes: votes that stand.
        confirmed: of these, 'confirm'.
        rejected: of these, 'reject'.
        unsure: of these, 'unsure'.
        undone: votes taken back.
        median_seconds: between one vote and the next of a sitting; None where there are no two.
            Votes given in bulk, at the same moment, are one.
        today: votes that stand, given since midnight UTC.
    """

    reviewer: str
    votes: int
    confirmed: int
    rejected: int
    unsure: int
    undone: int
    median_seconds: float | None
    today: int


@dataclass(frozen=True, slots=True)
class Decided:
    """A decided group.

    Attributes:
        reviewers: votes for what was decided.
        version: of the group when it was decided; what joined since has a higher one.
    """

    decided_at: datetime
    reviewers: int
    version: int


@dataclass(frozen=True, slots=True, eq=False)
class Standings:
    """Where all groups stand.

    Attributes:
        states: one entry a group, as in `Groups`.
        topic_labels: decided groups of each group's topic, shape (g,); a group without a topic is a
            topic of its own.
        counts: groups by state; every state is there.
        reports: reports by state, of all groups in it; every state is there.
        progress: by reviewer, the one with most votes first.
        oldest_waiting: when the group that has waited longest for its first vote was first
            reported; None where none waits.
    """

    states: States
    topic_labels: Counts
    counts: Mapping[State, int]
    reports: Mapping[State, int]
    progress: tuple[Progress, ...]
    oldest_waiting: datetime | None

    def decided(self, state: State) -> dict[int, Decided]:
        """The groups that are CONFIRMED, or REJECTED, by group_id."""
        states = self.states
        rows = np.flatnonzero(states.are(state) & (states.verdicts != NONE))
        return {
            int(states.group_ids[row]): Decided(
                _moment(states.decided_at[row]),
                int(states.backers[row]),
                int(states.decided_versions[row]),
            )
            for row in rows
        }


def standings(
    groups: Groups,
    reviews: Sequence[Review],
    second_opinions: Sequence[SecondOpinion] = (),
    *,
    as_of: datetime,
) -> Standings:
    """Where all groups stand by the votes on them.

    Args:
        groups: the groups.
        reviews: their votes, in any order.
        second_opinions: who asked for another opinion.
        as_of: the moment that 'today' is of.
    """
    states = resolve(
        groups.group_ids,
        groups.exemplars,
        groups.withdrawn < groups.reports,
        reviews,
        {asked.group_id for asked in second_opinions},
    )
    reports = np.bincount(states.states, groups.reports, minlength=len(STATES))
    waiting = groups.first_reported[states.are(State.WAITING)]
    return Standings(
        states=states,
        topic_labels=_topic_labels(groups.topics, states.verdicts != NONE),
        counts=_by_state(np.bincount(states.states, minlength=len(STATES))),
        reports=_by_state(reports),
        progress=progress(reviews, as_of),
        oldest_waiting=_moment(waiting.min()) if waiting.size else None,
    )


def state_of(
    votes: Sequence[Review],
    *,
    group_id: int,
    exemplar: str = "",
    asked: bool = False,
    readable: bool = True,
) -> GroupState:
    """Where one group stands.

    Args:
        votes: votes on it, in any order.
        group_id: its number, which says whether it is one of the share that two people look at.
        exemplar: the report whose text stands for it now.
        asked: whether somebody asked for a second opinion.
        readable: whether there is a text to look at.
    """
    ids = np.array([group_id], np.int64)
    found = resolve(
        ids, [exemplar], np.array([readable]), votes, {group_id} if asked else frozenset()
    )
    return state_at(found, 0)


def state_at(states: States, row: int) -> GroupState:
    """Where the group of one entry stands."""
    stage, verdict = int(states.stages[row]), int(states.verdicts[row])
    decided = verdict != NONE
    return GroupState(
        state=STATES[int(states.states[row])],
        stage=None if stage == NONE else STAGES[stage],
        verdict=VERDICTS[verdict] if decided else None,
        votes=int(states.votes[row]),
        agreed=bool(states.agreed[row]),
        disputed=bool(states.disagreement[row] == 1),
        decided_at=_moment(states.decided_at[row]) if decided else None,
        decided_version=int(states.decided_versions[row]),
    )


def progress(reviews: Sequence[Review], as_of: datetime) -> tuple[Progress, ...]:
    """What each reviewer has done, the one with most votes first."""
    midnight = as_of.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    by_reviewer: dict[str, list[Review]] = {}
    for review in reviews:
        by_reviewer.setdefault(review.reviewer, []).append(review)
    found = [_progress(name, votes, midnight) for name, votes in by_reviewer.items()]
    return tuple(sorted(found, key=lambda one: (-one.votes, one.reviewer)))


def _progress(reviewer: str, votes: Sequence[Review], midnight: datetime) -> Progress:
    standing = [vote for vote in votes if vote.undone_at is None]
    verdicts = [vote.verdict for vote in standing]
    times = sorted({vote.decided_at for vote in votes})
    gaps = [later - earlier for earlier, later in pairwise(times)]
    seconds = [gap.total_seconds() for gap in gaps if gap <= BREAK]
    return Progress(
        reviewer=reviewer,
        votes=len(standing),
        confirmed=verdicts.count("confirm"),
        rejected=verdicts.count("reject"),
        unsure=verdicts.count("unsure"),
        undone=len(votes) - len(standing),
        median_seconds=float(np.median(seconds)) if seconds else None,
        today=sum(vote.decided_at >= midnight for vote in standing),
    )


def _topic_labels(topics: Counts, decided: NDArray[np.bool_]) -> Counts:
    """Decided groups of each group's topic; one without a topic is a topic of its own."""
    if not topics.size:
        return np.zeros(0, np.int64)
    labelled = np.bincount(topics, decided, minlength=1)
    return np.where(topics == 0, decided, labelled[topics]).astype(np.int64)


def _by_state(sums: NDArray[np.generic]) -> dict[State, int]:
    return {state: int(found) for state, found in zip(STATES, sums.tolist(), strict=True)}


def _moment(time: np.datetime64) -> datetime:
    """A time of the arrays as an aware one."""
    found: datetime = time.astype("datetime64[us]").item()
    return found.replace(tzinfo=UTC)
