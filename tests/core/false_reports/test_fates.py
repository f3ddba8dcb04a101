"""When a group counts as fixed, recurring, undecided or too early, by the interval."""

from __future__ import annotations

import numpy as np
import pytest

from core.false_reports.fate import FATES, Fate, Letters, Sides, fates
from core.false_reports.settings import Settings
from core.stats.poisson import ratio
from core.timeframe import HOUR
from tests.core.false_reports.released import (
    AS_OF,
    LETTERS,
    NEW,
    OLD,
    RELEASED,
    RUNS,
    compared,
    every,
    fate_of,
)
from tests.fakes_false_reports import (
    FakeFalseReportReader,
    at,
    release,
    reports,
    retraining_set,
    scored,
)


def test_a_silent_group_whose_segment_has_no_letters_is_not_called_fixed():
    scores = [*LETTERS, *scored(OLD, at(0), RELEASED, 5_000, segment="kk")]
    found = compared(
        [
            *reports(1, OLD, at(0), RELEASED, 60, segment="kk"),
            *reports(2, OLD, at(0), RELEASED, 60),
        ],
        [1, 2],
        scores=scores,
    )
    assert fate_of(found, 1) is Fate.NO_TRAFFIC
    assert fate_of(found, 2) is Fate.FIXED


def test_a_group_that_had_fallen_silent_before_the_release_is_not_called_fixed():
    found = compared(
        [*reports(1, OLD, at(0), at(6), 60), *reports(2, OLD, at(0), RELEASED, 60)], [1, 2]
    )
    assert fate_of(found, 1) is Fate.NO_TRAFFIC
    assert fate_of(found, 2) is Fate.FIXED


def test_a_rare_group_is_too_early_to_call_and_says_how_many_letters_would_tell():
    found = compared([*reports(1, OLD, at(0), RELEASED, 6)], [1])
    assert fate_of(found, 1) is Fate.TOO_EARLY
    more = float(found.known.fates.more_letters[0])
    sides = found.known.sides
    enough = ratio(6, int(sides.before_letters[0]), 0, int(sides.after_letters[0]) + more)
    short = ratio(6, int(sides.before_letters[0]), 0, (int(sides.after_letters[0]) + more) * 0.98)
    assert float(enough.high) < 0.5 <= float(short.high)


def test_a_release_without_a_letter_old_enough_is_too_early_for_every_group():
    found = every(
        FakeFalseReportReader(
            reports(1, OLD, at(0), RELEASED, 60),
            [*scored(OLD, at(0), at(33), 10_000), *scored(NEW, at(33), AS_OF, 10_000)],
            made=[retraining_set("newsletters-1", at(12), [1])],
            deployments=[release(OLD, at(-30)), release(NEW, at(33))],
            runs=RUNS,
        )
    )[0]
    assert found.known.fates.of(0) is Fate.TOO_EARLY
    assert "old enough" in found.missing


def test_half_as_many_reports_are_neither_fixed_nor_recurring():
    found = compared(
        [*reports(1, OLD, at(0), RELEASED, 400), *reports(1, NEW, RELEASED, at(32), 120)], [1]
    )
    assert float(found.whole.fates.ratio.value[0]) == pytest.approx(0.5)
    assert fate_of(found, 1) is Fate.UNDECIDED


def test_a_group_that_is_reported_as_before_is_recurring_even_where_counts_are_small():
    found = compared(
        [*reports(1, OLD, at(0), RELEASED, 3), *reports(1, NEW, RELEASED, at(32), 2)], [1]
    )
    assert fate_of(found, 1) is Fate.RECURRING


def test_the_more_groups_are_judged_the_wider_each_interval():
    rows = [row for group in range(1, 41) for row in reports(group, OLD, at(0), RELEASED, 18)]
    alone, many = compared(rows, [1]), compared(rows, list(range(1, 41)))
    assert alone.known.fates.confidence == pytest.approx(0.95)
    assert many.known.fates.confidence == pytest.approx(1 - 0.05 / 40)
    assert fate_of(alone, 1) is Fate.FIXED
    assert fate_of(many, 1) is Fate.TOO_EARLY


def test_forty_groups_that_nothing_was_done_about_are_hardly_ever_called_fixed():
    rng = np.random.default_rng(20260602)
    letters = Letters(4_800_000, 2_880_000, 1_680_000)
    wrong = 0
    for _ in range(150):
        before = rng.poisson(20, 40)
        full = {
            "before_letters": np.full(40, letters.before),
            "after_letters": np.full(40, letters.after),
            "quiet_letters": np.full(40, letters.quiet),
        }
        sides = Sides(
            before=before, after=rng.poisson(20 * 0.6 * 0.5, 40), quiet=before // 3,
            all_letters=letters, **full,
        )  # fmt: skip
        wrong += fates(sides, Settings()).count(Fate.FIXED) > 0
    assert wrong <= 150 * 0.025 + 6  # one side of the interval, and three standard errors


@pytest.mark.parametrize("seed", range(5))
def test_the_fates_follow_from_the_interval_whatever_the_counts(seed: int):
    rng = np.random.default_rng(seed)
    size = 500
    letters = Letters(10_000, 8_000, 3_000)
    before = rng.integers(0, 40, size)
    sides = Sides(
        before=before,
        before_letters=np.full(size, 10_000),
        after=rng.integers(0, 30, size) * (rng.random(size) < 0.6),
        after_letters=np.where(rng.random(size) < 0.9, 8_000, 0),
        quiet=(before * rng.random(size)).astype(np.int64),
        quiet_letters=np.full(size, 3_000),
        all_letters=letters,
    )
    found = fates(sides, Settings(), comparisons=1)
    again = ratio(before, 10_000, sides.after, sides.after_letters)
    for place in range(size):
        fate, after = found.of(place), int(sides.after[place])
        if fate is Fate.FIXED:
            assert again.high[place] < 0.5
        if fate is Fate.RECURRING:
            assert after > 0
            assert again.low[place] > 0.5 or again.high[place] >= 1
        if fate in {Fate.NO_TRAFFIC, Fate.TOO_EARLY, Fate.NO_REPORTS}:
            assert after == 0
        if fate is Fate.UNDECIDED:
            assert again.low[place] <= 0.5 <= again.high[place] < 1
    assert sum(found.count(fate) for fate in FATES) == size


@pytest.mark.parametrize("wrong", [{"confidence": 1.0}, {"halved": 0.0}, {"quiet": 0 * HOUR}])
def test_settings_that_judge_nothing_are_refused(wrong: dict[str, object]):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)  # type: ignore[arg-type]
