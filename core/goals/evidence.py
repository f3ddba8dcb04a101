"""The report of goals as JSON carries it: full precision, ISO 8601 UTC, None for unknown."""

from __future__ import annotations

from typing import Any

from core.goals.drilldown import Branch
from core.goals.report import GoalsReport
from core.ports.criteria import Goal
from core.reliability.evidence import number
from core.timeframe import write_time


def evidence(found: GoalsReport) -> dict[str, Any]:
    """Goals with what they lack, targets with their status, the way down, business metrics."""
    return {
        "service": found.service,
        "as_of": write_time(found.as_of),
        "headline": found.headline,
        "goals": [_goal(goal) for goal in found.goals],
        "missing": [one.sentence for one in found.missing],
        "flags": list(found.flags),
        "milestone": found.judged.milestone,
        "targets": [
            {
                "criterion": line.criterion.name,
                "measure": line.kept.target.measure,
                "operator": line.kept.target.operator.value,
                "target": str(line.kept.target.value),
                "unit": line.kept.target.unit,
                "milestone": line.kept.target.milestone,
                "due_on": line.kept.target.due_on.isoformat(),
                "status": line.status.name,
                "value": None
                if line.evidence is None or line.evidence.estimate is None
                else number(line.evidence.estimate.value),
            }
            for line in found.lines
        ],
        "drill_down": [_branch(one) for one in found.tree.branches],
        "gaps": list(found.tree.gaps),
        "business": [
            {
                "kind": line.metric.kind,
                "name": line.metric.name,
                "source": line.metric.source,
                "direction": line.metric.direction,
                "change": None if line.change is None else line.change.change,
                "trend": line.trend,
            }
            for line in found.business
        ],
    }


def _goal(goal: Goal) -> dict[str, Any]:
    return {
        "goal_id": goal.goal_id,
        "title": goal.title,
        "problem": goal.problem,
        "for_whom": goal.for_whom,
        "gain_us": goal.gain_us,
        "gain_user": goal.gain_user,
        "starts_on": goal.starts_on.isoformat(),
        "due_on": goal.due_on.isoformat(),
        "key_results": list(goal.key_results),
        "serves": goal.parent_goal_id,
        "criteria": [one.name for one in goal.criteria],
    }


def _branch(branch: Branch) -> dict[str, Any]:
    return {
        "metric": branch.node.name,
        "number": branch.number,
        "note": branch.node.note,
        "status": None if branch.verdict is None else branch.verdict.status.name,
        "gaps": list(branch.gaps),
        "below": [_branch(one) for one in branch.below],
    }
