"""What `core.overview` asks of the store: services, product metrics, releases and freshness."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import text

from core.ports import FillStep, ProductSeries, Release, TableFreshness, WorkerPulse
from db.readers.freshness import freshness
from db.readers.releases import releases
from db.readers.snapshot import Source, snapshot

#: Every table whose key begins with the service,
_KEYED_BY_SERVICE = (
    "rollup.hour_state",
    "metrics.score_hour",
    "metrics.labelled_letter",
    "metrics.false_report",
    "metrics.experiment_bucket_day",
    "metrics.experiment_bucket_before",
    "metrics.product_day",
    "metrics.deployment",
    "metrics.shadow_hour",
    "metrics.training_run",
)
#: and those that may be distributed, which take no recursive statement.
_SPREAD = ("metrics.serving_minute", "metrics.heartbeat")
#: What people store of a service that has written nothing yet.
_PLANNED = ("team.goal", "team.milestone", "team.task", "team.risk")


def _loose_scan(number: int, table: str) -> str:
    """A common table expression that jumps from service to service: one look-up in the key each."""
    return f"""
        found_{number} (service) as (
            (select service from {table} order by service limit 1)
            union all
            select (select service from {table}
                    where service > found_{number}.service order by service limit 1)
            from found_{number} where found_{number}.service is not null)"""


_SERVICES = text(f"""
    with recursive {",".join(_loose_scan(*each) for each in enumerate(_KEYED_BY_SERVICE))}
    select service from (
        {" union ".join(f"select service from found_{i}" for i in range(len(_KEYED_BY_SERVICE)))}
        {" ".join(f"union select * from rollup.services_of('{table}')" for table in _SPREAD)}
        {" ".join(f"union select service from {table}" for table in _PLANNED)}) as found
    where service is not null
    order by service collate "C" """)

_PRODUCT = text("""
    select metric, day, value from metrics.product_day
    where service = :service and day >= :first and day <= :last and segment = 'all'
    order by metric collate "C", day""")

_FILL = text("""
    select service, step, done, total, finished_at is not null from team.demo_fill
    order by started_at, service collate "C", step collate "C" """)

_PULSE = text("select leader, ticked_at, error from rollup.worker")


class SqlOverviewReader:
    """Fulfils `core.ports.OverviewReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def services(self) -> tuple[str, ...]:
        """Every service that has written a row or a heartbeat, or is planned; sorted."""
        with snapshot(self._source) as connection:
            return tuple(connection.execute(_SERVICES).scalars())

    def product(self, service: str, first: date, last: date) -> tuple[ProductSeries, ...]:
        """Product metrics of segment 'all' between two days, both included, by name."""
        asked = {"service": service, "first": first, "last": last}
        days: dict[str, list[date]] = defaultdict(list)
        values: dict[str, list[float]] = defaultdict(list)
        with snapshot(self._source) as connection:
            for metric, day, value in connection.execute(_PRODUCT, asked):
                days[metric].append(day)
                values[metric].append(value)
        return tuple(
            ProductSeries(metric, tuple(days[metric]), tuple(values[metric])) for metric in days
        )

    def freshness(self, service: str, as_of: datetime) -> tuple[TableFreshness, ...]:
        """Every metric table, in the contract's order; rows of after as-of are left out."""
        with snapshot(self._source) as connection:
            return freshness(connection, service, as_of)

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""
        with snapshot(self._source) as connection:
            return releases(connection, service, start, end)

    def fill_progress(self) -> tuple[FillStep, ...]:
        """How far the demo's first fill is, step by step; empty where there is none."""
        with snapshot(self._source) as connection:
            return tuple(FillStep(*row) for row in connection.execute(_FILL))

    def worker_pulse(self) -> WorkerPulse:
        """The worker's last tick."""
        with snapshot(self._source) as connection:
            return WorkerPulse(*connection.execute(_PULSE).one())
