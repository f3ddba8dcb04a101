"""The confidence sequence by its closed form, by GrowthBook's, and the rule that stops by it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, t

from core.stats.ratio import Lifts
from core.stats.sequential import (
    Bounds,
    Rule,
    confidence_sequence,
    deciding_bounds,
    first_crossing,
    half_width,
    mixing_variance,
    p_always_valid,
)
from tests.core.seeded import seeded

MARGIN = math.log(0.95)
logs = st.floats(-0.5, 0.5)
errors = st.floats(1e-4, 0.2)
alphas = st.floats(0.001, 0.2)


def closed_form(log: float, s: float, s_plan: float, alpha: float) -> tuple[float, float]:
    tau2 = s_plan**2 * (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha)))
    k = tau2 / s**2
    half = s * math.sqrt((k + 1) / k * (math.log(k + 1) + 2 * math.log(1 / alpha)))
    return log - half, log + half


@seeded
@given(log=logs, s=errors, s_plan=errors, alpha=alphas)
def test_the_band_is_the_closed_form(log: float, s: float, s_plan: float, alpha: float):
    found = confidence_sequence(log, s, mixing_variance(s_plan, alpha), alpha)
    np.testing.assert_allclose(found, closed_form(log, s, s_plan, alpha), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("n", [100, 5_000, 80_000])
@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_the_band_is_growthbooks_in_its_own_notation(n: int, alpha: float):
    variance, tuned_for = 4.0, 5_000
    rho = math.sqrt((-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / tuned_for)
    theirs = math.sqrt(
        n
        * variance
        * (2 * (n * rho**2 + 1) / (n**2 * rho**2))
        * math.log(math.sqrt(n * rho**2 + 1) / alpha)
    ) / math.sqrt(n)
    s, s_plan = math.sqrt(variance / n), math.sqrt(variance / tuned_for)
    ours = half_width(s, mixing_variance(s_plan, alpha), alpha)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@seeded
@given(log=logs, s=errors, s_plan=errors, alpha=alphas)
def test_p_is_below_alpha_exactly_where_the_band_leaves_the_margin_out(
    log: float, s: float, s_plan: float, alpha: float
):
    tau2 = mixing_variance(s_plan, alpha)
    low, high = confidence_sequence(log, s, tau2, alpha)
    p = p_always_valid(log, s, MARGIN, tau2)
    assert 0 <= p <= 1
    if abs(p - alpha) > 1e-9:
        assert (p < alpha) == (not low <= MARGIN <= high)


def test_p_at_the_end_of_the_band_is_alpha():
    tau2 = mixing_variance(0.01, 0.05)
    low, high = confidence_sequence(-0.06, 0.012, tau2, 0.05)
    for end in (low, high):
        np.testing.assert_allclose(p_always_valid(-0.06, 0.012, float(end), tau2), 0.05, rtol=1e-12)


def test_the_band_is_tuned_for_the_planned_error():
    widths = {
        guess: float(half_width(0.01, mixing_variance(guess, 0.05), 0.05))
        for guess in (0.002, 0.005, 0.01, 0.02, 0.05)
    }
    assert min(widths, key=widths.__getitem__) == 0.01
    assert widths[0.005] < 1.1 * widths[0.01]


@seeded
@given(s=errors, s_plan=errors, alpha=alphas)
def test_looking_daily_costs_width_at_every_look(s: float, s_plan: float, alpha: float):
    one_look = norm.isf(alpha / 2) * s
    assert half_width(s, mixing_variance(s_plan, alpha), alpha) > one_look


def lifts(logs: list[float], errors: list[float]) -> Lifts:
    return Lifts(np.array(logs), np.array(errors), np.full(len(logs), 998.0))


class TestRule:
    """The band every day, one ordinary look on the last."""

    found = lifts([-0.08, -0.08, -0.08], [0.02, 0.015, 0.01])
    final = np.array([False, False, True])

    def test_before_the_last_day_the_band_at_twice_its_side_decides(self):
        bounds = deciding_bounds(self.found, 0.01, self.final, Rule())
        low, high = closed_form(-0.08, 0.015, 0.01, 0.01)
        assert bounds.low[1] == pytest.approx(low, rel=1e-12)
        assert bounds.high[1] == pytest.approx(high, rel=1e-12)

    def test_on_the_last_day_the_ordinary_interval_decides(self):
        bounds = deciding_bounds(self.found, 0.01, self.final, Rule())
        half = t.isf(0.02, 998) * 0.01
        assert bounds.high[2] == pytest.approx(-0.08 + half, rel=1e-9)
        assert bounds.low[2] == pytest.approx(-0.08 - half, rel=1e-9)

    def test_without_a_planned_error_only_the_last_day_has_bounds(self):
        bounds = deciding_bounds(self.found, None, self.final, Rule())
        assert np.isnan(bounds.high).tolist() == [True, True, False]

    def test_what_is_not_a_number_never_crosses(self):
        bounds = Bounds(np.array([np.nan, np.nan]), np.array([np.nan, -0.9]))
        assert first_crossing(bounds, MARGIN, np.array([True, False])) is None

    def test_the_first_crossing_holds_whatever_comes_later(self):
        bounds = Bounds(np.array([-0.1, -0.1, -0.02]), np.array([0.0, -0.06, 0.05]))
        every = np.ones(3, bool)
        assert first_crossing(bounds, MARGIN, every) == (1, -1)
        assert first_crossing(bounds, MARGIN, np.array([True, False, True])) == (2, 1)

    def test_reaching_the_margin_is_not_crossing_it(self):
        bounds = Bounds(np.array([MARGIN]), np.array([MARGIN]))
        assert first_crossing(bounds, MARGIN, np.ones(1, bool)) is None

    def test_several_treatments_share_the_errors(self):
        assert Rule().shared_by(1) == Rule()
        shared = Rule().shared_by(4)
        assert 4 * (shared.daily_alpha + shared.final_alpha) == pytest.approx(0.025)

    def test_both_errors_together_are_one_sided_two_and_a_half_percent(self):
        assert Rule().daily_alpha + Rule().final_alpha == pytest.approx(0.025)


@pytest.mark.parametrize("wrong", [0.0, -0.01, math.inf, math.nan])
def test_a_planned_error_that_is_none_is_refused(wrong: float):
    with pytest.raises(ValueError, match="s_plan == "):
        mixing_variance(wrong, 0.05)


@pytest.mark.parametrize("wrong", [0.0, 1.0])
def test_an_alpha_that_is_no_chance_is_refused(wrong: float):
    with pytest.raises(ValueError, match="alpha == "):
        mixing_variance(0.01, wrong)
