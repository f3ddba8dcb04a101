"""Lags of labels under right truncation, and days that have theirs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.maturity import LagDistribution, lag_distribution, maturity
from tests.core.seeded import seeded

HOUR, DAY = 3_600.0, 86_400.0


def seen(letters: int, days: float, longest: float = 4) -> tuple[np.ndarray, np.ndarray, float]:
    """Labels known at the end of so many days; lags are uniform up to so many days."""
    generator = np.random.default_rng(1)
    predicted = generator.uniform(0, days * DAY, letters)
    lag = generator.uniform(0, longest * DAY, letters)
    there = predicted + lag <= days * DAY
    return predicted[there], lag[there], days * DAY


def test_recent_letters_would_make_lags_look_short():
    predicted, lag, known_at = seen(20_000, 8)
    found = lag_distribution(predicted, lag, known_at)
    assert not found.truncated
    assert found.quantile(0.5) == pytest.approx(2 * DAY, rel=0.03)
    assert np.median(lag) < 1.75 * DAY


def test_with_too_few_old_letters_all_are_taken_and_it_is_said():
    predicted, lag, known_at = seen(500, 4)
    found = lag_distribution(predicted, lag, known_at)
    assert found.truncated
    assert found.lags.size == lag.size


def test_lags_that_reach_the_oldest_letter_may_be_longer_and_it_is_said():
    """Labels take up to 30 days and 10 can be seen; there are enough old labels all the same."""
    predicted, lag, known_at = seen(400_000, 10, longest=30)
    found = lag_distribution(predicted, lag, known_at)
    assert found.lags.size < lag.size
    assert found.truncated


def test_a_hundred_old_labels_are_enough():
    old, new = np.zeros(100), np.full(500, 99.0)
    lag = np.concatenate([np.full(100, 50.0), np.full(500, 1.0)])
    found = lag_distribution(np.concatenate([old, new]), lag, 100.0)
    assert (found.lags.size, found.truncated) == (100, False)
    fewer = lag_distribution(np.concatenate([old[1:], new]), lag[1:], 100.0)
    assert (fewer.lags.size, fewer.truncated) == (599, True)


def test_without_labels_nothing_is_known():
    found = lag_distribution([], [], 0.0)
    assert found.quantile(0.5) is None
    assert np.isnan(found.share_arrived([0.0, 5.0])).all()
    assert np.isnan(maturity(found, [1.0, 2.0]))


@seeded
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.floats(0.01, 1))
def test_a_quantile_is_the_first_age_at_which_its_share_has_come(lags: list[float], p: float):
    found = LagDistribution(np.sort(lags), truncated=False)
    age = found.quantile(p)
    assert age is not None
    assert float(found.share_arrived(age)) >= p - 1e-6
    if age > 0:
        assert float(found.share_arrived(np.nextafter(age, -1))) < p + 1e-6


def test_ages_before_the_score_have_no_labels():
    found = LagDistribution(np.array([0.0, 5.0]), truncated=False)
    assert found.share_arrived([[-1.0, 0.0], [4.9, 5.0]]).tolist() == [[0, 0.5], [0.5, 1]]


def test_a_day_is_as_mature_as_its_letters():
    """Lags are uniform over 24 hours: the letters of hour h, 24 - h hours ago, have that share."""
    lags = LagDistribution(np.arange(1, 24 * 100 + 1) / 100 * HOUR, truncated=False)
    ages = (24 - np.arange(24) - 0.5) * HOUR
    assert float(maturity(lags, ages)) == pytest.approx(0.5, abs=0.001)
    assert float(maturity(lags, ages + 24 * HOUR)) == 1
    busy = np.r_[np.ones(12), np.zeros(12)]
    assert float(maturity(lags, ages, busy)) == pytest.approx(0.75, abs=0.001)


def test_many_days_at_once_and_a_day_without_letters():
    lags = LagDistribution(np.array([10.0]), truncated=False)
    found = maturity(lags, [[20.0, 5.0]] * 3, [[1, 3], [1, 0], [0, 0]])
    np.testing.assert_array_equal(found, [0.25, 1.0, np.nan])


@pytest.mark.parametrize(
    ("predicted", "lag", "message"),
    [
        ([1.0], [1.0, 2.0], r"lag.shape == \(2,\)"),
        ([1.0], [-1.0], "lag must not be negative"),
        ([1.0], [100.0], "lag must end by known_at"),
    ],
)
def test_what_cannot_be_lags_is_refused(predicted, lag, message: str):
    with pytest.raises(ValueError, match=message):
        lag_distribution(predicted, lag, 50.0)


@pytest.mark.parametrize("p", [0.0, 1.1, float("nan")])
def test_what_is_no_share_has_no_quantile(p: float):
    with pytest.raises(ValueError, match=r"must be in \(0, 1\]"):
        LagDistribution(np.array([1.0]), truncated=False).quantile(p)
