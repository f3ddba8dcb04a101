"""Missing minutes are not good minutes: what should be there, what is, and what it could hide."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

import pytest

from core.ports import Lifetime
from core.reliability import ReliabilityReport, report
from core.reliability.coverage import data_through
from core.status import Status
from core.timeframe import Window
from tests.fakes import SERVICE, FakeReliabilityReader, Row, at, gap, life, outage, row, steady

DAY = 24 * 60
PAIR = ("a", "b")
ALIVE = [life(-10 * DAY, 0, instance=name) for name in PAIR]


def seen(
    rows: Sequence[Row], lives: Sequence[Lifetime] = (), minute: float = 0, window: str = "1h"
) -> ReliabilityReport:
    reader = FakeReliabilityReader(rows, lives)
    return report(reader, SERVICE, Window.parse(window), at(minute))


def pair(start: int, end: int) -> list[Row]:
    return steady(start, end, instances=PAIR)


class TestBand:
    """A worked example: 12 of 120 rows are missing, of 1,000 letters each."""

    rows = gap(outage(pair(-480, 0), -60, -59, share=Fraction(1, 200)), -40, -28, instance="b")

    def test_coverage_is_rows_over_expected_rows(self):
        assert seen(self.rows, ALIVE).coverage_share == Fraction(108, 120)

    def test_the_band_is_between_all_missing_good_and_all_missing_bad(self):
        found = seen(self.rows, ALIVE).slis["availability"]
        assert found.total == 108_000
        assert found.bad == 10
        assert found.value == 1 - Fraction(10, 108_000)
        assert found.low == 1 - Fraction(10 + 12_000, 120_000)
        assert found.high == 1 - Fraction(10, 120_000)
        assert found.low < found.value < found.high

    def test_what_missing_rows_could_hide_is_a_reason_to_worry(self):
        found = seen(self.rows, ALIVE).slis["availability"]
        assert found.status is Status.AT_RISK
        assert any("rows are missing" in reason for reason in found.reasons)

    def test_the_latency_band_takes_the_missing_letters_as_answered(self):
        found = seen(self.rows, ALIVE).slis["latency"]
        assert found.low == 1 - Fraction(12_000, 120_000 - 10)
        assert found.value == found.high == 1

    def test_where_nothing_is_missing_the_band_is_the_value(self):
        found = seen(pair(-480, 0), ALIVE)
        assert found.coverage_share == 1
        assert {(sli.low, sli.value, sli.high) for sli in found.slis.values()} == {(1, 1, 1)}
        assert found.coverage.missing_letters == 0


class TestWithoutHeartbeats:
    """As many rows as a datacenter last wrote are expected from it."""

    def test_a_minute_without_any_row_is_a_gap(self):
        found = seen(gap(steady(-480, 0), -30, -24))
        assert found.coverage_share == Fraction(54, 60)
        assert int(found.coverage.gaps.sum()) == 6
        assert found.coverage.missing_letters == 6_000

    def test_a_gap_at_the_start_of_the_window_counts_although_no_row_of_it_is_before(self):
        assert seen(gap(steady(-480, 0), -60, -45)).coverage_share == Fraction(45, 60)

    def test_a_window_inside_of_a_gap_has_no_coverage_rather_than_an_unknown_one(self):
        found = seen(gap(steady(-480, 0), -70, 0))
        assert found.coverage_share == 0
        assert found.state == "no_data"

    def test_nothing_is_expected_before_the_first_row(self):
        assert seen(steady(-20, 0)).coverage_share == 1

    def test_a_datacenter_that_falls_silent_is_expected_as_it_last_wrote(self):
        rows = steady(-480, 0, datacenters=("dc1", "dc2"), instances=PAIR)
        found = seen(gap(rows, -15, 0, datacenter="dc2"))
        assert found.coverage_share == Fraction(240 - 30, 240)
        assert not found.coverage.gaps.any()

    def test_a_datacenter_that_is_scaled_down_is_believed(self):
        rows = gap(pair(-480, 0), -30, 0, instance="b")
        assert seen(rows).coverage_share == 1


class TestHeartbeats:
    """Who beats is expected from its start to its stop."""

    def test_a_restart_leaves_the_minutes_in_between_expected(self):
        rows = gap(steady(-480, 0), -40, -30)
        lives = [life(-480, -40), life(-30, 0)]
        assert seen(rows, lives).coverage_share == Fraction(50, 60)

    def test_after_an_orderly_stop_nothing_is_expected(self):
        rows = gap(steady(-480, 0), -40, -30)
        lives = [life(-480, -40, -40), life(-30, 0)]
        assert seen(rows, lives).coverage_share == 1

    def test_a_service_that_stopped_in_good_order_misses_nothing(self):
        found = seen(steady(-480, -30), [life(-480, -30, -30)])
        assert found.coverage_share == 1
        assert found.coverage.silent == ()
        assert not found.coverage.gaps.any()

    def test_a_stop_within_a_minute_does_not_make_that_minute_expected(self):
        assert seen(steady(-480, -30), [life(-480, -29.5, -29.5)]).coverage_share == 1

    def test_a_start_within_a_minute_does_not_make_that_minute_expected(self):
        assert seen(steady(-30, 0), [life(-30.5, 0)]).coverage_share == 1

    def test_a_dead_instance_is_expected_for_a_day_and_then_gone(self):
        """Four days were written: three by one, one by the other, which was expected for two."""
        rows = gap(pair(-3 * DAY, 0), -2 * DAY, 0, instance="b")
        lives = [life(-3 * DAY, 0, instance="a"), life(-3 * DAY, -2 * DAY, instance="b")]
        found = seen(rows, lives, window="3d")
        assert found.coverage_share == Fraction(4, 5)
        assert found.coverage.silent == ()
        during = seen(rows, lives, minute=-1.5 * DAY)
        assert during.coverage_share == Fraction(1, 2)
        assert [silent.instance for silent in during.coverage.silent] == ["b"]

    def test_a_service_that_is_dead_altogether_stays_expected(self):
        rows = steady(-5 * DAY, -4 * DAY)
        found = seen(rows, [life(-5 * DAY, -4 * DAY)], window="3d")
        assert found.coverage_share == 0
        assert [silent.since for silent in found.coverage.silent] == [at(-4 * DAY)]

    def test_an_instance_that_begins_later_is_not_expected_before(self):
        lives = [life(-480, 0, instance="a"), life(30, 60, instance="b")]
        found = seen(steady(-480, 0), lives)
        assert found.coverage_share == 1
        assert found.coverage.silent == ()

    def test_an_instance_that_nobody_expects_is_welcome(self):
        found = seen(pair(-480, 0), ALIVE[:1])
        assert found.coverage_share == 1
        assert int(found.coverage.expected.sum()) == 120

    def test_an_instance_that_beats_and_never_writes_is_missing_and_silent(self):
        found = seen(steady(-480, 0), ALIVE)
        assert found.coverage_share == Fraction(1, 2)
        silent = found.coverage.silent
        assert [(one.instance, one.since) for one in silent] == [("b", at(-10 * DAY))]

    def test_a_datacenter_that_only_heartbeats_tell_of_is_missing(self):
        lives = [life(-480, 0), life(-480, 0, datacenter="dc2")]
        found = seen(steady(-480, 0), lives)
        assert found.coverage_share == Fraction(1, 2)
        assert found.coverage.missing_letters == 60_000
        assert found.minutes.datacenters == ("dc1",)

    def test_a_service_that_beats_and_never_wrote_covers_nothing(self):
        found = seen([], ALIVE)
        assert found.coverage_share == 0
        assert found.coverage.missing_letters == 0
        assert found.state == "no_data"

    def test_a_heartbeat_without_a_datacenter_expects_the_rows_of_its_instance(self):
        lives = [life(-480, 0, datacenter="", instance=name) for name in PAIR]
        rows = gap(pair(-480, 0), -40, -28, instance="b")
        found = seen(rows, lives)
        assert found.coverage_share == Fraction(108, 120)
        assert found.coverage.silent == ()

    def test_rows_from_before_the_first_heartbeat_are_expected_as_written(self):
        rows = gap(steady(-480, 0), -50, -40)
        assert seen(rows, [life(-20, 0)]).coverage_share == Fraction(50, 60)


class TestLateness:
    """A row of the newest minute may still be on its way."""

    def test_the_newest_minute_is_late_and_not_missing(self):
        found = seen(steady(-480, -1), ALIVE[:1])
        assert found.coverage_share == 1
        assert not found.coverage.gaps.any()

    def test_one_of_two_instances_may_be_late(self):
        found = seen(gap(pair(-480, 0), -1, 0, instance="b"), ALIVE)
        assert found.coverage_share == 1
        assert int(found.coverage.expected.sum()) == 119

    def test_what_the_minute_before_lacks_too_is_missing(self):
        found = seen(gap(pair(-480, 0), -2, 0, instance="b"), ALIVE)
        assert found.coverage_share == Fraction(118, 120)

    def test_an_instance_that_has_just_started_may_be_late(self):
        assert seen(steady(-480, 0), [*ALIVE[:1], life(-1, 0, instance="b")]).coverage_share == 1

    def test_a_window_of_one_minute_that_is_late_expects_nothing(self):
        assert seen(steady(-480, -1), ALIVE[:1], window="1m").coverage_share is None


class TestBelief:
    """How many letters a missing row is believed to hold."""

    def test_a_gap_between_busy_minutes_hides_busy_minutes(self):
        night, peak = steady(-480, -60, 100), steady(-60, 0, 2_000)
        assert seen(gap([*night, *peak], -40, -30)).coverage.missing_letters == 20_000

    def test_a_gap_on_a_slope_hides_what_lies_between_its_ends(self):
        rows = [row(minute, letters=1_000 + 10 * (minute + 60)) for minute in range(-60, 0)]
        lost = [one for one in rows if at(-40) <= one.minute < at(-30)]
        found = seen(gap(rows, -40, -30)).coverage.missing_letters
        assert found == sum(one.letters for one in lost)

    def test_an_instance_is_believed_to_be_like_the_others_of_its_datacenter(self):
        rows = [
            *gap(steady(-60, 0, 3_000, instances=PAIR), -20, -10, instance="b"),
            *steady(-60, 0, 10, datacenters=("dc2",)),
        ]
        assert seen(rows, ALIVE).coverage.missing_letters == 30_000


class TestSilence:
    """An instance that should be writing now and is not."""

    @pytest.mark.parametrize(("wrote_until", "expected"), [(-4, []), (-5, [at(-5)])])
    def test_an_instance_is_silent_after_three_minutes_and_one_of_grace(
        self, wrote_until: int, expected: list[datetime]
    ):
        rows = gap(pair(-480, 0), wrote_until, 0, instance="b")
        assert [silent.since for silent in seen(rows, ALIVE).coverage.silent] == expected

    def test_an_instance_that_came_back_is_silent_since_it_came_back(self):
        rows = gap(pair(-480, 0), -200, 0, instance="b")
        lives = [ALIVE[0], life(-480, -200, -200, instance="b"), life(-10, 0, instance="b")]
        assert [one.since for one in seen(rows, lives).coverage.silent] == [at(-10)]

    def test_an_instance_that_stopped_later_was_silent_then(self):
        rows = gap(pair(-480, 60), -30, 60, instance="b")
        lives = [life(-480, 60, instance="a"), life(-480, 30, 30, instance="b")]
        assert [one.instance for one in seen(rows, lives, 0).coverage.silent] == ["b"]
        assert seen(rows, lives, 60).coverage.silent == ()

    def test_an_instance_that_is_gone_today_was_silent_then(self):
        rows = gap(pair(-480, 3 * DAY), -30, 3 * DAY, instance="b")
        lives = [life(-480, 3 * DAY, instance="a"), life(-480, -30, instance="b")]
        assert [one.instance for one in seen(rows, lives, 0).coverage.silent] == ["b"]
        assert seen(rows, lives, 3 * DAY).coverage.silent == ()


def through(wrote: dict[str, float], *lives: Lifetime, minute: float = 0) -> datetime | None:
    last = {("dc1", name): at(newest) for name, newest in wrote.items()}
    return data_through(lives, last, at(minute))


class TestDataThrough:
    """The newest minute that everyone has written who should be writing."""

    def test_the_slowest_of_those_that_beat_decides(self):
        assert through({"a": -1, "b": -3}, *ALIVE) == at(-3)

    def test_one_whose_heart_stopped_does_not_hold_back_the_others(self):
        silent = [ALIVE[0], life(-480, -4, instance="b")]
        assert through({"a": -1, "b": -30}, *silent) == at(-1)
        assert through({"a": -1, "b": -30}, ALIVE[0], life(-480, -3, instance="b")) == at(-30)

    def test_one_that_stopped_in_good_order_does_not_hold_back_the_others(self):
        assert through({"a": -1, "b": -2}, ALIVE[0], life(-480, -1, -1, instance="b")) == at(-1)

    def test_one_that_has_just_come_back_does_not_hold_back_the_others(self):
        lives = [ALIVE[0], life(-480, -200, -200, instance="b"), life(-1, 0, instance="b")]
        assert through({"a": -1, "b": -200}, *lives) == at(-1)

    def test_one_that_crashed_and_came_back_is_judged_by_its_new_life(self):
        lives = [ALIVE[0], life(-480, -3, instance="b"), life(-1.5, 0, instance="b")]
        assert through({"a": -1, "b": -4}, *lives) == at(-1)
        assert through({"a": -1, "b": -2}, *lives) == at(-2)

    def test_without_heartbeats_the_newest_row_decides(self):
        assert through({"a": -1, "b": -9}) == at(-1)

    def test_without_rows_there_is_none(self):
        assert through({}, *ALIVE) is None

    def test_in_the_past_a_heart_that_stopped_since_was_beating(self):
        lives = [life(-480, 60, instance="a"), life(-480, 5, 5, instance="b")]
        assert through({"a": -1, "b": -2}, *lives) == at(-2)

    @pytest.mark.parametrize(
        ("as_of", "stale"), [(0, False), (2.99, False), (3, False), (3.01, True), (60, True)]
    )
    def test_a_report_is_stale_three_minutes_after_its_newest_minute(
        self, as_of: float, stale: bool
    ):
        found = seen(steady(-480, 0), minute=as_of)
        assert found.freshness.data_through == at(-1)
        assert found.freshness.stale is stale

    def test_a_stale_report_keeps_its_numbers_and_never_turns_green(self):
        found = seen(steady(-480, 0), minute=20)
        assert found.letters == 40_000
        assert found.slis["availability"].value == 1
        assert {sli.status for sli in found.slis.values()} == {Status.NO_DATA}
        assert found.slis["latency"].reasons == ("the data end too long before as-of",)

    def test_one_instance_that_hangs_makes_the_report_stale(self):
        rows = gap(pair(-480, 0), -10, 0, instance="b")
        found = seen(rows, ALIVE)
        assert found.freshness.data_through == at(-11)
        assert found.freshness.stale
