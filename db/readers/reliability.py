"""What `core.reliability` asks of the store, read from the rollups."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import Connection, text

from core.ports import Counts, Lifetime, Maintenance, Minutes, Release, Slice, Trend
from core.stats.histogram import CELLS
from core.timeframe import HOUR, MINUTE, Span, floor_to
from db.readers.binary import copy_rows
from db.readers.histograms import TRIMMED_CELLS, read_cells
from db.readers.instances import last_minutes, lifetimes
from db.readers.releases import releases
from db.readers.slices import slices
from db.readers.snapshot import Source, snapshot
from db.readers.spans import cut, whole_minutes
from db.readers.watermark import watermark

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

# A month of three datacenters is 130,000 rows. One binary value a column takes 85 ms, such values
# as bytea through the driver 130 ms, Python's tuples 440 ms. All columns of a group come in the
# same order.
_MINUTES = text("""
    select datacenter,
        string_agg(timestamptz_send(minute), ''::bytea),
        string_agg(int8send(instances), ''::bytea),
        string_agg(int8send(letters), ''::bytea),
        string_agg(int8send(errors), ''::bytea),
        string_agg(int8send(slow), ''::bytea)
    from rollup.serving_minute
    where service = :service and minute >= :start and minute < :end
    group by datacenter
    order by datacenter collate "C" """)

_SUMS = "sum(letters)::bigint, sum(errors)::bigint, sum(slow)::bigint, " + TRIMMED_CELLS
_TREND = {
    table: text(f"""
        select date_bin(:step, {column}, :epoch), {_SUMS}
        from rollup.{table}
        where service = :service and {column} >= :start and {column} < :end
        group by 1""")
    for table, column in (("serving_hour", "hour"), ("serving_minute", "minute"))
}
_SEEN_MINUTES = text("""
    select date_bin(:step, minute, :epoch), count(*)
    from (select minute from rollup.serving_minute
          where service = :service and minute >= :start and minute < :end group by minute) as seen
    group by 1""")
# Hours say how many minutes each datacenter and version wrote; of all of them together that is the
# largest, unless some wrote while others did not. Those hours, which are few, are counted by
# minute. Where the minutes are gone, the largest is the least that it can have been.
_SEEN_HOURS = text("""
    with hours as (
        select hour, max(minutes) as most, count(*) as series
        from rollup.serving_hour
        where service = :service and hour >= :start and hour < :end
        group by hour)
    select date_bin(:step, hour, :epoch), sum(
        case when most >= 60 or series = 1 then most
        else greatest(most, (select count(distinct minute) from rollup.serving_minute
            where service = :service and minute >= hour and minute < hour + interval '1 hour'))
        end)::bigint
    from hours
    group by 1""")

_MAINTENANCE = text("""
    select starts_at, ends_at, datacenter, note
    from team.maintenance
    where service = :service and starts_at < :end and ends_at > :start
    order by starts_at, datacenter collate "C" """)


class SqlReliabilityReader:
    """Fulfils `core.ports.ReliabilityReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def minutes(self, service: str, start: datetime, end: datetime) -> Minutes:
        """Counts of every minute by datacenter; see the protocol."""
        span = whole_minutes(start, end)
        asked = {"service": service, "start": span.start, "end": span.end}
        with snapshot(self._source) as connection:
            rows = copy_rows(connection, _MINUTES, asked)
        grids = np.zeros((4, len(rows), span.minutes), np.int64)
        first = (span.start - _POSTGRES_EPOCH) // MINUTE
        for grid, (_, minutes, *columns) in zip(grids.swapaxes(0, 1), rows, strict=True):
            slots = _integers(minutes) // 60_000_000 - first
            for series, column in zip(grid, columns, strict=True):
                np.add.at(series, slots, _integers(column))
        instances, letters, errors, slow = grids
        datacenters = tuple(bytes(row[0]).decode() for row in rows)
        return Minutes(span.start, datacenters, instances, letters, errors, slow)

    def trend(self, service: str, start: datetime, end: datetime, step: timedelta) -> Trend:
        """A series with histograms; steps of whole hours come from hours. See the protocol.

        Other steps come from minutes alone, so that those of more than 90 days ago are gaps.
        """
        span = whole_minutes(start, end)
        if step < MINUTE or step % MINUTE:
            raise ValueError(f"step == {step}, must be whole minutes, at least one")
        first = floor_to(span.start, step)
        times = tuple(first + i * step for i in range(-((first - span.end) // step)))
        counts = np.zeros((4, len(times)), np.int64)
        cells = np.zeros((len(times), CELLS), np.int64)
        with snapshot(self._source) as connection:
            for table, part in _parts(connection, service, span, step):
                asked = {
                    "service": service,
                    "start": part.start,
                    "end": part.end,
                    "step": step,
                    "epoch": _EPOCH,
                }
                for time, *sums, sent in connection.execute(_TREND[table], asked):
                    at = (time - first) // step
                    counts[1:, at] += sums
                    cells[at] += read_cells(sent)
                seen = _SEEN_HOURS if table == "serving_hour" else _SEEN_MINUTES
                for time, count in connection.execute(seen, asked):
                    counts[0, (time - first) // step] += count
        minutes, letters, errors, slow = counts
        return Trend(times, step, minutes, letters, errors, slow, cells)

    def slices(self, service: str, start: datetime, end: datetime, by: str) -> tuple[Slice, ...]:
        """Totals by 'datacenter', 'instance' or 'model_version'; see the protocol.

        Raises:
            ValueError: by is none of the three.
        """
        span = whole_minutes(start, end)
        with snapshot(self._source) as connection:
            return slices(connection, service, span, by)

    def last_minutes(self, service: str, before: datetime) -> dict[tuple[str, str], datetime]:
        """The newest minute before a moment of each (datacenter, instance); see the protocol.

        Instances that last wrote more than 90 days ago are forgotten.
        """
        with snapshot(self._source) as connection:
            return last_minutes(connection, service, before)

    def lifetimes(self, service: str) -> tuple[Lifetime, ...]:
        """Every known life of the service's 'inference' components, by start."""
        with snapshot(self._source) as connection:
            return lifetimes(connection, service)

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""
        with snapshot(self._source) as connection:
            return releases(connection, service, start, end)

    def maintenance(self, service: str, start: datetime, end: datetime) -> tuple[Maintenance, ...]:
        """Planned maintenance that touches a span, oldest first."""
        asked = {"service": service, "start": start, "end": end}
        with snapshot(self._source) as connection:
            return tuple(Maintenance(*row) for row in connection.execute(_MAINTENANCE, asked))

    def watermark(self, service: str) -> str:
        """A token that changes with everything that is read about a service; see `watermark`."""
        return watermark(self._source, service)


def _parts(
    connection: Connection, service: str, span: Span, step: timedelta
) -> Iterable[tuple[str, Span]]:
    """Which rollup to read for which part of a span: (table, part)."""
    if step % HOUR:
        return [("serving_minute", span)]
    return cut(connection, service, span).parts("serving_hour", "serving_minute")


def _integers(sent: memoryview) -> Counts:
    """The bigints that int8send or timestamptz_send sent, one after the other."""
    return np.frombuffer(sent, ">i8").astype(np.int64)
