"""Poisson rates and their ratio against statsmodels, and how often the intervals hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson
from statsmodels.stats.rates import confint_poisson, confint_poisson_2indep, test_poisson_2indep

from core.stats.poisson import Method, rate, ratio
from tests.core.seeded import seeded

#: Pytest takes every name that begins so for a test of this file.
p_value = test_poisson_2indep
del test_poisson_2indep

METHODS: tuple[Method, ...] = ("exact", "mid-p")
COUNTS = st.integers(0, 400)
EXPOSURES = st.floats(0.01, 1e4)


@seeded
@given(COUNTS, EXPOSURES, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_the_interval_of_a_rate_is_garwoods(events: int, exposure: float, confidence: float):
    found = rate(events, exposure, confidence)
    low, high = confint_poisson(events, exposure, method="exact-c", alpha=1 - confidence)
    assert float(found.low) == pytest.approx(0.0 if events == 0 else low, rel=1e-9)
    assert float(found.high) == pytest.approx(high, rel=1e-9)
    assert float(found.low) <= float(found.value) <= float(found.high)


@seeded
@given(st.tuples(st.integers(0, 80), EXPOSURES), st.tuples(st.integers(0, 80), EXPOSURES))
@pytest.mark.parametrize(("method", "theirs"), [("exact", "exact-cond"), ("mid-p", "cond-midp")])
def test_at_each_bound_of_a_ratio_one_side_of_the_conditional_test_is_at_its_level(
    method: Method, theirs: str, before: tuple[int, float], after: tuple[int, float]
):
    (first, one), (second, two) = before, after
    found = ratio(first, one, second, two, method=method)
    for bound, side, there in (
        (float(found.low), "larger", second > 0),
        (float(found.high), "smaller", first > 0),
    ):
        if there:
            with np.errstate(divide="ignore"):  # statsmodels divides by no event
                p = p_value(
                    second, two, first, one, value=bound, method=theirs, alternative=side
                ).pvalue
            assert p == pytest.approx(0.025, rel=1e-6)
    if not second:
        assert float(found.low) == 0.0
    if not first:
        assert math.isinf(float(found.high))


def test_the_interval_of_a_ratio_is_close_to_the_score_interval_where_counts_are_large():
    found = ratio(4_000, 1.0, 3_000, 1.5)
    low, high = confint_poisson_2indep(3_000, 1.5, 4_000, 1.0, method="score", compare="ratio")
    assert float(found.low) == pytest.approx(low, rel=2e-3)
    assert float(found.high) == pytest.approx(high, rel=2e-3)


def test_mid_p_is_narrower_than_exact_and_within_it():
    first, second = np.meshgrid(np.arange(1, 30), np.arange(1, 30))
    exact, mid = (ratio(first, 1.0, second, 2.0, method=how) for how in METHODS)
    assert (exact.low < mid.low).all()
    assert (mid.high < exact.high).all()


@pytest.mark.parametrize("true", [0.05, 0.7, 2.3, 9.0, 40.0])
def test_a_rate_is_covered_at_least_as_often_as_promised(true: float):
    counts = np.arange(200)
    found = rate(counts, 1.0)
    holds = (found.low <= true) & (true <= found.high)
    assert poisson.pmf(counts[holds], true).sum() >= 0.95


@pytest.mark.parametrize(("before", "times"), [(3.0, 0.5), (10.0, 0.2), (10.0, 1.0), (40.0, 0.5)])
def test_a_ratio_is_covered_at_small_counts(before: float, times: float):
    rng = np.random.default_rng(20260601)
    first, second = rng.poisson(before, 20_000), rng.poisson(before * times * 0.4, 20_000)
    held = {}
    for method in METHODS:
        found = ratio(first, 1.0, second, 0.4, method=method)
        held[method] = float(((found.low <= times) & (times <= found.high)).mean())
    # The standard error of a coverage of .95 in 20,000 draws is .0015.
    assert held["exact"] > 0.95 - 0.005
    assert 0.94 < held["mid-p"] <= held["exact"]


def test_what_no_event_or_no_exposure_tells_is_unknown_and_never_zero():
    for found in (rate(0, 0.0), ratio(0, 5.0, 0, 5.0), ratio(3, 0.0, 2, 1.0), ratio(3, 1.0, 0, 0)):
        assert math.isnan(float(found.value))
        assert (float(found.low), float(found.high)) == (0.0, math.inf)
    assert math.isinf(float(ratio(0, 1.0, 2, 1.0).value))
    assert float(ratio(0, 1.0, 2, 1.0).low) > 0


def test_many_are_worked_out_at_once_as_one_by_one():
    rng = np.random.default_rng(7)
    first, second = rng.poisson(4, (3, 50)), rng.poisson(2, (3, 50))
    found = ratio(first, 3.0, second, 2.0, confidence=0.99)
    alone = ratio(int(first[1, 7]), 3.0, int(second[1, 7]), 2.0, confidence=0.99)
    assert found.low.shape == (3, 50)
    assert found.high[1, 7] == alone.high


@pytest.mark.parametrize("wrong", [-1, math.nan, math.inf])
def test_what_is_no_count_and_no_confidence_is_refused(wrong: float):
    with pytest.raises(ValueError, match="events"):
        rate(wrong, 1.0)
    with pytest.raises(ValueError, match="second_exposure"):
        ratio(1, 1.0, 1, wrong)
    with pytest.raises(ValueError, match="confidence"):
        ratio(1, 1.0, 1, 1.0, confidence=wrong)
