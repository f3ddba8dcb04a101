"""Which group to review next: the most telling first, and now and then one at random.

A group's priority is

    log1p(distinct reporters)
    x confidence: how far the score was on the wrong side of its threshold
    x exp(-age / QUEUE_MEMORY), age since its newest report
    x (1 + disagreement of the votes so far)
    / (1 + decided groups of its topic)

so that one case of every topic is settled before the tenth of one, and a case that goes on hurting
many people comes before an old one. Ages grow alike for all groups, so the order changes only where
reports or votes come in: one worked out a minute ago is still the order.

What the order hands out says nothing about how many reports are right: it prefers the clear cases.
So RANDOM_SHARE of the draws take a waiting group at random, each as likely as any other, and only
these count for `report_precision`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

import numpy as np
from scipy.special import expit, logit

from core.false_reports.reviews import Standings
from core.false_reports.votes import NONE, counts
from core.ports import Counts, Groups, Review
from core.stats.proportion import Share, share, weighted_share
from core.stats.strata import Floats
from core.status import Estimate

#: A report that is a week older weighs about a third (1/e) of one just made.
QUEUE_MEMORY = timedelta(days=7)
#: Share of draws that are made at random: at 300 decisions a day, a week measures the share of
#: right reports to about 8 points either way, and costs a reviewer one in twelve groups.
RANDOM_SHARE = 0.08
#: Scores and thresholds closer to 0 or 1 than this count as this close.
_CLOSEST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Queue:
    """Groups that wait for a vote, the one to look at first in front; arrays of shape (q,).

    Attributes:
        priorities: descending.
        stages: index into `votes.STAGES` of the vote that each waits for.
    """

    group_ids: Counts
    priorities: Floats
    stages: Counts

    @property
    def first(self) -> Counts:
        """The groups that wait for their first vote: what is drawn from at random."""
        return np.asarray(self.group_ids[self.stages == 0])


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """Groups to try one after the other until one is free.

    Attributes:
        drawn: 'order' or 'random'.
        group_ids: all that are waiting, in the order of the queue, or in a random one.
    """

    drawn: str
    group_ids: Counts


@dataclass(frozen=True, slots=True)
class ReportPrecision:
    """How many reports are right, by the first decisions on groups that were drawn at random.

    What it speaks for: the groups that waited when the draws were made. Groups that the order hands
    out before are missing there, the more the faster the queue is worked off.

    Attributes:
        by_group: share of groups whose report is right, each counted once; None without a draw.
        by_report: share of reports that are right: groups weighted by their reports as they were
            when they were judged, a ratio estimator; None without a draw.
        unsure: groups drawn at random where the first reviewer was unsure; they count in neither.
    """

    by_group: Estimate | None
    by_report: Estimate | None
    unsure: int


def confidence(groups: Groups) -> Floats:
    """How far each group's score was on the wrong side of its threshold, in (0, 1), shape (g,).

    The distance in logits through the logistic function: 0.5 at the threshold, near 1 where the
    model was sure and wrong, below 0.5 where the score contradicts the kind of report.
    """
    score, threshold = (
        logit(np.clip(values, _CLOSEST, 1 - _CLOSEST))
        for values in (groups.scores, groups.thresholds)
    )
    sign = np.where(np.array(groups.kinds, dtype=np.str_) == "false_positive", 1.0, -1.0)
    return np.asarray(expit(sign * (score - threshold)), np.float64)


def priorities(groups: Groups, standings: Standings, as_of: datetime) -> Floats:
    """How much each group should be looked at, shape (g,); at least 0, comparable at one moment."""
    now = np.datetime64(round(as_of.timestamp() * 1e6), "us")
    age = np.maximum(now - groups.last_reported.astype("datetime64[us]"), np.timedelta64(0, "us"))
    fresh = np.exp(-(age / np.timedelta64(QUEUE_MEMORY)))
    return np.asarray(
        np.log1p(groups.reporters)
        * confidence(groups)
        * fresh
        * (1 + standings.states.disagreement)
        / (1 + standings.topic_labels)
    )


def queue(groups: Groups, standings: Standings, as_of: datetime) -> Queue:
    """The groups that wait for a vote, in order; of two alike the older group comes first."""
    found = priorities(groups, standings, as_of)
    open_rows = np.flatnonzero(standings.states.stages != NONE)
    ordered = open_rows[np.argsort(-found[open_rows], kind="stable")]
    return Queue(
        group_ids=groups.group_ids[ordered],
        priorities=found[ordered],
        stages=standings.states.stages[ordered].astype(np.int64),
    )


def generator(service: str, number: int) -> np.random.Generator:
    """The source of chance of one draw: always the same for a service and the draw's number.

    >>> generator("newsletters", 7).random() == generator("newsletters", 7).random()
    True
    """
    digest = blake2b(service.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return np.random.default_rng([int.from_bytes(digest, "big"), number])


def draw(waiting: Queue, chance: np.random.Generator) -> Draw:
    """What to hand out next: any group that waits for its first vote, or the first of the queue.

    RANDOM_SHARE of the draws are made at random. Whoever takes the first free group of a random
    order has drawn uniformly among the free ones.
    """
    if chance.random() < RANDOM_SHARE:
        return Draw("random", np.asarray(chance.permutation(waiting.first)))
    return Draw("order", waiting.group_ids)


def report_precision(groups: Groups, reviews: Sequence[Review]) -> ReportPrecision:
    """How many reports are right, from random draws alone.

    Of each group the first vote that counts is taken, if it was drawn at random; what second
    opinions made of it is not, since only some groups get one.

    Args:
        groups: the groups; votes on others are left out.
        reviews: votes, in any order.
    """
    exemplars = dict(zip(groups.group_ids.tolist(), groups.exemplars, strict=True))
    firsts: dict[int, Review] = {}
    for review in sorted(reviews, key=lambda one: one.review_id):
        exemplar = exemplars.get(review.group_id)
        if exemplar is not None and counts(review, exemplar):
            firsts.setdefault(review.group_id, review)
    drawn = [one for one in firsts.values() if one.drawn == "random"]
    sure = [one for one in drawn if one.verdict != "unsure"]
    right = [one.verdict == "confirm" for one in sure]
    return ReportPrecision(
        by_group=_estimate(share(right)),
        by_report=_estimate(weighted_share(right, [max(one.reports, 1) for one in sure])),
        unsure=len(drawn) - len(sure),
    )


def _estimate(found: Share | None) -> Estimate | None:
    return None if found is None else Estimate(found.value, found.low, found.high, found.n)
