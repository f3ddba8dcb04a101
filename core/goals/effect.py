"""What a change of a target would do: the same criteria, judged before and after by the same code.

Nothing is estimated anew: both verdicts rest on the same numbers, so that what differs is the
target alone. Reports know the targets that they are held to (an early warning speaks up below
one), so they are held to those of the change. A target may also bring another milestone nearer, and
with it other criteria's targets; whatever changes is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from core import criteria, quality, training
from core.criteria import GoalReport, Reports
from core.ports.criteria import Criterion, Goal
from core.status import Evidence, Status, Target, Verdict
from core.timeframe import Window


@dataclass(frozen=True, slots=True)
class MeasureEffect:
    """A measure of the changed criterion; status None where no target of it counts."""

    measure: str
    before: Status | None
    after: Status | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would do.

    Attributes:
        name: the changed criterion's.
        before: its verdict as things stand; None where no goal is judged by it.
        after: its verdict with the change.
        measures: its measures, one by one.
        others: other criteria whose status would change: (name, before, after).
        milestone_before: the nearest milestone as things stand; '' without targets.
        milestone_after: the nearest one with the change.
    """

    name: str
    before: Verdict | None
    after: Verdict | None
    measures: tuple[MeasureEffect, ...]
    others: tuple[tuple[str, Status, Status], ...]
    milestone_before: str
    milestone_after: str

    @property
    def sentence(self) -> str:
        """The change of the verdict in one sentence."""
        if self.before is None or self.after is None:
            return f"No verdict rests on “{self.name}”: the service is judged by another goal."
        old, new = self.before.status, self.after.status
        if old is new:
            return f"The verdict of “{self.name}” stays {old.word}."
        return f"The verdict of “{self.name}” would change from {old.word} to {new.word}."

    @property
    def lines(self) -> tuple[str, ...]:
        """What else is to be told, as sentences."""
        said = []
        for one in self.measures:
            if one.before is not one.after:
                said.append(
                    f"{one.measure}: from {_word(one.before)} to {_word(one.after)} by this change."
                )
        if self.milestone_before != self.milestone_after:
            said.append(
                "The nearest milestone would be "
                f"{self.milestone_after or 'none'}, and is {self.milestone_before or 'none'}."
            )
        said.extend(
            f"“{name}” would change from {old.word} to {new.word}."
            for name, old, new in self.others
        )
        return tuple(said)


def effect(
    goals: Sequence[Goal],
    reports: Reports,
    as_of: datetime,
    over: Callable[[Window], Reports] | None = None,
    *,
    criterion_id: str,
    seen: Target | None,
    wanted: Target | None,
) -> Effect:
    """Judge a service's goal with and without a change of one target.

    Args:
        goals: as they stand, the criterion among theirs.
        reports: what both verdicts are judged by.
        as_of: the moment of the reports.
        over: the reports of another window, see `core.criteria.report`.
        criterion_id: whose target it is.
        seen: the target that would be changed or removed; None for a new one.
        wanted: what it would become; None where it would be removed.

    Raises:
        ValueError: no goal has such a criterion.
    """
    now = next(
        (one for goal in goals for one in goal.criteria if one.criterion_id == criterion_id), None
    )
    if now is None:
        raise ValueError(f"criterion_id == {criterion_id!r}, no goal has such a criterion")
    targets = _changed(now.targets, seen, wanted)
    changed = [_with(goal, replace(now, targets=targets)) for goal in goals]
    old = criteria.report(goals, reports, as_of, over)
    # Which goal is judged does not depend on targets, so that both reports are of the same one.
    then = None if over is None else partial(_over, over, changed, as_of)
    new = criteria.report(changed, _held(reports, changed, as_of), as_of, then)
    before, after = _of(old, criterion_id), _of(new, criterion_id)
    return Effect(
        now.name,
        before,
        after,
        _measures(before, after),
        tuple(
            (one.name, one.status, other.status)
            for one, other in zip(old.verdicts, new.verdicts, strict=True)
            if one.criterion_id != criterion_id and one.status is not other.status
        ),
        old.milestone,
        new.milestone,
    )


def _over(
    over: Callable[[Window], Reports], goals: Sequence[Goal], as_of: datetime, window: Window
) -> Reports:
    return _held(over(window), goals, as_of)


def _held(reports: Reports, goals: Sequence[Goal], as_of: datetime) -> Reports:
    """Reports as they would be with other goals."""
    today, found = as_of.date(), reports
    if found.quality is not None:
        settings = quality.Settings.of_goals(goals, today)
        found = replace(found, quality=quality.held_to(found.quality, settings))
    if found.training is not None:
        asked = training.Settings.of_goals(goals, today)
        found = replace(found, training=training.held_to(found.training, asked))
    return found


def _changed(
    targets: Sequence[Target], seen: Target | None, wanted: Target | None
) -> tuple[Target, ...]:
    kept = [target for target in targets if target != seen]
    added = kept if wanted is None else [*kept, wanted]
    return tuple(sorted(added, key=lambda one: (one.due_on, one.milestone, one.measure)))


def _with(goal: Goal, changed: Criterion) -> Goal:
    return replace(
        goal,
        criteria=tuple(
            changed if one.criterion_id == changed.criterion_id else one for one in goal.criteria
        ),
    )


def _of(found: GoalReport, criterion_id: str) -> Verdict | None:
    return next((one for one in found.verdicts if one.criterion_id == criterion_id), None)


def _measures(before: Verdict | None, after: Verdict | None) -> tuple[MeasureEffect, ...]:
    old = _statuses(() if before is None else before.evidence)
    new = _statuses(() if after is None else after.evidence)
    return tuple(
        MeasureEffect(measure, old.get(measure), new.get(measure))
        for measure in dict.fromkeys([*old, *new])
    )


def _statuses(evidence: Sequence[Evidence]) -> dict[str, Status]:
    return {part.target.measure: part.status for part in evidence}


def _word(status: Status | None) -> str:
    return "no target" if status is None else status.word
