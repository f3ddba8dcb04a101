"""Availability and latency: two indicators that are never called by the other's name."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

import pytest

from core.reliability import ReliabilityReport, Settings, report
from core.reliability.indicators import worries_about
from core.status import Status
from core.timeframe import DAY, Window
from tests.fakes import SERVICE, FakeReliabilityReader, Row, at, gap, outage, row, steady

FOUR_NINES = Fraction(9_999, 10_000)


def seen(rows: Sequence[Row], window: str = "1h", **settings: Settings) -> ReliabilityReport:
    return report(FakeReliabilityReader(rows), SERVICE, Window.parse(window), at(0), **settings)


def an_hour(errors: int, slow: int) -> list[Row]:
    """One million letters in an hour, and clean hours before it."""
    return [*steady(-600, -1, 10_000), row(-1, 410_000, errors, slow)]


def test_latency_is_a_share_of_answered_letters_and_availability_of_all():
    found = seen([row(-1, letters=1_000, errors=200, slow=8)])
    assert found.slis["availability"].value == Fraction(800, 1_000)
    assert found.slis["latency"].value == Fraction(792, 800)
    assert found.slis["latency"].total == 800


def test_the_budget_is_of_the_letters_that_the_indicator_is_about():
    found = seen([row(-1, letters=1_000_000, errors=200_000, slow=8)])
    assert found.slis["availability"].budget.allowed == 100
    assert found.slis["latency"].budget.allowed == 80
    assert found.slis["latency"].budget.remaining == Fraction(72, 80)


@pytest.mark.parametrize(
    ("errors", "slow", "availability", "latency"),
    [
        (0, 0, Status.ON_TARGET, Status.ON_TARGET),
        (74, 74, Status.ON_TARGET, Status.ON_TARGET),
        (76, 0, Status.AT_RISK, Status.ON_TARGET),
        (0, 76, Status.ON_TARGET, Status.AT_RISK),
        (100, 0, Status.AT_RISK, Status.ON_TARGET),
        (101, 0, Status.BREACHED, Status.ON_TARGET),
        (0, 100, Status.ON_TARGET, Status.AT_RISK),
        (0, 101, Status.ON_TARGET, Status.BREACHED),
    ],
)
def test_each_indicator_has_its_own_verdict(
    errors: int, slow: int, availability: Status, latency: Status
):
    """A budget of 100 bad letters: a quarter is left at 75, and 100 still meet the objective.

    Settings without policies: this is about the budget alone.
    """
    found = seen(an_hour(errors, slow), settings=Settings(policies=()))
    assert found.letters == 1_000_000
    assert found.slis["availability"].status is availability
    assert found.slis["latency"].status is latency


def test_three_quarters_spent_is_no_worry_yet_and_one_letter_more_is():
    quarter = seen(an_hour(75, 0), settings=Settings(policies=())).slis["availability"]
    assert quarter.budget.remaining == Fraction(1, 4)
    assert quarter.reasons == ()
    less = seen(an_hour(76, 0), settings=Settings(policies=())).slis["availability"]
    assert less.reasons == ("less than a quarter of the error budget is left",)


def test_a_firing_alert_puts_a_met_objective_at_risk():
    found = seen(outage(steady(-5_000, 0), -2, -1, share=Fraction(1, 10)), "3d")
    availability = found.slis["availability"]
    assert availability.value is not None
    assert availability.value > FOUR_NINES
    assert availability.status is Status.AT_RISK
    assert availability.reasons == ("firing: page_fast",)
    assert found.slis["latency"].status is Status.ON_TARGET


def test_missing_rows_that_could_only_reach_the_objective_are_no_worry():
    assert worries_about(0, 9_999, FOUR_NINES, FOUR_NINES, ()) == ()
    below = FOUR_NINES - Fraction(1, 10**12)
    assert len(worries_about(0, 9_999, below, FOUR_NINES, ())) == 1


def test_an_alert_that_is_unknown_is_not_said_to_fire():
    found = seen(gap(steady(-600, 0), -4, -1))
    assert len(found.unknown) > 0
    assert not any("firing" in reason for reason in found.slis["availability"].reasons)


def test_exactly_the_objective_is_met():
    found = seen([row(-1, letters=10_000, errors=1)], settings=Settings(policies=()))
    assert found.slis["availability"].value == FOUR_NINES
    assert found.slis["availability"].status is Status.AT_RISK


class TestStates:
    """No rows, rows without letters, and letters that nobody answered are three things."""

    def test_rows_without_letters_are_no_traffic(self):
        found = seen(steady(-480, 0, letters=0))
        assert found.state == "no_traffic"
        assert found.coverage_share == 1
        assert {sli.status for sli in found.slis.values()} == {Status.NO_DATA}
        assert {sli.value for sli in found.slis.values()} == {None}
        assert found.slis["latency"].reasons == ("rows, but no letters in this window",)

    def test_no_rows_are_no_data(self):
        found = seen(steady(-480, -90))
        assert found.state == "no_data"
        assert found.coverage_share == 0
        assert found.slis["availability"].reasons == ("no rows in this window",)
        assert set(found.percentiles.values()) == {None}

    def test_a_service_that_nobody_knows_is_no_data(self):
        found = report(FakeReliabilityReader(), "nobody", Window.parse("30d"), at(0))
        assert found.state == "no_data"
        assert found.coverage_share is None
        assert found.freshness.data_through is None
        assert found.months == ()

    def test_a_full_outage_has_an_availability_of_zero_and_no_latency(self):
        found = seen(outage(steady(-480, 0), -480, 0))
        assert found.state == "ok"
        assert found.slis["availability"].value == 0
        assert found.slis["availability"].status is Status.BREACHED
        assert found.slis["latency"].value is None
        assert found.slis["latency"].status is Status.NO_DATA
        assert found.slis["latency"].reasons == ("letters, but none was answered in this window",)


class TestPeriod:
    """The window's budget, and that of 30 days, whatever the window."""

    #: 30 days of 60M letters an hour, and 1,080,000 bad ones in the last minute but 90.
    rows = (
        *(row(-60 * hour, letters=60_000_000) for hour in range(1, 720)),
        row(-43_200, letters=60_000_000 - 1_080_000),
        row(-90, letters=1_080_000, errors=1_080_000),
    )

    def test_thirty_days_have_the_worked_budget(self):
        found = seen(self.rows, "30d").slis["availability"]
        assert found.total == 43_200_000_000
        assert found.budget.allowed == 4_320_000
        assert found.budget.remaining == Fraction(3, 4)

    def test_the_periods_budget_does_not_depend_on_the_window(self):
        periods = {seen(self.rows, window).slis["availability"].period for window in ("1h", "30d")}
        assert len(periods) == 1
        assert periods.pop().remaining == Fraction(3, 4)

    def test_nothing_is_exhausted_while_nothing_burns(self):
        found = seen(self.rows, "30d").slis["availability"]
        assert found.burn == 0
        assert found.exhausted_in is None

    def test_the_rest_of_the_budget_lasts_as_long_as_the_last_hour_says(self):
        """Three quarters are left; at 7,200 bad of the hour's 60M letters, burn 1.2, 18.75 days."""
        rows = [*self.rows[:-1], row(-90, 1_072_800, 1_072_800), row(-30, 7_200, 7_200)]
        rows[0] = row(-60, letters=60_000_000 - 7_200)
        rows[719] = row(-43_200, letters=60_000_000 - 1_072_800)
        found = seen(rows, "1h").slis["availability"]
        assert found.burn == Fraction("1.2")
        assert found.period.remaining == Fraction(3, 4)
        assert found.exhausted_in == timedelta(days=18.75)

    def test_a_spent_budget_lasts_no_longer(self):
        found = seen(outage(steady(-600, 0), -10, 0)).slis["availability"]
        assert found.exhausted_in == timedelta(0)


def test_objectives_are_settings():
    strict = Settings(objectives={"availability": Fraction(999, 1000), "latency": Fraction(1, 2)})
    found = seen(an_hour(1_001, 590_000 // 2), settings=strict)
    assert found.slis["availability"].status is Status.BREACHED
    assert found.slis["latency"].status is Status.ON_TARGET
    assert found.slis["latency"].budget.allowed == Fraction(998_999, 2)


def test_missing_rows_do_not_change_the_value_itself():
    whole, holed = steady(-480, 0, errors=1), gap(steady(-480, 0, errors=1), -30, -20)
    values = {seen(rows).slis["availability"].value for rows in (whole, holed)}
    assert values == {Fraction(999, 1000)}


def test_a_period_is_thirty_days():
    assert Settings().period == 30 * DAY
