"""The plan: milestones that are over, red lines that are crossed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import experiment, quality, reliability, wording
from core.alerts.checks.answer import Answer, present, unknown
from core.alerts.inputs import Inputs, Plan
from core.alerts.inputs import Overdue as OverdueMilestone
from core.alerts.parameters import Nothing, Overdue, RedLine
from core.ports.alerts import AlertRule, Signal
from core.risks.measures import HOLDS, below
from core.risks.watch import Watched
from core.status import Status
from core.timeframe import DAY

_MET = frozenset({Status.ON_TARGET, Status.AT_RISK})


def milestone_overdue(rule: AlertRule, asked: Overdue, inputs: Inputs) -> Answer:
    """One signal a milestone that is over; active while a criterion is not proven to meet it.

    Missing evidence alone is unknown; an undecided criterion has not met its milestone.
    """
    plan = present(inputs.plan)
    today = inputs.as_of.date()
    over = [one for one in plan.overdue if today - one.due_on > asked.days * DAY]
    return Answer(tuple(_milestone(rule, one, inputs) for one in over))


def red_line(rule: AlertRule, asked: RedLine, inputs: Inputs) -> Answer:
    """A day that has passed, or a measure on the wrong side of its line.

    A measure that is unknown, or is not there, is unknown.
    """
    if asked.due_on is not None:
        crossed = inputs.as_of.date() > asked.due_on
        verb = "is over" if crossed else "is still to come"
        sentence = f"Red line {rule.name} of {rule.service}: {_day(asked)} {verb}"
        return Answer((_line(rule, asked, crossed, sentence, None),))
    try:
        value = _measured(asked.path, inputs)
    except LookupError:
        return unknown(f"there is no measure {asked.path}")
    if value is None or asked.value is None:
        return unknown(f"{asked.path} is unknown")
    crossed = HOLDS[asked.operator](value, asked.value)
    verb = "is crossed" if crossed else "holds"
    sentence = (
        f"Red line {rule.name} of {rule.service} {verb}: {asked.path} is {value:.6g}, "
        f"the line is {asked.operator} {asked.value:.6g}"
    )
    return Answer((_line(rule, asked, crossed, sentence, value),))


def risk_red_lines(rule: AlertRule, _: Nothing, inputs: Inputs) -> Answer:
    """One signal for each red line of a risk; active while it is crossed, or plan B is open.

    A line whose measure is unknown is unknown by itself, and keeps no other one from being told.
    """
    return Answer(tuple(_risk(rule, one) for one in present(inputs.risks)))


def _risk(rule: AlertRule, one: Watched) -> Signal:
    return Signal(
        rule_id=rule.rule_id,
        labels={"risk": str(one.risk.risk_id), "red_line": one.line},
        active=one.active,
        severity=rule.severity,
        sentence=one.sentence,
        since=one.risk.plan_b_opened_at,
        value=one.value,
        threshold=one.threshold,
        evidence={"owner": one.risk.owner, "rank": one.risk.rank, "plan_b": one.risk.plan_b},
    )


def _milestone(rule: AlertRule, one: OverdueMilestone, inputs: Inputs) -> Signal:
    late = [found for found in one.verdicts if found.status not in _MET | {Status.NO_DATA}]
    dark = [found for found in one.verdicts if found.status is Status.NO_DATA]
    active = True if late else None if dark else False
    days = (inputs.as_of.date() - one.due_on).days
    names = wording.listing([f"{found.name} ({found.status.word})" for found in late or dark])
    sentence = (
        f"Milestone {one.milestone} of {rule.service} was due on {one.due_on.day} "
        f"{one.due_on:%B %Y}, {days} {'day' if days == 1 else 'days'} ago"
    )
    sentence += f", and is not met: {names}" if names else ", and is met"
    return Signal(
        rule_id=rule.rule_id,
        labels={"goal": one.goal_id, "milestone": one.milestone, "due_on": str(one.due_on)},
        active=active,
        severity=rule.severity,
        sentence=sentence,
        value=float(days),
        evidence={found.criterion_id: found.status.name for found in one.verdicts},
    )


def _line(
    rule: AlertRule, asked: RedLine, crossed: bool, sentence: str, value: float | None
) -> Signal:
    return Signal(
        rule_id=rule.rule_id,
        labels={"red_line": asked.path or str(asked.due_on)},
        active=crossed,
        severity=rule.severity,
        sentence=sentence,
        value=value,
        threshold=asked.value,
    )


def _measured(path: str, inputs: Inputs) -> float | None:
    """A number of a report as its evidence names it; None is unknown.

    Raises:
        LookupError: nothing, or something that is no number, has this name.
    """
    area, _, rest = path.partition(".")
    if area == "criteria":
        return _criterion(rest, present(inputs.plan))
    values, stale = _evidence(area, inputs)
    found = below(values, rest)
    if stale or found is None:
        return None
    if isinstance(found, int | float) and not isinstance(found, bool):
        return found
    raise LookupError(path)


def _evidence(area: str, inputs: Inputs) -> tuple[Mapping[str, Any], bool]:
    """What an area's report says, as `cli.py evidence` prints it, and whether it is stale."""
    if area == "reliability":
        served = present(inputs.reports).reliability
        return reliability.evidence(served), served.freshness.stale
    if area == "quality":
        labelled = present(inputs.quality)
        return quality.evidence(labelled), labelled.freshness.stale
    tested = present(inputs.experiment)
    return experiment.evidence(tested), tested.freshness.stale


def _criterion(rest: str, plan: Plan) -> float | None:
    """The estimate of a criterion's measure, e.g. 'quality.precision'."""
    for verdict in plan.verdicts:
        for part in verdict.evidence:
            if f"{verdict.criterion_id}.{part.target.measure}" == rest:
                value = None if part.estimate is None else part.estimate.value
                dark = value is None or part.status is Status.NO_DATA
                return None if dark or value is None else float(value)
    raise LookupError(rest)


def _day(asked: RedLine) -> str:
    return "" if asked.due_on is None else wording.long_date(asked.due_on)
