"""What the criteria of a milestone say, each held against the milestone's own targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from core import criteria, wording
from core.criteria import Reports
from core.milestones.dates import Milestone
from core.ports import Criterion, Goal
from core.status import Evidence, Status, Target, Verdict
from core.targets import chosen_goal
from core.timeframe import Window


def verdicts_of(
    milestones: Sequence[Milestone],
    goals: Sequence[Goal],
    as_of: datetime,
    reports: Reports | None,
    over: Callable[[Window], Reports] | None = None,
) -> dict[str, tuple[Verdict, ...]]:
    """The verdicts of every milestone, by name: none of one without criteria or a due date.

    What is over and the next one are judged as things stand now; what comes later is not due.

    Args:
        milestones: by due date.
        goals: the service's.
        as_of: the moment of the reports.
        reports: of the reader's window; None where criteria are not looked at.
        over: the reports of another window, for criteria that have one of their own.
    """
    goal = chosen_goal(goals)
    if goal is None or reports is None:
        return {one.name: () for one in milestones}
    window, by_window = reports.reliability.window, {reports.reliability.window: reports}

    def judged(criterion: Criterion, targets: tuple[Target, ...], due_on: date) -> Verdict:
        own = window if over is None or criterion.window is None else criterion.window
        if own not in by_window and over is not None:
            by_window[own] = over(own)
        of_it = replace(criterion, targets=targets)
        return criteria.verdict(of_it, due_on, by_window[own].judges, own, as_of)

    found: dict[str, tuple[Verdict, ...]] = {}
    next_found = False
    for one in milestones:
        verdicts = []
        for criterion in goal.criteria:
            if one.due_on is None or criterion.criterion_id not in one.criteria:
                continue
            # A milestone is one day, also where its targets name several.
            targets = tuple(
                replace(target, due_on=one.due_on)
                for target in criterion.targets
                if target.milestone == one.name
            )
            verdicts.append(
                _not_due(criterion, targets, one.due_on, window, as_of)
                if next_found
                else judged(criterion, targets, one.due_on)
            )
        found[one.name] = tuple(verdicts)
        ahead = one.due_on is not None and one.due_on >= as_of.date()
        next_found = next_found or (ahead and bool(one.criteria))
    return found


def _not_due(
    criterion: Criterion,
    targets: tuple[Target, ...],
    due_on: date,
    window: Window,
    as_of: datetime,
) -> Verdict:
    return Verdict(
        criterion.criterion_id,
        criterion.name,
        criterion.area,
        Status.NOT_DUE,
        f"Due on {wording.long_date(due_on)}.",
        tuple(Evidence(target, None, Status.NOT_DUE) for target in targets),
        criterion.window or window,
        as_of,
        None,
    )
