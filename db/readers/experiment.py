"""What `core.experiment` asks of the store: sums by hash bucket, definitions, and their logs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from core.ports import (
    Amendment,
    BucketDays,
    BucketSlice,
    ExperimentDecision,
    ExperimentDefinition,
    ExperimentRows,
)
from core.ports.experiment import BUCKETS, SUMS
from db.readers.binary import FLOAT8, INT2, INT4, copy_records
from db.readers.experiment_definitions import definitions
from db.readers.snapshot import Source, snapshot

# The day comes late in the primary key, so every query goes from slice to slice of it, each found
# by a look-up of the next, and reads of every slice only the days that are asked for. Measured for
# the sums over 28 days x 500 buckets of 40 slices: 270 ms this way, 960 ms as one join and 2,200 ms
# as one GROUP BY of all four keys. "limit 1" and "offset 0" keep the planner to that, who without
# statistics (rows that have just been loaded) takes the whole experiment for one row.
_ARMS = """
    arms as (
        (select experiment, variant from metrics.experiment_bucket_day
         where service = :service order by experiment, variant limit 1)
        union all
        select next.* from arms cross join lateral (
            select experiment, variant from metrics.experiment_bucket_day
            where service = :service and (experiment, variant) > (arms.experiment, arms.variant)
            order by experiment, variant limit 1) as next)"""
_OF_ARM = """
    service = :service and rows.experiment = arms.experiment and rows.variant = arms.variant
        and dimension = 'all' and value = 'all' and day < :before"""
_EXPERIMENTS = text(f"""
    with recursive {_ARMS}
    select experiment, array_agg(variant), min(first), max(last)
    from arms
    cross join lateral (
        select day as first from metrics.experiment_bucket_day as rows
        where {_OF_ARM} order by day limit 1) as begun
    cross join lateral (
        select day as last from metrics.experiment_bucket_day as rows
        where {_OF_ARM} order by day desc limit 1) as ended
    group by experiment
    order by min(first) desc, experiment collate "C" """)
_SLICES = text("""
    with recursive slices as (
        (select variant, dimension, value from metrics.experiment_bucket_day
         where service = :service and experiment = :experiment
         order by variant, dimension, value limit 1)
        union all
        select next.* from slices cross join lateral (
            select variant, dimension, value from metrics.experiment_bucket_day
            where service = :service and experiment = :experiment
                and (variant, dimension, value)
                    > (slices.variant, slices.dimension, slices.value)
            order by variant, dimension, value limit 1) as next)
    select variant, dimension, value from slices
    cross join lateral (
        select from metrics.experiment_bucket_day as rows
        where service = :service and experiment = :experiment
            and rows.variant = slices.variant and rows.dimension = slices.dimension
            and rows.value = slices.value and day between :first and :last
        limit 1) as found""")
_OF_SLICES = """
    from unnest(cast(:variants as text[]), cast(:dimensions as text[]), cast(:values as text[]))
        with ordinality as slices (variant, dimension, value, slot)
    cross join lateral (
        select {columns} from metrics.experiment_bucket_day as rows
        where service = :service and experiment = :experiment
            and rows.variant = slices.variant and rows.dimension = slices.dimension
            and rows.value = slices.value and day between :first and :last
        {end}) as found"""
# Counts stay exact: a float holds whole numbers up to 9e15.
_DAY_SUMS = text(
    f"select (slot - 1)::int4, day, bucket, {', '.join(f'{name}::float8' for name in SUMS)} "
    + _OF_SLICES.format(columns=f"day - :first as day, bucket, {', '.join(SUMS)}", end="offset 0")
)
_DAY_COLUMNS = {"slot": INT4, "day": INT4, "bucket": INT2} | dict.fromkeys(SUMS, FLOAT8)
_SLICE_SUMS = text(
    f"select (slot - 1)::int4, bucket, {', '.join(SUMS)} "
    + _OF_SLICES.format(
        columns=f"bucket, {', '.join(f'sum({name}::float8) as {name}' for name in SUMS)}",
        end="group by bucket",
    )
)
_SLICE_COLUMNS = {"slot": INT4, "bucket": INT2} | dict.fromkeys(SUMS, FLOAT8)
_BEFORE = text("""
    select variant, bucket, users, active_users, letters, complaints, sessions, session_seconds,
        revenue
    from metrics.experiment_bucket_before
    where service = :service and experiment = :experiment""")
_AMENDMENTS = text("""
    select amended_at, amended_by, reason, before, after from team.experiment_amendment
    where service = :service and experiment = :experiment
    order by amended_at, amendment_id""")
_DECISIONS = text("""
    select decided_at, decided_by, decision, note, as_of, evidence from team.experiment_decision
    where service = :service and experiment = :experiment
    order by decided_at desc, decision_id desc""")


class SqlExperimentReader:
    """Fulfils `core.ports.ExperimentReader` from PostgreSQL."""

    def __init__(self, source: Source) -> None:
        """Read with an engine of `Role.APP`, or from the connection of a `snapshot`."""
        self._source = source

    def experiments(self, service: str, before: date) -> tuple[ExperimentRows, ...]:
        """Every experiment with rows of days before a date, the one that began last first."""
        asked = {"service": service, "before": before}
        with snapshot(self._source) as connection:
            return tuple(
                ExperimentRows(experiment, tuple(sorted(variants)), first, last)
                for experiment, variants, first, last in connection.execute(_EXPERIMENTS, asked)
            )

    def definitions(self, service: str) -> tuple[ExperimentDefinition, ...]:
        """Every defined experiment, those without rows included; the latest start first."""
        with snapshot(self._source) as connection:
            return definitions(connection, service)

    def days(self, service: str, experiment: str, first: date, last: date) -> BucketDays:
        """Sums of dimension 'all' by day; the variants are those that have a row on these days.

        Raises:
            ValueError: first is after last.
        """
        asked = _days_asked(service, experiment, first, last)
        days = tuple(first + timedelta(days=number) for number in range((last - first).days + 1))
        with snapshot(self._source) as connection:
            slices = [key for key in _slices(connection, asked) if key[1:] == ("all", "all")]
            found = copy_records(connection, _DAY_SUMS, asked | _columns(slices), _DAY_COLUMNS)
        variants = tuple(sorted(variant for variant, _, _ in slices))
        sums = np.zeros((len(days), len(variants), BUCKETS, len(SUMS)))
        rows = np.zeros((len(days), len(variants)), np.int64)
        slots = np.array([variants.index(variant) for variant, _, _ in slices], np.int64)
        variant = slots[found["slot"]]
        sums[found["day"], variant, found["bucket"]] = _seven(found)
        np.add.at(rows, (found["day"], variant), 1)
        return BucketDays(variants, days, sums, rows)

    def slices(
        self, service: str, experiment: str, first: date, last: date
    ) -> tuple[BucketSlice, ...]:
        """Sums over the days by every other dimension and value, sorted.

        Every slice has the same variants: all that have a row of any dimension on these days.

        Raises:
            ValueError: first is after last.
        """
        asked = _days_asked(service, experiment, first, last)
        with snapshot(self._source) as connection:
            found = _slices(connection, asked)
            parts = [key for key in found if key[1] != "all"]
            records = copy_records(connection, _SLICE_SUMS, asked | _columns(parts), _SLICE_COLUMNS)
        variants = tuple(sorted({variant for variant, _, _ in found}))
        cuts = sorted({(dimension, value) for _, dimension, value in parts})
        sums = np.zeros((len(cuts), len(variants), BUCKETS, len(SUMS)))
        places = np.array(
            [(cuts.index(key[1:]), variants.index(key[0])) for key in parts], np.int64
        ).reshape(-1, 2)[records["slot"]]
        sums[places[:, 0], places[:, 1], records["bucket"]] = _seven(records)
        return tuple(
            BucketSlice(*cut, variants, summed) for cut, summed in zip(cuts, sums, strict=True)
        )

    def before(self, service: str, experiment: str) -> BucketSlice | None:
        """The same users in the 28 days before; None where nobody wrote them."""
        asked = {"service": service, "experiment": experiment}
        with snapshot(self._source) as connection:
            rows = connection.execute(_BEFORE, asked).all()
        if not rows:
            return None
        variants = tuple(sorted({variant for variant, *_ in rows}))
        sums = np.zeros((len(variants), BUCKETS, len(SUMS)))
        for variant, bucket, *counts in rows:
            sums[variants.index(variant), bucket] = counts
        return BucketSlice("all", "all", variants, sums)

    def amendments(self, service: str, experiment: str) -> tuple[Amendment, ...]:
        """Changes after the start, oldest first."""
        asked = {"service": service, "experiment": experiment}
        with snapshot(self._source) as connection:
            return tuple(Amendment(*row) for row in connection.execute(_AMENDMENTS, asked))

    def decisions(self, service: str, experiment: str) -> tuple[ExperimentDecision, ...]:
        """What was decided, newest first."""
        asked = {"service": service, "experiment": experiment}
        with snapshot(self._source) as connection:
            return tuple(ExperimentDecision(*row) for row in connection.execute(_DECISIONS, asked))


#: A variant, a dimension and a value of it.
_Slice = tuple[str, str, str]


def _days_asked(service: str, experiment: str, first: date, last: date) -> dict[str, object]:
    if first > last:
        raise ValueError(f"first == {first}, must not be after last == {last}")
    return {"service": service, "experiment": experiment, "first": first, "last": last}


def _slices(connection: Connection, asked: dict[str, object]) -> list[_Slice]:
    """The slices of an experiment that have rows on the days."""
    return [(*row,) for row in connection.execute(_SLICES, asked)]


def _columns(slices: Sequence[_Slice]) -> dict[str, object]:
    names = ("variants", "dimensions", "values")
    return {name: [key[at] for key in slices] for at, name in enumerate(names)}


def _seven(records: NDArray[np.void]) -> NDArray[np.float64]:
    """The sums of records, shape (n, len(SUMS))."""
    return np.stack([records[name] for name in SUMS], axis=-1)
