"""Gaps are warned about before they come, and double duty is said."""

from __future__ import annotations

from core.oncall.gaps import double_duty, gaps
from core.oncall.rota import shifts
from tests.fakes import SERVICE
from tests.fakes_oncall import DAY, HANDOVER, WEEK, override, rota

FORTNIGHT = 14 * DAY


def test_a_full_rota_has_no_gap():
    assert gaps(SERVICE, rota("Анна", "Борис"), (), HANDOVER) == ()


def test_a_service_without_a_rota_is_a_gap_all_along():
    (gap,) = gaps(SERVICE, None, (), HANDOVER)
    assert (gap.start, gap.end) == (HANDOVER, HANDOVER + FORTNIGHT)
    assert gap.why == "The service has no rota."


def test_an_empty_rota_is_one_gap_with_its_reason():
    (gap,) = gaps(SERVICE, rota(), (), HANDOVER)
    assert (gap.end - gap.start, gap.why) == (FORTNIGHT, "The rota is empty.")


def test_a_rota_that_begins_later_is_a_gap_until_it_does():
    (gap,) = gaps(SERVICE, rota("Анна"), (), HANDOVER - 3 * DAY)
    assert (gap.start, gap.end) == (HANDOVER - 3 * DAY, HANDOVER)
    assert gap.why == "The rota has not begun."


def test_a_week_that_nobody_has_is_warned_about_fourteen_days_ahead_and_not_before():
    one = rota("Анна", "Борис", "")
    assert gaps(SERVICE, one, (), HANDOVER) == ()
    (gap,) = gaps(SERVICE, one, (), HANDOVER + DAY)
    assert (gap.start, gap.end) == (HANDOVER + 2 * WEEK, HANDOVER + DAY + FORTNIGHT)
    assert gap.why == "Nobody has this week."


def test_somebody_who_has_left_leaves_a_gap():
    (gap,) = gaps(SERVICE, rota("Анна", "Борис", departed=("Борис",)), (), HANDOVER)
    assert (gap.start, gap.end, gap.why) == (
        HANDOVER + WEEK,
        HANDOVER + 2 * WEEK,
        "Борис has left.",
    )


def test_an_override_closes_a_gap_as_far_as_it_reaches():
    stands_in = override("Глеб", HANDOVER + WEEK, HANDOVER + WEEK + 2 * DAY)
    (gap,) = gaps(SERVICE, rota("Анна", ""), (stands_in,), HANDOVER)
    assert (gap.start, gap.end) == (HANDOVER + WEEK + 2 * DAY, HANDOVER + 2 * WEEK)


def test_overrides_in_an_empty_rota_leave_the_gaps_between_them():
    made = (
        override("Глеб", HANDOVER + DAY, HANDOVER + 2 * DAY, 1),
        override("Дина", HANDOVER + 4 * DAY, HANDOVER + FORTNIGHT, 2),
    )
    found = gaps(SERVICE, rota(), made, HANDOVER)
    assert [(gap.start, gap.end) for gap in found] == [
        (HANDOVER, HANDOVER + DAY),
        (HANDOVER + 2 * DAY, HANDOVER + 4 * DAY),
    ]


def test_one_person_on_two_services_at_once_is_said_as_far_as_it_overlaps():
    end = HANDOVER + FORTNIGHT
    one = shifts(rota("Анна", "Борис"), (), HANDOVER, end)
    other = shifts(rota("Вера", "Борис", "Анна"), (), HANDOVER, end)
    (double,) = double_duty({"mail": one, "search": other}, HANDOVER)
    assert (double.member, double.services) == ("Борис", ("mail", "search"))
    assert (double.start, double.end) == (HANDOVER + WEEK, end)


def test_nobody_on_two_services_is_no_double_duty():
    found = shifts(rota(""), (), HANDOVER, HANDOVER + WEEK)
    assert double_duty({"mail": found, "search": found}, HANDOVER) == ()
