"""Totals by datacenter, model version or instance, exact to the minute."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Connection, TextClause, text

from core.ports import Counts, Slice
from core.stats.histogram import CELLS
from core.timeframe import Span
from db.readers.histograms import TRIMMED_CELLS, WHOLE_CELLS, read_cells
from db.readers.snapshot import once
from db.readers.spans import cut

_SUMS = "sum(letters)::bigint, sum(errors)::bigint, sum(slow)::bigint"


def _by_name(table: str, column: str, name: str) -> TextClause:
    return text(f"""
        select {name}, {_SUMS}, {TRIMMED_CELLS}
        from rollup.{table}
        where service = :service and {column} >= :start and {column} < :end
        group by 1""")


_INSTANCE = "datacenter || '/' || instance"
# Rows that the worker has not rolled up yet are left for its next tick, as they are everywhere
# else: the instances of a span add up to its datacenters.
_INSTANCE_MINUTES = text(f"""
    select {_INSTANCE}, {_SUMS}, {WHOLE_CELLS}
    from metrics.serving_minute
    join (select minute, datacenter, model_version from rollup.serving_minute
          where service = :service and minute >= :start and minute < :end) as rolled
        using (minute, datacenter, model_version)
    where service = :service and minute >= :start and minute < :end
    group by 1""")
_STATEMENTS = {
    by: {
        "hours": _by_name("serving_hour", "hour", by),
        "minutes": _by_name("serving_minute", "minute", by),
    }
    for by in ("datacenter", "model_version")
} | {
    "instance": {
        "hours": _by_name("instance_hour", "hour", _INSTANCE),
        "minutes": _INSTANCE_MINUTES,
    }
}


def slices(connection: Connection, service: str, span: Span, by: str) -> tuple[Slice, ...]:
    """Totals of a span by name, sorted; see `core.ports.ReliabilityReader.slices`.

    Raises:
        ValueError: by is not 'datacenter', 'instance' or 'model_version'.
    """
    if by not in _STATEMENTS:
        raise ValueError(f"by == {by!r}, must be datacenter, instance or model_version")
    counts: dict[str, Counts] = {}
    cells: dict[str, Counts] = {}
    parts = cut(connection, service, span, instances=by == "instance")
    for table, part in parts.parts("hours", "minutes"):
        # Windows that end at the same moment share the minutes of the hour that runs.
        asked = (by, table, service, part)
        rows = once(connection, ("slices", *asked), partial(_rows, connection, *asked))
        for key, *sums, sent in rows:
            counts[key] = counts.get(key, np.zeros(3, np.int64)) + sums
            cells[key] = cells.get(key, np.zeros(CELLS, np.int64)) + read_cells(sent)
    return tuple(_slice(key, counts[key], cells[key]) for key in sorted(counts))


def _rows(connection: Connection, by: str, table: str, service: str, part: Span) -> Sequence[Any]:
    asked = {"service": service, "start": part.start, "end": part.end}
    return connection.execute(_STATEMENTS[by][table], asked).all()


def _slice(key: str, counts: Counts, cells: Counts) -> Slice:
    letters, errors, slow = counts.tolist()
    return Slice(key, letters, errors, slow, cells)
