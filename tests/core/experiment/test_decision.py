"""The rule day by day: when a look counts, and what it was."""

from __future__ import annotations

import numpy as np
import pytest

from core.experiment.decision import Daily, Decision, daily_of, decide, last_look, schedule_of
from core.ports import Amendment
from core.stats.ratio import Lifts
from core.stats.sequential import Rule
from tests.fakes_experiment import day, defined, on_day

DAYS = tuple(day(number) for number in range(1, 6))
EVERY = np.ones(5, bool)
NEVER = np.zeros(5, bool)


def daily(lifts: list[float], error: float = 0.01, final: int | None = None) -> Daily:
    final_at = NEVER.copy()
    if final is not None:
        final_at[final] = True
    found = Lifts(np.log1p(lifts), np.full(5, error), np.full(5, 998.0))
    return daily_of(
        found, EVERY, final_at, margin=-0.05, alpha=0.05, rule=Rule(), s_plan=0.01, known_from=1
    )


def decided(
    course: Daily, may: np.ndarray = EVERY, final: int | None = None, direction: str = "down"
) -> Decision | None:
    final_at = NEVER.copy()
    if final is not None:
        final_at[final] = True
    return decide(course, DAYS, may, final_at, margin=-0.05, direction=direction, rule=Rule())


def test_the_first_crossing_holds():
    found = decided(daily([-0.12, -0.12, -0.02, 0.1, 0.2]))
    assert found is not None
    assert (found.number, found.met, found.look) == (2, True, "always valid")
    assert found.lift == pytest.approx(-0.12)


def test_before_the_band_is_tuned_nothing_crosses():
    course = daily([-0.5] * 5)
    assert np.isnan(course.deciding_high[0])
    assert np.isfinite(course.deciding_high[1])


def test_days_that_may_not_decide_do_not():
    course = daily([-0.12, -0.12, -0.12, -0.06, -0.06])
    assert decided(course, np.array([True, False, False, True, True])) is None


def test_the_last_look_has_the_narrower_interval_on_its_day_alone():
    course = daily([-0.075] * 5, final=3)
    assert decided(course, final=None) is not None, "the bounds say so on day 4"
    found = decided(course, final=3)
    assert found is not None
    assert (found.number, found.look) == (4, "last look")
    assert found.bounds.confidence == pytest.approx(0.96)
    assert course.deciding_high[2] > -0.05
    assert course.deciding_high[4] > -0.05


def test_not_met_is_the_other_side():
    found = decided(daily([0.0] * 5))
    assert found is not None
    assert not found.met
    upward = decided(daily([0.0] * 5), direction="up")
    assert upward is not None
    assert upward.met


def test_the_last_look_is_on_the_first_complete_day_from_its_day_on():
    assert last_look(DAYS, EVERY, day(3)).tolist() == [False, False, True, False, False]
    gap = np.array([True, True, False, True, True])
    assert last_look(DAYS, gap, day(3)).tolist() == [False, False, False, True, False]
    assert not last_look(DAYS, EVERY, day(9)).any()


def changed(number: int, before: int, after: int) -> Amendment:
    return Amendment(
        on_day(number), "Анна", "because", {"planned_days": before}, {"planned_days": after}
    )


@pytest.mark.parametrize(
    ("amendments", "planned", "look"),
    [
        ((), 28, 28),
        ((changed(20, 28, 35),), 35, 35),
        ((changed(28, 28, 35),), 35, 35),
        # Day 28 was over, and may have been looked at.
        ((changed(29, 28, 35),), 35, 28),
        ((changed(20, 28, 21),), 21, 21),
        # A planned end in the past would be a look chosen after it was seen.
        ((changed(22, 28, 20),), 20, 28),
        ((changed(10, 28, 35), changed(33, 35, 42)), 42, 42),
        ((changed(10, 28, 35), changed(36, 35, 42)), 42, 35),
        ((changed(30, 28, 35), changed(31, 35, 42)), 42, 28),
    ],
)
def test_a_planned_end_that_has_been_seen_stays_the_last_look(
    amendments: tuple[Amendment, ...], planned: int, look: int
):
    found = schedule_of(defined(planned_days=planned), amendments)
    assert found.ends_on == day(planned)
    assert found.last_look_on == day(look)


def test_other_amendments_move_no_look():
    noted = Amendment(on_day(40), "Анна", "a note", {"note": ""}, {"note": "so"})
    assert schedule_of(defined(), (noted,)).last_look_on == day(28)
