"""The training report: every run, what counts, and when the targets will be reached."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

from core.ports import TrainingReader
from core.status import Estimate, Operator, Status, Target, judge
from core.training.findings import findings, odd_preparation
from core.training.forecast import Arrival, Pace, arrival, find_pace
from core.training.runs import SeenRun, seen_at, succeeded
from core.training.settings import Settings


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a target is.

    Attributes:
        status: the count held against the target, as a criterion is judged.
        missing: letters still missing, 0 once it is reached.
        arrival: when it is reached at the present pace; None where it is, or without a pace.
        worries: why a target that is reached is at risk, without names.
    """

    target: Target
    status: Status
    missing: int
    arrival: Arrival | None
    worries: tuple[str, ...]

    @property
    def late_days(self) -> int | None:
        """Days from the due date to the arrival, negative where it is early; None if not known."""
        if self.arrival is None or self.arrival.on is None:
            return None
        return (self.arrival.on - self.target.due_on).days


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """Everything that is shown of a service's training runs.

    What counts is the newest model: of the succeeded run that ended last, the letters trained on
    that are deduplicated and anonymised. Letters of running and failed runs are shown and never
    counted; nor are those of an older model that had more, for it is not the one in use.

    Attributes:
        runs: every run begun before as-of, oldest first.
        models: those that succeeded, in the order in which they ended.
        pace: the present pace; None where there is none.
        no_pace: why; '' where there is one.
        reaches: how far each target is, the first due first.
        warnings: what to know before trusting the counts; they name runs.
        data_through: the newest start or end of a run; None without any.
    """

    service: str
    as_of: datetime
    settings: Settings
    runs: tuple[SeenRun, ...]
    models: tuple[SeenRun, ...]
    pace: Pace | None
    no_pace: str
    reaches: tuple[Reach, ...]
    warnings: tuple[str, ...]
    data_through: datetime | None

    @property
    def newest(self) -> SeenRun | None:
        """The run of the newest model; None before the first has succeeded."""
        return self.models[-1] if self.models else None

    @property
    def running(self) -> tuple[SeenRun, ...]:
        """Runs under way."""
        return tuple(one for one in self.runs if one.status == "running")

    @property
    def failed(self) -> tuple[SeenRun, ...]:
        """Runs that failed."""
        return tuple(one for one in self.runs if one.status == "failed")

    @property
    def letters(self) -> int | None:
        """What counts; 0 where runs are known and none has succeeded, None without any run."""
        if self.newest is not None:
            return self.newest.letters
        return 0 if self.runs else None

    @property
    def estimate(self) -> Estimate | None:
        """What counts as an exact number; None without any run."""
        return None if self.letters is None else Estimate.exact(self.letters, self.letters)

    @property
    def nearest(self) -> Reach | None:
        """How far the target that counts now is; None where nobody set any."""
        wanted = self.settings.nearest
        return None if wanted is None else reach(self, wanted)

    @property
    def status(self) -> Status:
        """The status of the target that counts now; no data where nobody set any."""
        nearest = self.nearest
        return Status.NO_DATA if nearest is None else nearest.status


def report(
    reader: TrainingReader, service: str, as_of: datetime, settings: Settings | None = None
) -> TrainingReport:
    """Put the training report of a service together.

    Args:
        reader: where the runs come from.
        service: whose.
        as_of: runs are shown as they stood at this moment; counts are those known now.
        settings: the targets and limits.
    """
    asked = settings or Settings()
    runs = seen_at(reader.training_runs(service, as_of), as_of)
    models = succeeded(runs)
    pace, no_pace = find_pace(models, as_of, asked.increases)
    moments = [moment for one in runs for moment in (one.run.started_at, one.ended_at) if moment]
    bare = TrainingReport(
        service,
        as_of,
        asked,
        runs,
        models,
        pace,
        no_pace,
        (),
        findings(runs, models, asked.unusual),
        max(moments, default=None),
    )
    return _with_reaches(bare)


def held_to(found: TrainingReport, settings: Settings) -> TrainingReport:
    """A report as it would be with other targets; its limits stay."""
    targets = replace(found.settings, targets=settings.targets, nearest=settings.nearest)
    return _with_reaches(replace(found, settings=targets))


def reach(found: TrainingReport, target: Target) -> Reach:
    """Hold a target against what counts.

    The count is exact, so that it is met or not, before the due date as after it, as every
    criterion is held against the nearest milestone's target. One that is met is at risk where
    a run under way would make a model of fewer letters the newest, or where the newest model's
    letters were prepared in an unusual way.
    """
    status = judge(found.estimate, target)
    if found.letters is None or target.operator is not Operator.AT_LEAST:
        return Reach(target, status, 0, None, ())
    wanted = ceil(target.value)
    missing = max(wanted - found.letters, 0)
    if missing:
        coming = None
        if found.pace is not None:
            coming = arrival(found.pace, wanted, found.as_of, found.settings.horizon)
        return Reach(target, status, missing, coming, ())
    worries = _worries(found, wanted)
    return Reach(target, Status.AT_RISK if worries else status, 0, None, worries)


def _worries(found: TrainingReport, wanted: int) -> tuple[str, ...]:
    said = []
    if any(one.run.letters_anonymised < wanted for one in found.running):
        said.append(
            "a run under way has fewer letters than the target, and once it succeeds it is the "
            "newest model"
        )
    newest = found.newest
    if newest is not None:
        before = found.runs[: found.runs.index(newest)]
        odd = odd_preparation(newest, before, found.settings.unusual)
        said += [f"of the newest model's run: {sentence}" for sentence in odd]
    return tuple(said)


def _with_reaches(bare: TrainingReport) -> TrainingReport:
    reaches = tuple(reach(bare, target) for target in bare.settings.targets)
    return replace(bare, reaches=reaches)
