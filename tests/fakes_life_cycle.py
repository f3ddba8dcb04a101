"""A reader of a service's life from rows in memory, and short ways to write such rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from core.life_cycle import LifeCycleReport, Settings, report
from core.life_cycle.report import Quality
from core.ports import Release, TrainingRun
from core.ports.life_cycle import (
    Activity,
    JudgedLetters,
    KeptItem,
    PassedGate,
    ServedHour,
    ShadowHours,
)
from core.timeframe import DAY, HOUR, Span
from tests.fakes import SERVICE

#: Monday, when a shadow run of a test begins.
MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
OLD, NEW = "bert-3", "bert-4"
#: Both positive, production alone, candidate alone, both negative.
CELLS = (400, 10, 20, 570)


@dataclass(frozen=True)
class Row:
    """A row of metrics.shadow_hour."""

    hour: datetime
    cells: tuple[int, int, int, int] = CELLS
    segment: str = "all"
    errors: int = 0
    slow: int = 0
    user_visible: int = 0
    production: str = OLD
    candidate: str = NEW


def week(hours: int = 168, **given: object) -> list[Row]:
    """Rows of every hour from MONDAY on."""
    return [Row(MONDAY + at * HOUR, **given) for at in range(hours)]  # type: ignore[arg-type]


def columns(rows: Sequence[Row]) -> ShadowHours:
    """Rows as the reader hands them over."""

    def names(field: str) -> np.ndarray:
        return np.array([getattr(one, field) for one in rows], dtype=object)

    def counts(field: str) -> np.ndarray:
        return np.array([getattr(one, field) for one in rows], np.int64)

    return ShadowHours(
        names("production"),
        names("candidate"),
        names("segment"),
        np.array([one.hour.replace(tzinfo=None) for one in rows], "datetime64[s]"),
        np.array([one.cells for one in rows], np.int64).reshape(len(rows), 4),
        counts("errors"),
        counts("slow"),
        counts("user_visible"),
    )


def release(at: datetime, stage: str = "production", version: str = NEW, name: str = "") -> Release:
    """A deployment."""
    return Release(name or f"{version} {stage}", at, version, "", stage, 0.5, "")


def model(at: datetime, version: str = NEW) -> TrainingRun:
    """A training run that succeeded."""
    letters = (4_000_000,) * 4
    return TrainingRun(version, at - DAY, at, "succeeded", version, "", *letters, "", "")


def kept(item: str, at: datetime = MONDAY, number: int = 1, place: str = "hdfs://x") -> KeptItem:
    """Something that is saved."""
    return KeptItem(number, SERVICE, item, place, "", None, "", 1, "Анна", at)


def passed(gate: str, at: datetime, version: str = "", number: int = 1) -> PassedGate:
    """A gate that somebody passed."""
    return PassedGate(
        number, SERVICE, gate, version, "", "", (), (), "Анна", at, None, "", "", 1, "Анна", at
    )


@dataclass(frozen=True)
class FakeLifeCycleReader:
    """Fulfils `core.ports.life_cycle.LifeCycleReader`."""

    rows: Sequence[Row] = ()
    hours: Sequence[ServedHour] = ()
    judged: Sequence[JudgedLetters] = ()
    runs: Sequence[TrainingRun] = ()
    deployed: Sequence[Release] = ()
    done: Mapping[str, Activity] | None = None
    kept: Sequence[KeptItem] = ()
    passed: Sequence[PassedGate] = ()
    last: datetime | None = None

    def shadow_hours(self, service: str, start: datetime, end: datetime) -> ShadowHours:
        """Rows of a span."""
        return columns([one for one in self.rows if start <= one.hour < end])

    def served(
        self, service: str, version: str, start: datetime, end: datetime
    ) -> tuple[ServedHour, ...]:
        """Hours of a span; they are of the version asked for."""
        return tuple(one for one in self.hours if start <= one.hour < end)

    def judged_twice(
        self, service: str, production: str, candidate: str, span: Span, known_at: datetime
    ) -> tuple[JudgedLetters, ...]:
        """All of them."""
        return tuple(self.judged)

    def training_runs(self, service: str, as_of: datetime) -> tuple[TrainingRun, ...]:
        """Runs started before as_of."""
        return tuple(one for one in self.runs if one.started_at < as_of)

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span."""
        return tuple(one for one in self.deployed if start <= one.deployed_at < end)

    def activities(self, service: str, since: datetime, as_of: datetime) -> Mapping[str, Activity]:
        """All of them."""
        return self.done or {}

    def last_served(self, service: str, as_of: datetime) -> datetime | None:
        """The same whenever asked."""
        return self.last

    def items(self, service: str, as_of: datetime) -> tuple[KeptItem, ...]:
        """Those said by then."""
        return tuple(one for one in self.kept if one.changed_at <= as_of)

    def gates(self, service: str, as_of: datetime) -> tuple[PassedGate, ...]:
        """Those passed by then."""
        return tuple(one for one in self.passed if one.passed_at <= as_of)


def seen(
    as_of: datetime,
    *,
    quality: Quality | None = None,
    settings: Settings | None = None,
    **given: object,
) -> LifeCycleReport:
    """The report at a moment."""
    reader = FakeLifeCycleReader(**given)  # type: ignore[arg-type]
    return report(reader, SERVICE, as_of, quality, settings)


def later(days: float) -> datetime:
    """A moment, in days from MONDAY."""
    return MONDAY + timedelta(days=days)
