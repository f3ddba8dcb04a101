"""The split of an experiment's users, now and day by day, against the plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.experiment.timeline import Timeline
from core.ports import ExperimentDefinition
from core.ports.experiment import SUMS
from core.stats.sample_ratio import VERDICTS, sample_ratios

Floats = NDArray[np.float64]
_NEW = SUMS.index("new_users")


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """First-exposed users by variant.

    Attributes:
        variants: v names, control first.
        planned: planned shares, adding up to 1, shape (v,).
        users: summed over the complete days, shape (v,).
        shares: of the users, shape (v,); NaN without users.
        imbalance: the largest distance of a share from its plan; a share of 1; None without users.
        p: of the chi-square test; None without users.
        verdict: 'ok', 'check' (unlikely by chance, or large, but not both) or 'invalid' (both).
        daily_users: summed up to each day, shape (d, v).
        daily_p: NaN before the first complete day, shape (d,).
        daily_shares: likewise, shape (d, v).
        daily_verdict: index into `core.stats.sample_ratio.VERDICTS`, shape (d,).
    """

    variants: tuple[str, ...]
    planned: Floats
    users: Floats
    shares: Floats
    imbalance: float | None
    p: float | None
    verdict: str
    daily_users: Floats
    daily_p: Floats
    daily_shares: Floats
    daily_verdict: NDArray[np.int64]


def split_of(line: Timeline, cumulative: Floats, definition: ExperimentDefinition) -> Split:
    """Hold the users against the plan, at the end of every day."""
    planned_shares = {one.name: one.share for one in definition.variants}
    planned = np.array([planned_shares[name] for name in line.variants])
    daily = cumulative[..., _NEW].sum(axis=-1)
    found = sample_ratios(daily, planned)
    if not line.days:
        nothing = np.full(len(line.variants), np.nan)
        users, shares, p, imbalance, verdict = 0 * planned, nothing, None, None, VERDICTS[0]
    else:
        users, shares = daily[-1], found.shares[-1]
        p = float(found.p[-1]) if users.sum() else None
        imbalance = float(found.imbalance[-1]) if users.sum() else None
        verdict = VERDICTS[int(found.verdict[-1])]
    return Split(
        line.variants,
        planned / planned.sum(),
        users,
        shares,
        imbalance,
        p,
        verdict,
        daily,
        found.p,
        found.shares,
        found.verdict,
    )
