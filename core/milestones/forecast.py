"""When milestones will be reached: the open tasks done many times over, at the team's own pace.

Monte Carlo: each simulation draws a pace (`core.milestones.pace`) and how long every open task
takes at it, and does the tasks one after the other through their dependencies, with as many hands
as the milestone has. Dates say when the tasks are done; whether the criteria are then met is
measured, not simulated. What the plan does not know yet is not in the dates: tasks nobody has
thought of, holidays, work for other milestones by the same hands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np
from numpy.typing import NDArray

from core.milestones import workdays
from core.milestones.graph import in_order, with_prerequisites
from core.milestones.hands import ends_of
from core.milestones.history import Duration, durations
from core.milestones.pace import Pace, paces
from core.milestones.states import is_open
from core.ports.plan import Task

#: Fewer tasks done say too little about the next: with ten, the share of dates that are kept is
#: still what it should be (shown by simulation in the tests).
LEAST_DONE = 10
#: Enough for the 85th percentile to be certain to less than two hundredths of the probability.
SIMULATIONS = 500
SEED = 20_210
LIKELY, SAFE = 0.50, 0.85
#: What is left of a task that is under way, in working days, at the least.
LEAST_DAYS = 1.0


@dataclass(frozen=True, slots=True)
class Dates:
    """When something is done: as likely as not by p50, in 85 of 100 simulations by p85."""

    p50: date
    p85: date


@dataclass(frozen=True, slots=True)
class MilestoneForecast:
    """When the tasks of a milestone are done.

    Attributes:
        in_time: share of the simulations in which that is on its due date or before; None where it
            has none.
        ends: the day on which each simulation ends, the earliest first.
    """

    dates: Dates
    in_time: float | None
    ends: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Forecast:
    """Dates from the team's own history.

    Attributes:
        tasks: of each open task of a milestone, and of what it waits for, by id.
        milestones: of each milestone with open tasks, by name.
        done: how many tasks the history has that are over.
        running: how many that are not, which take longer than they have so far.
        ratio: half of the team's tasks took up to so many times their ideal duration; likewise
            ratio_safe for 85 of 100. Of tasks that are over, as they were.
    """

    tasks: Mapping[int, Dates]
    milestones: Mapping[str, MilestoneForecast]
    done: int
    running: int
    ratio: float
    ratio_safe: float


@dataclass(frozen=True, slots=True)
class NoForecast:
    """Why there are no dates.

    Attributes:
        reason: a sentence.
        missing: how many tasks more have to be done first; 0 where that is not the reason.
    """

    reason: str
    missing: int


def forecast(
    tasks: Sequence[Task],
    due: Mapping[str, date | None],
    hands: Mapping[str, int],
    today: date,
    *,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> Forecast | NoForecast:
    """Forecast the milestones of a service.

    Args:
        tasks: all tasks of the service: those done are the history.
        due: when each milestone is due, by name.
        hands: how many people work on each, by name; one where it is left out.
        today: the day; work goes on this morning.
        simulations: how many.
        seed: the same gives the same dates.
    """
    # Their order must not matter: chance is drawn one task after the other.
    history = durations(sorted(tasks, key=lambda task: task.task_id), today)
    done = [one for one in history if one.over]
    if len(done) < LEAST_DONE:
        return _too_thin(len(done))
    every = {task.task_id: task for task in tasks if is_open(task, today)}
    wanted = [task.task_id for task in every.values() if task.milestone]
    edges = {
        one: [other for other in task.depends_on if other in every] for one, task in every.items()
    }
    needed = with_prerequisites(wanted, edges)
    if not needed:
        return NoForecast("No task of a milestone is open: there is nothing to forecast.", 0)
    draw = np.random.default_rng(seed)
    pace = paces(history, simulations, draw)
    ordered = _running_first([every[one] for one in sorted(needed)], pace)
    ends = _simulated(ordered, pace, _begun(history), hands, draw)
    return Forecast(
        {task.task_id: dates for task, dates in zip(ordered, _dates(ends, today), strict=True)},
        _milestones(ordered, ends, due, today),
        len(done),
        len(history) - len(done),
        _quantile([one.ratio for one in done], LIKELY),
        _quantile([one.ratio for one in done], SAFE),
    )


def _too_thin(done: int) -> NoForecast:
    missing = LEAST_DONE - done
    have = "no task is" if not done else "one task is" if done == 1 else f"{done} tasks are"
    return NoForecast(
        f"No dates: {have} done, and it takes {LEAST_DONE} to know the team's pace; "
        f"{missing} more to go.",
        missing,
    )


def _begun(history: Sequence[Duration]) -> dict[int, int]:
    return {one.task_id: one.taken for one in history if not one.over}


def _running_first(tasks: Sequence[Task], pace: Pace) -> list[Task]:
    """What is under way keeps its hands; the rest follows in the order of the plan."""
    ordered = in_order(tasks)
    return sorted(ordered, key=lambda task: task.task_id not in pace.running)


def _simulated(
    tasks: Sequence[Task],
    pace: Pace,
    begun: Mapping[int, int],
    hands: Mapping[str, int],
    draw: np.random.Generator,
) -> NDArray[np.float64]:
    """When each task ends, in working days from this morning, shape (tasks, simulations)."""
    ideal = np.array([max(float(task.ideal_days), 1.0) for task in tasks])
    # A task takes whole days, as those of the history did: the next one begins on the next.
    takes = np.ceil(pace.ratios(len(tasks), draw) * ideal[:, None])
    place = {task.task_id: at for at, task in enumerate(tasks)}
    waits_for: list[list[int]] = []
    for at, task in enumerate(tasks):
        if task.task_id in pace.running:
            takes[at] = np.ceil(pace.running[task.task_id] * ideal[at]) - begun[task.task_id]
        # What has begun is past waiting, whatever its plan says.
        running = at < len(pace.running)
        waits_for.append([] if running else [place[one] for one in task.depends_on if one in place])
    return ends_of(
        np.maximum(takes, LEAST_DAYS), waits_for, [one.milestone for one in tasks], hands
    )


def _dates(ends: NDArray[np.float64], today: date) -> list[Dates]:
    """The percentiles of each row as dates."""
    places = [ceil(share * ends.shape[1]) - 1 for share in (LIKELY, SAFE)]
    kept = np.partition(ends, places, axis=1)[:, places]
    return [Dates(*row) for row in workdays.ends(today, kept).astype(object).tolist()]


def _milestones(
    tasks: Sequence[Task],
    ends: NDArray[np.float64],
    due: Mapping[str, date | None],
    today: date,
) -> dict[str, MilestoneForecast]:
    rows: dict[str, list[int]] = {}
    for at, task in enumerate(tasks):
        if task.milestone:
            rows.setdefault(task.milestone, []).append(at)
    found = {}
    for name, places in rows.items():
        last = ends[places].max(axis=0)
        (dates,) = _dates(last[None, :], today)
        due_on = due.get(name)
        days = np.sort(workdays.ends(today, last))
        in_time = None
        if due_on is not None:
            in_time = float(np.mean(days <= np.datetime64(due_on)))
        found[name] = MilestoneForecast(dates, in_time, tuple(days.astype(object).tolist()))
    return found


def _quantile(ratios: Sequence[float], share: float) -> float:
    return sorted(ratios)[ceil(share * len(ratios)) - 1]
