"""The overview of a service: its goal's verdicts, the business behind them, releases, freshness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from core import criteria
from core.criteria import GoalReport, Reports
from core.experiment import ExperimentReport
from core.ports import Goal, OverviewReader, ProductSeries, Release, TableFreshness
from core.quality import QualityReport
from core.reliability import ReliabilityReport
from core.timeframe import (
    DAY,
    HOUR,
    MINUTE,
    STALE_AFTER_DAYS,
    STALE_AFTER_HOURS,
    STALE_AFTER_MINUTES,
    Freshness,
    Window,
)
from core.training import TrainingReport

#: A week against the week before: the weekly cycle cancels out.
COMPARED_DAYS = 7
#: Changes smaller than this are called unchanged.
NOTICEABLE = 0.005


class Direction(Enum):
    """Which way a product metric should go."""

    UP = "more is good"
    DOWN = "less is good"
    NEITHER = "neither way is good by itself"


@dataclass(frozen=True, slots=True)
class ProductMetric:
    """What a product metric is called, which way is good, and why."""

    label: str
    direction: Direction
    why: str


#: The contract's product metrics. Session time has no good direction of its own: less of it spent
#: on useless letters may be good.
PRODUCT_METRICS: Mapping[str, ProductMetric] = {
    "complaints": ProductMetric("“This is spam” complaints", Direction.DOWN, "the goal"),
    "letters": ProductMetric("Letters", Direction.NEITHER, "demand, not success"),
    "active_users_day": ProductMetric("Daily users", Direction.UP, "frequency"),
    "active_users_week": ProductMetric("Weekly users", Direction.UP, "frequency"),
    "active_users_month": ProductMetric("Monthly users", Direction.UP, "frequency"),
    "sessions": ProductMetric("Sessions", Direction.UP, "frequency"),
    "session_seconds": ProductMetric(
        "Time in sessions, seconds", Direction.NEITHER, "less time on useless letters may be good"
    ),
    "revenue_ads": ProductMetric("Revenue, advertising", Direction.UP, "money"),
    "revenue_subscriptions": ProductMetric("Revenue, subscriptions", Direction.UP, "money"),
}


@dataclass(frozen=True, slots=True)
class ProductChange:
    """A product metric's last seven days against the seven before.

    Attributes:
        mean: per day over the last seven days; None where one of them is missing.
        change: relative change of the mean; None where either week is incomplete.
        good: whether the change goes the good way; None where it is small or has no good way.
    """

    series: ProductSeries
    metric: ProductMetric
    mean: float | None
    change: float | None
    good: bool | None


#: Tables that are written only while a run lasts: a shadow run that has ended is not stale.
WRITTEN_IN_RUNS = frozenset({"shadow_hour", "experiment_bucket_day"})


@dataclass(frozen=True, slots=True)
class TableState:
    """A metric table's freshness, judged by what its rows cover.

    Attributes:
        stale: rows should be coming and are not; events and ended runs cannot be stale.
        word: 'current', 'events' (no rhythm to hold them to), or 'no run' (the last one has ended).
    """

    table: TableFreshness
    stale: bool
    word: str


@dataclass(frozen=True, slots=True)
class OverviewReport:
    """Everything the Overview shows."""

    goals: GoalReport
    reliability: ReliabilityReport
    quality: QualityReport | None
    experiment: ExperimentReport | None
    training: TrainingReport | None
    product: tuple[ProductChange, ...]
    releases: tuple[Release, ...]
    tables: tuple[TableState, ...]


def report(
    overview: OverviewReader,
    goals: Sequence[Goal],
    reports: Reports,
    over: Callable[[Window], Reports] | None = None,
) -> OverviewReport:
    """Put the overview together for the window and as-of of its reports.

    Args:
        overview: what is asked besides.
        goals: the service's at that moment: whose criteria are judged.
        reports: of the reader's window.
        over: the reports of another window, see `core.criteria.report`.
    """
    reliability = reports.reliability
    as_of, service, window = (
        reliability.freshness.as_of,
        reliability.service,
        reliability.window,
    )
    last_day = (as_of - DAY).date()
    first_day = last_day - max(window.length, 2 * COMPARED_DAYS * DAY) + DAY
    series = overview.product(service, first_day, last_day)
    releases = overview.releases(service, as_of - max(window.length, 90 * DAY), as_of)
    return OverviewReport(
        goals=criteria.report(goals, reports, as_of, over),
        reliability=reliability,
        quality=reports.quality,
        experiment=reports.experiment,
        training=reports.training,
        product=tuple(compared(found, as_of) for found in series),
        releases=tuple(reversed(releases)),
        tables=tuple(table_state(table, as_of) for table in overview.freshness(service, as_of)),
    )


def compared(
    series: ProductSeries, as_of: datetime, metric: ProductMetric | None = None
) -> ProductChange:
    """A product metric's last seven days against the seven before.

    Args:
        series: at least the last fourteen days.
        as_of: the moment; its own day is not over and does not count.
        metric: what it is called and which way is good; the contract's if left out.
    """
    if metric is None:
        unknown = ProductMetric(series.metric, Direction.NEITHER, "not one of the contract's")
        metric = PRODUCT_METRICS.get(series.metric, unknown)
    by_day = dict(zip(series.days, series.values, strict=True))
    yesterday = (as_of - DAY).date()
    weeks = [
        [by_day.get(yesterday - timedelta(days=back)) for back in range(start, start + 7)]
        for start in (0, COMPARED_DAYS)
    ]
    means = [
        sum(value for value in week if value is not None) / COMPARED_DAYS
        if None not in week
        else None
        for week in weeks
    ]
    now, before = means
    change = now / before - 1 if now is not None and before else None
    good = None
    noticeable = change is not None and abs(change) >= NOTICEABLE
    if change is not None and noticeable and metric.direction is not Direction.NEITHER:
        good = (change > 0) is (metric.direction is Direction.UP)
    return ProductChange(series, metric, now, change, good)


def table_state(table: TableFreshness, as_of: datetime) -> TableState:
    """Judge how current a table is by what its newest row covers."""
    limits = {MINUTE: STALE_AFTER_MINUTES, HOUR: STALE_AFTER_HOURS, DAY: STALE_AFTER_DAYS}
    limit = limits.get(table.step)
    if limit is None or table.newest is None:
        return TableState(table, False, "events")
    stale = Freshness.of(as_of, table.newest, limit, table.step).stale
    if stale and table.table in WRITTEN_IN_RUNS:
        return TableState(table, False, "no run")
    return TableState(table, stale, "current")
