"""Everything that the page of goals and criteria shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from core import criteria, wording
from core.criteria import GoalReport, Reports
from core.goals.business import BusinessLine, business_lines, sources
from core.goals.completeness import Missing, harder_before, missing
from core.goals.drilldown import Tree, tree
from core.goals.history import HistoryLine, history
from core.overview import COMPARED_DAYS
from core.ports import ProductSeries
from core.ports.criteria import Criterion, Goal, GoalNode, GoalPageReader, KeptTarget
from core.status import Evidence, Status, Verdict
from core.targets import chosen_goal
from core.timeframe import DAY, Window

#: Changes that the history shows.
MOST_CHANGES = 300


class ProductReader(Protocol):
    """Product metrics by day, of `core.ports.OverviewReader`."""

    def product(self, service: str, first: date, last: date) -> tuple[ProductSeries, ...]:
        """Product metrics of segment 'all' between two days, both included."""


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A target beside what is known of it.

    Attributes:
        evidence: what it is held against; None unless it is of the nearest milestone.
        status: of this target alone.
        flag: what is odd about it, as a sentence; '' where nothing is.
    """

    kept: KeptTarget
    criterion: Criterion
    evidence: Evidence | None
    status: Status
    flag: str


@dataclass(frozen=True, slots=True)
class GoalsReport:
    """A service's goals at a moment, as people wrote them, and how they stand.

    Attributes:
        goals: all of them; the one that is judged first.
        judged: how the criteria of that one stand.
        missing: what it lacks.
        lines: its targets, by criterion, due date and measure.
        tree: the way down from it.
        nodes: the metrics below all goals.
        targets: of all goals.
        sources: what business metrics can be measured by.
        reports: what verdicts rest on, for the effect of a changed target.
        over: the reports of other windows.
    """

    service: str
    window: Window
    as_of: datetime
    goals: tuple[Goal, ...]
    judged: GoalReport
    missing: tuple[Missing, ...]
    lines: tuple[TargetLine, ...]
    tree: Tree
    nodes: tuple[GoalNode, ...]
    targets: tuple[KeptTarget, ...]
    business: tuple[BusinessLine, ...]
    sources: tuple[str, ...]
    history: tuple[HistoryLine, ...]
    reports: Reports
    over: Callable[[Window], Reports] | None

    @property
    def goal(self) -> Goal | None:
        """The goal that the service is judged by."""
        return self.judged.goal

    @property
    def flags(self) -> tuple[str, ...]:
        """What is odd about targets, as sentences."""
        return tuple(
            f"{line.criterion.name}, {line.kept.target.measure.replace('_', ' ')} at "
            f"{line.kept.target.milestone}: {line.flag}"
            for line in self.lines
            if line.flag
        )

    @property
    def headline(self) -> str:
        """Whether the goal is complete, and how its criteria stand, in one sentence."""
        name = self.service.capitalize()
        if self.goal is None:
            return f"{name} has no goal yet"
        if self.missing:
            lacks = wording.listing(list(dict.fromkeys(one.what for one in self.missing[:3])))
            return f"{name}: the goal is incomplete, it has {lacks}"
        return f"{name}: the goal is complete; {self.judged.sentence}"


def report(
    reader: GoalPageReader,
    product: ProductReader,
    reports: Reports,
    as_of: datetime,
    over: Callable[[Window], Reports] | None = None,
) -> GoalsReport:
    """Put the page together.

    Args:
        reader: goals and what belongs to them.
        product: product metrics.
        reports: what criteria are judged by, of the reader's window.
        as_of: the moment of the reports.
        over: the reports of another window, see `core.criteria.report`.
    """
    service, window = reports.reliability.service, reports.reliability.window
    goals = reader.goals(service, as_of)
    goal = chosen_goal(goals)
    judged = criteria.report(goals, reports, as_of, over)
    kept = {one.criterion_id for each in goals for one in each.criteria}
    targets = tuple(one for one in reader.targets(service, as_of) if one.criterion_id in kept)
    nodes = reader.nodes(service, as_of)
    last_day = (as_of - DAY).date()
    series = product.product(service, last_day - (2 * COMPARED_DAYS - 1) * DAY, last_day)
    names = {one.criterion_id: one.name for each in goals for one in each.criteria}
    return GoalsReport(
        service=service,
        window=window,
        as_of=as_of,
        goals=goals,
        judged=judged,
        missing=() if goal is None else missing(goal),
        lines=_lines(goal, targets, judged),
        tree=tree("" if goal is None else goal.goal_id, nodes, judged.verdicts),
        nodes=nodes,
        targets=targets,
        business=business_lines(reader.business_metrics(service, as_of), series, as_of),
        sources=sources(series),
        history=history(reader.changes(service, as_of, MOST_CHANGES), names),
        reports=reports,
        over=over,
    )


def _lines(
    goal: Goal | None, targets: tuple[KeptTarget, ...], judged: GoalReport
) -> tuple[TargetLine, ...]:
    if goal is None:
        return ()
    verdicts = {verdict.criterion_id: verdict for verdict in judged.verdicts}
    found = []
    for criterion in goal.criteria:
        flags = harder_before(criterion.targets)
        for kept in targets:
            if kept.criterion_id != criterion.criterion_id:
                continue
            target = kept.target
            flag = flags.get((target.milestone, target.measure), "")
            if not flag and target.due_on > goal.due_on:
                flag = "Due after the goal itself."
            evidence = _evidence(verdicts.get(criterion.criterion_id), kept)
            status = Status.NOT_DUE if evidence is None else evidence.status
            found.append(TargetLine(kept, criterion, evidence, status, flag))
    return tuple(found)


def _evidence(verdict: Verdict | None, kept: KeptTarget) -> Evidence | None:
    if verdict is None:
        return None
    return next((part for part in verdict.evidence if part.target == kept.target), None)
