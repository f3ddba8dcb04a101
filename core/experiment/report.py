"""The report of the experiment area: one frozen value for page, terminal, criteria and export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.experiment.adjustment import Cuped, cuped
from core.experiment.assessment import assess
from core.experiment.choice import chosen, in_utc, known_experiments
from core.experiment.comparison import Comparison, Ground
from core.experiment.decision import Decision, Outcome, Schedule
from core.experiment.denominators import Denominators, denominators
from core.experiment.effects import Interval
from core.experiment.forecast import (
    DaysFor,
    Detectable,
    Forecast,
    Pace,
    days_for,
    detectable,
    forecast,
)
from core.experiment.metrics import metric_named
from core.experiment.planner import Assumptions, assumptions_of
from core.experiment.segments import (
    Cut,
    ExposureWeek,
    Segment,
    cuts_of,
    exposure_weeks,
    segments,
)
from core.experiment.settings import Settings
from core.experiment.split import Split
from core.experiment.timeline import Timeline
from core.experiment.warnings import Seen, warnings_about
from core.ports import (
    Amendment,
    BucketSlice,
    ExperimentDecision,
    ExperimentDefinition,
    ExperimentReader,
)
from core.stats.ratio import differences, ratios
from core.status import Estimate, Status
from core.timeframe import Freshness


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """What else is told of one treatment against the control.

    Attributes:
        difference: ordinary interval of treatment minus control of the primary metric, in its own
            units; None without a lift.
        denominators: complaints per letter beside complaints per user.
        cuped: None where nobody wrote rows of the days before.
        segments: by dimension, then value.
        weeks: by week of exposure; empty where no such dimension is written.
        forecast: None where nothing can be foreseen: no lift, or no tuned band.
        detectable: likewise.
        planning: days to a decision for several true lifts; empty where nothing can be foreseen.
        assumptions: what the next experiment may be planned from; None where nothing can be told,
            or the primary metric counts no events.
    """

    difference: Interval | None
    denominators: Denominators
    cuped: Cuped | None
    segments: tuple[Segment, ...]
    weeks: tuple[ExposureWeek, ...]
    forecast: Forecast | None
    detectable: Detectable | None
    planning: tuple[DaysFor, ...]
    assumptions: Assumptions | None


@dataclass(frozen=True, slots=True, eq=False)
class ExperimentReport:
    """Everything the experiment area shows about one experiment.

    Attributes:
        experiment: its name; '' where the service has none.
        definition: as it stood at as_of; the default where nobody had defined it.
        is_default: nobody had.
        freshness: data_through is the last complete day.
        schedule: planned end, last look, minimum.
        line: the days that count, with which are complete.
        split: users by variant, now and by day, against the plan.
        comparisons: one a treatment, in the order of the definition.
        details: of each comparison.
        outcome: the verdict.
        status: the verdict as a criterion's status.
        reasons: why it is invalid or has no data, as parts of a sentence.
        warnings: what a reader must know before trusting the numbers, as sentences.
        amendments: changes after the start, oldest first.
        decisions: what people decided, newest first.
        others: names of the service's other experiments, the latest start first.
    """

    service: str
    experiment: str
    as_of: datetime
    freshness: Freshness
    settings: Settings
    definition: ExperimentDefinition
    is_default: bool
    schedule: Schedule
    line: Timeline
    split: Split
    comparisons: tuple[Comparison, ...]
    details: tuple[Detail, ...]
    main_at: int
    outcome: Outcome
    status: Status
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    amendments: tuple[Amendment, ...]
    decisions: tuple[ExperimentDecision, ...]
    others: tuple[str, ...]

    @property
    def main(self) -> Comparison:
        """The comparison that the verdict is about."""
        return self.comparisons[self.main_at]

    @property
    def detail(self) -> Detail:
        """What else is told of that comparison."""
        return self.details[self.main_at]

    @property
    def decision(self) -> Decision | None:
        """When and by what it was decided; None while open, and where it is invalid or unknown."""
        decided = self.outcome in {Outcome.MET, Outcome.NOT_MET}
        return self.main.decision if decided else None

    @property
    def days(self) -> int:
        """Complete days that count."""
        return int(self.line.complete.sum())

    @property
    def day_number(self) -> int:
        """The number of the last complete day, the start being day 1; 0 without one."""
        return 0 if self.line.through is None else self.line.through + 1

    @property
    def data_through(self) -> date | None:
        """The last complete day."""
        return None if self.line.through is None else self.line.days[self.line.through]


def report(
    reader: ExperimentReader,
    service: str,
    as_of: datetime,
    experiment: str | None = None,
    settings: Settings | None = None,
) -> ExperimentReport:
    """Work out one experiment: the one named, else the running one with the latest start.

    Raises:
        ValueError: as_of has no zone, or the service has no experiment of that name.
    """
    settings, as_of = settings or Settings(), in_utc(as_of)
    known = known_experiments(reader, service, as_of)
    one = chosen(known, service, as_of.date(), experiment)
    found = assess(reader, one, as_of, settings)
    definition = one.definition
    ground = found.ground
    cuts = _cuts(reader, service, ground)
    before = reader.before(service, definition.experiment) if ground.line.days else None
    details = tuple(
        _detail(ground, compared, found.schedule, cuts, before) for compared in found.comparisons
    )
    main_at = found.comparisons.index(found.main)
    seen = Seen(found, details[main_at].denominators, details[main_at].weeks, as_of)
    decisions = reader.decisions(service, definition.experiment)
    return ExperimentReport(
        service=service,
        experiment=definition.experiment,
        as_of=as_of,
        freshness=found.freshness,
        settings=settings,
        definition=definition,
        is_default=one.is_default,
        schedule=found.schedule,
        line=ground.line,
        split=found.split,
        comparisons=found.comparisons,
        details=details,
        main_at=main_at,
        outcome=found.outcome,
        status=found.status,
        reasons=found.reasons,
        warnings=warnings_about(seen),
        amendments=one.amendments,
        decisions=tuple(made for made in decisions if made.decided_at <= as_of),
        others=tuple(
            other.definition.experiment
            for other in known
            if other.definition.experiment != definition.experiment
        ),
    )


def estimate(found: ExperimentReport) -> Estimate | None:
    """The lift for a criterion, with the bounds that decide: None without a lift.

    Once decided they are those of the day that decided, so that a criterion of the same margin
    agrees with the verdict; before that, those of the last complete day. Both ends are None while
    no band is tuned.
    """
    compared = found.main
    if found.decision is not None:
        made = found.decision
        return Estimate(made.lift, made.bounds.low, made.bounds.high, compared.users)
    if compared.effect.lift is None:
        return None
    bounds = compared.deciding
    if bounds is None:
        return Estimate(compared.effect.lift, None, None, compared.users)
    return Estimate(compared.effect.lift, bounds.low, bounds.high, compared.users)


def _cuts(reader: ExperimentReader, service: str, ground: Ground) -> tuple[Cut, ...]:
    """Every other dimension over the complete days; days that are not complete are left out."""
    runs = [
        reader.slices(service, ground.definition.experiment, first, last)
        for first, last in ground.line.runs()
    ]
    return cuts_of(runs, ground.line.variants)


def _detail(
    ground: Ground,
    compared: Comparison,
    schedule: Schedule,
    cuts: tuple[Cut, ...],
    before: BucketSlice | None,
) -> Detail:
    primary, settings = ground.definition.primary, ground.settings
    metric, arms = metric_named(primary.metric), compared.arms
    names = ground.line.variants[arms[0]], compared.treatment
    pace = _pace(ground, compared, schedule)
    coming = None
    if pace is not None and compared.effect.log is not None and compared.decision is None:
        coming = forecast(compared.effect.log, primary.margin, pace, ground.rule, settings.horizon)
    planning: tuple[DaysFor, ...] = ()
    showing = None
    if pace is not None:
        planning = days_for(primary.margin, primary.direction, pace, ground.rule, settings.horizon)
        showing = detectable(primary.margin, primary.direction, pace, ground.rule, settings.power)
    adjusted = difference = None
    if compared.effect.lift is not None:
        sides = [ratios(*metric.columns(ground.cumulative[-1][arm])) for arm in arms]
        found = differences(sides[0], sides[1], ground.alpha)
        difference = Interval(float(found.low), float(found.high), 1 - ground.alpha)
    if before is not None:
        adjusted = cuped(ground, before, arms, compared.effect)
    return Detail(
        difference,
        denominators(ground, arms, primary, settings.noticeable),
        adjusted,
        segments(metric, cuts, arms, names, ground.alpha),
        exposure_weeks(metric, cuts, arms, names, ground.alpha),
        coming,
        showing,
        planning,
        assumptions_of(ground, metric, arms, settings.power),
    )


def _pace(ground: Ground, compared: Comparison, schedule: Schedule) -> Pace | None:
    line, effect = ground.line, compared.effect
    if line.through is None or effect.error is None or effect.degrees is None:
        return None
    if compared.planned.value is None:
        return None
    metric = effect.metric
    exposed = metric.columns(line.sums[line.complete][:, list(compared.arms)])[1].sum(axis=(1, 2))
    return Pace(
        number=line.through + 1,
        error=effect.error,
        degrees=effect.degrees,
        daily=exposed,
        minimum=schedule.minimum,
        last_look=(schedule.last_look_on - ground.definition.starts_on).days + 1,
        looked=compared.looked,
        s_plan=compared.planned.value,
    )
