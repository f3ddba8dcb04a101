"""How a task stands against its plan, in the few words that fit beside a bar."""

from __future__ import annotations

from core.milestones.states import TaskState, TaskView


def against_plan(view: TaskView) -> str:
    """Days late or early against the frozen baseline; '' where there is nothing to say."""
    slip = view.slip_days
    if slip is None:
        return "late" if view.state is TaskState.LATE else ""
    if slip == 0:
        return "on time" if view.state is TaskState.DONE else ""
    days = f"{abs(slip)} day" if abs(slip) == 1 else f"{abs(slip)} days"
    if view.state in {TaskState.DONE, TaskState.LATE}:
        return f"{days} late" if slip > 0 else f"{days} early"
    return f"slips {days}" if slip > 0 else f"{days} earlier"
