"""What a service's rules are evaluated from, area by area, and how often each area is looked at.

Rules are evaluated every minute, but not from everything: labels, experiments and plans change by
the hour or the day, and are dear to read. Each area has a rhythm; the store reads an area when it
is due and leaves it None in between. A rule whose areas were not all read is not evaluated: its
episodes stay as its last evaluation left them. An area that was due and could not be read is named
in `failed`: its rules are evaluated as unknown, which holds their episodes and resolves nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from core import criteria
from core.alerts.rules import needs
from core.alerts.serving import Carried, Serving
from core.criteria import Reports
from core.experiment import ExperimentReport
from core.overview import TableState
from core.ports import Criterion, Goal, Lifetime, ProductSeries, WorkerPulse
from core.ports.alerts import AlertRule, ShadowRun
from core.quality import QualityReport
from core.risks.watch import Watched
from core.status import Verdict
from core.timeframe import HOUR, MINUTE

#: How often each area is looked at.
EVERY: Mapping[str, timedelta] = {
    "serving": MINUTE,
    "heartbeats": MINUTE,
    "tables": MINUTE,
    "worker": MINUTE,
    "carried": HOUR,
    "shadow": 5 * MINUTE,
    "quality": 15 * MINUTE,
    "experiment": HOUR,
    "product": HOUR,
    "plan": HOUR,
    "reports": 15 * MINUTE,
    "risks": 5 * MINUTE,
}


@dataclass(frozen=True, slots=True)
class Overdue:
    """A milestone that is over, and how its criteria stand against what was promised for it.

    Attributes:
        verdicts: of each criterion that had a target then, held against that target.
    """

    goal_id: str
    title: str
    milestone: str
    due_on: date
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The goals of a service against the calendar.

    Attributes:
        overdue: milestones that are over, by goal and day.
        verdicts: of each criterion against its nearest target, of the goal that counts.
    """

    overdue: tuple[Overdue, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Everything that a service's rules are evaluated from at a moment.

    Attributes:
        serving: the newest minutes, see `core.alerts.serving`.
        heartbeats: the newest life of each instance of every component.
        tables: every metric table with its freshness.
        worker: its last tick.
        carried: the highest load carried within the SLO.
        shadow: shadow runs of the last month.
        quality: the quality report (30 days).
        experiment: the report of the running or last A/B test.
        product: product metrics by day, at least 53 weeks where there are any.
        plan: see `plan_of`.
        reports: the areas' reports, for red lines in the reliability report.
        risks: the red lines of risks, held against what they name. They open plan B, whether or
            not a rule tells of them.
        failed: areas that were due and could not be read, with the reason.
    """

    service: str
    as_of: datetime
    serving: Serving | None = None
    heartbeats: tuple[Lifetime, ...] | None = None
    tables: tuple[TableState, ...] | None = None
    worker: WorkerPulse | None = None
    carried: Carried | None = None
    shadow: tuple[ShadowRun, ...] | None = None
    quality: QualityReport | None = None
    experiment: ExperimentReport | None = None
    product: tuple[ProductSeries, ...] | None = None
    plan: Plan | None = None
    reports: Reports | None = None
    risks: tuple[Watched, ...] | None = None
    failed: Mapping[str, str] = field(default_factory=dict)

    def has(self, areas: Iterable[str]) -> bool:
        """Whether all of some areas were read."""
        return all(getattr(self, area) is not None for area in areas)

    def failed_of(self, areas: Iterable[str]) -> tuple[str, ...]:
        """Why some of the areas could not be read; empty where they could, or were not due."""
        return tuple(
            f"{area}: {self.failed[area]}" for area in sorted(areas) if area in self.failed
        )


def due(
    rules: Iterable[AlertRule], last_read: Mapping[str, datetime], at: datetime
) -> frozenset[str]:
    """The areas that have to be read for an evaluation.

    An area that was never read is due. Then its time is cut into stretches as long as its rhythm,
    which begin at another minute for each service and area: it is due in each stretch once, and a
    hundred services do not read their labels in the same minute. An area of `KEPT` that is not due
    is handed over as it was last read.

    Args:
        rules: of a service; those that are switched off need nothing.
        last_read: when each area was last read without failing; empty after a restart, so that
            everything is looked at anew.
        at: the time of the evaluation.
    """
    wanted = {(rule.service, area) for rule in rules if rule.enabled for area in needs(rule)}
    return frozenset(area for service, area in wanted if is_due(service, area, last_read, at))


def is_due(service: str, area: str, last_read: Mapping[str, datetime], at: datetime) -> bool:
    """Whether an area of a service has to be read for an evaluation; see `due`."""
    if area not in last_read:
        return True
    return _stretch(service, area, at) != _stretch(service, area, last_read[area])


def _stretch(service: str, area: str, moment: datetime) -> int:
    every = EVERY[area]
    shift = int.from_bytes(sha256(f"{area}\0{service}".encode()).digest()[:4]) % (every // MINUTE)
    return (moment - _EPOCH + shift * MINUTE) // every


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Areas whose last reading may be handed to evaluations until it is due again: they are small, and
#: a rule that is evaluated every minute needs them beside fresh ones.
KEPT = frozenset({"carried"})


def plan_of(goals: Sequence[Goal], reports: Reports, as_of: datetime) -> Plan:
    """Hold every milestone that is over against what was promised for it.

    A criterion is judged by the last of its targets that are over: a later target replaces it.
    A goal without criteria says of itself nothing that could be judged, and is left out.

    Args:
        goals: of a service.
        reports: the areas' reports, that criteria are judged by.
        as_of: the moment; a milestone is over on the day after it is due.
    """
    judges, window, today = reports.judges, reports.reliability.window, as_of.date()
    overdue = []
    for goal in goals:
        last = {
            criterion.criterion_id: over
            for criterion in goal.criteria
            if (over := _last_over(criterion, today)) is not None
        }
        for due_on in sorted(set(last.values())):
            concerned = [one for one in goal.criteria if last.get(one.criterion_id) == due_on]
            verdicts = tuple(
                criteria.verdict(one, due_on, judges, window, as_of) for one in concerned
            )
            name = _milestone(concerned, due_on)
            overdue.append(Overdue(goal.goal_id, goal.title, name, due_on, verdicts))
    return Plan(tuple(overdue), criteria.report(goals, reports, as_of).verdicts)


def _last_over(criterion: Criterion, today: date) -> date | None:
    return max((one.due_on for one in criterion.targets if one.due_on < today), default=None)


def _milestone(concerned: Collection[Criterion], due_on: date) -> str:
    return next(
        target.milestone for one in concerned for target in one.targets if target.due_on == due_on
    )
