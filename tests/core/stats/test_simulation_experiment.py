"""What the rule, the band and the interval do in simulated tests; the short form, seeded.

The long form, 2,000 tests of each kind, is `make bench` (bench_experiment) or
`python -m tests.core.stats.simulation_experiment`.
"""

from __future__ import annotations

import pytest
from scipy.stats import binom

from tests.core.stats.simulation_experiment import (
    MARGIN,
    Population,
    Rates,
    coverage,
    power_lift,
    rates,
)

RUNS = 300
#: A test whose true rate is the limit passes it by chance once in a thousand seeds.
SURE = 0.999


def at_most(limit: float, runs: int = RUNS) -> float:
    """The share that so many runs stay below if the true rate is at most the limit."""
    return float(binom.ppf(SURE, runs, limit)) / runs


def at_least(limit: float, runs: int = RUNS) -> float:
    """The share that so many runs stay above if the true rate is at least the limit."""
    return float(binom.ppf(1 - SURE, runs, limit)) / runs


@pytest.fixture(scope="module")
def null() -> Rates:
    """Tests whose true lift is exactly the margin: every "met" is false."""
    return rates(11, RUNS, MARGIN, Population())


@pytest.fixture(scope="module")
def eighty(null: Rates) -> Rates:
    """Tests whose true lift one look would find in 80 % of them."""
    return rates(12, RUNS, power_lift(null.error, 0.8), Population())


def test_a_false_met_is_rare_though_everybody_looks_daily(null: Rates):
    assert null.met <= at_most(0.025)
    assert null.not_met <= at_most(0.025)


def test_the_simple_rules_say_met_falsely_far_too_often(null: Rates):
    assert null.naive_met > 0.2, "p < .05 and the point below the margin"
    assert null.ordinary_met > at_most(0.025), "the ordinary interval, looked at daily"
    assert null.ordinary_missed > at_most(0.05)


def test_the_band_hardly_ever_misses_the_truth_on_any_day(null: Rates, eighty: Rates):
    assert null.band_missed <= at_most(0.05)
    assert eighty.band_missed <= at_most(0.05)


def test_the_rule_keeps_nearly_the_power_of_a_single_look(eighty: Rates):
    assert at_least(0.8 - 0.02) <= eighty.one_look_met <= at_most(0.8 + 0.02)
    # Both are of the same tests, so chance hardly moves their distance.
    assert eighty.met >= eighty.one_look_met - 0.05
    assert eighty.not_met == 0


@pytest.mark.parametrize("buckets", [200, 500])
def test_the_interval_covers_what_it_says_at_a_complaint_rate_of_a_twentieth_percent(buckets: int):
    rare = Population(users=10_000, letters=12.0, complaints=5e-4, letters_spread=0.8)
    held = coverage(13, RUNS, -0.08, rare, buckets)
    assert at_least(0.94) <= held <= at_most(0.965)
