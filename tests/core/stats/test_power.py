"""Power and what can be detected, against tea-tasting and statsmodels."""

import numpy as np
import pytest
import tea_tasting as tt
from scipy.optimize import brentq
from statsmodels.stats.power import TTestIndPower
from tea_tasting.aggr import Aggregates

from core.stats.power import detectable_shift, needed_error, power

MEAN, VARIANCE, COUNT = 10.0, 4.0, 1_000
ERROR = (VARIANCE / (COUNT / 2) * 2) ** 0.5
DEGREES = COUNT - 2


def peer(parameter: str, **options: float) -> object:
    aggregates = Aggregates(count_=COUNT, mean_={"x": MEAN}, var_={"x": VARIANCE}, cov_={})
    metric = tt.Mean("x", alternative="greater", alpha=0.02, **options)
    return metric.solve_power_from_aggregates(aggregates, parameter)[0]


@pytest.mark.parametrize("shift", [-0.1, 0.1, 0.26, 0.37, 1.0])
def test_power_is_that_of_tea_tasting(shift: float):
    theirs = peer("power", effect_size=shift, n_obs=COUNT)
    np.testing.assert_allclose(power(shift, ERROR, DEGREES, 0.02), theirs.power, atol=1e-9)


@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.9])
def test_the_detectable_shift_is_that_of_tea_tasting(wanted: float):
    theirs = peer("effect_size", power=wanted, n_obs=COUNT)
    ours = detectable_shift(ERROR, DEGREES, 0.02, wanted)
    np.testing.assert_allclose(ours, theirs.effect_size, rtol=1e-9)


def test_the_needed_error_is_that_of_tea_tastings_number_of_observations():
    theirs = peer("n_obs", power=0.8, effect_size=0.3)

    def short(observations: float) -> float:
        error = (4 * VARIANCE / observations) ** 0.5
        return error - needed_error(0.3, observations - 2, 0.02, 0.8)

    assert np.ceil(brentq(short, 10, 1e6)) == theirs.n_obs


@pytest.mark.parametrize("alpha", [0.005, 0.02, 0.05])
def test_power_is_that_of_statsmodels(alpha: float):
    theirs = TTestIndPower().power(0.2, COUNT / 2, alpha, alternative="larger")
    ours = power(0.2 * VARIANCE**0.5, ERROR, DEGREES, alpha)
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_where_nothing_is_there_power_is_alpha_and_on_the_wrong_side_less():
    assert float(power(0.0, 1.0, 998, 0.02)) == pytest.approx(0.02, rel=1e-9)
    assert power(-1.0, 1.0, 998, 0.02) < 0.002


def test_detectable_and_needed_undo_power():
    shift = detectable_shift(0.01, 998, 0.02, 0.8)
    assert float(power(shift, 0.01, 998, 0.02)) == pytest.approx(0.8, abs=1e-10)
    assert needed_error(shift, 998, 0.02, 0.8) == pytest.approx(0.01, rel=1e-10)


@pytest.mark.parametrize(
    ("wanted", "alpha", "shift", "message"),
    [
        (0.01, 0.02, 0.1, "must be above alpha"),
        (1.0, 0.02, 0.1, "below 1"),
        (0.8, 0.0, 0.1, r"must be in \(0, 1\)"),
        (0.8, 0.02, 0.0, "shift == 0.0"),
    ],
)
def test_what_cannot_be_asked_is_refused(wanted: float, alpha: float, shift: float, message: str):
    with pytest.raises(ValueError, match=message):
        needed_error(shift, 998, alpha, wanted)
