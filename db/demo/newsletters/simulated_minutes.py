"""The simulated service's minutes as alerts read them, straight from what draws them.

Rules of the past are looked at again before the store has been filled that far, and long after it
has dropped its instance rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.ports import Counts, Lifetime, Maintenance, Minutes, Release, Slice
from core.stats.histogram import CELLS
from core.timeframe import MINUTE
from db.demo.newsletters import records, story, traffic
from db.demo.newsletters.population import Population
from db.demo.newsletters.serving import counted
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
_KEYS: Mapping[str, tuple[str, ...]] = {
    "instance": tuple(f"{DATACENTERS[one.datacenter]}/{one.name}" for one in INSTANCES),
    "model_version": VERSIONS,
}
_NO_CELLS = np.zeros(CELLS, dtype=np.int64)
_NOTHING = np.zeros((4, len(DATACENTERS), _HOUR), dtype=np.int64)
#: Hours that are kept minute by minute, and with every row: more than the longest policy looks at,
#: and than the longest short window of one.
_MINUTES_KEPT, _ROWS_KEPT = 80, 9

_Kept = TypeVar("_Kept")


class SimulatedMinutes:
    """Fulfils `core.ports.ServingReader`: counts alone, no latencies.

    Args:
        scenario: whose minutes; nothing was written before its history begins.
        population: the letters' scores, for the threshold that a release names.
    """

    def __init__(self, scenario: Scenario, population: Population) -> None:
        self._scenario = scenario
        self._population = population
        self._counted: dict[int, Counts] = {}
        self._totals: dict[int, Counts] = {}
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
            return _slices(DATACENTERS, self._sums(start, end))
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

    def _between(self, start: datetime, end: datetime) -> Counts:
        """Rows, letters, errors and slow letters, shape (4, datacenters, minutes)."""
        first, last = minute_number(start), minute_number(end)
        begin = first // _HOUR
        hours = [self._counts(number) for number in range(begin, -(-last // _HOUR))]
        cut = slice(first - begin * _HOUR, last - begin * _HOUR)
        return np.concatenate(hours, axis=2)[:, :, cut]

    def _sums(self, start: datetime, end: datetime) -> Counts:
        """The same over a whole span, shape (4, datacenters); whole hours were added up before."""
        first, last = -(-minute_number(start) // _HOUR), minute_number(end) // _HOUR
        if first >= last:
            return np.asarray(self._between(start, end).sum(axis=2))
        whole = np.stack([self._total(number) for number in range(first, last)]).sum(axis=0)
        for ragged in ((start, moment_of(first * _HOUR)), (moment_of(last * _HOUR), end)):
            if ragged[0] < ragged[1]:
                whole += self._between(*ragged).sum(axis=2)
        return np.asarray(whole)

    def _counts(self, number: int) -> Counts:
        """Rows, letters, errors and slow letters of an hour, shape (4, datacenters, 60)."""
        if moment_of(number * _HOUR) < self._scenario.first_moment:
            return _NOTHING
        if number not in self._counted:
            found = counted(self._scenario, number).sum(axis=2, dtype=np.int64)
            _keep(self._counted, number, found, _MINUTES_KEPT)
        return self._counted[number]

    def _total(self, number: int) -> Counts:
        if number not in self._totals:
            written = moment_of(number * _HOUR) >= self._scenario.first_moment
            hour = counted(self._scenario, number) if written else _NOTHING[:, :, None]
            self._totals[number] = hour.sum(axis=(2, 3), dtype=np.int64)
        return self._totals[number]

    def _hour(self, number: int) -> Hour:
        if number not in self._rows:
            hour = traffic.hour(self._scenario, number)
            _keep(self._rows, number, hour, _ROWS_KEPT)
        return self._rows[number]


def _keep(known: dict[int, _Kept], number: int, value: _Kept, most: int) -> None:
    """Remember one more; of too many the one goes that came first."""
    if len(known) >= most:
        del known[next(iter(known))]
    known[number] = value


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
