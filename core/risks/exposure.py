"""Total exposure over time: the sum of the ranks of the risks that were open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from core.ports.risks import Ranked
from core.risks.scale import BANDS


@dataclass(frozen=True, slots=True)
class Exposure:
    """Exposure from a moment on.

    Attributes:
        by_band: the sum of ranks of each of BANDS, lowest first; they add up to the total.
        risks: how many were open.
    """

    at: datetime
    by_band: tuple[int, ...]
    risks: int

    @property
    def total(self) -> int:
        """The sum of the ranks of all open risks."""
        return sum(self.by_band)


def exposures(ranks: Iterable[Ranked]) -> tuple[Exposure, ...]:
    """How exposure went, one entry for every moment at which it changed.

    Args:
        ranks: the ranks of a service's risks after each change, oldest first.
    """
    open_ranks: dict[int, int] = {}
    found: list[Exposure] = []
    for at, changes in groupby(ranks, key=lambda one: one.at):
        for one in changes:
            if one.closed:
                open_ranks.pop(one.risk_id, None)
            else:
                open_ranks[one.risk_id] = one.rank
        now = Exposure(at, _by_band(open_ranks), len(open_ranks))
        if not found or (found[-1].by_band, found[-1].risks) != (now.by_band, now.risks):
            found.append(now)
    return tuple(found)


def _by_band(ranks: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(
        sum(rank for rank in ranks.values() if band.lowest <= rank <= band.highest)
        for band in BANDS
    )
