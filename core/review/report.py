"""A review from the reports of the other areas: verdicts, changes, plan, decisions, actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core import wording
from core.incidents.retrospective import carried_over, is_overdue
from core.overview import OverviewReport
from core.ports.incidents import Action
from core.ports.plan import DECISIONS, PlanningDecision
from core.ports.reviews import Decision, KeptReview, ReviewReader
from core.reliability import sentences
from core.review.changes import changes
from core.review.codec import UnreadableError, read
from core.review.criteria import criterion_line
from core.review.values import (
    ActionLine,
    Before,
    ChartLine,
    DecisionLine,
    MilestoneLine,
    Review,
    RiskLine,
)

if TYPE_CHECKING:
    # Whoever asks for a plan's lines or a verdict draws no charts: altair takes 70 MB.
    from core.charts.review import Chosen

#: How far back decisions and finished actions are told where no review was kept before.
FIRST_LOOK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a review takes from the plan.

    Attributes:
        milestones: the nearest first, overdue ones before all.
        risks: the open ones, the highest rank first.
        actions: every action, done or not.
        decisions: what was decided where a milestone's plan did not fit.
    """

    milestones: tuple[MilestoneLine, ...] = ()
    risks: tuple[RiskLine, ...] = ()
    actions: tuple[Action, ...] = ()
    decisions: tuple[PlanningDecision, ...] = ()


def report(
    reader: ReviewReader, overview: OverviewReport, plan: Plan, charts: Sequence[Chosen]
) -> Review:
    """Put a review together.

    Args:
        reader: where decisions and the reviews before come from.
        overview: of the service, for the window and as-of of the review.
        plan: milestones, risks and actions as of the same moment.
        charts: those that matter, as `core.charts.review.chosen` picks them.
    """
    goals, freshness = overview.goals, overview.reliability.freshness
    service, as_of = goals.service, goals.as_of
    earlier = before(reader.kept(service, as_of), as_of)
    since = as_of - FIRST_LOOK if earlier is None else earlier.as_of
    today = as_of.date()
    review = Review(
        service=service,
        as_of=as_of,
        window=str(goals.window),
        title=f"Review of {service}, {wording.long_date(as_of)}",
        headline=headline(overview),
        goal="" if goals.goal is None else goals.goal.title,
        milestone=goals.milestone,
        due_on=goals.due_on,
        data_through=freshness.data_through,
        stale=freshness.stale,
        criteria=tuple(criterion_line(verdict) for verdict in goals.verdicts),
        before=None,
        changes=None,
        charts=tuple(ChartLine(one.key, one.chart.title, one.chart.alt, one.why) for one in charts),
        milestones=plan.milestones,
        risks=plan.risks,
        decisions=_decisions(reader.decisions(service, as_of), plan.decisions, since),
        actions=tuple(
            _action(one, overdue=is_overdue(one, today))
            for one in carried_over(plan.actions, today)
        ),
        done=tuple(
            _action(one, overdue=False)
            for one in plan.actions
            if one.done_at is not None and one.done_at > since
        ),
    )
    return review if earlier is None else _compared(review, earlier, reader)


def headline(overview: OverviewReport) -> str:
    """How the criteria stand; without a goal, how reliable the service is."""
    name = overview.goals.service.capitalize()
    if overview.goals.goal is None:
        return f"{name}: {sentences.headline(overview.reliability)}"
    return f"{name}: {overview.goals.sentence}"


def before(kept: Sequence[KeptReview], as_of: datetime) -> KeptReview | None:
    """The review that one of a moment is compared with: the last one of an earlier moment.

    What was kept after that moment is not known to it, so that a link to a moment goes on showing
    the same.
    """
    earlier = [one for one in kept if one.as_of < as_of and one.kept_at <= as_of]
    return max(earlier, key=lambda one: (one.as_of, one.review_id), default=None)


def _compared(review: Review, earlier: KeptReview, reader: ReviewReader) -> Review:
    """The review with what has changed since an earlier one.

    An earlier one that this code cannot read is named, and what has changed is left out.
    """
    named = Before(earlier.review_id, earlier.as_of, earlier.title)
    written = reader.values(earlier.review_id)
    try:
        was = None if written is None else read(written)
    except UnreadableError:
        was = None
    found = None if was is None else changes(was, review)
    return replace(review, before=named, changes=found)


def _decisions(
    taken: Sequence[Decision], planned: Sequence[PlanningDecision], since: datetime
) -> tuple[DecisionLine, ...]:
    """What was written down since a moment, of whatever kind, the newest first."""
    found = [
        DecisionLine(one.text, one.why, one.decided_by, one.decided_on)
        for one in taken
        if one.created_at > since
    ]
    found += [
        DecisionLine(
            f"{one.milestone}: {DECISIONS[one.kind]}. {one.what}", "", one.who, one.decided_on
        )
        for one in planned
        if one.changed_at is not None and one.changed_at > since
    ]
    return tuple(sorted(found, key=lambda line: line.decided_on, reverse=True))


def _action(one: Action, *, overdue: bool) -> ActionLine:
    done_on = None if one.done_at is None else one.done_at.date()
    return ActionLine(one.action_id, one.text, one.owner, one.due_on, done_on, overdue)
