"""The simulated service's minutes as alerts read them, straight from what draws them.

Rules of the past are looked at again before the store has been filled that far, and long after it
has dropped its instance rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.ports import Counts, Lifetime, Maintenance, Minutes, Release, Slice, Trend
from core.stats.histogram import CELLS
from core.timeframe import MINUTE
from db.demo.newsletters import records, story, traffic
from db.demo.newsletters.population import Population
from db.demo.newsletters.story import (
    DATACENTERS,
    INSTANCES,
    VERSIONS,
    Scenario,
    minute_number,
    moment_of,
)
from db.demo.newsletters.traffic import Hour

_HOUR = 60
_DATACENTER_OF = np.array([instance.datacenter for instance in INSTANCES])
_KEYS: Mapping[str, tuple[str, ...]] = {
    "instance": tuple(f"{DATACENTERS[one.datacenter]}/{one.name}" for one in INSTANCES),
    "model_version": VERSIONS,
}
_NO_CELLS = np.zeros(CELLS, dtype=np.int64)
#: Whole hours that are kept with every row: enough for the longest short window of a policy.
_ROWS_KEPT = 9


class SimulatedMinutes:
    """Fulfils `core.ports.ReliabilityReader` as far as alerts ask: no latencies, no trend.

    Args:
        scenario: whose minutes; nothing was written before its history begins.
        population: the letters' scores, for the threshold that a release names.
    """

    def __init__(self, scenario: Scenario, population: Population) -> None:
        self._scenario = scenario
        self._population = population
        self._counted: dict[int, Counts] = {}
        self._rows: dict[int, Hour] = {}
        self._lives = tuple(
            life
            for life in records.lives(scenario, scenario.anchor)
            if life.component == "inference"
        )

    def minutes(self, service: str, start: datetime, end: datetime) -> Minutes:
        """Counts of every minute by datacenter."""
        return Minutes(start, DATACENTERS, *self._between(start, end))

    def slices(self, service: str, start: datetime, end: datetime, by: str) -> tuple[Slice, ...]:
        """Totals by 'datacenter', 'instance' or 'model_version', sorted by key; without cells."""
        if by == "datacenter":
            sums = self._between(start, end).sum(axis=2)
            return _slices(DATACENTERS, sums)
        first, last = minute_number(start), minute_number(end)
        sums = np.zeros((4, len(_KEYS[by])), dtype=np.int64)
        for number in range(first // _HOUR, -(-last // _HOUR)):
            hour = self._hour(number)
            kept = (hour.minute >= first) & (hour.minute < last)
            key = (hour.instance if by == "instance" else hour.version)[kept]
            for total, values in zip(sums, _measures(hour), strict=True):
                np.add.at(total, key, values[kept])
        return _slices(_KEYS[by], sums)

    def last_minutes(self, service: str, before: datetime) -> dict[tuple[str, str], datetime]:
        """The newest minute before a moment of each (datacenter, instance) that ever wrote."""
        gap = self._scenario.starts(story.GAP), self._scenario.ends(story.GAP)
        found = {}
        for life in self._lives:
            until = before if life.stopped_at is None else min(before, life.stopped_at)
            if gap[0] < until <= gap[1]:
                until = gap[0]
            if until > life.started_at:
                found[(life.datacenter, life.instance)] = until - MINUTE
        return found

    def lifetimes(self, service: str) -> tuple[Lifetime, ...]:
        """Every known life."""
        return tuple(
            Lifetime(
                life.component,
                life.datacenter,
                life.instance,
                life.started_at,
                life.stopped_at or self._scenario.anchor,
                life.stopped_at,
            )
            for life in self._lives
        )

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span, oldest first."""
        rows = records.deployments(self._scenario, self._population)
        made = sorted(_releases(rows), key=lambda one: one.deployed_at)
        return tuple(one for one in made if start <= one.deployed_at < end)

    def maintenance(self, service: str, start: datetime, end: datetime) -> tuple[Maintenance, ...]:
        """Planned maintenance that touches a span."""
        row = records.maintenance(self._scenario)
        planned = Maintenance(row.starts_at, row.ends_at, row.datacenter, row.note)
        return (planned,) if planned.starts_at < end and planned.ends_at > start else ()

    def trend(self, service: str, start: datetime, end: datetime, step: timedelta) -> Trend:
        """Alerts draw nothing.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError

    def _between(self, start: datetime, end: datetime) -> Counts:
        """Rows, letters, errors and slow letters, shape (4, datacenters, minutes)."""
        first, last = minute_number(start), minute_number(end)
        begin = first // _HOUR
        hours = [self._counts(number) for number in range(begin, -(-last // _HOUR))]
        cut = slice(first - begin * _HOUR, last - begin * _HOUR)
        return np.concatenate(hours, axis=2)[:, :, cut]

    def _counts(self, number: int) -> Counts:
        """The same of one hour, shape (4, datacenters, 60)."""
        if number not in self._counted:
            found = np.zeros((4, len(DATACENTERS), _HOUR), dtype=np.int64)
            if moment_of(number * _HOUR) >= self._scenario.first_moment:
                hour = traffic.hour(self._scenario, number)
                where = _DATACENTER_OF[hour.instance], hour.minute - number * _HOUR
                for table, values in zip(found, _measures(hour), strict=True):
                    np.add.at(table, where, values)
            self._counted[number] = found
        return self._counted[number]

    def _hour(self, number: int) -> Hour:
        if number not in self._rows:
            self._rows = {known: hour for known, hour in self._rows.items()
                          if abs(number - known) < _ROWS_KEPT}
            self._rows[number] = traffic.hour(self._scenario, number)
        return self._rows[number]


def _measures(hour: Hour) -> tuple[NDArray[np.int64], ...]:
    return np.ones_like(hour.letters), hour.letters, hour.errors, hour.slow


def _slices(keys: Sequence[str], sums: Counts) -> tuple[Slice, ...]:
    """One slice for each key that has rows; sums are of rows, letters, errors, slow letters."""
    found = [
        Slice(key, letters, errors, slow, _NO_CELLS)
        for key, (rows, letters, errors, slow) in zip(keys, sums.T.tolist(), strict=True)
        if rows
    ]
    return tuple(sorted(found, key=lambda one: one.key))


def _releases(rows: Mapping[str, Any]) -> list[Release]:
    columns = ("deployment_id", "model_version", "datacenter", "stage", "threshold", "note")
    deployed = [moment.replace(tzinfo=UTC) for moment in rows["deployed_at"].tolist()]
    told = zip(*(rows[name].tolist() for name in columns), strict=True)
    return [
        Release(
            deployment_id=deployment_id,
            deployed_at=at,
            model_version=version,
            datacenter=datacenter,
            stage=stage,
            threshold=threshold,
            note=note,
        )
        for at, (deployment_id, version, datacenter, stage, threshold, note) in zip(
            deployed, told, strict=True
        )
    ]
