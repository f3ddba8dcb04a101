"""Whole numbers in proportion, within bounds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.stats.apportionment import apportioned
from tests.core.seeded import seeded_few


def divided(scores, present, floor, ceiling, total: int) -> list[int]:
    columns = (np.array(column, dtype=float) for column in (scores, present, floor, ceiling))
    return apportioned(*columns, np.array([total]))[0].tolist()


def test_remainders_go_to_the_largest():
    assert divided([1, 1, 1], [0] * 3, [0] * 3, [99] * 3, 10) == [4, 3, 3]
    assert divided([15, 35, 50], [0] * 3, [0] * 3, [99] * 3, 9) == [1, 3, 5]


def test_what_a_ceiling_cuts_off_goes_to_the_others_in_proportion():
    assert divided([8, 1, 1], [0] * 3, [0] * 3, [20, 99, 99], 100) == [20, 40, 40]


def test_what_is_there_counts_and_is_not_taken_away():
    assert divided([1, 1], [70, 0], [70, 0], [999, 999], 50) == [0, 50]
    assert divided([1, 1], [70, 0], [70, 0], [999, 999], 130) == [30, 100]


def test_too_few_for_the_floor_are_divided_in_proportion_to_it():
    assert divided([100, 1], [0, 0], [30, 10], [999, 999], 20) == [15, 5]


def test_no_more_than_there_is_room_for():
    assert divided([1, 5], [0, 3], [0, 3], [4, 9], 1_000) == [4, 6]


@seeded_few
@given(
    st.lists(
        st.tuples(st.floats(1e-9, 1e9), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)),
        min_size=1,
        max_size=9,
    ),
    st.lists(st.integers(0, 500), min_size=1, max_size=4),
)
def test_every_total_is_met_at_once_and_within_the_bounds(drawn, totals: list[int]):
    scores, present, more, room = (np.array(column, float) for column in zip(*drawn, strict=True))
    floor, ceiling = present + more, present + more + room
    found = apportioned(scores, present, floor, ceiling, np.array(totals))
    for row, total in zip(found, totals, strict=True):
        assert row.sum() == min(total, (ceiling - present).sum())
        assert (row >= 0).all()
        assert (present + row <= ceiling).all()
        if total >= more.sum():
            assert (present + row >= floor).all()
