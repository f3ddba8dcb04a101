"""What `core.contract` asks of the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from core.contract_checks import GRACE
from core.ports import Contradictions, TableExtent, TableFreshness
from core.timeframe import MINUTE, floor_to
from db.readers import expectations
from db.readers.contradictions import contradictions
from db.readers.contradictions.experiment import SLICES
from db.readers.freshness import freshness
from db.readers.overview import SqlOverviewReader
from db.readers.snapshot import Source, snapshot

#: The column that says when a row is of, for tables that are counted from a time on.
_TIMES = {
    "serving_minute": "minute",
    "score_hour": "hour",
    "labelled_letter": "predicted_at",
    "false_report": "reported_at",
    "product_day": "day",
    "shadow_hour": "hour",
    "deployment": "deployed_at",
    "training_run": "started_at",
    "heartbeat": "started_at",
    "experiment_bucket_before": "written_at",
}
_EXPERIMENT_ROWS = text(f"""
    {SLICES}
    select count(*)
    from slices join metrics.experiment_bucket_day as rows
        on rows.service = :service and rows.experiment = slices.experiment
        and rows.variant = slices.variant and rows.dimension = slices.dimension
        and rows.value = slices.value and rows.day >= :start and rows.day <= :as_of""")
_EXPECTED = {
    "serving_minute": (
        "instance minutes",
        text(f"""{expectations.MINUTES}
            select coalesce(sum(present), 0)::bigint, sum(expected)::bigint from counted"""),
    ),
    "score_hour": (
        "hours with letters",
        text("""
            select count(scored.hour), count(*)
            from (select distinct hour from rollup.serving_hour
                  where service = :service and hour >= :start
                      and hour < :as_of - interval '1 hour' and letters > errors) as served
            left join (select distinct hour from metrics.score_hour
                  where service = :service and hour >= :start and hour < :as_of) as scored
                using (hour)"""),
    ),
    "product_day": (
        "days of metrics",
        text("""
            select sum(written)::bigint, sum(last - first + 1)::bigint
            from (select count(*) as written, min(day) as first,
                      max(max(day)) over () as last
                  from metrics.product_day
                  where service = :service and day >= :start and day <= :as_of and segment = 'all'
                  group by metric) as metrics"""),
    ),
}


class SqlContractReader:
    """Fulfils `core.ports.ContractReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def services(self) -> tuple[str, ...]:
        """Every service that has written a row or a heartbeat, or has a goal; sorted."""
        return SqlOverviewReader(self._source).services()

    def freshness(self, service: str, as_of: datetime) -> tuple[TableFreshness, ...]:
        """Every metric table, in the contract's order; rows of after as-of are left out."""
        with snapshot(self._source) as connection:
            return freshness(connection, service, as_of)

    def extents(
        self, service: str, as_of: datetime, back: Mapping[str, timedelta]
    ) -> Mapping[str, TableExtent]:
        """How much each table holds, looking back so far; tables that are not in back in full."""
        with snapshot(self._source) as connection:
            return {
                table: _extent(connection, service, table, as_of, back.get(table))
                for table in (*_TIMES, "experiment_bucket_day")
            }

    def contradictions(
        self,
        check: str,
        service: str,
        start: datetime,
        as_of: datetime,
        *,
        settings: Mapping[str, object],
        examples: int,
    ) -> Contradictions:
        """Rows of [start, as_of) that break the rule of a check; see `db.readers.contradictions`.

        Raises:
            KeyError: there is no check of this name.
        """
        asked = {"service": service, "start": start, "as_of": as_of, **settings}
        with snapshot(self._source) as connection:
            return contradictions(connection, check, asked, examples)


def _extent(
    connection: Connection, service: str, table: str, as_of: datetime, back: timedelta | None
) -> TableExtent:
    start = datetime.min.replace(tzinfo=as_of.tzinfo) if back is None else as_of - back
    asked = {
        "service": service,
        "start": start if back is None else floor_to(start, MINUTE),
        "as_of": as_of,
        "grace": GRACE,
    }
    if table == "experiment_bucket_day":
        return TableExtent(connection.execute(_EXPERIMENT_ROWS, asked).scalar_one())
    time = _TIMES[table]
    rows = connection.execute(
        text(
            f"select count(*) from metrics.{table} "
            f"where service = :service and {time} >= :start and {time} <= :as_of"
        ),
        asked,
    ).scalar_one()
    if table not in _EXPECTED or not rows:
        return TableExtent(rows)
    counted, statement = _EXPECTED[table]
    present, expected = connection.execute(statement, asked).one()
    return TableExtent(rows, present, expected, counted) if expected else TableExtent(rows)
