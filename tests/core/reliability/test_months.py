"""Calendar months: to report by, with planned maintenance and without."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from core.ports import Maintenance
from core.reliability.months import Month, months
from core.timeframe import MINUTE
from tests.fakes import BEGIN, SERVICE, FakeReliabilityReader, Row, row

OBJECTIVES = dict.fromkeys(("availability", "latency"), Fraction(9_999, 10_000))


def day(month: int, number: int, hour: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, number, hour, tzinfo=UTC)


def minutely(start: datetime, end: datetime, letters: int = 100, **counts: int) -> list[Row]:
    first, last = (start - BEGIN) // MINUTE, (end - BEGIN) // MINUTE
    return [row(minute, letters, **counts) for minute in range(first, last)]


def hourly(start: datetime, end: datetime, letters: int = 100, **counts: int) -> list[Row]:
    first, last = (start - BEGIN) // MINUTE, (end - BEGIN) // MINUTE
    return [row(minute, letters, **counts) for minute in range(first, last, 60)]


def found(
    rows: Sequence[Row], end: datetime, planned: Sequence[Maintenance] = ()
) -> tuple[Month, ...]:
    reader = FakeReliabilityReader(rows, planned=planned)
    return months(reader, SERVICE, end, OBJECTIVES)


def test_the_month_of_as_of_and_the_three_before_it_newest_first():
    of = found(hourly(day(1, 1), day(6, 15)), day(6, 15))
    assert [month.first_day for month in of] == [day(6, 1), day(5, 1), day(4, 1), day(3, 1)]
    assert [month.complete for month in of] == [False, True, True, True]
    assert [month.letters for month in of] == [100 * 24 * days for days in (14, 31, 30, 31)]


@pytest.mark.parametrize(("year", "days"), [(2026, 28), (2028, 29)])
def test_february_has_its_own_length(year: int, days: int):
    rows = hourly(day(2, 1, year=year), day(3, 2, year=year))
    march, february = found(rows, day(3, 2, year=year))
    assert february.letters == 100 * 24 * days
    assert february.complete
    assert (march.letters, march.complete) == (2_400, False)


def test_at_midnight_of_the_first_the_month_before_is_complete_and_the_new_one_is_empty():
    of = found(hourly(day(5, 1), day(6, 1)), day(6, 1))
    assert [(month.first_day, month.complete) for month in of] == [(day(5, 1), True)]


def test_months_go_back_over_new_year():
    of = found(hourly(day(11, 1, year=2025), day(1, 10)), day(1, 10))
    assert [month.first_day.month for month in of] == [1, 12, 11]


def test_rows_past_as_of_are_not_counted():
    of = found(hourly(day(6, 1), day(6, 15)), day(6, 10))
    assert of[0].letters == 100 * 24 * 9


def test_a_service_that_never_wrote_has_no_months():
    assert found([], day(6, 10)) == ()


def test_shares_and_budgets_are_of_the_months_own_letters():
    rows = [*hourly(day(5, 1), day(6, 1)), *hourly(day(6, 1), day(6, 2), errors=10, slow=9)]
    june, may = found(rows, day(6, 2))
    assert june.slis == {"availability": Fraction(9, 10), "latency": Fraction(9, 10)}
    assert june.budgets["latency"].allowed == Fraction(90 * 24, 10_000)
    assert june.budgets["latency"].bad == 9 * 24
    assert may.slis == {"availability": 1, "latency": 1}
    assert may.budgets["availability"].remaining == 1


class TestCoverage:
    """Minutes with rows over minutes since the service's first."""

    def test_the_month_in_which_a_service_began_counts_from_its_first_minute(self):
        of = found(minutely(day(5, 30, 15), day(6, 2)), day(6, 2))
        assert [month.coverage for month in of] == [1, 1]

    def test_a_service_that_began_today_is_covered_so_far(self):
        (june,) = found(minutely(day(6, 2, 9), day(6, 2, 11)), day(6, 2, 11))
        assert june.coverage == 1

    def test_a_gap_later_on_is_missing(self):
        rows = [*minutely(day(5, 30, 15), day(6, 1, 3)), *minutely(day(6, 1, 9), day(6, 2))]
        june, may = found(rows, day(6, 2))
        assert june.coverage == Fraction(18, 24)
        assert may.coverage == 1

    def test_a_month_without_rows_after_the_first_is_not_covered(self):
        rows = hourly(day(4, 1), day(4, 2))
        june, may, april = found(rows, day(6, 2))
        assert (june.coverage, may.coverage) == (0, 0)
        assert april.coverage == Fraction(24, 24 + 29 * 1440)
        assert june.slis == {"availability": None, "latency": None}


class TestMaintenance:
    """Two hours of planned outage on 1 June, from 10:00 to 12:00; 100 letters a minute."""

    window = (day(6, 1, 10), day(6, 1, 12))
    rows = (
        *minutely(day(6, 1), window[0]),
        *minutely(*window, errors=100),
        *minutely(window[1], day(6, 2)),
    )

    def month(self, *planned: Maintenance) -> Month:
        (june,) = found(self.rows, day(6, 2), planned)
        return june

    def test_the_month_is_shown_with_it_and_without(self):
        june = self.month(Maintenance(*self.window, "", "new racks"))
        assert june.slis["availability"] == Fraction(22, 24)
        assert june.without_maintenance["availability"] == 1
        assert june.maintenance_minutes == 120

    def test_without_any_both_are_the_same(self):
        june = self.month()
        assert june.without_maintenance == june.slis
        assert june.maintenance_minutes == 0

    def test_what_nobody_planned_is_not_left_out(self):
        june = self.month(Maintenance(self.window[0], day(6, 1, 11), "", ""))
        assert june.without_maintenance["availability"] == Fraction(22, 23)

    def test_a_datacenter_that_was_not_planned_is_not_left_out(self):
        june = self.month(Maintenance(*self.window, "dc2", ""))
        assert june.without_maintenance == june.slis
        assert june.maintenance_minutes == 120

    @pytest.mark.parametrize("datacenter", ["", "dc1"])
    def test_plans_that_overlap_are_left_out_once(self, datacenter: str):
        first = Maintenance(self.window[0], day(6, 1, 11) + 30 * MINUTE, "", "")
        second = Maintenance(day(6, 1, 11), self.window[1], datacenter, "")
        june = self.month(first, second, first)
        assert june.without_maintenance["availability"] == 1
        assert june.maintenance_minutes == 120

    def test_a_minute_that_was_planned_in_part_is_not_left_out(self):
        half = timedelta(seconds=30)
        june = self.month(Maintenance(self.window[0] - half, self.window[1] + half, "", ""))
        assert june.maintenance_minutes == 120
        inside = self.month(Maintenance(self.window[0] + half, self.window[1] - half, "", ""))
        assert inside.maintenance_minutes == 118
        bad = Fraction(2, 1440 - 118)
        assert inside.without_maintenance["availability"] == 1 - bad

    def test_a_plan_shorter_than_a_minute_leaves_nothing_out(self):
        start = self.window[0] + timedelta(seconds=5)
        june = self.month(Maintenance(start, start + timedelta(seconds=20), "", ""))
        assert june.without_maintenance == june.slis

    def test_a_plan_across_two_months_is_cut_between_them(self):
        rows = minutely(day(5, 31), day(6, 2))
        june, may = found(rows, day(6, 2), [Maintenance(day(5, 31, 23), day(6, 1, 2), "", "")])
        assert (june.maintenance_minutes, may.maintenance_minutes) == (120, 60)

    def test_a_plan_that_is_not_over_is_cut_at_as_of(self):
        rows = minutely(day(6, 1), day(6, 1, 11))
        (june,) = found(rows, day(6, 1, 11), [Maintenance(*self.window, "", "")])
        assert june.maintenance_minutes == 60

    def test_a_month_of_nothing_but_maintenance_has_no_share_without_it(self):
        june = self.month(Maintenance(day(6, 1), day(6, 2), "", ""))
        assert june.without_maintenance == {"availability": None, "latency": None}
