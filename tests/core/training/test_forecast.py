"""The present pace, and when a target is reached at it."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from core.training import Settings, TrainingReport
from core.training.forecast import MONTH_DAYS, Arrival, Pace
from tests.fakes_training import MILLION, Q1, Q2, on, run, seen

#: 1M letters a day: 10, 20, 30, 40 after 10, 20, 30, 40 days.
EVEN = tuple(run(day, day) for day in (10, 20, 30, 40))


def pace(found: TrainingReport) -> Pace:
    assert found.pace is not None, found.no_pace
    return found.pace


def arrival(found: TrainingReport) -> Arrival:
    nearest = found.nearest
    assert nearest is not None
    assert nearest.arrival is not None
    return nearest.arrival


class TestPace:
    """Letters over time, of the last increases."""

    def test_even_growth_has_one_pace(self):
        found = pace(seen(EVEN, 41))
        assert found.daily == pytest.approx(MILLION)
        assert (found.slowest, found.fastest) == pytest.approx((MILLION, MILLION))
        assert found.monthly == pytest.approx(MILLION * MONTH_DAYS)
        assert [one.run_id for one in found.increases] == ["run-20", "run-30", "run-40"]

    def test_it_weighs_by_time_and_the_range_is_that_of_the_increases(self):
        rows = [run(10, 10), run(20, 40), run(50, 50)]  # 3M a day, then a third of one
        found = pace(seen(rows, 51))
        assert found.daily == pytest.approx(40 * MILLION / 40)
        assert found.slowest == pytest.approx(MILLION / 3)
        assert found.fastest == pytest.approx(3 * MILLION)

    def test_only_the_last_increases_count(self):
        slow_start = [run(1, 1), run(9, 2), *EVEN]
        assert pace(seen(slow_start, 41)).daily == pytest.approx(MILLION)
        one = replace(Settings((Q1, Q2), Q2), increases=1)
        rows = [run(10, 10), run(20, 12), run(30, 32)]
        assert pace(seen(rows, 31, one)).daily == pytest.approx(2 * MILLION)

    def test_an_export_of_the_same_model_is_no_increase_and_its_time_counts(self):
        rows = [run(10, 10), run(20, 20), run(30, 20), run(40, 15), run(50, 50)]
        found = pace(seen(rows, 51))
        assert [one.letters for one in found.increases] == [10 * MILLION, 30 * MILLION]
        assert found.increases[1].since == on(20)
        assert found.daily == pytest.approx(MILLION)

    def test_failed_and_running_runs_are_no_increase(self):
        rows = [*EVEN, run(41, 90, "failed"), run(42, 95, "running")]
        assert pace(seen(rows, 43)) == pace(seen(EVEN, 43))

    def test_two_runs_that_ended_at_one_moment_are_one_step(self):
        rows = [run(10, 10), run(20, 15, name="a"), run(20, 20, name="b"), run(30, 30)]
        assert [one.run_id for one in pace(seen(rows, 31)).increases] == ["b", "run-30"]

    def test_a_silence_longer_than_any_increase_slows_the_pace(self):
        assert not pace(seen(EVEN, 50)).stalled
        found = pace(seen(EVEN, 60))
        assert found.stalled
        assert found.daily == pytest.approx(30 * MILLION / 50)
        assert found.slowest == pytest.approx(10 * MILLION / 30)
        assert found.fastest == pytest.approx(MILLION)

    @pytest.mark.parametrize(
        ("rows", "why"),
        [
            ([], "fewer than two runs have succeeded"),
            ([run(10, 10)], "fewer than two runs have succeeded"),
            ([run(10, 10), run(20, 20, "failed")], "fewer than two runs have succeeded"),
            (
                [run(10, 10), run(20, 10)],
                "no succeeded run counts more letters than the one before it",
            ),
            (
                [run(10, 10, name="a"), run(10, 20, name="b")],
                "no succeeded run counts more letters than the one before it",
            ),
            (
                [run(10, 10), run(20, 20), run(30, 15)],
                "the newest model is trained on fewer letters than one before it",
            ),
        ],
        ids=["none", "one", "one succeeded", "no growth", "no time", "shrunk"],
    )
    def test_where_there_is_none_the_reason_is_told(self, rows, why: str):
        found = seen(rows, 40)
        assert (found.pace, found.no_pace) == (None, why)
        nearest = found.nearest
        assert nearest is not None
        assert (nearest.arrival, nearest.late_days) == (None, None)


class TestArrival:
    """When the missing letters come."""

    def test_even_growth_arrives_when_it_must(self):
        found = seen(EVEN, 41)
        day = on(100).date()
        assert arrival(found) == Arrival(day, day, day)
        assert found.nearest is not None
        assert found.nearest.late_days == (day - Q2.due_on).days

    def test_the_slowest_and_the_fastest_pace_bound_it(self):
        rows = [run(10, 10), run(20, 40), run(50, 50)]
        assert arrival(seen(rows, 51)) == Arrival(
            on(100).date(), on(50 + 50 / 3).date(), on(200).date()
        )

    def test_after_a_silence_it_starts_at_as_of(self):
        assert arrival(seen(EVEN, 60)).on == on(60 + 100).date()

    def test_what_is_overdue_is_still_to_come(self):
        rows = [run(10, 50), run(20, 99.5)]
        assert arrival(seen(rows, 29)).on == on(29).date()

    def test_a_date_beyond_the_horizon_is_not_told(self):
        rows = [run(10, 10), run(20, 10.0001)]
        assert arrival(seen(rows, 21)) == Arrival(None, None, None)
        near = Settings((Q2,), Q2, horizon=timedelta(days=60))
        assert arrival(seen(EVEN, 41, near)).on == on(100).date()
        nearer = replace(near, horizon=timedelta(days=59))
        assert arrival(seen(EVEN, 41, nearer)).on is None

    def test_a_target_that_is_reached_has_no_date(self):
        assert seen([run(10, 50), run(20, 100)], 21).reaches[1].arrival is None

    @pytest.mark.parametrize("seed", range(5))
    def test_it_lies_between_its_bounds_and_never_before_as_of(self, seed: int):
        rng = np.random.default_rng(seed)
        days = 5 + rng.uniform(1, 40, 6).cumsum()
        letters = rng.uniform(0.1, 15, 6).cumsum()
        rows = [run(day, count) for day, count in zip(days, letters, strict=True)]
        as_of = float(days[-1] + rng.uniform(0, 90))
        found = arrival(seen(rows, as_of))
        assert found.on is not None
        assert found.earliest is not None
        latest = found.latest or date.max
        assert on(as_of).date() <= found.earliest <= found.on <= latest
