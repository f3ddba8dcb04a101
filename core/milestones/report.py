"""The milestones' report: the nearest first, with what its tasks and criteria say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from core.criteria import Reports
from core.milestones.burn_up import burn_up, changes_by_milestone
from core.milestones.dates import Milestone, united
from core.milestones.forecast import Dates, Forecast, NoForecast, forecast
from core.milestones.graph import critical_path, with_prerequisites
from core.milestones.iterations import IterationView, iteration_view
from core.milestones.reasons import reasons_of, unseen
from core.milestones.rule import planning_rule
from core.milestones.states import TaskState, TaskView, open_ids, slip, state_of
from core.milestones.verdicts import verdicts_of
from core.milestones.views import MilestoneState, MilestoneView
from core.ports import Goal
from core.ports.plan import (
    Baseline,
    BaselineTask,
    PlanFrame,
    PlanningDecision,
    PlanReader,
    Task,
)
from core.status import Status, Verdict
from core.timeframe import Window

_HOLDS = frozenset({Status.ON_TARGET, Status.AT_RISK})


@dataclass(frozen=True, slots=True)
class MilestonesReport:
    """Everything that is shown of a service's plan.

    Attributes:
        today: the day of as-of in UTC.
        frame: the rows and columns of the scope matrix.
        milestones: those not met by due date, the overdue ones first and those without a date last;
            then those that are met, the newest first.
        tasks: every task, by id, in a milestone or not.
        baseline: what slips are counted from; None before one was frozen.
        baselines: all of them, the newest first.
        forecast: or why there is none.
        iterations: the turns of the MVP, the first one first.
        warnings: what to know before trusting the plan; they name milestones and iterations.
    """

    service: str
    as_of: datetime
    today: date
    frame: PlanFrame
    milestones: tuple[MilestoneView, ...]
    tasks: tuple[TaskView, ...]
    baseline: Baseline | None
    baselines: tuple[Baseline, ...]
    forecast: Forecast | NoForecast
    iterations: tuple[IterationView, ...]
    warnings: tuple[str, ...]

    @property
    def nearest(self) -> MilestoneView | None:
        """The milestone to look at: the first that is not met; None where all are."""
        return next((one for one in self.milestones if one.state is not MilestoneState.MET), None)

    @property
    def backlog(self) -> tuple[TaskView, ...]:
        """Open tasks that no milestone has taken yet."""
        return tuple(
            one for one in self.tasks if not one.task.milestone and one.state is not TaskState.DONE
        )

    @property
    def status(self) -> Status:
        """The status of the nearest milestone; on target where all are met."""
        nearest = self.nearest
        if nearest is not None:
            return nearest.state.status
        return Status.ON_TARGET if self.milestones else Status.NO_DATA


def report(
    reader: PlanReader,
    goals: Sequence[Goal],
    service: str,
    as_of: datetime,
    reports: Reports | None = None,
    *,
    over: Callable[[Window], Reports] | None = None,
    baseline_id: int | None = None,
) -> MilestonesReport:
    """Put the report of a service's plan together.

    Args:
        reader: where the plan comes from.
        goals: the service's goals: their targets name milestones.
        service: whose.
        as_of: the plan as it was known then; today is its day in UTC.
        reports: what criteria are judged by, and what iterations have measured; None where that is
            not looked at, and then no milestone with criteria is met.
        over: the reports of another window, for criteria that have one of their own.
        baseline_id: what slips are counted from; the newest baseline by default.

    Raises:
        ValueError: there is no such baseline.
    """
    today = as_of.date()
    tasks = reader.tasks(service, as_of)
    baselines = reader.baselines(service, as_of)
    baseline = _chosen(baselines, baseline_id)
    frozen = (
        {}
        if baseline is None
        else {one.task_id: one for one in reader.baseline_tasks(baseline.baseline_id)}
    )
    milestones = united(goals, reader.milestones(service, as_of), tasks)
    found = forecast(
        tasks,
        {one.name: one.due_on for one in milestones},
        {one.name: one.hands for one in milestones},
        today,
    )
    work = _Work(tasks, today, frozen, found)
    decisions = reader.decisions(service, as_of)
    added = changes_by_milestone(reader.scope_changes(service, as_of))
    judged = verdicts_of(milestones, goals, as_of, reports, over)
    views = [
        _view(one, work, judged[one.name], decisions, added.get(one.name, ())) for one in milestones
    ]
    critical = {task for view in views if view.critical for task in view.critical.tasks}
    training = None if reports is None else reports.training
    quality = None if reports is None else reports.quality
    iterations = tuple(
        iteration_view(one, today, training, quality) for one in reader.iterations(service, as_of)
    )
    return MilestonesReport(
        service,
        as_of,
        today,
        reader.frame(service, as_of),
        _in_order(views),
        tuple(replace(one, critical=one.task.task_id in critical) for one in work.views.values()),
        baseline,
        baselines,
        found,
        iterations,
        _warnings(views, iterations),
    )


class _Work:
    """The tasks of a service with their states, found once."""

    def __init__(
        self,
        tasks: Sequence[Task],
        today: date,
        frozen: Mapping[int, BaselineTask],
        found: Forecast | NoForecast,
    ) -> None:
        self.today = today
        self.forecast = found
        self.open = open_ids(tasks, today)
        self.tasks = {task.task_id: task for task in tasks}
        self.edges = {
            task.task_id: [one for one in task.depends_on if one in self.open]
            for task in tasks
            if task.task_id in self.open
        }
        dates = found.tasks if isinstance(found, Forecast) else {}
        self.views = {
            task.task_id: self._viewed(task, frozen.get(task.task_id), dates.get(task.task_id))
            for task in tasks
        }
        ordered = sorted(tasks, key=lambda task: (task.milestone, *_rank(task)))
        self.of_milestone = {
            name: tuple(of_it) for name, of_it in groupby(ordered, lambda task: task.milestone)
        }

    def _viewed(self, task: Task, frozen: BaselineTask | None, dates: Dates | None) -> TaskView:
        waits_for = tuple(one for one in task.depends_on if one in self.open)
        ahead = None
        if frozen is not None and dates is not None:
            ahead = (dates.p50 - frozen.planned_end).days
        return TaskView(
            task,
            state_of(task, waits_for, self.today),
            waits_for,
            frozen,
            slip(task, frozen, self.today),
            None if dates is None else dates.p50,
            None if dates is None else dates.p85,
            ahead,
        )


def _view(
    milestone: Milestone,
    work: _Work,
    verdicts: tuple[Verdict, ...],
    decisions: Iterable[PlanningDecision],
    added: Iterable[tuple[int, date, Decimal]],
) -> MilestoneView:
    tasks = work.of_milestone.get(milestone.name, ())
    still = [task for task in tasks if task.task_id in work.open]
    due_on, today = milestone.due_on, work.today
    rule = None
    if due_on is not None and still:
        rule = planning_rule(still, today, due_on, milestone.hands)
    needed = with_prerequisites([task.task_id for task in still], work.edges)
    critical = critical_path([work.tasks[one] for one in sorted(needed)], today, due_on)
    ahead = work.forecast
    dates = ahead.milestones.get(milestone.name) if isinstance(ahead, Forecast) else None
    views = tuple(work.views[task.task_id] for task in tasks)
    on_path = set() if critical is None else set(critical.tasks)
    bare = MilestoneView(
        milestone,
        MilestoneState.ON_TRACK,
        (),
        verdicts,
        tuple(replace(one, critical=one.task.task_id in on_path) for one in views),
        rule,
        critical,
        dates,
        burn_up(tasks, added, today),
        tuple(one for one in decisions if one.milestone == milestone.name),
    )
    if not still and all(verdict.status in _HOLDS for verdict in verdicts):
        known = len(verdicts) == len(milestone.criteria)
        if known and (tasks or verdicts):
            return replace(bare, state=MilestoneState.MET)
    if not tasks and not milestone.criteria:
        return replace(bare, state=MilestoneState.EMPTY)
    against, unknown = reasons_of(bare, today), unseen(bare)
    if due_on is not None and due_on < today:
        state = MilestoneState.OVERDUE
    elif against:
        state = MilestoneState.AT_RISK
    elif unknown:
        state = MilestoneState.UNKNOWN
    else:
        return bare
    return replace(bare, state=state, reasons=(*against, *unknown))


def _in_order(views: Iterable[MilestoneView]) -> tuple[MilestoneView, ...]:
    every = list(views)
    met = [one for one in every if one.state is MilestoneState.MET]
    return (*(one for one in every if one.state is not MilestoneState.MET), *reversed(met))


def _warnings(
    views: Iterable[MilestoneView], iterations: Iterable[IterationView]
) -> tuple[str, ...]:
    undated = [
        f"{view.name} has tasks and no due date: neither a target nor a milestone of that name "
        "is left."
        for view in views
        if view.due_on is None
    ]
    without = [f"{one.iteration.title}: {one.turn.word}." for one in iterations if one.warns]
    return (*undated, *without)


def _chosen(baselines: Sequence[Baseline], baseline_id: int | None) -> Baseline | None:
    if baseline_id is None:
        return next(iter(baselines), None)
    found = next((one for one in baselines if one.baseline_id == baseline_id), None)
    if found is None:
        raise ValueError(f"baseline_id == {baseline_id}, must be one of the service's baselines")
    return found


def _rank(task: Task) -> tuple[date, int, int]:
    return (task.planned_start or date.max, task.priority, task.task_id)
