"""The milestones' report as the terminal prints it."""

from __future__ import annotations

from datetime import date

from core import wording
from core.milestones import MilestonesReport, MilestoneView, TaskState, TaskView, sentences
from core.milestones.forecast import NoForecast
from core.milestones.iterations import IterationView
from core.milestones.reasons import weeks
from core.printout.listing import Listing


def milestones(found: MilestonesReport) -> tuple[Listing, ...]:
    """Milestones, the nearest one's work, the turns of the MVP, and the open tasks."""
    baseline = found.baseline
    frozen = "no baseline" if baseline is None else f"slips from the baseline {baseline.name}"
    pace = (
        found.forecast.reason
        if isinstance(found.forecast, NoForecast)
        else sentences.pace(found.forecast)
    )
    listings = [
        Listing(
            f"{found.service}: {sentences.headline(found)}",
            f"At {wording.clock(found.as_of)}, {frozen}. {pace}",
            ("milestone", "due", "state", "tasks", "P50", "P85", "slip", "why"),
            tuple(_milestone(one) for one in found.milestones),
        )
    ]
    nearest = found.nearest
    if nearest is not None and nearest.rule is not None:
        listings.append(_rule(nearest))
    if found.iterations:
        turns = ("iteration", "data", "model", "midpoint", "result")
        listings.append(
            Listing("Iterations", "", turns, tuple(_iteration(one) for one in found.iterations))
        )
    still = [one for one in found.tasks if one.state is not TaskState.DONE]
    if still:
        headers = ("id", "task", "milestone", "owner", "state", "planned end", "P85")
        listings.append(Listing("Open tasks", "", headers, tuple(_task(one) for one in still)))
    if found.warnings:
        told = tuple((said,) for said in found.warnings)
        listings.append(Listing("Warnings", "", ("what",), told))
    return tuple(listings)


def _milestone(view: MilestoneView) -> tuple[str, ...]:
    ahead = view.forecast
    return (
        view.name,
        _day(view.due_on),
        view.state.word,
        f"{view.done} of {len(view.tasks)}",
        "" if ahead is None else _day(ahead.dates.p50),
        "" if ahead is None else _day(ahead.dates.p85),
        sentences.slip(view.slip_days),
        " ".join(view.reasons),
    )


def _rule(view: MilestoneView) -> Listing:
    rule = view.rule
    assert rule is not None
    titles = {one.task.task_id: one.task for one in view.tasks}
    rows = [
        (fits, titles[one].title, str(titles[one].priority), f"{titles[one].ideal_days:g}")
        for fits, tasks in (("yes", rule.fits), ("no", rule.too_much))
        for one in tasks
    ]
    about = sentences.rule(rule)
    if view.decisions:
        number = len(view.decisions)
        about += f" {wording.number_word(number).capitalize()} "
        about += "decision is recorded." if number == 1 else "decisions are recorded."
    title = f"The work of {view.name}: {weeks(rule.planned)}"
    return Listing(title, about, ("fits", "task", "priority", "ideal days"), tuple(rows))


def _iteration(view: IterationView) -> tuple[str, ...]:
    one = view.iteration
    trained = "" if view.letters is None else f", trained on {wording.count(view.letters)}"
    return (
        one.title,
        f"{one.data_slice}{trained}",
        one.model_version,
        _day(view.midpoint),
        sentences.iteration(view),
    )


def _task(view: TaskView) -> tuple[str, ...]:
    task = view.task
    return (
        str(task.task_id),
        task.title,
        task.milestone,
        task.owner,
        sentences.task(view),
        _day(task.planned_end),
        _day(view.p85),
    )


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
