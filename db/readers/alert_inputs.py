"""What a service's rules are evaluated from, read area by area, each no oftener than it is needed.

One snapshot holds all areas of a service, so that they are of one moment; what two of them need (a
report that criteria are judged by, a goal) is read once. An area that cannot be read does not keep
the others from it: it is named, with the reason, and its rules are unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from core.alerts.inputs import Inputs, Plan, plan_of
from core.alerts.serving import carried, serving
from core.criteria import Reports
from core.experiment import ExperimentReport
from core.overview import table_state
from core.ports import Goal, Lifetime
from core.ports.alerts import ShadowRun
from core.quality import QualityReport
from core.timeframe import DAY, Window
from db import reports
from db.failures import Failure, classify, reason
from db.readers.criteria import SqlGoalReader
from db.readers.overview import SqlOverviewReader
from db.readers.reliability import SqlReliabilityReader
from db.readers.snapshot import Source, snapshot

#: The window of reports: the one that pages show when nobody asks for another.
WINDOW = Window.parse("30d")
#: How far back shadow runs and product metrics are looked at.
SHADOW_OVER = 30 * DAY
PRODUCT_OVER = 54 * 7 * DAY
#: One statement may take so long: an area that hangs must not hold up all services.
PATIENCE = timedelta(seconds=20)
_PATIENCE = text("select set_config('statement_timeout', :milliseconds, true)")
_HEARTBEATS = text("""
    select component, datacenter, instance, started_at, beat_at, stopped_at
    from metrics.heartbeat
    where service = :service
    order by component collate "C", instance collate "C" """)
# An hour may have a row of all letters beside those of its segments: no letter counts twice.
_SHADOW_RUNS = text("""
    select production_version, candidate_version, min(hour), max(hour),
        sum(both_positive + production_only + candidate_only + both_negative)::bigint,
        sum(user_visible)::bigint
    from (select *, bool_or(segment = 'all') over one_hour as whole
          from metrics.shadow_hour
          where service = :service and hour >= :start and hour < :end
          window one_hour as (partition by hour, production_version, candidate_version)) as told
    where segment = 'all' or not whole
    group by production_version, candidate_version
    order by candidate_version collate "C", production_version collate "C" """)


class SqlWatchReader:
    """Fulfils `core.ports.alerts.WatchReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def heartbeats(self, service: str) -> tuple[Lifetime, ...]:
        """The newest life of each instance of every component of a service."""
        with snapshot(self._source) as connection:
            rows = connection.execute(_HEARTBEATS, {"service": service})
            return tuple(Lifetime(*row) for row in rows)

    def shadow_runs(self, service: str, start: datetime, end: datetime) -> tuple[ShadowRun, ...]:
        """Shadow runs with rows in a span, summed over segments, by candidate and production."""
        asked = {"service": service, "start": start, "end": end}
        with snapshot(self._source) as connection:
            return tuple(ShadowRun(*row) for row in connection.execute(_SHADOW_RUNS, asked))


def read(
    engine: Engine,
    service: str,
    as_of: datetime,
    areas: Collection[str],
    kept: Mapping[str, Any] = MappingProxyType({}),
) -> Inputs:
    """Read some areas of a service.

    Args:
        engine: the store, as greenlight_worker.
        service: whose.
        as_of: the moment that they are looked at from.
        areas: which to read, see `core.alerts.inputs.due`.
        kept: areas as they were read before, for those that are not due.

    Returns:
        The inputs; what could not be read is named in `failed`.

    Raises:
        DBAPIError: the store cannot be reached.
    """
    found: dict[str, Any] = {name: value for name, value in kept.items() if name not in areas}
    failed: dict[str, str] = {}
    left = sorted(areas)
    while left:
        # An area that fails takes its snapshot with it: the rest is read from another one.
        with snapshot(engine) as connection:
            milliseconds = str(PATIENCE // timedelta(milliseconds=1))
            connection.execute(_PATIENCE, {"milliseconds": milliseconds})
            reading = _Reading(connection, service, as_of)
            while left:
                area = left.pop(0)
                try:
                    found[area] = _AREAS[area](reading)
                except Exception as error:
                    if isinstance(error, DBAPIError) and classify(error) is Failure.UNREACHABLE:
                        raise
                    failed[area] = reason(error)
                    break
    return Inputs(service=service, as_of=as_of, failed=failed, **found)


class _Reading:
    """A service at a moment: what several areas need is read once."""

    def __init__(self, connection: Connection, service: str, as_of: datetime) -> None:
        self.connection = connection
        self.service = service
        self.as_of = as_of
        self.reliability = SqlReliabilityReader(connection)
        self.overview = SqlOverviewReader(connection)
        self.watch = SqlWatchReader(connection)

    @cached_property
    def goals(self) -> tuple[Goal, ...]:
        return SqlGoalReader(self.connection).goals(self.service, self.as_of)

    @cached_property
    def quality(self) -> QualityReport:
        return reports.quality_report(self.connection, self.service, WINDOW, self.as_of)

    @cached_property
    def experiment(self) -> ExperimentReport:
        return reports.experiment_report(self.connection, self.service, self.as_of)

    @cached_property
    def reports(self) -> Reports:
        asked = (self.connection, self.service)
        return Reports(
            reports.reliability_report(*asked, WINDOW, self.as_of),
            self.quality,
            self.experiment,
            reports.training_report(*asked, self.as_of),
        )

    def plan(self) -> Plan:
        """The goals against the calendar; where nothing is promised no report is read."""
        if not any(goal.criteria for goal in self.goals):
            return Plan((), ())
        return plan_of(self.goals, self.reports, self.as_of)


#: How each area of `core.alerts.inputs.Inputs` is read.
_AREAS: Mapping[str, Callable[[_Reading], Any]] = {
    "serving": lambda of: serving(of.reliability, of.service, of.as_of),
    "heartbeats": lambda of: of.watch.heartbeats(of.service),
    "tables": lambda of: tuple(
        table_state(table, of.as_of) for table in of.overview.freshness(of.service, of.as_of)
    ),
    "worker": lambda of: of.overview.worker_pulse(),
    "carried": lambda of: carried(of.reliability, of.service, of.as_of),
    "shadow": lambda of: of.watch.shadow_runs(of.service, of.as_of - SHADOW_OVER, of.as_of),
    "quality": lambda of: of.quality,
    "experiment": lambda of: of.experiment,
    "product": lambda of: of.overview.product(
        of.service, (of.as_of - PRODUCT_OVER).date(), of.as_of.date()
    ),
    "plan": _Reading.plan,
    "reports": lambda of: of.reports,
    "risks": lambda of: reports.watched_red_lines(of.connection, of.service, of.as_of),
}
