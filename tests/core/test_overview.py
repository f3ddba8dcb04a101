"""The overview: product metrics with their good direction, releases, freshness of every table."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from core.criteria import Reports
from core.overview import PRODUCT_METRICS, Direction, OverviewReport, ProductChange, report
from core.ports import ProductSeries, TableFreshness
from core.reliability import report as reliability_report
from core.status import Status
from core.timeframe import DAY, HOUR, MINUTE, Window
from tests.fakes import (
    BEGIN,
    SERVICE,
    FakeOverviewReader,
    FakeReliabilityReader,
    at,
    goal,
    release,
    steady,
)

#: The last full day before BEGIN.
YESTERDAY = date(2026, 5, 31)


def series(metric: str, values: Sequence[float | None], last: date = YESTERDAY) -> ProductSeries:
    """A value a day up to the last; None is a missing day."""
    first = last - timedelta(days=len(values) - 1)
    kept = [
        (first + timedelta(days=at), value) for at, value in enumerate(values) if value is not None
    ]
    return ProductSeries(metric, tuple(day for day, _ in kept), tuple(value for _, value in kept))


def seen(
    reader: FakeOverviewReader, window: str = "30d", as_of: datetime = BEGIN
) -> OverviewReport:
    rows = FakeReliabilityReader(steady(-60, 0))
    found = reliability_report(rows, SERVICE, Window.parse(window), as_of)
    return report(reader, [goal()], Reports(found))


def change(
    metric: str, before: float, now: float, window: str = "30d", last: date = YESTERDAY
) -> ProductChange:
    values = series(metric, [before] * 7 + [now] * 7, last)
    (found,) = seen(FakeOverviewReader(series=[values]), window).product
    return found


def test_the_contracts_nine_metrics_have_a_name_a_direction_and_a_reason():
    assert list(PRODUCT_METRICS) == [
        "complaints",
        "letters",
        "active_users_day",
        "active_users_week",
        "active_users_month",
        "sessions",
        "session_seconds",
        "revenue_ads",
        "revenue_subscriptions",
    ]
    assert all(metric.label and metric.why for metric in PRODUCT_METRICS.values())


@pytest.mark.parametrize(
    ("metric", "before", "now", "good"),
    [
        ("complaints", 100, 95, True),
        ("complaints", 100, 105, False),
        ("revenue_ads", 100, 105, True),
        ("revenue_ads", 100, 95, False),
        ("active_users_month", 100, 99, False),
        ("session_seconds", 100, 50, None),
        ("letters", 100, 200, None),
        ("complaints", 1_000, 996, None),
        ("complaints", 1_000, 995, True),
        ("carbon", 100, 200, None),
    ],
    ids=[
        "fewer complaints",
        "more complaints",
        "more revenue",
        "less revenue",
        "fewer users",
        "less time in sessions may be good",
        "letters are demand",
        "hardly fewer",
        "noticeably fewer",
        "a metric that the contract does not know",
    ],
)
def test_a_change_is_good_only_in_its_metrics_own_direction(
    metric: str, before: float, now: float, good: bool | None
):
    found = change(metric, before, now)
    assert found.good is good
    assert found.mean == now
    assert found.change == pytest.approx(now / before - 1)


def test_a_metric_that_the_contract_does_not_know_goes_under_its_own_name():
    metric = change("carbon", 100, 200).metric
    assert (metric.label, metric.direction) == ("carbon", Direction.NEITHER)


def test_a_week_is_held_against_the_week_before_also_in_a_short_window():
    assert change("complaints", 100, 95, "1h").change == pytest.approx(-0.05)


def test_todays_unfinished_day_is_not_counted():
    found = change("complaints", 100, 95, last=date(2026, 6, 1))
    assert found.mean is not None
    assert found.mean == pytest.approx((100 + 6 * 95) / 7)
    assert date(2026, 6, 1) not in found.series.days


@pytest.mark.parametrize(
    ("values", "mean", "change"),
    [
        ([None] + [100.0] * 6 + [95.0] * 7, 95, None),
        ([100.0] * 7 + [95.0] * 6 + [None], None, None),
        ([95.0] * 7, 95, None),
        ([0.0] * 7 + [95.0] * 7, 95, None),
        ([100.0] * 7 + [0.0] * 7, 0, -1),
    ],
    ids=[
        "a day of the week before is missing",
        "yesterday is missing",
        "there is no week before",
        "there was nothing before",
        "nothing is left",
    ],
)
def test_an_incomplete_week_is_not_compared(
    values: list[float | None], mean: float | None, change: float | None
):
    (found,) = seen(FakeOverviewReader(series=[series("complaints", values)])).product
    assert (found.mean, found.change) == (mean, change)
    assert (found.good is None) == (change is None)


def test_a_long_window_shows_its_days_and_a_short_one_two_weeks():
    values = series("complaints", [100.0] * 100)
    for window, days in (("30d", 30), ("1h", 14)):
        (found,) = seen(FakeOverviewReader(series=[values]), window).product
        assert len(found.series.days) == days
        assert found.series.days[-1] == YESTERDAY


def test_releases_of_at_least_90_days_are_shown_newest_first():
    deployed = [
        release(-100 * 1440, "v0"),
        release(-80 * 1440, "v1"),
        release(-5, "v2"),
        release(5, "v3"),
    ]
    found = seen(FakeOverviewReader(deployed=deployed), "1h")
    assert [one.model_version for one in found.releases] == ["v2", "v1"]


@pytest.mark.parametrize(
    ("step", "newest", "stale"),
    [
        (MINUTE, at(-4), False),
        (MINUTE, at(-5), True),
        (HOUR, at(-180), False),
        (HOUR, at(-181), True),
        (DAY, BEGIN - 60 * HOUR, False),
        (DAY, BEGIN - 61 * HOUR, True),
        (timedelta(0), BEGIN - 300 * DAY, False),
        (MINUTE, None, False),
    ],
    ids=[
        "minutes in time",
        "minutes late",
        "hours in time",
        "hours late",
        "days in time",
        "days late",
        "events cannot be late",
        "an empty table is empty and not late",
    ],
)
def test_a_table_is_stale_by_what_its_rows_cover(
    step: timedelta, newest: datetime | None, stale: bool
):
    table = TableFreshness("serving_minute", newest, newest, step)
    (found,) = seen(FakeOverviewReader(tables=[table])).tables
    assert found.stale is stale
    assert found.table is table


@pytest.mark.parametrize("table", ["shadow_hour", "experiment_bucket_day"])
def test_a_run_that_has_ended_is_not_stale(table: str):
    old = TableFreshness(table, BEGIN - 90 * DAY, None, HOUR)
    (found,) = seen(FakeOverviewReader(tables=[old])).tables
    assert (found.stale, found.word) == (False, "no run")


def test_the_goal_is_judged_by_the_same_reliability_report():
    found = seen(FakeOverviewReader())
    assert found.goals.status is Status.NO_DATA
    assert found.goals.window == found.reliability.window == Window.parse("30d")


def test_a_service_that_nobody_knows_has_an_empty_overview():
    found = seen(FakeOverviewReader(known=("spambase",)))
    assert (found.product, found.releases, found.tables) == ((), (), ())
