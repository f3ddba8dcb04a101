"""What a reviewer is told whose vote or claim came too late."""

from __future__ import annotations

from datetime import datetime

from core.false_reports.reviews import Seen
from core.false_reports.votes import STAGES, State
from core.ports import Review
from core.wording import clock
from db.team.report_reviews.locking import Group

_DID = {"confirm": "confirmed", "reject": "rejected", "unsure": "said unsure of"}


class ReviewConflictError(RuntimeError):
    """Others or the data were faster; nothing was stored. The message holds names as people typed.

    Attributes:
        group_id: the group that it is about.
        by: whose vote or claim is in the way; '' where it is nobody's.
    """

    def __init__(self, group_id: int, sentence: str, by: str = "") -> None:
        super().__init__(sentence)
        self.group_id = group_id
        self.by = by


def gone(group_id: int) -> ReviewConflictError:
    """There is no such group."""
    return ReviewConflictError(group_id, "This group does not exist.")


def held(group: Group, reviewer: str, at: datetime) -> ReviewConflictError | None:
    """Somebody else is looking at the group."""
    claim = group.claim
    if claim is None or claim.reviewer == reviewer or claim.leased_until <= at:
        return None
    until = clock(claim.leased_until, at)
    return ReviewConflictError(
        group.group_id, f"{claim.reviewer} is looking at this group until {until}.", claim.reviewer
    )


def closed(group: Group, reviewer: str, at: datetime) -> ReviewConflictError | None:
    """The group waits for no vote of this reviewer."""
    if group.state.state is State.WITHDRAWN:
        return ReviewConflictError(
            group.group_id, "The letters of this group were withdrawn: there is nothing to look at."
        )
    for vote in group.counting:
        if vote.reviewer == reviewer:
            return ReviewConflictError(
                group.group_id,
                f"You have {_DID[vote.verdict]} this group already, {_when(vote, at)}.",
                reviewer,
            )
    if group.state.stage is None:
        return _voted(group, at)
    return None


def changed(group: Group, seen: Seen, reviewer: str, at: datetime) -> ReviewConflictError | None:
    """What a vote on the group as it was seen would be wrong about.

    Reports that joined since are no conflict: they are near-identical, and the version that was
    seen is kept with the vote. Nor is a vote that was taken back since: the reviewer's is then the
    one that was waited for before.
    """
    if group.exemplar != seen.exemplar:
        return ReviewConflictError(
            group.group_id,
            "Another text stands for this group since you opened it: read it before you decide.",
        )
    if closing := closed(group, reviewer, at) or held(group, reviewer, at):
        return closing
    if STAGES.index(group.state.stage or "first") <= STAGES.index(seen.stage):
        return None
    return _voted(group, at)


def _voted(group: Group, at: datetime) -> ReviewConflictError:
    """Somebody has voted since the group was seen.

    A verdict is told only once the group is decided: whoever is asked next must not know it.
    """
    last = group.counting[-1]
    if group.state.stage is None:
        done = f"{last.reviewer} has {_DID[last.verdict]} this group {_when(last, at)}."
    else:
        done = f"{last.reviewer} has voted on this group {_when(last, at)}: it now waits for " + (
            "a second opinion." if group.state.stage == "second" else "an adjudication."
        )
    return ReviewConflictError(group.group_id, done, last.reviewer)


def _when(vote: Review, at: datetime) -> str:
    return f"at {clock(vote.decided_at, at)}"
