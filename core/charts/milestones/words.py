"""What the charts of milestones say in words: beside a bar, and as their titles."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core import wording
from core.milestones.burn_up import BurnUp
from core.milestones.forecast import MilestoneForecast
from core.milestones.states import TaskState, TaskView

#: Of a milestone's name, a chart writes this much: more would leave no room for the bars.
_NAME = 24


def shortened(name: str) -> str:
    """A milestone's name as a chart has room for it.

    >>> shortened("Q2"), shortened("The old model is switched off")
    ('Q2', 'The old model is switch…')
    """
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def against_plan(view: TaskView) -> str:
    """Days late or early against the frozen baseline; '' where there is nothing to say."""
    slip = view.slip_days
    if slip is None:
        return "late" if view.state is TaskState.LATE else ""
    if slip == 0:
        return "on time" if view.state is TaskState.DONE else ""
    days = _days(abs(slip))
    if view.state in {TaskState.DONE, TaskState.LATE}:
        return f"{days} late" if slip > 0 else f"{days} early"
    return f"slips {days}" if slip > 0 else f"{days} earlier"


def gantt_title(views: Sequence[TaskView]) -> str:
    """How many tasks are late, and the worst slip of those that are still open."""
    late = [view for view in views if view.state is TaskState.LATE]
    if not views:
        return "No task is planned yet"
    if late:
        worst = max((view.slip_days or 0 for view in late), default=0)
        said = f"{_counted(len(late), 'task is', 'tasks are')} late"
        return f"{said}, the worst by {_days(worst)}" if worst > 0 else said
    slipped = [view for view in views if _open(view) and (view.slip_days or 0) > 0]
    if slipped:
        worst = max(view.slip_days or 0 for view in slipped)
        said = f"{_counted(len(slipped), 'open task slips', 'open tasks slip')}"
        return f"No task is late; {said.lower()}, the most by {_days(worst)}"
    return "No task is late"


def burn_up_title(found: BurnUp) -> str:
    """How much is done of all there is, and how the scope has grown."""
    if not found.scope:
        return "No work is planned yet"
    done = found.done[-1].ideal_days if found.done else Decimal(0)
    said = f"{_number(done)} of {_number(found.scope[-1].ideal_days)} ideal days are done"
    if found.growth > 0:
        return f"{said}; the scope grew by {_number(found.growth)}"
    return f"{said}; the scope shrank by {_number(-found.growth)}" if found.growth < 0 else said


def outlook_title(found: MilestoneForecast) -> str:
    """P50 and P85, and the share of simulations that end in time."""
    dates = found.dates
    early = f"{dates.p50.day} {dates.p50:%B}"
    if dates.p50.year != dates.p85.year:
        early = f"{early} {dates.p50.year}"
    said = f"As likely as not by {early}, at 85 % by {wording.long_date(dates.p85)}"
    if found.in_time is None:
        return said
    return f"{said}; in time in {wording.percent(found.in_time, 0)} of simulations"


def _open(view: TaskView) -> bool:
    return view.state is not TaskState.DONE


def _counted(number: int, one: str, more: str) -> str:
    return f"{wording.number_word(number).capitalize()} {one if number == 1 else more}"


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def _number(days: Decimal) -> str:
    return f"{days:.1f}".removesuffix(".0")
