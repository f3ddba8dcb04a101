"""The planner of the next experiment, by its formula and by simulated tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.experiment import report
from core.experiment.assessment import assess
from core.experiment.choice import known_experiments
from core.experiment.comparison import Ground
from core.experiment.metrics import METRICS, PER_LETTER
from core.experiment.planner import Assumptions, assumptions_of, plan, spread_of
from core.experiment.settings import Settings
from core.ports.experiment import SUMS
from core.stats.ratio import interval, lifts, ratios
from tests.fakes import SERVICE
from tests.fakes_experiment import FakeExperimentReader, World, on_day

ASKED = Assumptions(
    base_rate=1e-3, users_a_day=20_000, per_user=20.0, spread=1.5, margin=-0.05, lift=-0.12
)


def test_days_are_whole_weeks_and_enough():
    found = plan(ASKED)
    assert found.days is not None
    assert found.needed is not None
    assert found.days % 7 == 0
    assert found.days - 7 < max(found.needed, ASKED.minimum_days) <= found.days
    assert found.power is not None
    assert found.power >= 0.8


def test_the_planned_error_and_its_power_are_what_simulated_tests_have():
    found = plan(ASKED)
    assert found.days is not None
    draw = np.random.default_rng(1)
    letters = ASKED.users_a_day * ASKED.per_user * found.days / 2 / 500
    # Gamma rates over the buckets make the variance of the counts 1.5 times that of Poisson.
    events = letters * ASKED.base_rate
    shape = events / (ASKED.spread - 1)
    met, logs = 0, []
    for _ in range(1_000):
        sides = []
        for lift in (0.0, ASKED.lift):
            rate = draw.gamma(shape, 1 / shape, 500)
            x = draw.poisson(events * (1 + lift) * rate).astype(float)
            sides.append(ratios(x, np.full(500, letters)))
        one = lifts(sides[0], sides[1])
        logs.append(float(one.log))
        met += bool(interval(one, 0.04)[1] < ASKED.margin)
    assert np.std(logs) == pytest.approx(found.s_plan, rel=0.08)
    assert met / 1_000 == pytest.approx(found.power, abs=0.05)


@pytest.mark.parametrize(
    "harder",
    [{"users_a_day": 5_000}, {"base_rate": 2e-4}, {"spread": 4.0}, {"power": 0.95}, {"lift": -0.09},
     {"treated": 0.1}, {"margin": -0.08}],
)  # fmt: skip
def test_what_is_harder_takes_longer(harder: dict[str, float]):
    needed = plan(replace(ASKED, **harder)).needed
    assert needed is not None
    assert needed > (plan(ASKED).needed or 0)


def test_a_lift_at_the_margin_cannot_be_shown_and_one_near_it_not_within_a_year():
    assert plan(replace(ASKED, lift=-0.05)).needed is None
    near = plan(replace(ASKED, lift=-0.051))
    assert near.days is None
    assert near.needed is not None
    assert near.needed > 365


def test_an_easy_test_still_runs_its_minimum():
    easy = plan(replace(ASKED, users_a_day=1e9))
    assert easy.days == 14
    assert easy.needed is not None
    assert easy.needed < 1


def test_its_assumption_names_everything_that_went_in():
    said = plan(ASKED).assumption
    for part in ("0.001", "20,000", "20", "50%", "1.50", "-12.0%", "-5.0%", "80%"):
        assert part in said


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"base_rate": 0.0}, "base_rate == 0.0"),
        ({"users_a_day": -1.0}, "users_a_day == -1.0"),
        ({"per_user": float("inf")}, "per_user == inf"),
        ({"spread": 0.0}, "spread == 0.0"),
        ({"treated": 1.0}, "treated == 1.0"),
        ({"minimum_days": 0}, "minimum_days == 0"),
        ({"lift": -1.0}, "must be above -1"),
        ({"power": 1.0}, "wanted == 1.0"),
    ],
)
def test_what_cannot_be_planned_from_is_refused_by_its_value(wrong: dict[str, float], message: str):
    with pytest.raises(ValueError, match=message):
        plan(replace(ASKED, **wrong))


def ground_at(number: int, **options: float) -> Ground:
    reader = FakeExperimentReader(World(users=20_000, **options).rows(number - 1))
    (known,) = known_experiments(reader, SERVICE, on_day(number))
    return assess(reader, known, on_day(number), Settings()).ground


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_the_spread_of_a_test_that_ran_is_told_by_its_control(spread: float):
    """Poisson complaints that buckets multiply by lognormal factors."""
    ground = ground_at(20, spread=spread)
    complaints = ground.cumulative[-1][0, :, SUMS.index("complaints")].mean()
    expected = 1 + complaints * (np.exp(spread**2) - 1)
    assert spread_of(ground, PER_LETTER, (0, 1)) == pytest.approx(expected, rel=0.2)


def test_the_next_test_is_planned_from_the_rates_and_the_traffic_of_this_one():
    ground = ground_at(20)
    found = assumptions_of(ground, PER_LETTER, (0, 1), 0.8)
    assert found is not None
    assert found.base_rate == pytest.approx(2e-3, rel=0.05)
    assert found.users_a_day == pytest.approx(2 * 20_000 * 0.6, rel=0.02)
    assert found.per_user == pytest.approx(20, rel=0.02)
    assert (found.margin, found.treated) == (-0.05, 0.5)
    assert found.lift == pytest.approx(-0.075)


def test_a_plan_of_the_same_length_has_the_error_of_the_test_that_it_was_told_by():
    ground = ground_at(20)
    asked = assumptions_of(ground, PER_LETTER, (0, 1), 0.8)
    assert asked is not None
    found = plan(asked)
    assert found.s_plan is not None
    assert found.days is not None
    sides = [ratios(*PER_LETTER.columns(ground.cumulative[-1][arm])) for arm in (0, 1)]
    planned = found.s_plan * (found.days / 19) ** 0.5
    assert planned == pytest.approx(float(lifts(sides[0], sides[1]).error), rel=0.1)


def test_a_metric_that_counts_no_events_and_a_test_without_days_tell_no_assumptions():
    assert assumptions_of(ground_at(8), METRICS["revenue_per_user"], (0, 1), 0.8) is None
    assert assumptions_of(ground_at(8), METRICS["sessions_per_user"], (0, 1), 0.8) is not None
    empty = report(FakeExperimentReader(), SERVICE, on_day(3)).detail
    assert empty.assumptions is None
