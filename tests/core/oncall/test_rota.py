"""Whose week it is: handovers by the clock of a zone, and overrides that cut the weeks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.oncall.rota import handover, shifts, who
from core.ports.oncall import Override
from tests.fakes_oncall import DAY, HANDOVER, HOUR, MINUTE, MONDAY, WEEK, override, rota

THREE = rota("Анна", "Борис", "Вера")


def names(found: tuple[object, ...]) -> list[str]:
    return [shift.member for shift in found]  # type: ignore[attr-defined]


def test_the_members_take_turns_of_a_week():
    found = shifts(THREE, (), HANDOVER, HANDOVER + 4 * WEEK)
    assert names(found) == ["Анна", "Борис", "Вера", "Анна"]
    assert [shift.start for shift in found] == [HANDOVER + number * WEEK for number in range(4)]
    assert all(shift.length == WEEK for shift in found)


def test_the_handover_belongs_to_the_one_who_comes():
    before = who(THREE, (), HANDOVER + WEEK - timedelta.resolution)
    after = who(THREE, (), HANDOVER + WEEK)
    assert before is not None
    assert after is not None
    assert (before.member, after.member) == ("Анна", "Борис")


def test_the_first_week_is_the_one_that_the_first_day_lies_in():
    found = rota("Анна", "Борис", starts_on=MONDAY + 3 * DAY)
    assert handover(found, 0) == HANDOVER


def test_before_the_first_week_and_without_members_there_is_no_shift():
    assert who(THREE, (), HANDOVER - MINUTE) is None
    assert who(rota(), (), HANDOVER) is None


def test_an_override_counts_before_the_first_week_and_without_members_too():
    stands_in = override("Глеб", HANDOVER - DAY, HANDOVER - HOUR)
    for one in (THREE, rota()):
        found = who(one, (stands_in,), HANDOVER - 2 * HOUR)
        assert found is not None
        assert (found.member, found.scheduled) == ("Глеб", "")


@pytest.mark.parametrize(
    ("zone", "starts_on", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 23), 167),  # the clock goes forward on 29 March
        ("Europe/Berlin", date(2026, 10, 19), 169),  # and back on 25 October
        ("America/New_York", date(2026, 3, 2), 167),  # on 8 March
        ("America/New_York", date(2026, 10, 26), 169),  # on 1 November
        ("Europe/Moscow", date(2026, 3, 23), 168),  # never
        ("Europe/Moscow", date(2026, 10, 19), 168),
    ],
)
def test_a_week_in_which_the_clock_is_changed_is_an_hour_shorter_or_longer(
    zone: str, starts_on: date, hours: int
):
    one = rota("a", "b", zone=zone, starts_on=starts_on)
    first, second, *_ = shifts(one, (), handover(one, 0), handover(one, 0) + 2 * WEEK)
    assert first.length == hours * HOUR
    assert second.length == 168 * HOUR
    assert first.end == second.start == handover(one, 1)


def test_a_handover_that_the_clock_skips_is_made_with_the_offset_from_before():
    one = rota(
        "a", "b", zone="Europe/Berlin", handover_weekday=6, handover_time=time(2, 30),
        starts_on=date(2026, 3, 22),
    )  # fmt: skip
    assert handover(one, 0) == datetime(2026, 3, 22, 1, 30, tzinfo=UTC)
    assert handover(one, 1) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30 on the new clock
    assert handover(one, 2) == datetime(2026, 4, 5, 0, 30, tzinfo=UTC)


def test_a_handover_that_the_clock_shows_twice_is_the_first_of_the_two():
    one = rota(
        "a", "b", zone="America/New_York", handover_weekday=6, handover_time=time(1, 30),
        starts_on=date(2026, 10, 25),
    )  # fmt: skip
    assert handover(one, 1) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 01:30 summer time
    assert handover(one, 2) == datetime(2026, 11, 8, 6, 30, tzinfo=UTC)


def test_an_override_cuts_the_week_that_it_touches():
    start, end = HANDOVER + DAY, HANDOVER + 2 * DAY
    found = shifts(THREE, (override("Глеб", start, end),), HANDOVER, HANDOVER + WEEK)
    assert names(found) == ["Анна", "Глеб", "Анна"]
    assert [(one.start, one.end) for one in found] == [
        (HANDOVER, start),
        (start, end),
        (end, HANDOVER + WEEK),
    ]
    assert [one.scheduled for one in found] == ["Анна"] * 3


def test_an_override_over_a_handover_is_one_shift():
    one = override("Глеб", HANDOVER + 5 * DAY, HANDOVER + 9 * DAY)
    found = shifts(THREE, (one,), HANDOVER, HANDOVER + 2 * WEEK)
    assert names(found) == ["Анна", "Глеб", "Борис"]
    assert found[1].length == 4 * DAY


def test_of_overrides_that_overlap_the_later_made_one_holds():
    early = override("Глеб", HANDOVER, HANDOVER + 3 * DAY, number=1)
    late = override("Дина", HANDOVER + DAY, HANDOVER + 2 * DAY, number=2)
    for made in ((early, late), (late, early)):
        found = shifts(THREE, made, HANDOVER, HANDOVER + WEEK)
        assert names(found) == ["Глеб", "Дина", "Глеб", "Анна"]


def test_a_cancelled_override_does_not_count():
    one = override("Глеб", HANDOVER, HANDOVER + DAY, cancelled_at=HANDOVER, cancelled_by="Анна")
    found = who(THREE, (one,), HANDOVER)
    assert found is not None
    assert found.member == "Анна"


def test_a_shift_is_told_whole_however_small_a_part_is_asked_for():
    long = override("Глеб", HANDOVER - 10 * DAY, HANDOVER + 20 * DAY)
    found = who(THREE, (long,), HANDOVER + DAY)
    assert found is not None
    assert (found.start, found.end) == (long.starts_at, long.ends_at)


def test_nobody_is_said_with_its_reason():
    one = rota("", "Борис", departed=("Борис",))
    nobody = override("", HANDOVER + DAY, HANDOVER + 2 * DAY)
    found = shifts(one, (nobody,), HANDOVER, HANDOVER + 2 * WEEK)
    assert names(found) == ["", "", "", ""]
    assert [shift.why_nobody for shift in found] == [
        "Nobody has this week.",
        "An override says nobody.",
        "Nobody has this week.",
        "Борис has left.",
    ]


def test_an_override_of_somebody_who_has_left_is_nobodys():
    one = rota("Анна", departed=("Глеб",))
    found = who(one, (override("Глеб", HANDOVER, HANDOVER + DAY),), HANDOVER)
    assert found is not None
    assert (found.member, found.why_nobody) == ("", "Глеб has left.")


def test_a_moment_needs_a_zone():
    with pytest.raises(ValueError, match="must have a time zone"):
        who(THREE, (), HANDOVER.replace(tzinfo=None))


HOURS = st.integers(-200, 2_000)


@given(
    st.lists(st.tuples(st.sampled_from(["d", "e", ""]), HOURS, st.integers(1, 400)), max_size=6),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    HOURS,
    st.integers(1, 600),
)
@settings(max_examples=60, deadline=None)
def test_shifts_follow_one_another_and_agree_with_who(
    made: list[tuple[str, int, int]], zone: str, first: int, length: int
):
    one = rota("a", "b", "c", zone=zone, starts_on=date(2026, 10, 5))
    begun = handover(one, 0)
    overrides: tuple[Override, ...] = tuple(
        override(name, begun + start * HOUR, begun + (start + lasts) * HOUR, number)
        for number, (name, start, lasts) in enumerate(made, 1)
    )
    start = begun + first * HOUR
    end = start + length * HOUR
    found = shifts(one, overrides, start, end)
    assert all(shift.start < shift.end for shift in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    for shift in found:
        assert shift.end > start
        assert shift.start < end
        for moment in (max(shift.start, start), min(shift.end, end) - MINUTE):
            assert who(one, overrides, moment) == shift
