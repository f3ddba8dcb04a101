"""Simulated reviewers: whom the queue hands out what, and what they say of it.

They go by the rules that people go by (`core.false_reports`): the queue's order with its draws at
random, blind votes, second opinions and adjudications. They see a letter's topic as people do, and
err as people do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from core.false_reports.queue import Draw, Queue, draw, queue
from core.false_reports.reviews import standings
from core.false_reports.votes import STAGES
from core.ports import Groups, Review, SecondOpinion

#: Votes of one day, all reviewers together, and the time between two of one reviewer.
VOTES_A_DAY = 15
PACE = timedelta(minutes=2)
#: Share of the first votes after which somebody would rather have another opinion.
DOUBTS = 0.15
#: They sit down at nine, UTC.
SITS_DOWN = timedelta(hours=9)


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who does not exist.

    Attributes:
        name: as it stands in the log; it says that it is simulated.
        errs: share of the votes that are wrong.
        unsure: share of the votes that are neither.
    """

    name: str
    errs: float
    unsure: float


REVIEWERS = (
    Reviewer("simulated: Ada", 0.02, 0.02),
    Reviewer("simulated: Boris", 0.04, 0.03),
    Reviewer("simulated: Chiara", 0.07, 0.05),
)
#: Why a report is rejected, and how often.
_REASONS, _REASON_SHARES = ("decision_was_right", "wanted", "too_little_text"), (0.7, 0.2, 0.1)


def day(
    groups: Groups,
    reviews: Sequence[Review],
    asked: Sequence[SecondOpinion],
    right: Mapping[int, bool],
    midnight: datetime,
    *,
    chance: np.random.Generator,
    chosen: bool = False,
) -> list[Review]:
    """The votes of one day; every group gets one at the most.

    Args:
        groups: as they were when the reviewers sat down.
        reviews: votes of the days before.
        asked: who asked for a second opinion on these days.
        right: whether the reports of a group are right, of the groups that are looked at.
        midnight: when the day began.
        chance: source of chance.
        chosen: the groups were chosen by their topics: none is drawn at random.
    """
    start = midnight + SITS_DOWN
    order = queue(groups, standings(groups, reviews, asked, as_of=start), start)
    looked_at = np.isin(order.group_ids, np.fromiter(right, np.int64, len(right)))
    order = Queue(order.group_ids[looked_at], order.priorities[looked_at], order.stages[looked_at])
    stages = dict(zip(order.group_ids.tolist(), order.stages.tolist(), strict=True))
    rows = {group_id: row for row, group_id in enumerate(groups.group_ids.tolist())}
    voted = {(review.group_id, review.reviewer) for review in reviews}
    done: set[int] = set()
    found: list[Review] = []
    for number in range(VOTES_A_DAY):
        who = REVIEWERS[number % len(REVIEWERS)]
        drawn = Draw("order", order.group_ids) if chosen else draw(order, chance)
        free = (
            group_id
            for group_id in drawn.group_ids.tolist()
            if group_id not in done and (group_id, who.name) not in voted
        )
        group_id = next(free, None)
        if group_id is None:
            continue
        done.add(group_id)
        stage = STAGES[stages[group_id]]
        verdict, reason = _says(who, chance, is_right=right[group_id])
        reports = int(groups.reports[rows[group_id]])
        found.append(
            Review(
                review_id=len(reviews) + len(found) + 1,
                group_id=group_id,
                reviewer=who.name,
                verdict=verdict,
                reason=reason,
                stage=stage,
                blind=stage != "adjudication",
                drawn=drawn.drawn,
                decided_at=start + (number // len(REVIEWERS)) * PACE + _jitter(chance),
                undone_at=None,
                # A group's version counts its reports as long as none has left it.
                group_version=reports,
                exemplar=groups.exemplars[rows[group_id]],
                reports=reports,
            )
        )
    return found


def doubts(votes: Sequence[Review], chance: np.random.Generator) -> list[SecondOpinion]:
    """Who asks for a second opinion on what was decided in a day, in the evening."""
    return [
        SecondOpinion(
            group_id=vote.group_id,
            asked_by=vote.reviewer,
            asked_at=vote.decided_at + timedelta(hours=8),
            reason="simulated: would like somebody else to look, too",
        )
        for vote in votes
        if vote.stage == "first" and vote.verdict != "unsure" and chance.random() < DOUBTS
    ]


def _says(who: Reviewer, chance: np.random.Generator, *, is_right: bool) -> tuple[str, str]:
    at = chance.random()
    reason = str(chance.choice(_REASONS, p=_REASON_SHARES))
    if at < who.unsure:
        return "unsure", ""
    errs = at < who.unsure + who.errs
    return ("confirm", "") if is_right != errs else ("reject", reason)


def _jitter(chance: np.random.Generator) -> timedelta:
    """Nobody looks at every letter equally long."""
    return timedelta(seconds=int(chance.integers(0, PACE.seconds)))
