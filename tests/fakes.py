"""Readers that fulfil `core.ports` from plain rows in memory, and short ways to write such rows.

Everything is counted by going through the rows one by one, so that who reads a test can see that it
is right. Times of a test are minutes from `BEGIN`: `at(90)` is an hour and a half after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import numpy as np

from core.ports import (
    Counts,
    Criterion,
    Goal,
    Lifetime,
    Maintenance,
    Minutes,
    ProductSeries,
    Release,
    Slice,
    TableFreshness,
    Trend,
)
from core.stats.histogram import CELLS, latency_cells
from core.timeframe import MINUTE, floor_to

#: A Monday noon; everything that tests speak of happens around it.
BEGIN = datetime(2026, 6, 1, 12, tzinfo=UTC)
SERVICE = "newsletters"
#: Latencies of letters in time and of slow ones, ms.
FAST_MS, SLOW_MS = 5.0, 30.0
_FAST, _SLOW = latency_cells([FAST_MS]), latency_cells([SLOW_MS])


def at(minute: float) -> datetime:
    """A moment, in minutes from BEGIN."""
    return BEGIN + minute * MINUTE


@dataclass(frozen=True, eq=False)
class Row:
    """One row of metrics.serving_minute; latency has 162 cells."""

    service: str
    minute: datetime
    datacenter: str
    instance: str
    model_version: str
    letters: int
    errors: int
    slow: int
    latency: Counts


def cells_of(fast: int, slow: int) -> Counts:
    """The histogram of letters that took FAST_MS and SLOW_MS."""
    return fast * _FAST + slow * _SLOW


def row(
    minute: float,
    letters: int = 1_000,
    errors: int = 0,
    slow: int = 0,
    *,
    datacenter: str = "dc1",
    instance: str = "a",
    version: str = "v1",
    service: str = SERVICE,
) -> Row:
    """One minute of one instance."""
    return Row(
        service,
        at(minute),
        datacenter,
        instance,
        version,
        letters,
        errors,
        slow,
        cells_of(letters - errors - slow, slow),
    )


def steady(
    start: int,
    end: int,
    letters: int = 1_000,
    errors: int = 0,
    slow: int = 0,
    *,
    datacenters: Sequence[str] = ("dc1",),
    instances: Sequence[str] = ("a",),
    version: str = "v1",
) -> list[Row]:
    """The same counts every minute of [start, end), from each instance of each datacenter."""
    one = row(0, letters, errors, slow, version=version)
    return [
        replace(one, minute=at(minute), datacenter=datacenter, instance=instance)
        for minute in range(start, end)
        for datacenter in datacenters
        for instance in instances
    ]


def outage(
    rows: Iterable[Row],
    start: int,
    end: int,
    *,
    share: Fraction = Fraction(1),
    datacenter: str | None = None,
) -> list[Row]:
    """A share of the letters of [start, end) gets no answer, everywhere or in one datacenter."""
    return [_failing(one, share) if _touches(one, start, end, datacenter) else one for one in rows]


def slowness(
    rows: Iterable[Row],
    start: int,
    end: int,
    *,
    share: Fraction = Fraction(1),
    datacenter: str | None = None,
) -> list[Row]:
    """A share of the answered letters of [start, end) is slow, everywhere or in one datacenter."""
    return [_slowed(one, share) if _touches(one, start, end, datacenter) else one for one in rows]


def gap(
    rows: Iterable[Row],
    start: int,
    end: int,
    *,
    datacenter: str | None = None,
    instance: str | None = None,
) -> list[Row]:
    """No rows in [start, end), from anyone, from one datacenter or from one instance."""
    return [
        one
        for one in rows
        if not (_touches(one, start, end, datacenter) and instance in {None, one.instance})
    ]


def life(
    started: float,
    beat: float,
    stopped: float | None = None,
    *,
    datacenter: str = "dc1",
    instance: str = "a",
) -> Lifetime:
    """One life of an inference instance, in minutes from BEGIN."""
    ended = None if stopped is None else at(stopped)
    return Lifetime("inference", datacenter, instance, at(started), at(beat), ended)


def release(
    minute: float, version: str, stage: str = "production", *, datacenter: str = ""
) -> Release:
    """A deployment."""
    return Release(f"{version}@{minute}", at(minute), version, datacenter, stage, None, "")


def _touches(one: Row, start: int, end: int, datacenter: str | None) -> bool:
    return at(start) <= one.minute < at(end) and datacenter in {None, one.datacenter}


def _failing(one: Row, share: Fraction) -> Row:
    errors = int(one.letters * share)
    return replace(one, errors=errors, slow=0, latency=cells_of(one.letters - errors, 0))


def _slowed(one: Row, share: Fraction) -> Row:
    answered = one.letters - one.errors
    slow = int(answered * share)
    return replace(one, slow=slow, latency=cells_of(answered - slow, slow))


@dataclass(frozen=True)
class FakeReliabilityReader:
    """Fulfils `core.ports.ReliabilityReader`. Like the real one it refuses what is no span."""

    rows: Sequence[Row] = ()
    lives: Sequence[Lifetime] = ()
    deployed: Sequence[Release] = ()
    planned: Sequence[Maintenance] = ()

    def _of(self, service: str, start: datetime, end: datetime) -> list[Row]:
        if not (start < end and start == floor_to(start, MINUTE) and end == floor_to(end, MINUTE)):
            raise ValueError(f"[{start}, {end}) must be whole minutes, start before end")
        return [one for one in self.rows if one.service == service and start <= one.minute < end]

    def minutes(self, service: str, start: datetime, end: datetime) -> Minutes:
        """Counts of every minute by datacenter."""
        rows = self._of(service, start, end)
        names = tuple(sorted({one.datacenter for one in rows}))
        grid = np.zeros((4, len(names), (end - start) // MINUTE), np.int64)
        for one in rows:
            counts = [1, one.letters, one.errors, one.slow]
            grid[:, names.index(one.datacenter), (one.minute - start) // MINUTE] += counts
        return Minutes(start, names, *grid)

    def trend(self, service: str, start: datetime, end: datetime, step: timedelta) -> Trend:
        """A series with histograms."""
        times = [floor_to(start, step)]
        while times[-1] + step < end:
            times.append(times[-1] + step)
        steps: list[list[Row]] = [[] for _ in times]
        for one in self._of(service, start, end):
            steps[(one.minute - times[0]) // step].append(one)
        return Trend(
            tuple(times),
            step,
            np.array([len({one.minute for one in rows}) for rows in steps]),
            np.array([sum(one.letters for one in rows) for rows in steps]),
            np.array([sum(one.errors for one in rows) for rows in steps]),
            np.array([sum(one.slow for one in rows) for rows in steps]),
            np.array([_cells(rows) for rows in steps]),
        )

    def slices(self, service: str, start: datetime, end: datetime, by: str) -> tuple[Slice, ...]:
        """Totals by 'datacenter', 'instance' or 'model_version'."""
        groups: dict[str, list[Row]] = {}
        for one in self._of(service, start, end):
            key = f"{one.datacenter}/{one.instance}" if by == "instance" else getattr(one, by)
            groups.setdefault(key, []).append(one)
        return tuple(
            Slice(
                key,
                sum(one.letters for one in rows),
                sum(one.errors for one in rows),
                sum(one.slow for one in rows),
                _cells(rows),
            )
            for key, rows in sorted(groups.items())
        )

    def last_minutes(self, service: str, before: datetime) -> dict[tuple[str, str], datetime]:
        """The newest minute before a moment of each (datacenter, instance)."""
        newest: dict[tuple[str, str], datetime] = {}
        for one in self.rows:
            if one.service == service and one.minute < before:
                key = (one.datacenter, one.instance)
                newest[key] = max(newest.get(key, one.minute), one.minute)
        return newest

    def lifetimes(self, service: str) -> tuple[Lifetime, ...]:
        """Every life; they are of the one service that tests speak of."""
        return tuple(self.lives) if service == SERVICE else ()

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""
        found = [one for one in self.deployed if start <= one.deployed_at < end]
        return tuple(sorted(found, key=lambda one: one.deployed_at)) if service == SERVICE else ()

    def maintenance(self, service: str, start: datetime, end: datetime) -> tuple[Maintenance, ...]:
        """Planned maintenance that touches a span, oldest first."""
        found = [one for one in self.planned if one.starts_at < end and one.ends_at > start]
        return tuple(sorted(found, key=lambda one: one.starts_at)) if service == SERVICE else ()


def _cells(rows: Sequence[Row]) -> Counts:
    return np.sum([one.latency for one in rows], axis=0) if rows else np.zeros(CELLS, np.int64)


def goal(
    *criteria: Criterion,
    goal_id: str = "complaints",
    due_on: date = date(2026, 12, 31),
    parent: str | None = None,
) -> Goal:
    """The lecture's goal, with some criteria."""
    return Goal(
        goal_id,
        SERVICE,
        "Fewer “this is spam” complaints",
        "unimportant letters litter the Inbox",
        "user",
        "transformer technology",
        "a newsletters folder",
        date(2026, 1, 1),
        due_on,
        parent,
        criteria,
    )


@dataclass(frozen=True)
class FakeGoalReader:
    """Fulfils `core.ports.GoalReader`."""

    kept: Sequence[Goal] = ()

    def goals(self, service: str, as_of: datetime | None = None) -> tuple[Goal, ...]:
        """A service's goals, those with criteria first, then by due date."""
        found = [one for one in self.kept if one.service == service]
        return tuple(sorted(found, key=lambda one: (not one.criteria, one.due_on)))


@dataclass(frozen=True)
class FakeOverviewReader:
    """Fulfils `core.ports.OverviewReader`."""

    known: Sequence[str] = (SERVICE,)
    series: Sequence[ProductSeries] = ()
    tables: Sequence[TableFreshness] = ()
    deployed: Sequence[Release] = ()

    def services(self) -> tuple[str, ...]:
        """Every service, sorted."""
        return tuple(sorted(self.known))

    def product(self, service: str, first: date, last: date) -> tuple[ProductSeries, ...]:
        """Product metrics between two days, both included."""
        if service not in self.known:
            return ()
        return tuple(_between(one, first, last) for one in self.series)

    def freshness(self, service: str, as_of: datetime) -> tuple[TableFreshness, ...]:
        """Every metric table; what is newer than as-of is the test's mistake."""
        late = [one.table for one in self.tables if one.newest and one.newest > as_of]
        if late:
            raise ValueError(f"tables == {late}, must not be newer than as_of == {as_of}")
        return tuple(self.tables) if service in self.known else ()

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""
        if service not in self.known:
            return ()
        found = [one for one in self.deployed if start <= one.deployed_at < end]
        return tuple(sorted(found, key=lambda one: one.deployed_at))


def _between(series: ProductSeries, first: date, last: date) -> ProductSeries:
    kept = [
        (day, value)
        for day, value in zip(series.days, series.values, strict=True)
        if first <= day <= last
    ]
    return ProductSeries(
        series.metric, tuple(day for day, _ in kept), tuple(value for _, value in kept)
    )
