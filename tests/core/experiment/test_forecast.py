"""Days to a decision and what can be detected, held against the rule itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import stdtrit

from core.experiment.forecast import Pace, days_for, detectable, forecast
from core.stats.power import power
from core.stats.ratio import log_margin
from core.stats.sequential import Rule, half_width, mixing_variance

RULE = Rule()
PACE = Pace(
    number=19,
    error=0.01,
    degrees=998.0,
    daily=np.full(19, 100.0),
    minimum=14,
    last_look=28,
    looked=False,
    s_plan=0.01 * (19 / 28) ** 0.5,
)


def band(number: int, pace: Pace = PACE) -> float:
    error = pace.error * (pace.number / number) ** 0.5
    return float(half_width(error, mixing_variance(pace.s_plan, 0.01), 0.01))


def test_the_band_decides_on_the_first_day_on_which_it_is_narrow_enough():
    gap = (band(24) + band(25)) / 2
    found = forecast(log_margin(-0.05) - gap, -0.05, PACE, RULE, 365)
    assert (found.days, found.by, found.to_last_look) == (25 - 19, "always valid", 9)


def test_the_last_look_decides_what_the_band_cannot_by_then():
    one_look = float(stdtrit(998.0, 0.98)) * PACE.error * (19 / 28) ** 0.5
    for side in (-1, 1):
        found = forecast(log_margin(-0.05) + side * 1.01 * one_look, -0.05, PACE, RULE, 365)
        assert (found.days, found.by) == (9, "last look")
    beyond = forecast(log_margin(-0.05) - 0.99 * one_look, -0.05, PACE, RULE, 365)
    assert beyond.by == "always valid"
    assert beyond.days is not None
    assert beyond.days > 9


def test_a_lift_at_the_margin_is_never_decided():
    found = forecast(log_margin(-0.05), -0.05, PACE, RULE, 365)
    assert (found.days, found.by) == (None, "")


def test_no_decision_before_the_minimum():
    early = replace(PACE, number=5, daily=np.full(5, 100.0))
    found = forecast(log_margin(-0.5), -0.05, early, RULE, 365)
    assert found.days == 14 - 5


def test_after_the_last_look_only_the_band_is_left():
    done = replace(PACE, number=30, daily=np.full(30, 100.0), looked=True)
    found = forecast(log_margin(-0.08), -0.05, done, RULE, 365)
    assert found.to_last_look == 0
    assert found.by in {"always valid", ""}


def test_days_for_true_lifts_are_days_of_the_whole_test():
    found = {round(one.lift, 4): one.days for one in days_for(-0.05, "down", PACE, RULE, 365)}
    assert set(found) == {0.0, -0.025, -0.06, -0.075, -0.1, -0.15}
    assert found[-0.15] == 14, "the minimum"
    assert found[-0.15] <= found[-0.1] <= found[-0.075]
    gap = log_margin(-0.05) - log_margin(-0.075)
    first = next(number for number in range(14, 400) if band(number) < gap)
    one_look = float(stdtrit(998.0, 0.98)) * PACE.error * (19 / 28) ** 0.5
    assert found[-0.075] == (28 if one_look < gap and first > 28 else first)


def test_without_a_margin_lifts_are_told_all_the_same():
    lifts = [one.lift for one in days_for(0.0, "up", PACE, RULE, 365)]
    assert lifts == pytest.approx([0.0, 0.025, 0.06, 0.075, 0.1, 0.15])


@pytest.mark.parametrize(("direction", "margin"), [("down", -0.05), ("up", 0.02)])
def test_what_is_detectable_is_found_with_that_power(direction: str, margin: float):
    found = detectable(margin, direction, PACE, RULE, 0.8)
    assert found.error == pytest.approx(0.01 * (19 / 28) ** 0.5)
    sign = -1 if direction == "down" else 1
    shift = sign * (log_margin(found.met) - log_margin(margin))
    assert float(power(shift, found.error, 998.0, 0.02)) == pytest.approx(0.8, abs=1e-9)
    from_none = sign * log_margin(found.change)
    assert float(power(from_none, found.error, 998.0, 0.025)) == pytest.approx(0.8, abs=1e-9)


def test_past_the_planned_end_the_present_error_counts():
    done = replace(PACE, number=30, daily=np.full(30, 100.0), looked=True)
    assert detectable(-0.05, "down", done, RULE, 0.8).error == done.error


def test_a_day_on_which_nothing_was_exposed_breaks_nothing():
    idle = replace(PACE, daily=np.array([0.0, *[100.0] * 18]))
    assert days_for(-0.05, "down", idle, RULE, 365)
