"""Outage timelines minute by minute: when a policy fires, since when, and what holds it."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

import pytest

from core.ports import Lifetime
from core.reliability import ReliabilityReport, report
from core.reliability.alerts import Alert, alert, burn_windows, series_of
from core.reliability.coverage import coverage
from core.reliability.settings import Settings
from core.stats.burn import POLICIES, fires
from core.timeframe import DAY, MINUTE, Window
from tests.fakes import (
    SERVICE,
    FakeReliabilityReader,
    Row,
    at,
    gap,
    life,
    outage,
    row,
    slowness,
    steady,
)

HOUR_WINDOW = Window.parse("1h")
POLICY = {policy.name: policy for policy in POLICIES}
SETTINGS = Settings()


def seen(rows: Sequence[Row], minute: int, lives: Sequence[Lifetime] = ()) -> ReliabilityReport:
    reader = FakeReliabilityReader(rows, lives)
    return report(reader, SERVICE, HOUR_WINDOW, at(minute))


def found(of: ReliabilityReport, name: str, kind: str = "availability") -> Alert:
    return next(one for one in of.alerts if (one.policy.name, one.kind) == (name, kind))


def timeline(rows: Sequence[Row], name: str, first: int, last: int) -> dict[int, bool | None]:
    """A policy's state at every as-of of [first, last], from the tallies of one grid."""
    grid = FakeReliabilityReader(rows).minutes(SERVICE, at(first) - 3 * DAY, at(last))
    series = series_of(grid, coverage(grid, (), {}, at(last)))["availability"]
    policy = POLICY[name]
    ends = {minute: (at(minute) - grid.start) // MINUTE for minute in range(first, last + 1)}
    return {
        minute: fires(
            policy,
            series.tally(policy.long, end),
            series.tally(policy.short, end),
            SETTINGS.objectives["availability"],
        )
        for minute, end in ends.items()
    }


TEN_MINUTES_DOWN = outage(steady(-480, 60), 0, 10)


def test_a_full_outage_of_ten_minutes_is_detected_within_one_and_reset_five_after():
    states = {
        minute: found(seen(TEN_MINUTES_DOWN, minute), "page_fast").firing
        for minute in range(-2, 25)
    }
    assert [minute for minute, firing in states.items() if firing] == list(range(1, 15))
    assert None not in states.values()
    assert timeline(TEN_MINUTES_DOWN, "page_fast", -2, 24) == states


def test_the_firing_of_an_outage_is_said_to_begin_with_its_first_minute():
    assert {found(seen(TEN_MINUTES_DOWN, minute), "page_fast").since for minute in (1, 7, 14)} == {
        at(0)
    }
    assert found(seen(TEN_MINUTES_DOWN, 15), "page_fast").since is None


TWO_HOURS_AT_20 = outage(steady(-480, 150), 0, 120, share=Fraction(2, 1000))


@pytest.mark.parametrize(("name", "minute"), [("page_fast", 44), ("page_slow", 109)])
def test_two_permille_of_errors_for_two_hours_is_detected(name: str, minute: int):
    states = timeline(TWO_HOURS_AT_20, name, 1, 119)
    assert next(at for at, firing in states.items() if firing) == minute
    assert all(states[after] for after in range(minute, 120))
    assert found(seen(TWO_HOURS_AT_20, minute - 1), name).firing is False
    noticed = found(seen(TWO_HOURS_AT_20, minute), name)
    assert noticed.firing is True
    assert noticed.since == at(minute - 1)


def test_a_long_fault_resets_when_the_short_window_has_cooled():
    """Reset is about W_s (1 - F/B) after the end: 1.4 of 5 minutes, and 21 of 30."""
    fast = timeline(TWO_HOURS_AT_20, "page_fast", 115, 145)
    slow = timeline(TWO_HOURS_AT_20, "page_slow", 115, 150)
    assert max(minute for minute, firing in fast.items() if firing) == 121
    assert max(minute for minute, firing in slow.items() if firing) == 140


@pytest.mark.parametrize(("more", "expected"), [(0, False), (1, True)])
def test_exactly_14_4_in_the_rows_does_not_fire_and_one_more_bad_letter_does(
    more: int, expected: bool
):
    """144 bad of every 100,000 in both windows; the last minute may have one more."""
    rows = [*steady(-240, -1, 100_000, 144), row(-1, 100_000, 144 + more)]
    state = found(seen(rows, 0), "page_fast")
    assert state.firing is expected
    assert state.long_burn == Fraction("14.4") + Fraction(more * 10_000, 60 * 100_000)


def test_nine_bad_letters_do_not_call_anybody_and_ten_do():
    quiet = [*steady(-240, -2, 1), row(-2, 9, 9), row(-1, 1)]
    assert found(seen(quiet, 0), "page_fast").firing is False
    assert found(seen([*quiet[:-1], row(-1, 1, 1)], 0), "page_fast").firing is True


def test_slow_answers_burn_the_latency_budget_alone():
    state = seen(slowness(steady(-480, 10), 0, 10), 5)
    assert found(state, "page_fast", "latency").firing is True
    assert found(state, "page_fast", "availability").firing is False
    assert state.firing[0].kind == "latency"


def test_latency_burns_are_about_answered_letters():
    """Half of the letters fail; 1 of the 500 that were answered is slow: burn rate 20."""
    rows = outage(steady(-60, 0), -60, 0, share=Fraction(1, 2))
    slow = slowness(rows, -60, 0, share=Fraction(1, 500))
    assert seen(slow, 0).burn["latency"]["1h"] == 20
    assert seen(slow, 0).burn["availability"]["1h"] == 5_000


GAP = gap(TEN_MINUTES_DOWN, 6, 9)


@pytest.mark.parametrize("minute", range(8, 14))
def test_a_gap_in_the_short_window_holds_the_alert_as_unknown(minute: int):
    """One minute of grace: at 7 the newest minute may only be late."""
    state = found(seen(GAP, minute), "page_fast")
    assert state.firing is None
    assert state.since is None


def test_a_gap_never_resolves_an_alert_while_it_lasts():
    rows = gap(TEN_MINUTES_DOWN, 5, 60)
    states = {minute: found(seen(rows, minute), "page_fast").firing for minute in range(5, 60)}
    assert [minute for minute, firing in states.items() if firing is False] == []
    assert states[5] is True
    assert states[30] is None


def test_the_gap_past_the_alert_is_judged_by_its_rows_again():
    states = timeline(GAP, "page_fast", 1, 30)
    assert states[14] is True
    assert states[15] is False


def test_the_firing_goes_on_through_a_gap_that_held_it():
    """It fired, the gap held it, and it fires again: one firing, since the first minute."""
    state = found(seen(GAP, 14), "page_fast")
    assert state.firing is True
    assert state.since == at(0)


def test_an_alert_before_a_quiet_hour_is_another_one():
    twice = outage(outage(steady(-480, 200), 0, 10), 120, 130)
    assert found(seen(twice, 125), "page_fast").since == at(120)


def test_a_gap_of_a_healthy_service_is_unknown_too():
    assert found(seen(gap(steady(-480, 0), -4, -1), 0), "page_fast").firing is None


def test_a_service_that_never_wrote_is_unknown_and_not_quiet():
    assert {one.firing for one in seen([], 0).alerts} == {None}


def test_a_service_that_stopped_in_good_order_is_unknown_without_rows():
    rows = steady(-480, -60)
    stopped = [life(-480, -60, -60)]
    assert found(seen(rows, 0, stopped), "page_fast").firing is None
    assert found(seen(rows, 0, stopped), "page_slow").firing is None
    assert found(seen(rows, 0, stopped), "ticket_day").firing is False


def test_rows_without_letters_are_quiet_and_not_unknown():
    state = seen(steady(-480, 0, letters=0), 0)
    assert {one.firing for one in state.alerts} == {False}
    assert {one.long_burn for one in state.alerts} == {None}


TWO = ("a", "b")


def test_rows_missing_from_one_of_two_live_instances_leave_a_quiet_alert_unknown():
    rows = gap(steady(-480, 0, instances=TWO), -120, 0, instance="b")
    lives = [life(-480, 0, instance=name) for name in TWO]
    state = seen(rows, 0, lives)
    assert found(state, "page_fast").firing is None
    assert len(state.unknown) == len(state.alerts)


def test_rows_missing_from_one_live_instance_cannot_save_a_service_that_is_down():
    rows = gap(outage(steady(-480, 10, instances=TWO), 0, 10), 0, 10, instance="b")
    lives = [life(-480, 10, instance=name) for name in TWO]
    assert found(seen(rows, 8, lives), "page_fast").firing is True


def test_an_instance_that_is_dead_serves_nothing_and_leaves_the_alert_known():
    """Its heart stopped with its rows: the other one carries the letters."""
    rows = gap(steady(-480, 0, instances=TWO), -120, 0, instance="b")
    lives = [life(-480, 0, instance="a"), life(-480, -120, instance="b")]
    state = seen(rows, 0, lives)
    assert found(state, "page_fast").firing is False
    assert [one.instance for one in state.coverage.silent] == ["b"]


def test_mixed_datacenters_are_a_ratio_of_sums_and_not_a_mean_of_ratios():
    """A tenth of the small one fails: the mean of the ratios would page at burn rate 500."""
    small = steady(-480, 0, 1_000, 100, datacenters=("dc1",))
    large = steady(-480, 0, 999_000, datacenters=("dc2",))
    state = seen([*small, *large], 0)
    mean_of_ratios = (Fraction(100, 1_000) + 0) / 2 / Fraction(1, 10_000)
    assert mean_of_ratios == 500 > POLICY["page_fast"].factor()
    assert state.burn["availability"]["1h"] == 1
    assert state.firing == ()


def test_a_fault_older_than_the_window_is_said_to_begin_where_the_look_back_ends():
    rows = steady(-6 * 1440, 0, 10_000, 10)
    state = report(FakeReliabilityReader(rows), SERVICE, Window.parse("5d"), at(0))
    assert found(state, "ticket_slow").since == at(0) - 5 * DAY
    assert found(state, "page_fast").firing is False


def test_every_window_of_the_policies_has_a_burn_rate_under_its_name():
    grid = FakeReliabilityReader(steady(-60, 0)).minutes(SERVICE, at(-60), at(0))
    series = series_of(grid, coverage(grid, (), {}, at(0)))["latency"]
    rates = burn_windows(series, SETTINGS, "latency")
    assert list(rates) == ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]
    assert set(rates.values()) == {Fraction(0)}


def test_an_alert_is_judged_at_the_end_of_its_series_and_not_before():
    grid = FakeReliabilityReader(TEN_MINUTES_DOWN).minutes(SERVICE, at(-180), at(3))
    series = series_of(grid, coverage(grid, (), {}, at(3)))["availability"]
    state = alert(POLICY["page_fast"], "availability", series, grid.start, SETTINGS)
    assert state.firing is True
    assert state.long_burn == Fraction(3, 60) * 10_000
    assert state.since == at(0)


def asked_since(rows: Sequence[Row], minute: int) -> datetime | None:
    """Since when, found by asking at every minute back: what the short cut must agree with."""
    states = timeline(rows, "page_fast", -120, minute)
    since = None
    for back in range(minute, -121, -1):
        if states[back] is False:
            break
        since = at(back - 1) if states[back] else since
    return since


#: Burning at 10 for two hours, then at 30: fast enough only some time after the change.
RISING = outage(
    outage(steady(-480, 150), -120, 0, share=Fraction(1, 1_000)), 0, 120, share=Fraction(3, 1_000)
)
#: It fired, burned on at 10 without firing, and fires again.
TWICE = outage(steady(-600, 150, 10_000), -300, 120, share=Fraction(3, 1_000))
TWICE = outage(TWICE, -180, 0, share=Fraction(1, 1_000))
#: One letter a minute, each of them bad: the tenth is the first that counts.
THIN = outage(steady(-480, 60, 1), 0, 30)
#: Nobody wrote for three minutes, and then everything failed.
AFTER_A_GAP = gap(outage(steady(-480, 60), 0, 30), -4, -1)


@pytest.mark.parametrize(
    "rows",
    [TEN_MINUTES_DOWN, TWO_HOURS_AT_20, RISING, TWICE, THIN, AFTER_A_GAP, GAP],
    ids=["outage", "two permille", "rising", "twice", "thin", "after a gap", "with a gap"],
)
def test_since_is_what_asking_at_every_minute_would_find(rows: list[Row]):
    fired = []
    for minute in (1, 3, 5, 12, 14, 20, 44, 60, 119):
        state = found(seen(rows, minute), "page_fast")
        fired.append(state.firing)
        assert state.since == (asked_since(rows, minute) if state.firing else None)
    assert any(fired)


@pytest.mark.parametrize(
    ("rows", "since"), [(THIN, 9), (AFTER_A_GAP, 3), (RISING, 13), (TWICE, 13)]
)
def test_the_firing_begins_when_it_was_first_known(rows: list[Row], since: int):
    assert found(seen(rows, 30), "page_fast").since == at(since)


def test_a_firing_that_was_unknown_at_first_begins_when_it_was_known():
    """One of two live instances lacks its rows from 0 on; the other fails from 10 on."""
    rows = gap(outage(steady(-480, 60, instances=TWO), 10, 60), 0, 60, instance="b")
    lives = [life(-480, 60, instance=name) for name in TWO]
    assert found(seen(rows, 10, lives), "page_fast").firing is None
    assert found(seen(rows, 20, lives), "page_fast").since == at(10)
