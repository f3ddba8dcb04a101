"""A reader of training runs from rows in memory, and short ways to write such rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from core.ports import Criterion, TrainingRun
from core.status import Operator, Target
from core.training import MEASURE, Settings, TrainingReport, report
from tests.fakes import SERVICE

#: The day that runs of a test are counted from.
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
MILLION = 1_000_000
Q1 = Target(MEASURE, Operator.AT_LEAST, Decimal(10 * MILLION), "letters", "Q1", date(2026, 3, 31))
Q2 = Target(MEASURE, Operator.AT_LEAST, Decimal(100 * MILLION), "letters", "Q2", date(2026, 6, 30))
#: The lecture's fifth criterion.
CRITERION = Criterion("training", "BERT trained on letters", "training", (Q1, Q2))


def on(day: float) -> datetime:
    """A moment, in days from FIRST."""
    return FIRST + timedelta(days=day)


def run(
    day: float,
    letters: float,
    status: str = "succeeded",
    *,
    raw: float | None = None,
    deduplicated: float | None = None,
    anonymised: float | None = None,
    name: str = "",
    ended: datetime | None = None,
    written: bool = True,
) -> TrainingRun:
    """A run that ends on a day, one day after its start; letters in millions.

    Args:
        day: of its end, from FIRST.
        letters: trained on.
        status: as known now.
        raw: 5 in 4 of the deduplicated if left out.
        deduplicated: the anonymised if left out.
        anonymised: those trained on if left out.
        name: its id, of its day if left out.
        ended: another end.
        written: whether its end was written.
    """
    clean = letters if anonymised is None else anonymised
    single = clean if deduplicated is None else deduplicated
    every = single * 1.25 if raw is None else raw
    finished = None if status == "running" or not written else (ended or on(day))
    return TrainingRun(
        name or f"run-{day:g}",
        on(day - 1),
        finished,
        status,
        "bert",
        "",
        *(round(count * MILLION) for count in (every, single, clean, letters)),
        "",
        "",
    )


@dataclass(frozen=True)
class FakeTrainingReader:
    """Fulfils `core.ports.TrainingReader`."""

    rows: Sequence[TrainingRun] = ()

    def training_runs(self, service: str, as_of: datetime) -> tuple[TrainingRun, ...]:
        """Runs started before as_of; they are of the one service that tests speak of."""
        found = [one for one in self.rows if service == SERVICE and one.started_at < as_of]
        return tuple(sorted(found, key=lambda one: (one.started_at, one.run_id)))


def seen(
    rows: Sequence[TrainingRun], day: float, settings: Settings | None = None
) -> TrainingReport:
    """The report on a day, held to Q2 unless settings say otherwise."""
    asked = Settings((Q1, Q2), Q2) if settings is None else settings
    return report(FakeTrainingReader(rows), SERVICE, on(day), asked)
