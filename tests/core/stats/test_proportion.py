"""Shares with their intervals: against statsmodels, and by simulation where draws have weights."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from core.stats.proportion import Share, share, weighted_share


def known(found: Share | None) -> Share:
    assert found is not None
    return found


@pytest.mark.parametrize(("hits", "n"), [(0, 5), (5, 5), (1, 40), (33, 40), (900, 1_000)])
def test_the_plain_interval_is_wilsons(hits: int, n: int):
    found = known(share([True] * hits + [False] * (n - hits), 0.9))
    low, high = proportion_confint(hits, n, alpha=0.1, method="wilson")
    assert (found.value, found.n) == (hits / n, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


def test_with_equal_weights_nothing_changes():
    drawn = [True] * 9 + [False] * 4
    one, other = known(share(drawn)), known(weighted_share(drawn, [7.5] * 13))
    assert (other.low, other.value, other.high) == pytest.approx((one.low, one.value, one.high))


def test_without_a_draw_there_is_no_share():
    assert share([]) is None


def test_one_heavy_draw_is_not_many():
    light = known(weighted_share([1] * 30, [1] * 30))
    heavy = known(weighted_share([1] * 30, [1_000] + [1] * 29))
    assert light.low > 0.85
    assert heavy.low < 0.3


@pytest.mark.parametrize("heavy_hits", [True, False])
def test_the_smaller_effective_number_of_draws_is_taken(heavy_hits: bool):
    weights = np.array([50.0, 50.0, *[1.0] * 60])
    hits = np.array([heavy_hits, not heavy_hits, *[False] * 60])
    found = known(weighted_share(hits, weights))
    variance = (weights**2 * (hits - found.value) ** 2).sum() / weights.sum() ** 2
    kish = weights.sum() ** 2 / (weights**2).sum()
    delta = found.value * (1 - found.value) / variance
    assert delta < kish
    ends = proportion_confint(found.value * delta, delta, method="wilson")
    assert (found.low, found.high) == pytest.approx(ends)


@pytest.mark.parametrize("large", [0.95, 0.7], ids=["large ones are more often right", "no odds"])
def test_the_weighted_interval_holds_the_truth(large: float):
    chance = np.random.default_rng(4)
    every = np.ceil(chance.lognormal(0.5, 1, size=100_000))
    right = np.where(every > 3, large, 0.7)
    truth = np.average(right, weights=every)
    held, runs = 0, 600
    for _ in range(runs):
        drawn = chance.integers(0, every.size, 100)
        found = known(weighted_share(chance.random(100) < right[drawn], every[drawn]))
        held += found.low <= truth <= found.high
    assert held / runs > 0.93


def test_what_cannot_be_a_sample_is_refused():
    with pytest.raises(ValueError, match="must be \\(n,\\)"):
        weighted_share([1, 0], [1])
    with pytest.raises(ValueError, match="above 0"):
        weighted_share([1, 0], [1, 0])
    with pytest.raises(ValueError, match="confidence"):
        share([1], 1)
