"""Stretches in which something was wrong, found in the minutes themselves, and what each cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.ports import Counts, Minutes
from core.stats.burn import FEWEST_BAD, POLICIES
from core.timeframe import MINUTE, Span

#: A minute is bad when it burns faster than the fastest policy allows.
BAD_MINUTE_BURN = POLICIES[0].factor()
#: Bad minutes this close together belong to one episode.
SAME_EPISODE = timedelta(minutes=5)
#: A datacenter with this share of an episode's bad letters is where it happened.
MOST = Fraction(8, 10)
#: The costliest episodes are kept; a month with more has another problem.
KEPT = 20


@dataclass(frozen=True, slots=True)
class Episode:
    """Bad minutes in a row.

    Attributes:
        kind: 'availability', 'latency' or 'missing' (no rows from anyone).
        span: from the first bad minute to after the last.
        where: the one datacenter that holds most of the bad letters, or '' for all.
        bad: bad letters of the episode; 0 for missing rows, whose letters are not known.
        share: of the period's budget that they cost.
    """

    kind: str
    span: Span
    where: str
    bad: int
    share: Fraction


def episodes(
    grid: Minutes,
    gaps: NDArray[np.bool_],
    objectives: dict[str, Fraction],
    allowed: dict[str, Fraction],
) -> tuple[Episode, ...]:
    """Find the costliest episodes and every stretch without rows, in order of time.

    Args:
        grid: the minutes to look through.
        gaps: minutes without any row though some were expected, shape (minutes,).
        objectives: by 'availability' and 'latency', shares of good letters.
        allowed: the period's budgets in letters, by the same keys.
    """
    found = []
    for kind, bad, total in (
        ("availability", grid.errors, grid.letters),
        ("latency", grid.slow, grid.letters - grid.errors),
    ):
        limit = BAD_MINUTE_BURN * (1 - objectives[kind])
        everywhere = bad.sum(axis=0)
        hot = (everywhere * limit.denominator > limit.numerator * total.sum(axis=0)) & (
            everywhere >= FEWEST_BAD
        )
        for first, last in _runs(hot):
            cost = bad[:, first:last].sum(axis=1)
            found.append(_episode(kind, grid, _span(grid, first, last), cost, allowed[kind]))
    costliest = sorted(found, key=lambda episode: episode.bad, reverse=True)[:KEPT]
    missing = [
        Episode("missing", _span(grid, first, last), "", 0, Fraction(0))
        for first, last in _runs(gaps)
    ]
    return tuple(sorted([*costliest, *missing[-KEPT:]], key=lambda episode: episode.span.start))


def _episode(kind: str, grid: Minutes, span: Span, cost: Counts, allowed: Fraction) -> Episode:
    bad = int(cost.sum())
    most = int(cost.argmax())
    alone = len(grid.datacenters) > 1 and int(cost[most]) >= MOST * bad
    return Episode(
        kind,
        span,
        grid.datacenters[most] if alone else "",
        bad,
        Fraction(bad) / allowed if allowed else Fraction(0),
    )


def _span(grid: Minutes, first: int, last: int) -> Span:
    return Span(grid.start + first * MINUTE, grid.start + last * MINUTE)


def _runs(hot: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Half-open index ranges of hot minutes, joined where they lie close together."""
    at = np.flatnonzero(hot)
    if not at.size:
        return
    breaks = np.flatnonzero(np.diff(at) > SAME_EPISODE // MINUTE)
    starts = at[np.concatenate([[0], breaks + 1])]
    ends = at[np.concatenate([breaks, [at.size - 1]])] + 1
    yield from zip(starts.tolist(), ends.tolist(), strict=True)
