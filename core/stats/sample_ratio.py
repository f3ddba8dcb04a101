"""Whether the users of an A/B test were split as planned.

A chi-square test of the users' first exposure against the planned shares. With a hundred million
users it finds imbalances that change nothing (0.025 points give p = 6e-7), and with a thousand
every split is some tenths of a point off by chance. A test is invalid only where both hold: the
split is not chance, and it is large enough to matter. Where one holds it is worth a look.

Source: Fabijan et al., Diagnosing Sample Ratio Mismatch in Online Controlled Experiments (KDD
2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

Floats = NDArray[np.float64]

#: Below this p-value the split is not chance.
UNLIKELY = 0.001
#: An imbalance of more than a tenth of a percentage point can move a lift.
MATTERS = 0.001
#: The verdicts, by how many of the two conditions hold.
VERDICTS = ("ok", "check", "invalid")


@dataclass(frozen=True, slots=True, eq=False)
class SampleRatios:
    """Splits, each held against the plan.

    Attributes:
        shares: share of the users in each variant, shape (..., v); NaN without users.
        imbalance: the largest distance of a share from its plan, shape (...); a share of 1.
        p: of the chi-square test, shape (...); NaN without users.
        verdict: index into `VERDICTS`, shape (...).
    """

    shares: Floats
    imbalance: Floats
    p: Floats
    verdict: NDArray[np.int64]


def sample_ratios(users: ArrayLike, planned: ArrayLike) -> SampleRatios:
    """Hold users by variant against the planned shares.

    Args:
        users: first-exposed users, shape (..., v).
        planned: planned shares, shape (v,); scaled so that they add up to 1.

    Raises:
        ValueError: the shapes differ, there are fewer than two variants, or a share is not above 0.

    >>> found = sample_ratios([50_025_000, 49_975_000], [0.5, 0.5])
    >>> f"{found.p:.0e}", VERDICTS[found.verdict]
    ('6e-07', 'check')
    """
    counts, shares = np.asarray(users, np.float64), np.asarray(planned, np.float64)
    if counts.shape[-1:] != shares.shape or shares.size < 2:
        raise ValueError(f"users.shape == {counts.shape}, must be (..., {shares.size}), at least 2")
    if not (shares > 0).all():
        raise ValueError(f"planned == {shares.tolist()}, must be above 0")
    shares = shares / shares.sum()
    total = counts.sum(axis=-1, keepdims=True)
    known = np.where(total > 0, total, np.nan)
    expected = known * shares
    p = chdtrc(shares.size - 1, ((counts - expected) ** 2 / expected).sum(axis=-1))
    observed = counts / known
    imbalance = np.abs(observed - shares).max(axis=-1)
    verdict = (p < UNLIKELY).astype(np.int64) + (imbalance > MATTERS)
    return SampleRatios(observed, np.asarray(imbalance), np.asarray(p), verdict)
