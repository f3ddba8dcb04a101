"""Lifts from bucket sums: held against tea-tasting and statsmodels, and taken to their edges."""

import math

import numpy as np
import pyarrow as pa
import pytest
import tea_tasting as tt
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from statsmodels.stats.weightstats import ttest_ind
from tea_tasting.aggr import read_aggregates

from core.stats.ratio import (
    Lifts,
    Ratios,
    differences,
    interval,
    lifts,
    linearised,
    log_margin,
    p_value,
    ratios,
)
from tests.core.seeded import seeded

Floats = NDArray[np.float64]
BUCKETS = 500
#: As exact as two programs that add up in another order can agree.
CLOSE = {"rtol": 1e-9, "atol": 1e-12}


def arm(seed: int, rate: float, letters: float = 3_000.0) -> tuple[Floats, Floats]:
    """Complaints and letters by bucket; buckets differ in size and in how much they complain."""
    draw = np.random.default_rng(seed)
    y = draw.poisson(letters * draw.lognormal(0, 0.2, BUCKETS)).astype(float)
    x = draw.poisson(y * rate * draw.lognormal(0, 0.3, BUCKETS)).astype(float)
    return x, y


CONTROL, TREATMENT = arm(1, 1e-3), arm(2, 0.9e-3)
FOUND = lifts(ratios(*CONTROL), ratios(*TREATMENT))


def peer(alternative: str = "two-sided", confidence: float = 0.95) -> tuple[object, object]:
    """What tea-tasting finds in the same buckets, one row a bucket."""
    data = {
        "variant": np.repeat([0, 1], BUCKETS),
        "x": np.concatenate([CONTROL[0], TREATMENT[0]]),
        "y": np.concatenate([CONTROL[1], TREATMENT[1]]),
        # Any constant would do: ten keeps the relative effect, which the peer works out too, small.
        "log": np.concatenate([linearised(*CONTROL), linearised(*TREATMENT) + float(FOUND.log)])
        + 10,
    }
    options = {"alternative": alternative, "confidence_level": confidence}
    experiment = tt.Experiment(
        ratio=tt.RatioOfMeans("x", "y", **options), log=tt.Mean("log", **options)
    )
    result = experiment.analyze(pa.table(data))
    return result["ratio"], result["log"]


class TestPeers:
    """Nothing here was invented: two other programs find the same."""

    @pytest.mark.parametrize("confidence", [0.5, 0.95, 0.9975])
    def test_ratios_lift_and_interval_are_those_of_tea_tasting(self, confidence: float):
        theirs, _ = peer(confidence=confidence)
        low, high = interval(FOUND, 1 - confidence)
        np.testing.assert_allclose(ratios(*CONTROL).value, theirs.control, **CLOSE)
        np.testing.assert_allclose(ratios(*TREATMENT).value, theirs.treatment, **CLOSE)
        np.testing.assert_allclose(FOUND.relative, theirs.rel_effect_size, **CLOSE)
        np.testing.assert_allclose(low, theirs.rel_effect_size_ci_lower, **CLOSE)
        np.testing.assert_allclose(high, theirs.rel_effect_size_ci_upper, **CLOSE)

    def test_the_difference_its_interval_and_its_p_value_are_those_of_tea_tasting(self):
        theirs, _ = peer()
        ours = differences(ratios(*CONTROL), ratios(*TREATMENT), 0.05)
        np.testing.assert_allclose(ours.value, theirs.effect_size, **CLOSE)
        np.testing.assert_allclose(ours.low, theirs.effect_size_ci_lower, **CLOSE)
        np.testing.assert_allclose(ours.high, theirs.effect_size_ci_upper, **CLOSE)
        np.testing.assert_allclose(ours.p, theirs.pvalue, **CLOSE)

    @pytest.mark.parametrize(
        ("side", "alternative"), [("both", "two-sided"), ("below", "less"), ("above", "greater")]
    )
    def test_the_p_value_of_the_log_is_tea_tastings_of_the_linearised_buckets(
        self, side: str, alternative: str
    ):
        _, theirs = peer(alternative)
        np.testing.assert_allclose(p_value(FOUND, side=side), theirs.pvalue, **CLOSE)

    @pytest.mark.parametrize("margin", [0.0, -0.05, -0.2, 0.1])
    @pytest.mark.parametrize(
        ("side", "alternative"), [("both", "two-sided"), ("below", "smaller"), ("above", "larger")]
    )
    def test_the_p_value_against_a_margin_is_statsmodels_welch_on_linearised_buckets(
        self, margin: float, side: str, alternative: str
    ):
        _, p, degrees = ttest_ind(
            linearised(*TREATMENT) + float(FOUND.log),
            linearised(*CONTROL),
            alternative=alternative,
            usevar="unequal",
            value=math.log1p(margin),
        )
        np.testing.assert_allclose(p_value(FOUND, margin, side=side), p, **CLOSE)
        np.testing.assert_allclose(FOUND.degrees, degrees, **CLOSE)

    def test_the_variance_is_that_of_tea_tastings_aggregates(self):
        table = pa.table({"x": CONTROL[0], "y": CONTROL[1]})
        theirs = read_aggregates(
            table,
            group_col=None,
            has_count=True,
            mean_cols=("x", "y"),
            var_cols=("x", "y"),
            cov_cols=(("x", "y"),),
        )
        ours = ratios(*CONTROL)
        np.testing.assert_allclose(
            ours.log_variance * ours.value**2, theirs.ratio_var("x", "y") / BUCKETS, **CLOSE
        )


def test_many_ratios_at_once_are_those_of_each():
    x = np.stack([CONTROL[0], TREATMENT[0]])
    y = np.stack([CONTROL[1], TREATMENT[1]])
    together = ratios(x, y)
    for at, (one, other) in enumerate((CONTROL, TREATMENT)):
        np.testing.assert_array_equal(together.value[at], ratios(one, other).value)
        np.testing.assert_array_equal(together.log_variance[at], ratios(one, other).log_variance)


def test_an_interval_excludes_a_margin_exactly_where_its_p_value_is_below_alpha():
    low, high = interval(FOUND, 0.05)
    for end, inward in ((float(low), 1e-6), (float(high), -1e-6)):
        assert p_value(FOUND, end + inward) > 0.05
        assert p_value(FOUND, end - inward) < 0.05


def test_what_does_not_vary_costs_no_width_and_what_does_is_not_hidden():
    x, y = CONTROL
    assert np.isnan(ratios(y * 0.01, y).log_variance), "one rate in every bucket is no sample"
    assert ratios(x, y).log_variance > ratios(x + 10 * y, y).log_variance


@seeded
@given(
    scale=st.floats(1e-6, 1e9),
    seed=st.integers(0, 1_000),
    order=st.randoms(use_true_random=False),
)
def test_units_and_the_order_of_buckets_change_nothing(scale: float, seed: int, order):
    x, y = arm(seed, 1e-2, letters=100)
    shuffled = list(range(BUCKETS))
    order.shuffle(shuffled)
    plain, other = ratios(x, y), ratios(x[shuffled] * scale, y[shuffled] * scale)
    np.testing.assert_allclose(other.value, plain.value, rtol=1e-9)
    np.testing.assert_allclose(other.log_variance, plain.log_variance, rtol=1e-9)


@seeded
@given(seed=st.integers(0, 1_000), alpha=st.floats(0.001, 0.5))
def test_swapping_the_arms_turns_the_lift_round(seed: int, alpha: float):
    one, other = ratios(*arm(seed, 1e-2)), ratios(*arm(seed + 1, 2e-2))
    there, back = lifts(one, other), lifts(other, one)
    np.testing.assert_allclose(there.log, -back.log, rtol=1e-12)
    low, high = interval(there, alpha)
    low_back, high_back = interval(back, alpha)
    np.testing.assert_allclose((1 + low) * (1 + high_back), 1, rtol=1e-9)
    np.testing.assert_allclose((1 + high) * (1 + low_back), 1, rtol=1e-9)


def test_a_bucket_without_rows_counts_as_zero_and_stays_in():
    x, y = CONTROL
    keep = np.ones(BUCKETS, bool)
    keep[::10] = False
    with_zeros, dropped = ratios(x * keep, y * keep), ratios(x[keep], y[keep])
    assert with_zeros.value == dropped.value
    assert with_zeros.degrees == BUCKETS - 1
    np.testing.assert_allclose(
        with_zeros.log_variance / dropped.log_variance,
        (BUCKETS / (BUCKETS - 1)) / (keep.sum() / (keep.sum() - 1)),
        rtol=1e-9,
    )


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([0.0, 0.0, 0.0], [10.0, 10.0, 10.0]),
        ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        ([3.0, 0.0, 0.0], [10.0, 0.0, 0.0]),
        ([1.0], [10.0]),
        ([1.0, 1.0], [10.0, 10.0]),
        ([-1.0, 0.5], [10.0, 10.0]),
    ],
    ids=[
        "no complaints",
        "no letters",
        "everything in one bucket",
        "one bucket",
        "no variance",
        "a negative total",
    ],
)
def test_what_cannot_be_computed_is_not_a_number_and_stays_none(x: list[float], y: list[float]):
    bad = ratios(x, y)
    assert np.isnan(bad.log_variance)
    for found in (lifts(bad, ratios(*CONTROL)), lifts(ratios(*CONTROL), bad)):
        assert np.isnan(found.log)
        assert np.isnan(found.error)
        assert np.isnan(interval(found, 0.05)).all()
        assert np.isnan(p_value(found, -0.05))


def test_shapes_that_do_not_fit_are_refused_by_their_values():
    with pytest.raises(ValueError, match=r"x.shape == \(3,\), must be y.shape == \(2,\)"):
        ratios([1.0, 2.0, 3.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="with buckets"):
        ratios(1.0, 2.0)


@pytest.mark.parametrize("margin", [-1.0, -1.5, math.nan])
def test_a_margin_of_everything_is_refused(margin: float):
    with pytest.raises(ValueError, match="must be above -1"):
        log_margin(margin)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, math.nan])
def test_an_alpha_that_is_no_chance_is_refused(alpha: float):
    with pytest.raises(ValueError, match=r"must be in \(0, 1\)"):
        interval(FOUND, alpha)


def test_a_side_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="side == 'left'"):
        p_value(FOUND, side="left")


def test_welch_gives_the_sum_where_arms_are_alike_and_the_noisy_arms_where_not():
    even = Ratios(np.array(1.0), np.array(1e-4), 499)
    noisy = Ratios(np.array(1.0), np.array(1.0), 499)
    assert float(lifts(even, even).degrees) == pytest.approx(998)
    assert float(lifts(even, noisy).degrees) == pytest.approx(499, abs=0.2)
    assert isinstance(lifts(even, even), Lifts)
