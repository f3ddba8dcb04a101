"""Rows of users through tea-tasting, and their bucket sums through here: the same answer.

The lift is the same to the last digits, since sums are sums. The standard error comes from B = 500
bucket sums an arm and not from the users, so it is itself known to about 1 / sqrt(2 (B - 1)), 3.2 %
for one arm and 2.2 % for two alike. Four of the former are allowed here.
"""

from __future__ import annotations

from importlib import resources

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import tea_tasting as tt
from numpy.typing import NDArray

from core.ports.experiment import BUCKETS
from core.stats.cuped import adjusted
from core.stats.ratio import Lifts, interval, lifts, ratios

Floats = NDArray[np.float64]

#: Four standard deviations of a standard error that 500 buckets an arm tell.
STATED = 4 / np.sqrt(2 * (BUCKETS - 1))


def by_bucket(table: pd.DataFrame, variant: int, *columns: str) -> list[Floats]:
    """Sums of an arm by bucket; the buckets are drawn as a hash would."""
    arm = table[table["variant"] == variant]
    return [
        np.bincount(arm["bucket"], weights=arm[name].astype(float), minlength=BUCKETS)
        for name in columns
    ]


def with_buckets(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(bucket=np.random.default_rng(500).integers(0, BUCKETS, len(table)))


def agree(ours: Lifts, theirs: object) -> None:
    """The same lift, and an interval whose half-widths are equal within the stated error."""
    lift = theirs.rel_effect_size
    np.testing.assert_allclose(ours.relative, lift, rtol=1e-9)
    expected = np.log1p([theirs.rel_effect_size_ci_lower, theirs.rel_effect_size_ci_upper])
    found = np.log1p([float(end) for end in interval(ours, 0.05)])
    np.testing.assert_allclose(found - np.log1p(lift), expected - np.log1p(lift), rtol=STATED)


def test_a_real_trial_of_incentives_to_collect_a_test_result():
    """Thornton (2008), randomised: who was offered money came for the result of an HIV test."""
    with resources.files("causaldata.thornton_hiv").joinpath("thornton_hiv.dta").open("rb") as file:
        people = pd.read_stata(file).dropna(subset=["any", "got"])
    table = with_buckets(people.assign(variant=people["any"].astype(int), one=1))
    control, treatment = (by_bucket(table, arm, "got", "one") for arm in (0, 1))
    ours = lifts(ratios(*control), ratios(*treatment))

    rows = pa.table({"variant": table["variant"].to_numpy(), "got": table["got"].to_numpy(float)})
    theirs = tt.Experiment(got=tt.Mean("got")).analyze(rows)["got"]

    assert len(table) == 2_834
    assert float(ours.relative) == pytest.approx(1.33, abs=0.01), "a third came without, 79 % with"
    agree(ours, theirs)


@pytest.fixture(scope="module")
def users() -> pd.DataFrame:
    """A hundred thousand simulated users of tea-tasting's, with the weeks before."""
    made = tt.make_users_data(rng=1, n_users=100_000, covariates=True)
    return with_buckets(made.to_pandas()).assign(one=1)


def test_simulated_users_orders_per_session(users: pd.DataFrame):
    theirs = tt.Experiment(ratio=tt.RatioOfMeans("orders", "sessions")).analyze(users)["ratio"]
    control, treatment = (by_bucket(users, arm, "orders", "sessions") for arm in (0, 1))
    agree(lifts(ratios(*control), ratios(*treatment)), theirs)


def test_simulated_users_revenue_per_user(users: pd.DataFrame):
    theirs = tt.Experiment(mean=tt.Mean("revenue")).analyze(users)["mean"]
    control, treatment = (by_bucket(users, arm, "revenue", "one") for arm in (0, 1))
    agree(lifts(ratios(*control), ratios(*treatment)), theirs)


def test_simulated_users_with_what_they_did_before(users: pd.DataFrame):
    metric = tt.RatioOfMeans("orders", "sessions", "orders_covariate", "sessions_covariate")
    theirs = tt.Experiment(ratio=metric).analyze(users)["ratio"]
    sides, before = (
        [by_bucket(users, arm, *columns) for arm in (0, 1)]
        for columns in (("orders", "sessions"), ("orders_covariate", "sessions_covariate"))
    )
    ours = lifts(*adjusted(tuple(sides[0]), tuple(sides[1]), tuple(before[0]), tuple(before[1])))
    # Theta comes from the buckets, too, so the adjusted point is not the same to the last digit:
    # it moves by less than a tenth of its standard error.
    point = np.log1p(theirs.rel_effect_size)
    assert abs(float(ours.log) - point) < 0.1 * float(ours.error)
    width = np.log1p(theirs.rel_effect_size_ci_upper) - np.log1p(theirs.rel_effect_size_ci_lower)
    low, high = np.log1p([float(end) for end in interval(ours, 0.05)])
    assert high - low == pytest.approx(width, rel=STATED)
