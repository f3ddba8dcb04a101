"""CUPED against tea-tasting, and what it may and may not do."""

import numpy as np
import pyarrow as pa
import pytest
import tea_tasting as tt
from numpy.typing import NDArray

from core.stats.cuped import Columns, adjusted, theta
from core.stats.ratio import interval, lifts, ratios

Floats = NDArray[np.float64]
BUCKETS = 500


def arm(seed: int, rate: float, lasting: float = 0.3) -> tuple[Columns, Columns]:
    """An arm during the test and before: some buckets complain more, and always did."""
    draw = np.random.default_rng(seed)
    trait = draw.lognormal(0, lasting, BUCKETS)
    y0 = draw.poisson(4_000.0, BUCKETS).astype(float)
    x0 = draw.poisson(y0 * 1e-2 * trait).astype(float)
    y = draw.poisson(3_000.0, BUCKETS).astype(float)
    x = draw.poisson(y * rate * trait).astype(float)
    return (x, y), (x0, y0)


CONTROL, CONTROL_BEFORE = arm(1, 1e-2)
TREATMENT, TREATMENT_BEFORE = arm(2, 0.9e-2)


def test_ratios_lift_and_interval_are_those_of_tea_tasting():
    columns = {
        name: np.concatenate([one, other])
        for name, one, other in (
            ("x", CONTROL[0], TREATMENT[0]),
            ("y", CONTROL[1], TREATMENT[1]),
            ("x0", CONTROL_BEFORE[0], TREATMENT_BEFORE[0]),
            ("y0", CONTROL_BEFORE[1], TREATMENT_BEFORE[1]),
        )
    }
    table = pa.table({"variant": np.repeat([0, 1], BUCKETS)} | columns)
    metric = tt.RatioOfMeans("x", "y", "x0", "y0")
    theirs = tt.Experiment(metric=metric).analyze(table)["metric"]

    one, other = adjusted(CONTROL, TREATMENT, CONTROL_BEFORE, TREATMENT_BEFORE)
    found = lifts(one, other)
    low, high = interval(found, 0.05)
    for ours, expected in (
        (one.value, theirs.control),
        (other.value, theirs.treatment),
        (found.relative, theirs.rel_effect_size),
        (low, theirs.rel_effect_size_ci_lower),
        (high, theirs.rel_effect_size_ci_upper),
    ):
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)


def test_a_lasting_trait_narrows_the_interval_and_leaves_the_truth_inside():
    plain = lifts(ratios(*CONTROL), ratios(*TREATMENT))
    better = lifts(*adjusted(CONTROL, TREATMENT, CONTROL_BEFORE, TREATMENT_BEFORE))
    assert better.error < 0.7 * plain.error
    low, high = interval(better, 0.05)
    assert low < -0.1 < high


def test_a_covariate_that_says_nothing_changes_nothing():
    draw = np.random.default_rng(3)
    unrelated = (draw.poisson(40.0, BUCKETS).astype(float), np.full(BUCKETS, 4_000.0))
    plain = lifts(ratios(*CONTROL), ratios(*TREATMENT))
    found = lifts(*adjusted(CONTROL, TREATMENT, unrelated, unrelated))
    assert found.error == pytest.approx(float(plain.error), rel=0.02)


@pytest.mark.parametrize("denominators", [np.zeros(BUCKETS), np.full(BUCKETS, 100.0)])
def test_a_covariate_without_variance_is_left_out(denominators: Floats):
    silent = (np.zeros(BUCKETS), denominators)
    one, other = adjusted(CONTROL, TREATMENT, silent, silent)
    assert one.log_variance == ratios(*CONTROL).log_variance
    assert other.value == ratios(*TREATMENT).value


def test_theta_is_the_slope_of_the_metric_on_its_covariate():
    draw = np.random.default_rng(4)
    y = np.ones(BUCKETS)
    x0 = draw.normal(5, 1, BUCKETS)
    x = 3 + 0.7 * x0 + draw.normal(0, 0.1, BUCKETS)
    slope = np.polyfit(x0, x, 1)[0]
    assert theta((x, y), (x0, y)) == pytest.approx(slope, rel=1e-9)
