"""The verdict on an experiment: its days, its split, and each treatment against the control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from core import wording
from core.experiment.choice import Known
from core.experiment.comparison import Comparison, Course, Ground, comparison, course
from core.experiment.decision import Outcome, Schedule, last_look, schedule_of
from core.experiment.settings import Settings
from core.experiment.split import Split, split_of
from core.experiment.timeline import Timeline, arms_of, empty, timeline
from core.ports import ExperimentReader
from core.stats.multiple import each_alpha
from core.stats.sample_ratio import VERDICTS
from core.status import Status
from core.timeframe import DAY, STALE_AFTER_DAYS, Freshness

_INVALID = VERDICTS.index("invalid")
#: Which comparison speaks for the experiment: one that met the margin, else one that still may.
_SPEAKS = (
    Outcome.MET,
    Outcome.KEEP_COLLECTING,
    Outcome.LEFT_OPEN,
    Outcome.NOT_MET,
    Outcome.NO_DATA,
)
_STATUSES = {
    Outcome.MET: Status.ON_TARGET,
    Outcome.NOT_MET: Status.BREACHED,
    Outcome.KEEP_COLLECTING: Status.UNDECIDED,
    Outcome.LEFT_OPEN: Status.UNDECIDED,
    Outcome.INVALID: Status.NO_DATA,
    Outcome.NO_DATA: Status.NO_DATA,
    Outcome.NOT_BEGUN: Status.NOT_DUE,
}


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """What is known about an experiment at a moment.

    Attributes:
        known: the experiment and its definition.
        freshness: the last complete day as data_through.
        schedule: when it may be decided.
        ground: the days that count, with the sums so far; those after a decision at the planned
            end do not count.
        uncounted: complete days that do not count for that reason.
        split: the users against the plan.
        comparisons: one a treatment, in the order of the definition.
        outcome: of the experiment.
        reasons: why it is invalid or has no data, as parts of a sentence.
    """

    known: Known
    freshness: Freshness
    schedule: Schedule
    ground: Ground
    uncounted: int
    split: Split
    comparisons: tuple[Comparison, ...]
    outcome: Outcome
    reasons: tuple[str, ...]

    @property
    def main(self) -> Comparison:
        """The comparison that speaks for the experiment."""
        return min(self.comparisons, key=lambda one: _SPEAKS.index(one.outcome))

    @property
    def status(self) -> Status:
        """The outcome as a criterion's status; a harmed guardrail puts what was met at risk."""
        if self.outcome is Outcome.MET and self.main.harmed:
            return Status.AT_RISK
        return _STATUSES[self.outcome]


def assess(
    reader: ExperimentReader, known: Known, as_of: datetime, settings: Settings
) -> Assessment:
    """Work out the verdict as the rule would have given it day by day."""
    definition = known.definition
    schedule = schedule_of(definition, known.amendments)
    line = _timeline(reader, known, as_of)
    ground, split = ground_of(line, known, schedule, settings)
    courses = [course(ground, at) for at in range(1, len(line.variants))]
    counted = _counted(line, courses, schedule)
    uncounted = int(line.complete[counted:].sum())
    if uncounted:
        ground, split = ground_of(line.until(counted), known, schedule, settings)
        courses = [course(ground, at) for at in range(1, len(line.variants))]
    through = _through(ground.line)
    # Rows that do not count any more need not come, and those that do not count tell of no stop.
    late = Freshness.of(as_of, through, STALE_AFTER_DAYS, DAY).stale and not uncounted
    reached = through is not None and through.date() >= known.ends_on
    running = as_of.date() <= known.ends_on
    freshness = Freshness(as_of, through, stale=late and running)
    stopped = definition.stopped_on is not None and definition.stopped_on < as_of.date()
    comparisons = tuple(
        comparison(ground, found, over=stopped or (late and reached)) for found in courses
    )
    outcome, reasons = _verdict(
        _Seen(known, as_of, line, split, comparisons, late=late and not reached, running=running)
    )
    return Assessment(
        known, freshness, schedule, ground, uncounted, split, comparisons, outcome, reasons
    )


def _timeline(reader: ExperimentReader, known: Known, as_of: datetime) -> Timeline:
    """The finished days of the test: nothing before its start or after its stop is of it."""
    definition = known.definition
    last = (as_of - DAY).date()
    if definition.stopped_on is not None:
        last = min(last, definition.stopped_on)
    if known.rows is None or last < definition.starts_on:
        return empty(arms_of(definition))
    last = min(last, known.rows.last_day)
    if last < definition.starts_on:
        return empty(arms_of(definition))
    days = reader.days(definition.service, definition.experiment, definition.starts_on, last)
    return timeline(days, definition)


def ground_of(
    line: Timeline, known: Known, schedule: Schedule, settings: Settings
) -> tuple[Ground, Split]:
    """What the comparisons stand on, and the split of the users, over the days of a timeline."""
    cumulative = line.cumulative()
    split = split_of(line, cumulative, known.definition)
    treatments = len(line.variants) - 1
    enough = line.complete & (line.complete.cumsum() >= schedule.minimum)
    may = enough & (split.daily_verdict != _INVALID)
    ground = Ground(
        known.definition,
        settings,
        settings.rule.shared_by(treatments),
        each_alpha(settings.alpha, treatments),
        line,
        cumulative,
        last_look(line.days, may, schedule.last_look_on),
        may,
    )
    return ground, split


def _counted(line: Timeline, courses: Sequence[Course], schedule: Schedule) -> int:
    """How many of the days count: once all is decided, those up to the planned end."""
    decided = [one.decision.day for one in courses if one.decision is not None]
    if len(decided) < len(courses):
        return len(line.days)
    end = max(*decided, schedule.ends_on)
    return sum(day <= end for day in line.days)


def _through(line: Timeline) -> datetime | None:
    return None if line.through is None else _midnight(line.days[line.through])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What the verdict looks at, besides the comparisons' own.

    Attributes:
        line: every day with rows, those after the end too.
        late: the rows ended before the test did, longer ago than rows may take.
        running: the test is planned to be running.
    """

    known: Known
    as_of: datetime
    line: Timeline
    split: Split
    comparisons: tuple[Comparison, ...]
    late: bool
    running: bool


def _verdict(seen: _Seen) -> tuple[Outcome, tuple[str, ...]]:
    """The experiment's outcome; what makes it invalid or unknown goes before what it says."""
    if seen.as_of.date() <= seen.known.definition.starts_on:
        return Outcome.NOT_BEGUN, ()
    missing = _missing(seen)
    if missing:
        return Outcome.NO_DATA, (missing,)
    if seen.split.verdict == VERDICTS[_INVALID]:
        return Outcome.INVALID, (_uneven(seen.split),)
    if seen.late and seen.line.behind:
        return Outcome.INVALID, (_behind(seen.line),)
    best = min((one.outcome for one in seen.comparisons), key=_SPEAKS.index)
    # A decision outlives the rows once the test is over; stale data never turn green before that.
    if seen.late and (seen.running or best not in {Outcome.MET, Outcome.NOT_MET}):
        return Outcome.NO_DATA, (_ended(seen, best),)
    return best, _without_number(seen) if best is Outcome.NO_DATA else ()


def _without_number(seen: _Seen) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.effect.missing for one in seen.comparisons))


def _missing(seen: _Seen) -> str:
    """Why there is no day to judge by; '' where there is."""
    if seen.known.rows is None or not seen.line.rows.any():
        return "no rows have come"
    if seen.line.absent:
        names = list(seen.line.absent)
        return f"{wording.listing(names)} {'has' if len(names) == 1 else 'have'} no rows"
    if seen.line.through is None:
        return "no day is complete yet: every arm needs its rows of a day"
    return ""


def _uneven(split: Split) -> str:
    shares = ", ".join(
        f"{name} {wording.percent(float(share), 2)} of the users instead of "
        f"{wording.percent(float(planned), 2)}"
        for name, share, planned in zip(split.variants, split.shares, split.planned, strict=True)
    )
    return f"the users are not split as planned: {shares}"


def _behind(line: Timeline) -> str:
    names = wording.listing(list(line.behind))
    last = line.days[line.through or 0]
    return f"{names} has had no rows since {wording.long_date(last)} though others go on"


def _ended(seen: _Seen, best: Outcome) -> str:
    last = seen.line.days[seen.line.through or 0]
    number = (last - seen.known.definition.starts_on).days + 1
    before = f"; by then it was {best.value}" if best in {Outcome.MET, Outcome.NOT_MET} else ""
    return (
        f"the rows end on {wording.long_date(last)}, day {number} of "
        f"{seen.known.definition.planned_days}{before}"
    )
