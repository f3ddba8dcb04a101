"""The weekly pattern: false alarms as often as it says, and a real change is seen."""

import numpy as np
import pytest

from core.stats.seasonal import FEWEST_WEEKS, WEEK, Prediction, weekly_prediction

RATE = 1e-4
PATTERN = np.array([1.1, 1.05, 1.0, 1.0, 0.95, 0.8, 0.7])


def simulated(
    worlds: int, spread: float, letters: float, *, weeks: int = 8, last: float = 1.0
) -> tuple[Prediction, np.ndarray]:
    """Predictions of the day after some weeks, and its rate; `last` multiplies that day's rate."""
    draw = np.random.default_rng(7)
    days = weeks * WEEK + 1
    exposure = letters * np.exp(0.05 * draw.standard_normal((worlds, days)))
    rate = RATE * np.resize(PATTERN, days) * np.exp(spread * draw.standard_normal((worlds, days)))
    rate[:, -1] *= last
    events = draw.poisson(exposure * rate)
    found = weekly_prediction(events[:, :-1], exposure[:, :-1], exposure[:, -1], 0.001)
    return found, events[:, -1] / exposure[:, -1]


def outside(found: Prediction, rate: np.ndarray) -> float:
    return float(((rate < found.low) | (rate > found.high)).mean())


@pytest.mark.parametrize("letters", [1e6, 1.5e9])
@pytest.mark.parametrize(("spread", "most"), [(0.0, 0.001), (0.008, 0.0014), (0.05, 0.0016)])
def test_days_of_nothing_but_chance_are_outside_as_seldom_as_it_says(
    spread: float, most: float, letters: float
):
    """40,000 days at 0.001: the standard error of the share is 0.00016."""
    assert outside(*simulated(40_000, spread, letters)) <= most


def test_heavy_scatter_has_more_false_alarms_and_not_many_more():
    assert 0.001 < outside(*simulated(40_000, 0.15, 1.5e9)) < 0.005


def test_the_fewest_weeks_keep_the_level():
    assert outside(*simulated(40_000, 0.05, 1.5e9, weeks=FEWEST_WEEKS)) <= 0.0018


@pytest.mark.parametrize("last", [0.9, 1.1])
def test_a_tenth_more_or_less_than_usual_is_seen(last: float):
    """Days of the demo scatter by 0.8 %: a tenth is far outside."""
    assert outside(*simulated(2_000, 0.008, 1.5e9, last=last)) > 0.999


def test_the_spread_of_the_days_is_found():
    found, _ = simulated(2_000, 0.05, 1.5e9)
    assert abs(float(np.median(found.spread)) - 0.05) < 0.003


def test_the_weekday_has_its_own_rate():
    events = np.resize(np.array([10, 100, 100, 100, 100, 100, 100]), 56)
    found = weekly_prediction(events, np.full(56, 1e6), 1e6, 0.001)
    assert float(found.value) == pytest.approx(10e-6)
    assert float(found.high) < 40e-6


def test_too_few_such_weekdays_are_no_pattern():
    events = np.resize(PATTERN * 100, 56)
    missing = events.copy()
    missing[:21:7] = np.nan
    exposure = np.full(56, 1e6)
    assert np.isnan(weekly_prediction(missing, exposure, 1e6, 0.001).value)
    missing[0] = events[0]
    assert float(weekly_prediction(missing, exposure, 1e6, 0.001).value) == pytest.approx(110e-6)


def test_a_weekday_without_events_is_no_pattern():
    events = np.resize(np.array([0, 9, 9, 9, 9, 9, 9]), 42)
    assert np.isnan(weekly_prediction(events, np.full(42, 1e6), 1e6, 0.001).value)


def test_a_day_without_exposure_counts_as_missing():
    events, exposure = np.resize(PATTERN * 100, 56), np.full(56, 1e6)
    exposure[3] = 0
    given = weekly_prediction(events, exposure, 1e6, 0.001)
    missing = weekly_prediction(np.where(exposure > 0, events, np.nan), exposure, 1e6, 0.001)
    assert given.value == missing.value
    assert given.high == missing.high


def test_an_extraordinary_day_in_the_pattern_widens_it():
    draw = np.random.default_rng(3)
    events = draw.poisson(np.resize(PATTERN * 1e5, 56)).astype(float)
    exposure = np.full(56, 1e9)
    quiet = weekly_prediction(events, exposure, 1e9, 0.001)
    events[10] *= 2
    loud = weekly_prediction(events, exposure, 1e9, 0.001)
    assert loud.high - loud.low > 2 * (quiet.high - quiet.low)


@pytest.mark.parametrize(
    ("events", "exposure", "level", "said"),
    [
        (np.ones(40), np.ones(40), 0.001, "whole weeks"),
        (np.ones(42), np.ones(49), 0.001, "whole weeks"),
        (np.ones(0), np.ones(0), 0.001, "whole weeks"),
        (-np.ones(42), np.ones(42), 0.001, "must not be negative"),
        (np.ones(42), np.ones(42), 0.0, "must be in"),
        (np.ones(42), np.ones(42), 1.0, "must be in"),
    ],
)
def test_what_is_no_pattern_is_refused(
    events: np.ndarray, exposure: np.ndarray, level: float, said: str
):
    with pytest.raises(ValueError, match=said):
        weekly_prediction(events, exposure, 1.0, level)
