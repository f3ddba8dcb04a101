"""How far people agree who judged the same things: raw agreement and Krippendorff's alpha.

Raw agreement alone misleads: where almost everything is one way, people who guess agree almost
always. With 96 % raw agreement, agreement beyond chance can be none at all (kappa -0.02), so both
are shown.

Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C (nominal data,
any number of observers, missing values). With o_ck the coincidences of the values c and k within
units, each unit's m_u (m_u - 1) ordered pairs weighed by 1 / (m_u - 1), n_c their sums and n the
values that can be paired:

    alpha = 1 - D_o / D_e = [(n - 1) sum o_cc - sum n_c (n_c - 1)] / [n (n - 1) - sum n_c (n_c - 1)]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far people agree.

    Attributes:
        n: units that at least two people judged.
        raw: mean over units of the share of pairs of people who said the same; None without a unit.
        alpha: Krippendorff's alpha for nominal values: 1 is full agreement, 0 is chance. None where
            nobody ever said anything else: chance then agrees always, and nothing can be told.
        low: lower end of alpha's bootstrap interval; None where none was asked for or found.
        high: the upper end.
    """

    n: int
    raw: float | None
    alpha: float | None
    low: float | None = None
    high: float | None = None


def tally(values: ArrayLike, categories: int) -> Counts:
    """How many people gave each value to each unit.

    Args:
        values: codes below `categories`, shape (units, people); negative where one is missing.
        categories: how many values there are.

    Returns:
        Shape (units, categories).

    Raises:
        ValueError: the values have no people, or a code is out of range.

    >>> tally([[0, 0, -1], [1, 0, 2]], 3).tolist()
    [[2, 0, 0], [1, 1, 1]]
    """
    codes = np.asarray(values, np.int64)
    if codes.ndim != 2:
        raise ValueError(f"values.shape == {codes.shape}, must be (units, people)")
    if codes.size and codes.max() >= categories:
        raise ValueError(f"values.max() == {codes.max()}, must be below {categories}")
    return np.asarray((codes[:, :, None] == np.arange(categories)).sum(axis=1))


def agreement(
    tallies: ArrayLike, *, resamples: int = 0, seed: int = 0, confidence: float = 0.95
) -> Agreement:
    """Raw agreement and alpha, with a percentile-bootstrap interval of alpha where asked for.

    The bootstrap draws units with replacement; resamples in which alpha is undefined are left out.
    The interval is approximate, and too narrow with fewer than about 30 units. Source: Hayes and
    Krippendorff (2007), Answering the call for a standard reliability measure for coding data
    (which resamples pairs; resampling whole units keeps the pairs of one unit together).

    Args:
        tallies: how many people gave each value to each unit, shape (units, categories), as `tally`
            counts it. Units with fewer than two are left out.
        resamples: how many; 0 for no interval.
        seed: of the resamples.
        confidence: in (0, 1).

    Raises:
        ValueError: the tallies are not (units, categories), or negative.

    >>> said = tally([[1, 1]] * 96 + [[1, 0]] * 2 + [[0, 1]] * 2, 2)
    >>> found = agreement(said)
    >>> found.n, found.raw, round(found.alpha, 3)
    (100, 0.96, -0.015)
    """
    counted = np.asarray(tallies, np.int64)
    if counted.ndim != 2 or (counted < 0).any():
        raise ValueError(
            f"tallies.shape == {counted.shape}, must be (units, categories), none below 0"
        )
    people = counted.sum(axis=1)
    counted = counted[people >= 2]
    units = len(counted)
    if not units:
        return Agreement(0, None, None)
    # Units that were judged alike are one kind of unit: however many units, there are few kinds.
    kinds, weights = np.unique(counted, axis=0, return_counts=True)
    people = kinds.sum(axis=1)
    pairs = (kinds * (kinds - 1)).sum(axis=1)
    raw = float((pairs / (people * (people - 1)) * weights).sum() / units)
    (alpha,) = _alphas(kinds, weights[None, :])
    low, high = _interval(kinds, weights, resamples, seed, confidence)
    if np.isnan(alpha):
        return Agreement(units, raw, None)
    return Agreement(units, raw, float(alpha), low, high)


def _alphas(kinds: Counts, weights: Counts) -> NDArray[np.float64]:
    """Alpha for each row of weights, shape (r,); NaN where it is undefined.

    Args:
        kinds: tallies, shape (k, categories), each of at least two people.
        weights: units of each kind, shape (r, k).
    """
    people = kinds.sum(axis=1)
    same = weights @ ((kinds * (kinds - 1)).sum(axis=1) / (people - 1))
    by_value = weights @ kinds
    n = by_value.sum(axis=1)
    chance = (by_value * (by_value - 1)).sum(axis=1)
    bottom = n * (n - 1) - chance
    top = (n - 1) * same - chance
    return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1), np.nan)


def _interval(
    kinds: Counts, weights: Counts, resamples: int, seed: int, confidence: float
) -> tuple[float | None, float | None]:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence == {confidence}, must be in (0, 1)")
    if resamples <= 0:
        return None, None
    units = int(weights.sum())
    drawn = np.random.default_rng(seed).multinomial(units, weights / units, size=resamples)
    found = _alphas(kinds, drawn)
    found = found[~np.isnan(found)]
    if not found.size:
        return None, None
    low, high = np.quantile(found, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
