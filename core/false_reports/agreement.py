"""How far reviewers agree, on votes that were given without knowing of each other.

Of a group that needs no second opinion there is only one vote, and which groups get a second one is
no accident: the unsure and the disputed are among them, and the big ones. So the agreement of all
pairs is that of the harder groups, and beside it stands the agreement on the share of groups that
two people look at whatever the first says (`votes.SECOND_SHARE`), which is that of all groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.false_reports.votes import VERDICTS, in_second_share
from core.ports import Counts, Review
from core.stats.agreement import Agreement
from core.stats.agreement import agreement as _agreement

#: Adjudicators see what the first two said.
_BLIND_STAGES = frozenset({"first", "second"})
RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class ReviewAgreement:
    """How far reviewers agree; 'unsure' is an answer of its own.

    Attributes:
        every: on all groups with two blind votes.
        sampled: on those of the share that two people always look at.
    """

    every: Agreement
    sampled: Agreement


def agreement(reviews: Sequence[Review], *, resamples: int = RESAMPLES) -> ReviewAgreement:
    """How far reviewers agree, by blind votes of the first and second stage that stand.

    Two votes on different texts of a group are not about the same thing and are not paired; of one
    person's votes on a text the first counts.

    Args:
        reviews: votes, in any order.
        resamples: of the bootstrap interval of alpha, seeded; 0 for none.
    """
    units: dict[tuple[int, str], dict[str, int]] = {}
    for review in sorted(reviews, key=lambda one: one.review_id):
        if review.undone_at is None and review.blind and review.stage in _BLIND_STAGES:
            said = units.setdefault((review.group_id, review.exemplar), {})
            said.setdefault(review.reviewer, VERDICTS.index(review.verdict))
    paired = [(group, said) for (group, _), said in units.items() if len(said) > 1]
    tallies = np.zeros((len(paired), len(VERDICTS)), np.int64)
    for row, (_, said) in enumerate(paired):
        np.add.at(tallies[row], list(said.values()), 1)
    groups: Counts = np.fromiter((group for group, _ in paired), np.int64, len(paired))
    return ReviewAgreement(
        every=_agreement(tallies, resamples=resamples),
        sampled=_agreement(tallies[in_second_share(groups)], resamples=resamples),
    )
