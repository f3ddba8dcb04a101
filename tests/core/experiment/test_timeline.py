"""Which days of an experiment are complete."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.experiment.timeline import Timeline, arms_of, arranged, empty, expected_rows, timeline
from core.ports import BucketDays
from core.ports.experiment import BUCKETS, SUMS
from tests.fakes_experiment import ARMS, day, defined

USERS = SUMS.index("active_users")


def line(rows: list[list[int]], users: float = 50_000, arms: tuple[str, ...] = ARMS) -> Timeline:
    """Days with so many bucket rows by arm; every row holds its share of the users."""
    counts = np.array(rows, np.int64).reshape(len(rows), len(arms))
    sums = np.zeros((*counts.shape, BUCKETS, len(SUMS)))
    for at in np.ndindex(counts.shape):
        sums[(*at, slice(0, counts[at]), USERS)] = users / BUCKETS
    days = tuple(day(number + 1) for number in range(len(rows)))
    return timeline(BucketDays(arms, days, sums, counts), defined())


FULL = [500, 500]


def test_a_day_with_all_rows_of_both_arms_is_complete():
    found = line([FULL, FULL])
    assert found.complete.tolist() == [True, True]
    assert found.through == 1
    assert found.gaps == found.behind == found.absent == ()


def test_trailing_days_without_rows_are_not_days_of_the_timeline():
    assert len(line([FULL, FULL, [0, 0], [0, 0]]).days) == 2


@pytest.mark.parametrize("missing", [[0, 500], [500, 0], [0, 0]])
def test_a_day_without_rows_of_an_arm_is_a_gap(missing: list[int]):
    found = line([FULL, missing, FULL])
    assert found.complete.tolist() == [True, False, True]
    assert found.gaps == (day(2),)
    assert found.runs() == ((day(1), day(1)), (day(3), day(3)))


@pytest.mark.parametrize(
    ("rows", "newest", "earlier"), [(500, True, True), (460, True, True), (440, False, True),
                                    (260, False, True), (240, False, False)],
)  # fmt: skip
def test_the_newest_day_may_lack_a_tenth_and_an_earlier_one_half(
    rows: int, newest: bool, earlier: bool
):
    assert line([FULL, FULL, [500, rows]]).complete[2] == newest
    assert line([FULL, [500, rows], FULL]).complete[1] == earlier


def test_few_users_leave_buckets_empty_and_that_is_complete():
    draw = np.random.default_rng(1)
    rows = [[len(set(draw.integers(0, BUCKETS, 300).tolist())) for _ in ARMS] for _ in range(20)]
    assert max(max(row) for row in rows) < 260
    counts = np.array(rows)
    sums = np.zeros((20, 2, BUCKETS, len(SUMS)))
    sums[..., 0, USERS] = 300
    days = tuple(day(number + 1) for number in range(20))
    found = timeline(BucketDays(ARMS, days, sums, counts), defined())
    assert found.complete.all()
    assert found.holes == 0


def test_an_arm_that_never_has_every_bucket_is_not_expected_to():
    assert line([[400, 400]] * 6).complete.all()


def test_holes_are_bucket_rows_that_should_be_there():
    assert line([FULL, [500, 470], FULL]).holes == 30
    assert line([FULL, FULL]).holes == 0


def test_an_arm_behind_is_one_whose_rows_end_first():
    found = line([FULL, FULL, [500, 0], [500, 0]])
    assert found.behind == ("treatment",)
    assert found.through == 1
    assert line([[500, 0], [500, 0]]).absent == ("treatment",)


def test_arms_are_control_first_whatever_their_names():
    definition = defined(control="treatment")
    assert arms_of(definition) == ("treatment", "control")
    sums = np.arange(2.0)[:, None, None] * np.ones((2, BUCKETS, len(SUMS)))
    turned = arranged(("control", "treatment"), sums, ("treatment", "control", "third"))
    assert turned[:, 0, 0].tolist() == [1.0, 0.0, 0.0]


def test_sums_so_far_leave_out_what_is_not_complete():
    found = line([FULL, [500, 0], FULL])
    users = found.cumulative()[..., USERS].sum(axis=-1)
    assert users.tolist() == [[50_000] * 2, [50_000] * 2, [100_000] * 2]


def test_the_first_days_are_those_of_the_whole():
    found = line([FULL, FULL, [500, 0]]).until(2)
    assert found.days == (day(1), day(2))
    assert found.complete.all()


def test_no_days_are_no_days():
    nothing = empty(ARMS)
    assert nothing.through is None
    assert nothing.gaps == nothing.behind == nothing.runs() == ()
    assert nothing.cumulative().shape == (0, 2, BUCKETS, len(SUMS))


def test_as_many_buckets_are_filled_as_a_hash_fills():
    draw = np.random.default_rng(2)
    for users in (10, 400, 2_000):
        filled = np.mean([np.unique(draw.integers(0, BUCKETS, users)).size for _ in range(400)])
        expected: NDArray[np.float64] = expected_rows(
            np.array([[float(users)]]), np.array([[BUCKETS]])
        )
        assert float(expected[0, 0]) == pytest.approx(filled, rel=0.01)
