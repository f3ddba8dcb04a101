"""A reader that fulfils `core.ports.ExperimentReader` from plain rows, and ways to write such rows.

Rows are kept by the contract's key, so that writing one again replaces it, as in the store. Days of
a test are told by their number, day 1 being `START`; `on_day(20)` is the noon after 19 full days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.experiment.settings import default_definition
from core.ports import (
    Amendment,
    BucketDays,
    BucketSlice,
    ExperimentDecision,
    ExperimentDefinition,
    ExperimentRows,
)
from core.ports.experiment import BUCKETS, SUMS
from tests.fakes import SERVICE

Floats = NDArray[np.float64]

#: A Monday.
START = date(2026, 6, 1)
EXPERIMENT = "folder"
ARMS = ("control", "treatment")


def day(number: int) -> date:
    """The day of a number, day 1 being START."""
    return START + timedelta(days=number - 1)


def on_day(number: int, hour: int = 12) -> datetime:
    """A moment of the day of a number: the days before it are over."""
    return datetime.combine(day(number), time(hour), UTC)


class BucketRow(NamedTuple):
    """One row of metrics.experiment_bucket_day; sums in the order of `SUMS`."""

    variant: str
    day: date
    bucket: int
    sums: tuple[float, ...]
    dimension: str = "all"
    value: str = "all"
    experiment: str = EXPERIMENT
    service: str = SERVICE

    @property
    def key(self) -> tuple[object, ...]:
        """The contract's primary key: all but the sums."""
        return self[:3] + self[4:]


@dataclass(frozen=True, slots=True)
class World:
    """What the rows of a simulated test are drawn from; lifts are true relative changes.

    Attributes:
        users: of each arm, all of whom come on the first day; later days bring `back` of them.
        shares: of the users, by arm, relative to an equal split; 1 is as planned.
        spread: relative spread of complaints between buckets, lasting over the test.
        complaints: per letter, in control.
        week: multiplies every arm's complaints by weekday, Monday first.
    """

    seed: int = 1
    users: int = 50_000
    shares: Mapping[str, float] = field(default_factory=dict)
    back: float = 0.6
    complaints: float = 2e-3
    spread: float = 0.05
    lifts: Mapping[str, float] = field(default_factory=lambda: {"treatment": -0.10})
    letters_lift: float = 0.0
    sessions_lift: float = 0.0
    seconds_lift: float = 0.0
    activity_lift: float = 0.0
    revenue_lift: float = 0.0
    arms: tuple[str, ...] = ARMS
    week: tuple[float, ...] = (1.0,) * 7

    def rows(
        self,
        days: int = 28,
        first: int = 1,
        *,
        dimension: str = "all",
        value: str = "all",
        experiment: str = EXPERIMENT,
    ) -> list[BucketRow]:
        """Rows of days first .. days, every arm and bucket."""
        found = []
        for arm, name in enumerate(self.arms):
            traits = np.random.default_rng([self.seed, arm]).normal(size=BUCKETS)
            for number in range(first, days + 1):
                sums = self._sums(name, arm, number, traits).tolist()
                on, rest = day(number), (dimension, value, experiment)
                found += [
                    BucketRow(name, on, bucket, tuple(sums[bucket]), *rest)
                    for bucket in range(BUCKETS)
                ]
        return found

    def _sums(self, name: str, arm: int, number: int, traits: Floats) -> Floats:
        draw = np.random.default_rng([self.seed, arm, number])
        treated = float(name != "control")
        mean = self.users * self.shares.get(name, 1.0) / BUCKETS
        new = draw.poisson(mean, BUCKETS) if number == 1 else np.zeros(BUCKETS)
        again = self.back * (1 + treated * self.activity_lift)
        active = new if number == 1 else draw.poisson(mean * again, BUCKETS)
        letters = draw.poisson(active * 20.0 * (1 + treated * self.letters_lift))
        rate = self.complaints * (1 + self.lifts.get(name, 0.0)) * self.week[(number - 1) % 7]
        complaints = draw.poisson(letters * rate * np.exp(self.spread * traits))
        sessions = draw.poisson(active * 2.5 * (1 + treated * self.sessions_lift))
        seconds = sessions * 100.0 * (1 + treated * self.seconds_lift)
        noise = 1 + 0.05 * draw.normal(size=BUCKETS)
        revenue = active * 0.8 * (1 + treated * self.revenue_lift) * noise
        return np.stack([new, active, letters, complaints, sessions, seconds, revenue], axis=1)


def without(
    rows: Iterable[BucketRow],
    *,
    arm: str | None = None,
    days: Iterable[int] = (),
    buckets: Iterable[int] | None = None,
) -> list[BucketRow]:
    """Rows without those of some days, of one arm or of all, of some buckets or of all."""
    gone, which = {day(number) for number in days}, None if buckets is None else set(buckets)
    return [
        row
        for row in rows
        if not (
            row.day in gone
            and arm in {None, row.variant}
            and (which is None or row.bucket in which)
        )
    ]


def defined(**changes: object) -> ExperimentDefinition:
    """The default definition as somebody defined it before the start, with changes."""
    plain = default_definition(SERVICE, EXPERIMENT, ARMS, START)
    return replace(plain, revision=1, **changes)


@dataclass
class FakeExperimentReader:
    """Fulfils `core.ports.ExperimentReader`. Like the real one it refuses what is no span."""

    rows: Sequence[BucketRow] = ()
    defined: Sequence[ExperimentDefinition] = ()
    earlier: BucketSlice | None = None
    amended: Sequence[Amendment] = ()
    decided: Sequence[ExperimentDecision] = ()

    def __post_init__(self) -> None:
        self._kept: dict[tuple[str, str], list[BucketRow]] = {}
        for row in {row.key: row for row in self.rows}.values():
            self._kept.setdefault((row.service, row.experiment), []).append(row)

    def experiments(self, service: str, before: date) -> tuple[ExperimentRows, ...]:
        """Every experiment with rows of days before a date, the one that began last first."""
        every = []
        for (of, name), rows in self._kept.items():
            found = {
                (row.variant, row.day)
                for row in rows
                if row.dimension == "all" and row.day < before
            }
            if of == service and found:
                variants = tuple(sorted({variant for variant, _ in found}))
                days = [day for _, day in found]
                every.append(ExperimentRows(name, variants, min(days), max(days)))
        return tuple(sorted(every, key=lambda one: (-one.first_day.toordinal(), one.experiment)))

    def definitions(self, service: str) -> tuple[ExperimentDefinition, ...]:
        """Every defined experiment; the latest start first."""
        found = [one for one in self.defined if one.service == service]
        return tuple(sorted(found, key=lambda one: (-one.starts_on.toordinal(), one.experiment)))

    def days(self, service: str, experiment: str, first: date, last: date) -> BucketDays:
        """Sums of dimension 'all' by day; the variants are those with a row on these days."""
        rows = [
            row for row in self._between(service, experiment, first, last) if row.dimension == "all"
        ]
        days = tuple(first + timedelta(days=at) for at in range((last - first).days + 1))
        variants = tuple(sorted({row.variant for row in rows}))
        sums = np.zeros((len(days), len(variants), BUCKETS, len(SUMS)))
        counts = np.zeros((len(days), len(variants)), np.int64)
        for variant, name in enumerate(variants):
            mine = [row for row in rows if row.variant == name]
            at = [(row.day - first).days for row in mine]
            sums[at, variant, [row.bucket for row in mine]] = [row.sums for row in mine]
            np.add.at(counts, (at, variant), 1)
        return BucketDays(variants, days, sums, counts)

    def slices(
        self, service: str, experiment: str, first: date, last: date
    ) -> tuple[BucketSlice, ...]:
        """Sums over the days by every other dimension and value, sorted."""
        every = self._between(service, experiment, first, last)
        rows = [row for row in every if row.dimension != "all"]
        variants = tuple(sorted({row.variant for row in every}))
        found = {
            cut: np.zeros((len(variants), BUCKETS, len(SUMS)))
            for cut in sorted({(row.dimension, row.value) for row in rows})
        }
        for row in rows:
            cut = found[row.dimension, row.value]
            cut[variants.index(row.variant), row.bucket] += row.sums
        return tuple(BucketSlice(*cut, variants, sums) for cut, sums in found.items())

    def before(self, service: str, experiment: str) -> BucketSlice | None:
        """The same users in the 28 days before."""
        return self.earlier if (service, experiment) == (SERVICE, EXPERIMENT) else None

    def amendments(self, service: str, experiment: str) -> tuple[Amendment, ...]:
        """Changes after the start, oldest first."""
        mine = (service, experiment) == (SERVICE, EXPERIMENT)
        return tuple(sorted(self.amended, key=lambda one: one.amended_at)) if mine else ()

    def decisions(self, service: str, experiment: str) -> tuple[ExperimentDecision, ...]:
        """What was decided, newest first."""
        if (service, experiment) != (SERVICE, EXPERIMENT):
            return ()
        return tuple(sorted(self.decided, key=lambda one: one.decided_at, reverse=True))

    def _between(self, service: str, experiment: str, first: date, last: date) -> list[BucketRow]:
        if first > last:
            raise ValueError(f"first == {first}, must not be after last == {last}")
        rows = self._kept.get((service, experiment), [])
        return [row for row in rows if first <= row.day <= last]


@dataclass
class ColumnExperimentReader(FakeExperimentReader):
    """The same from columns of one experiment, where rows are too many to go through one by one.

    Attributes:
        columns: by the names of metrics.experiment_bucket_day, each of shape (n,).
    """

    columns: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)

    def experiments(self, service: str, before: date) -> tuple[ExperimentRows, ...]:
        """The one experiment."""
        mine = self._mine("all") & (self.columns["day"] < np.datetime64(before))
        if service != SERVICE or not mine.any():
            return ()
        days = self.columns["day"][mine]
        variants = tuple(sorted(set(self.columns["variant"][mine].tolist())))
        return (ExperimentRows(EXPERIMENT, variants, days.min().item(), days.max().item()),)

    def days(self, service: str, experiment: str, first: date, last: date) -> BucketDays:
        """Sums of dimension 'all' by day."""
        mine = self._mine("all") & self._span(first, last)
        variants = tuple(sorted(set(self.columns["variant"][mine].tolist())))
        days = tuple(first + timedelta(days=at) for at in range((last - first).days + 1))
        sums = np.zeros((len(days), len(variants), BUCKETS, len(SUMS)))
        rows = np.zeros((len(days), len(variants)), np.int64)
        at = (self.columns["day"][mine] - np.datetime64(first)).astype(int)
        arm = np.searchsorted(variants, self.columns["variant"][mine].astype(str))
        sums[at, arm, self.columns["bucket"][mine]] = self._sums(mine)
        np.add.at(rows, (at, arm), 1)
        return BucketDays(variants, days, sums, rows)

    def slices(
        self, service: str, experiment: str, first: date, last: date
    ) -> tuple[BucketSlice, ...]:
        """Sums over the days by every other dimension and value, sorted."""
        within = self._span(first, last)
        variants = tuple(sorted(set(self.columns["variant"][within].tolist())))
        others = within & ~self._mine("all")
        cuts = sorted(
            set(
                zip(
                    self.columns["dimension"][others].tolist(),
                    self.columns["value"][others].tolist(),
                    strict=True,
                )
            )
        )
        found = []
        for dimension, value in cuts:
            mine = others & self._mine(dimension) & (self.columns["value"] == value)
            sums = np.zeros((len(variants), BUCKETS, len(SUMS)))
            arm = np.searchsorted(variants, self.columns["variant"][mine].astype(str))
            np.add.at(sums, (arm, self.columns["bucket"][mine]), self._sums(mine))
            found.append(BucketSlice(dimension, value, variants, sums))
        return tuple(found)

    def _mine(self, dimension: str) -> NDArray[np.bool_]:
        return np.asarray(self.columns["dimension"] == dimension)

    def _span(self, first: date, last: date) -> NDArray[np.bool_]:
        days = self.columns["day"]
        return np.asarray((days >= np.datetime64(first)) & (days <= np.datetime64(last)))

    def _sums(self, mine: NDArray[np.bool_]) -> Floats:
        return np.stack([self.columns[name][mine].astype(float) for name in SUMS], axis=1)


def slice_of(columns: Mapping[str, NDArray[np.generic]]) -> BucketSlice:
    """Rows of metrics.experiment_bucket_before, given as columns."""
    variants = tuple(sorted(set(columns["variant"].tolist())))
    sums = np.zeros((len(variants), BUCKETS, len(SUMS)))
    arm = np.searchsorted(variants, columns["variant"].astype(str))
    names = ("users", *SUMS[1:])
    sums[arm, columns["bucket"]] = np.stack([columns[one].astype(float) for one in names], axis=1)
    return BucketSlice("all", "all", variants, sums)
