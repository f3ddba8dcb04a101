"""Short ways to write tasks, and simulated projects of teams whose true pace is known."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from core.milestones import workdays
from core.ports.plan import DIRECTIONS, STAGES, Task

SERVICE = "newsletters"
#: A Monday.
TODAY = date(2026, 6, 1)
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)


def task(task_id: int, ideal_days: float = 5, **said: Any) -> Task:
    """A task of milestone Q2 that begins today and takes its ideal days, unless said otherwise."""
    start = said.pop("planned_start", TODAY)
    end = said.pop("planned_end", None)
    if end is None and start is not None:
        end = workdays.moved(start, max(int(np.ceil(ideal_days)), 1) - 1)
    values: dict[str, Any] = {
        "task_id": task_id,
        "service": SERVICE,
        "title": f"Task {task_id}",
        "stage": STAGES[0],
        "direction": DIRECTIONS[0],
        "milestone": "Q2",
        "owner": "Вера",
        "ideal_days": Decimal(str(ideal_days)),
        "planned_start": start,
        "planned_end": end,
        "started_on": None,
        "done_on": None,
        "priority": 3,
        "depends_on": (),
        "note": "",
        "created_by": "Вера",
        "created_at": WRITTEN,
    }
    return Task(**values | said)


def history(ratios: list[float], first_id: int = 1000, ideal: int = 10) -> list[Task]:
    """Tasks that are done, and took so many times their ideal duration."""
    found = []
    for number, ratio in enumerate(ratios):
        start = workdays.moved(TODAY, -200 + number)
        end = workdays.moved(start, round(ratio * ideal) - 1)
        found.append(
            task(first_id + number, ideal, milestone="Q1", planned_start=start, started_on=start,
                 done_on=end)
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Project:
    """A team's history and its open tasks, and the day on which the last of them is really done."""

    tasks: list[Task]
    hands: int
    done_on: date


def project(draw: np.random.Generator, *, done: int, ahead: int, hands: int) -> Project:
    """A team that has done some tasks, and how it goes on.

    Each task takes its ideal days times a lognormal ratio of the team's own. Whoever is free takes
    the first task that may begin, before today as after it: so at today some are under way, and
    those are rather the long ones.

    Args:
        draw: what chance follows from.
        done: today is the day after that on which so many tasks were done.
        ahead: tasks of the milestone that have not begun today.
        hands: people.
    """
    mean, spread = draw.uniform(0.0, 0.6), draw.uniform(0.3, 0.7)

    def ideal_days() -> int:
        return int(draw.choice([2, 3, 5, 8]))

    def real(ideal: int) -> int:
        return max(round(ideal * np.exp(draw.normal(mean, spread))), 1)

    begun: list[tuple[int, int, int]] = []
    free = [int(draw.integers(0, 5)) for _ in range(hands)]
    heapq.heapify(free)
    while sum(end <= free[0] for _, _, end in begun) < done:
        start, ideal = heapq.heappop(free), ideal_days()
        begun.append((start, ideal, start + real(ideal)))
        heapq.heappush(free, begun[-1][2])
    today = free[0]
    tasks = []
    for number, (began, ideal, end) in enumerate(begun, start=1):
        start = workdays.moved(TODAY, began - today)
        tasks.append(
            task(number, ideal, planned_start=start, started_on=start,
                 done_on=workdays.moved(TODAY, end - today - 1) if end <= today else None)
        )  # fmt: skip
    ids: list[int] = []
    for number in range(len(begun) + 1, len(begun) + ahead + 1):
        waits = {int(one) for one in draw.choice([*ids, 0, 0, 0], 2)} - {0}
        tasks.append(task(number, ideal_days(), depends_on=tuple(sorted(waits))))
        ids.append(number)
    free = [end - today for end in free]
    last = max(*free, 0, _worked_off(tasks[-ahead:], free, real))
    return Project(tasks, hands, workdays.moved(TODAY, last - 1))


def _worked_off(tasks: list[Task], free: list[int], real: Any) -> int:
    """The working day on which the last of some tasks is done: free hands take what may begin."""
    ends: dict[int, int] = {}
    left = list(tasks)
    while left:
        at = heapq.heappop(free)
        may = [one for one in left if all(ends.get(w, at + 1) <= at for w in one.depends_on)]
        if not may:
            coming = [end for end in (*ends.values(), *free) if end > at]
            heapq.heappush(free, min(coming))
            continue
        left.remove(may[0])
        ends[may[0].task_id] = at + real(int(may[0].ideal_days))
        heapq.heappush(free, ends[may[0].task_id])
    return max(ends.values())
