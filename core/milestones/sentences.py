"""What the milestones' report says in words. Milestones are named: their names are data."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from core import wording
from core.milestones.forecast import Forecast, MilestoneForecast, NoForecast
from core.milestones.iterations import IterationView
from core.milestones.reasons import weeks
from core.milestones.report import MilestonesReport
from core.milestones.rule import PlanningRule
from core.milestones.states import TaskView
from core.milestones.views import MilestoneState, MilestoneView


def headline(found: MilestonesReport) -> str:
    """How the nearest milestone stands, as a sentence without a full stop."""
    if not found.milestones:
        return "No milestone is set: neither a target nor a plan names one"
    nearest = found.nearest
    if nearest is None:
        return "Every milestone is met"
    overdue = [one for one in found.milestones if one.state is MilestoneState.OVERDUE]
    if len(overdue) > 1:
        number = wording.number_word(len(overdue)).capitalize()
        return f"{number} milestones are overdue, {nearest.name} for the longest time"
    time = when(nearest, found.today)
    if nearest.state is MilestoneState.UNKNOWN:
        return f"Whether {nearest.name} is on track is not known: {time}"
    return f"{nearest.name} is {nearest.state.word}: {time}"


def when(view: MilestoneView, today: date) -> str:
    """When a milestone is due, seen from today, and what is open of it."""
    done = f"{view.done} of {len(view.tasks)} tasks done" if view.tasks else "no tasks yet"
    if view.due_on is None:
        return f"no due date, {done}"
    days = (view.due_on - today).days
    if days < 0:
        due = f"due {_days(-days)} ago"
    else:
        due = "due today" if not days else f"due in {_days(days)}"
    return f"{due}, {done}"


def rule(found: PlanningRule) -> str:
    """What the planning rule says of a milestone, as sentences."""
    if not found.days_left:
        return f"No time is left, and {weeks(found.planned)} are open."
    least, most = weeks(found.least, good="high"), weeks(found.most, good="high")
    hands = "" if found.hands == 1 else f" of {found.hands} people"
    time = f"{_days(found.days_left).capitalize()}{hands} are left"
    may = f"{least.split()[0]} to {most} may be planned"
    if found.over_committed:
        return (
            f"{time}: {may}, and {weeks(found.planned)} are: over-committed by "
            f"{weeks(found.over)}. Simplify, or find extra hands."
        )
    if found.planned < found.least:
        room = weeks(found.room, good="high")
        return f"{time}: {may}, and {weeks(found.planned)} are: room for {room} more."
    return f"{time}: {may}, and {weeks(found.planned)} are."


def forecast(view: MilestoneView, found: Forecast | NoForecast) -> str:
    """When the tasks of a milestone are done, or why nobody knows."""
    if isinstance(found, NoForecast):
        return found.reason
    if view.forecast is None:
        return "All its tasks are done." if view.tasks else "It has no tasks to forecast."
    return dates(view.forecast)


def dates(found: MilestoneForecast) -> str:
    """The dates of a milestone as a sentence."""
    said = (
        f"Its tasks are done by {wording.long_date(found.dates.p50)} as likely as not, and by "
        f"{wording.long_date(found.dates.p85)} in 85 of 100 simulations"
    )
    if found.in_time is None:
        return f"{said}."
    return f"{said}; in time in {wording.percent(found.in_time, 0)} of them."


def pace(found: Forecast | NoForecast) -> str:
    """What the dates are taken from; '' where there are none."""
    if isinstance(found, NoForecast):
        return ""
    running = ""
    if found.running:
        running = (
            f", and {wording.number_word(found.running)} under way, which will take longer yet"
        )
    return (
        f"From {found.done} tasks that are done{running}: half of those done took up to "
        f"{wording.rate(found.ratio)} times their ideal days, 85 of 100 up to "
        f"{wording.rate(found.ratio_safe)} times."
    )


def slip(days: int | None) -> str:
    """A slip in days: '' where there is nothing to compare.

    >>> slip(3), slip(-1), slip(0), slip(None)
    ('3 days late', '1 day early', 'as planned', '')
    """
    if days is None:
        return ""
    if not days:
        return "as planned"
    number = abs(days)
    return f"{number} {'day' if number == 1 else 'days'} {'late' if days > 0 else 'early'}"


def task(view: TaskView) -> str:
    """The state of a task, with what it waits for and how far it has slipped."""
    parts = [view.state.word]
    if view.waits_for:
        number = len(view.waits_for)
        parts.append(f"waits for {wording.number_word(number)} {_plural('task', number)}")
    if view.slip_days:
        parts.append(slip(view.slip_days))
    return ", ".join(parts)


def iteration(view: IterationView) -> str:
    """What a turn of the MVP has shown so far, as a sentence; it names its models: data."""
    one = view.iteration
    against = f"{one.measure} over {one.against_version}"
    delta = None if view.result is None else view.result.delta
    if delta is None or delta.value is None:
        return (
            f"{view.turn.word.capitalize()}: {points(one.wanted_delta)} of {against} is hoped for."
        )
    bounds = ""
    if delta.low is not None and delta.high is not None:
        bounds = f" ({points(delta.low)} to {points(delta.high)})"
    kept = "as hoped for" if view.kept else f"{points(one.wanted_delta)} was hoped for"
    return f"{points(delta.value)}{bounds} of {against}: {kept}."


def points(delta: Decimal | Fraction | float) -> str:
    """A difference of shares in percentage points, cut down.

    >>> points(0.01), points(-0.0049)
    ('+1.0 points', '−0.5 points')
    """
    shown = wording.percent(float(delta), 1).removesuffix(" %")
    return f"{shown if shown.startswith('−') else '+' + shown} points"


def _plural(word: str, number: int) -> str:
    return word if number == 1 else f"{word}s"


def _days(number: int) -> str:
    if number % 7 == 0 and number >= 14:
        return f"{number // 7} weeks"
    return "one day" if number == 1 else f"{number} days"
