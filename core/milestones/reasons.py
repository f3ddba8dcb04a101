"""Why a milestone is overdue, at risk or unknown."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil, floor

from core import wording
from core.milestones.states import TaskState
from core.milestones.views import MilestoneView
from core.status import Status


def reasons_of(view: MilestoneView, today: date) -> tuple[str, ...]:
    """What speaks against reaching a milestone in time, as sentences; none of them names a task."""
    said = [*_over(view, today), *_work(view), *_dates(view)]
    bad = [
        (len([one for one in view.verdicts if one.status is status]), status)
        for status in (Status.BREACHED, Status.AT_RISK)
    ]
    for number, status in bad:
        if number:
            criteria = "criterion is" if number == 1 else "criteria are"
            said.append(f"{wording.number_word(number).capitalize()} {criteria} {status.word}.")
    return tuple(said)


def unseen(view: MilestoneView) -> tuple[str, ...]:
    """That criteria have no data, which neither speaks for a milestone nor against it."""
    number = sum(one.status is Status.NO_DATA for one in view.verdicts)
    if not number:
        return ()
    criteria = "criterion has" if number == 1 else "criteria have"
    return (f"{wording.number_word(number).capitalize()} {criteria} no data.",)


def weeks(number: Fraction, *, good: str = "low") -> str:
    """Ideal weeks to a tenth: work that is planned is cut up, room for it (good="high") down.

    >>> weeks(Fraction(5)), weeks(Fraction(16, 5)), weeks(Fraction(1))
    ('5 ideal weeks', '3.2 ideal weeks', '1 ideal week')
    >>> weeks(Fraction(8, 3)), weeks(Fraction(8, 3), good="high")
    ('2.7 ideal weeks', '2.6 ideal weeks')
    """
    tenths = (ceil if good == "low" else floor)(number * 10)
    unit = "ideal week" if tenths == 10 else "ideal weeks"
    return f"{tenths / 10:g} {unit}"


def _over(view: MilestoneView, today: date) -> list[str]:
    due_on = view.due_on
    if due_on is None or due_on >= today:
        return []
    days = (today - due_on).days
    late = "one day" if days == 1 else f"{days} days"
    left = len(view.open_tasks)
    what = f"{left} of {len(view.tasks)} tasks open" if left else "its tasks done"
    unmet = sum(one.status not in {Status.ON_TARGET, Status.AT_RISK} for one in view.verdicts)
    criteria = f", {unmet} of {len(view.verdicts)} criteria not shown to hold" if unmet else ""
    return [f"It was due {late} ago, with {what}{criteria}."]


def _work(view: MilestoneView) -> list[str]:
    said = []
    rule = view.rule
    if rule is not None and rule.over_committed and rule.days_left:
        said.append(
            f"Over-committed: {weeks(rule.planned)} are planned where "
            f"{weeks(rule.most, good='high')} fit."
        )
    late = sum(one.state is TaskState.LATE for one in view.open_tasks)
    if late:
        tasks = "task is" if late == 1 else "tasks are"
        said.append(f"{wording.number_word(late).capitalize()} {tasks} late.")
    critical = view.critical
    if critical is not None and critical.room is not None and critical.room < 0 and rule:
        short = -critical.room
        days = "working day" if short == 1 else "working days"
        said.append(f"Its critical path is {short} {days} longer than the time left.")
    return said


def _dates(view: MilestoneView) -> list[str]:
    due_on = view.due_on
    if view.forecast is None or due_on is None or view.forecast.dates.p85 <= due_on:
        return []
    if view.forecast.in_time is None:
        return []
    chance = wording.percent(view.forecast.in_time, 0)
    return [f"Its tasks are done in time in {chance} of the simulations."]
