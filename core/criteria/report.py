"""A goal's criteria at a moment, each judged by the report of its area."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from core import wording
from core.criteria.experiment import judge_experiment
from core.criteria.judged import Judge
from core.criteria.quality import judge_quality
from core.criteria.reliability import judge_reliability
from core.criteria.training import judge_training
from core.experiment import ExperimentReport
from core.ports import Criterion, Goal
from core.quality import QualityReport
from core.reliability import ReliabilityReport
from core.status import Evidence, Status, Verdict, worst_of
from core.targets import chosen_goal, nearest_due
from core.timeframe import Window
from core.training import TrainingReport


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports that a service's criteria are judged by, all of one window and as-of.

    Attributes:
        quality: None where labels are not looked at.
        experiment: of the running A/B test, or the last; None where tests are not looked at.
        training: None where training runs are not looked at.
    """

    reliability: ReliabilityReport
    quality: QualityReport | None = None
    experiment: ExperimentReport | None = None
    training: TrainingReport | None = None

    @property
    def judges(self) -> dict[str, Judge]:
        """Who judges the criteria of each area."""
        found: dict[str, Judge] = {"reliability": partial(judge_reliability, self.reliability)}
        if self.quality is not None:
            found["quality"] = partial(judge_quality, self.quality)
        if self.experiment is not None:
            found["experiment"] = partial(judge_experiment, self.experiment)
        if self.training is not None:
            found["training"] = partial(judge_training, self.training)
        return found


@dataclass(frozen=True, slots=True)
class GoalReport:
    """A service's goal at a moment.

    Attributes:
        goal: the goal with criteria; None where nobody has set one.
        interim: its child goals, by due date.
        milestone: the nearest milestone; '' without targets.
        due_on: when it is due; None without targets.
        verdicts: one a criterion, in the goal's order.
        status: the worst of them.
    """

    service: str
    window: Window
    as_of: datetime
    goal: Goal | None
    interim: tuple[Goal, ...]
    milestone: str
    due_on: date | None
    verdicts: tuple[Verdict, ...]
    status: Status

    @property
    def sentence(self) -> str:
        """How the criteria stand, in one sentence, without the service's name.

        For example: 'two criteria on target, one at risk, two without data'.
        """
        order = (
            Status.BREACHED,
            Status.AT_RISK,
            Status.ON_TARGET,
            Status.UNDECIDED,
            Status.NO_DATA,
            Status.NOT_DUE,
        )
        counted = [
            (sum(verdict.status is status for verdict in self.verdicts), status) for status in order
        ]
        parts: list[str] = []
        for number, status in counted:
            if number:
                noun = "" if parts else (" criterion" if number == 1 else " criteria")
                word = "without data" if status is Status.NO_DATA else status.word
                parts.append(f"{wording.number_word(number)}{noun} {word}")
        return ", ".join(parts) or "no criteria yet"


def report(
    goals: Sequence[Goal],
    reports: Reports,
    as_of: datetime,
    over: Callable[[Window], Reports] | None = None,
) -> GoalReport:
    """Judge every criterion of a service's goal by the reports of their areas.

    Args:
        goals: a service's goals.
        reports: of the reader's window.
        as_of: the moment of the reports.
        over: the reports of another window, for criteria that have one of their own; without it
            these are judged by the reader's window, too.
    """
    window, service = reports.reliability.window, reports.reliability.service
    goal = chosen_goal(goals)
    if goal is None:
        return GoalReport(service, window, as_of, None, (), "", None, (), Status.NO_DATA)
    interim = tuple(other for other in goals if other.parent_goal_id == goal.goal_id)
    targets = [target for criterion in goal.criteria for target in criterion.targets]
    due_on = nearest_due(targets, as_of.date())
    milestone = next((target.milestone for target in targets if target.due_on == due_on), "")
    by_window = {window: reports}
    verdicts = []
    for criterion in goal.criteria:
        own = window if over is None or criterion.window is None else criterion.window
        if own not in by_window and over is not None:
            by_window[own] = over(own)
        verdicts.append(verdict(criterion, due_on, by_window[own].judges, own, as_of))
    return GoalReport(
        service,
        window,
        as_of,
        goal,
        interim,
        milestone,
        due_on,
        tuple(verdicts),
        worst_of(found.status for found in verdicts),
    )


def verdict(
    criterion: Criterion,
    due_on: date | None,
    judges: Mapping[str, Judge],
    window: Window,
    as_of: datetime,
) -> Verdict:
    """One criterion's verdict against the targets of the milestone due on a date.

    A criterion without a target there is not due if one comes later; if its last one is over, that
    one goes on counting.
    """
    dates = sorted({target.due_on for target in criterion.targets})
    if not dates or due_on is None:
        sentence = "No target is set for this criterion."
        return _bare(criterion, window, as_of, Status.NO_DATA, sentence)
    if due_on not in dates and dates[-1] > due_on:
        later = [target for target in criterion.targets if target.due_on > due_on]
        sentence = f"Due on {wording.long_date(min(target.due_on for target in later))}."
        upcoming = tuple(Evidence(target, None, Status.NOT_DUE) for target in later)
        return _bare(criterion, window, as_of, Status.NOT_DUE, sentence, evidence=upcoming)
    counts = due_on if due_on in dates else dates[-1]
    targets = [target for target in criterion.targets if target.due_on == counts]
    judge = judges.get(criterion.area)
    if judge is None:
        why = f"{criterion.area} is not evaluated"
        bare = tuple(Evidence(target, None, Status.NO_DATA) for target in targets)
        sentence = f"No verdict: {why}."
        return _bare(
            criterion, window, as_of, Status.NO_DATA, sentence, evidence=bare, reasons=(why,)
        )
    judged = judge(targets)
    return Verdict(
        criterion.criterion_id,
        criterion.name,
        criterion.area,
        worst_of(part.status for part in judged.evidence),
        judged.sentence,
        judged.evidence,
        window,
        as_of,
        judged.data_through,
        judged.reasons,
        judged.settles,
    )


def _bare(
    criterion: Criterion,
    window: Window,
    as_of: datetime,
    status: Status,
    sentence: str,
    *,
    evidence: tuple[Evidence, ...] = (),
    reasons: tuple[str, ...] = (),
) -> Verdict:
    return Verdict(
        criterion.criterion_id,
        criterion.name,
        criterion.area,
        status,
        sentence,
        evidence,
        window,
        as_of,
        None,
        reasons,
    )
