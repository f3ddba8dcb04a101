"""Dispersion against statsmodels, and what it says of independent events and of bursts."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from core.stats.dispersion import dispersion


def test_it_is_pearsons_statistic_of_a_poisson_regression():
    rng = np.random.default_rng(5)
    counts, exposure = rng.poisson(6, (4, 7)) + 1, rng.uniform(1, 3, 7)
    series = np.repeat(np.eye(4), 7, axis=0)
    fitted = sm.GLM(
        counts.ravel(), series, family=sm.families.Poisson(), exposure=np.tile(exposure, 4)
    ).fit()
    assert dispersion(counts, exposure) == pytest.approx(fitted.pearson_chi2 / fitted.df_resid)


@pytest.mark.parametrize("rate", [0.2, 3.0, 50.0])
def test_independent_events_vary_once_as_much_and_bursts_as_often_as_they_are_large(rate: float):
    rng = np.random.default_rng(20260601)
    exposure = rng.uniform(0.5, 2, 8)
    events = rng.poisson(rate * exposure, (2_000, 8))
    assert dispersion(events, exposure) == pytest.approx(1.0, abs=0.05)
    assert dispersion(7 * events, exposure) == pytest.approx(7.0, abs=0.35)


def test_what_tells_nothing_is_none():
    assert dispersion([[0, 0, 0]], [1.0, 1.0, 1.0]) is None
    assert dispersion([[5, 0, 0]], [1.0, 0.0, 0.0]) is None
    assert dispersion(np.zeros((0, 3)), [1.0, 1.0, 1.0]) is None
    assert dispersion(np.zeros((3, 0)), []) is None


def test_series_without_an_event_and_periods_without_exposure_do_not_count():
    assert dispersion([[4, 9, 2], [0, 0, 0]], [1.0, 2.0, 0.0]) == dispersion([[4, 9]], [1.0, 2.0])


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="shape"):
        dispersion([1, 2], [1.0, 1.0])
