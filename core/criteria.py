"""Goals, criteria and interim targets: each criterion against the nearest milestone's target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from core import wording
from core.ports import Criterion, Goal
from core.reliability import ReliabilityReport
from core.reliability.indicators import worries_about
from core.status import Estimate, Evidence, Operator, Status, Target, Verdict, judge, worst_of
from core.timeframe import Window

#: Areas whose report exists; the others say so instead of guessing.
_NOT_BUILT = {
    "experiment": "A/B test results are not evaluated yet",
    "quality": "labels are not evaluated yet",
    "training": "training runs are not evaluated yet",
}


@dataclass(frozen=True, slots=True)
class GoalReport:
    """A service's goal at a moment.

    Attributes:
        goal: the goal with criteria; None where nobody has set one.
        interim: its child goals, by due date.
        milestone: the nearest milestone; '' without targets.
        due_on: when it is due; None without targets.
        verdicts: one a criterion, in the goal's order.
        status: the worst of them.
    """

    service: str
    window: Window
    as_of: datetime
    goal: Goal | None
    interim: tuple[Goal, ...]
    milestone: str
    due_on: date | None
    verdicts: tuple[Verdict, ...]
    status: Status

    @property
    def sentence(self) -> str:
        """How the criteria stand, in one sentence, without the service's name.

        For example: 'two criteria on target, one at risk, two without data'.
        """
        order = (
            Status.BREACHED,
            Status.AT_RISK,
            Status.ON_TARGET,
            Status.UNDECIDED,
            Status.NO_DATA,
            Status.NOT_DUE,
        )
        counted = [
            (sum(verdict.status is status for verdict in self.verdicts), status) for status in order
        ]
        parts: list[str] = []
        for number, status in counted:
            if number:
                noun = "" if parts else (" criterion" if number == 1 else " criteria")
                word = "without data" if status is Status.NO_DATA else status.word
                parts.append(f"{wording.number_word(number)}{noun} {word}")
        return ", ".join(parts) or "no criteria yet"


def report(
    goals: Sequence[Goal],
    reliability: ReliabilityReport,
    as_of: datetime,
) -> GoalReport:
    """Judge every criterion of a service's goal by the reports of their areas."""
    window, service = reliability.window, reliability.service
    goal = next((goal for goal in goals if goal.criteria), goals[0] if goals else None)
    if goal is None:
        return GoalReport(service, window, as_of, None, (), "", None, (), Status.NO_DATA)
    interim = tuple(other for other in goals if other.parent_goal_id == goal.goal_id)
    targets = [target for criterion in goal.criteria for target in criterion.targets]
    due_on = nearest_due(targets, as_of.date())
    milestone = next((target.milestone for target in targets if target.due_on == due_on), "")
    verdicts = tuple(
        verdict(criterion, due_on, {"reliability": reliability}, window, as_of)
        for criterion in goal.criteria
    )
    return GoalReport(
        service,
        window,
        as_of,
        goal,
        interim,
        milestone,
        due_on,
        verdicts,
        worst_of(found.status for found in verdicts),
    )


def nearest_due(targets: Sequence[Target], today: date) -> date | None:
    """The due date of the nearest milestone: the first that is not over, else the last.

    >>> nearest_due([], date(2026, 6, 1)) is None
    True
    """
    dates = sorted({target.due_on for target in targets})
    return next((due for due in dates if due >= today), dates[-1] if dates else None)


def verdict(
    criterion: Criterion,
    due_on: date | None,
    reports: Mapping[str, ReliabilityReport],
    window: Window,
    as_of: datetime,
) -> Verdict:
    """One criterion's verdict against the targets of the milestone due on a date.

    A criterion without a target there is not due if one comes later; if its last one is over, that
    one goes on counting.
    """
    dates = sorted({target.due_on for target in criterion.targets})
    if not dates or due_on is None:
        sentence = "No target is set for this criterion."
        return _bare(criterion, window, as_of, Status.NO_DATA, sentence)
    if due_on not in dates and dates[-1] > due_on:
        later = [target for target in criterion.targets if target.due_on > due_on]
        sentence = f"Due on {_date(min(target.due_on for target in later))}."
        upcoming = tuple(Evidence(target, None, Status.NOT_DUE) for target in later)
        return _bare(criterion, window, as_of, Status.NOT_DUE, sentence, evidence=upcoming)
    counts = due_on if due_on in dates else dates[-1]
    targets = [target for target in criterion.targets if target.due_on == counts]
    found = reports.get(criterion.area)
    if found is None:
        why = _NOT_BUILT.get(criterion.area, f"{criterion.area} is not evaluated")
        bare = tuple(Evidence(target, None, Status.NO_DATA) for target in targets)
        sentence = f"No verdict: {why}."
        return _bare(
            criterion, window, as_of, Status.NO_DATA, sentence, evidence=bare, reasons=(why,)
        )
    return _reliability_verdict(criterion, targets, found, as_of)


def _bare(
    criterion: Criterion,
    window: Window,
    as_of: datetime,
    status: Status,
    sentence: str,
    *,
    evidence: tuple[Evidence, ...] = (),
    reasons: tuple[str, ...] = (),
) -> Verdict:
    return Verdict(
        criterion.criterion_id,
        criterion.name,
        criterion.area,
        status,
        sentence,
        evidence,
        window,
        as_of,
        None,
        reasons,
    )


def _reliability_verdict(
    criterion: Criterion,
    targets: Sequence[Target],
    found: ReliabilityReport,
    as_of: datetime,
) -> Verdict:
    evidence, reasons, sentences, settles = [], [], [], []
    unusable = found.freshness.stale or found.state == "no_data"
    for target in targets:
        measure = _MEASURES.get(target.measure)
        if measure is None:
            evidence.append(Evidence(target, None, Status.NO_DATA))
            reasons.append(f"nothing measures {target.measure!r}")
            continue
        estimate, sentence, worries, settle = measure(found, target)
        status = judge(estimate, target)
        if status is Status.ON_TARGET and worries:
            status = Status.AT_RISK
        if status in {Status.AT_RISK, Status.NO_DATA}:
            reasons.extend(worry for worry in worries if worry not in reasons)
        if status is Status.UNDECIDED and settle and not unusable:
            settles.append(settle)
        evidence.append(Evidence(target, estimate, Status.NO_DATA if unusable else status))
        sentences.append(sentence)
    if unusable:
        reasons = list(found.slis["availability"].reasons)
    return Verdict(
        criterion.criterion_id,
        criterion.name,
        criterion.area,
        worst_of(part.status for part in evidence),
        " ".join(sentences),
        tuple(evidence),
        found.window,
        as_of,
        found.freshness.data_through,
        tuple(reasons),
        " ".join(settles),
    )


_Measured = tuple[Estimate | None, str, tuple[str, ...], str]


def _sli(kind: str) -> Callable[[ReliabilityReport, Target], _Measured]:
    def measure(found: ReliabilityReport, target: Target) -> _Measured:
        sli = found.slis[kind]
        if sli.value is None:
            about = "letters" if kind == "availability" else "answered letters"
            return None, f"No {about} in this window.", sli.reasons, ""
        goal = Fraction(target.value)
        allowed = sli.total * (1 - goal)
        bad = wording.count(sli.bad, good="low")
        sentence = f"{bad} of {wording.count(allowed)} bad letters allowed."
        if sli.bad > allowed:
            sentence = f"{bad} bad letters, {wording.count(allowed)} were allowed."
        alerts = [alert for alert in found.alerts if alert.kind == kind]
        worries = worries_about(sli.bad, sli.total, sli.low, goal, alerts)
        return Estimate.exact(sli.value, sli.total), sentence, worries, ""

    return measure


def _mean_load(found: ReliabilityReport, target: Target) -> _Measured:
    load = found.load
    if load.mean_rpm is None or load.mean_rpm_within_slo is None:
        return None, "No rows in this window.", ("no rows in this window",), ""
    carried = load.mean_rpm_within_slo
    offered_enough = load.mean_rpm >= Fraction(target.value)
    estimate = Estimate(carried, carried, carried if offered_enough else None, found.letters)
    sentence = f"Carried {wording.count(carried)} letters a minute on average within the SLO."
    return estimate, sentence, (), "A load test, or more traffic, settles the average."


def _peak_load(found: ReliabilityReport, target: Target) -> _Measured:
    load = found.load
    if load.peak_rpm is None:
        return None, "No rows in this window.", ("no rows in this window",), ""
    carried = load.carried.rpm if load.carried else 0
    estimate = Estimate(carried, carried, load.first_failed_rpm, found.letters)
    sentence = "No five minutes in a row were within the SLO."
    if load.carried:
        sentence = f"Highest load held for 5 minutes: {wording.count(carried)} a minute."
    settle = (
        f"Traffic peaked at {wording.count(load.peak_rpm)}; a load test at "
        f"{wording.count(Fraction(target.value))} settles the peak."
    )
    return estimate, sentence, (), settle


_MEASURES: Mapping[str, Callable[[ReliabilityReport, Target], _Measured]] = {
    "availability": _sli("availability"),
    "latency_sli": _sli("latency"),
    "mean_rpm": _mean_load,
    "peak_rpm_within_slo": _peak_load,
}


def target_words(target: Target) -> str:
    """A target as a card shows it.

    >>> from decimal import Decimal
    >>> lift = Decimal("-0.05")
    >>> due_on = date(2027, 1, 24)
    >>> target_words(Target("complaint_lift", Operator.AT_MOST, lift, "share", "Q2", due_on))
    'at most −5 %'
    """
    word = "at least" if target.operator is Operator.AT_LEAST else "at most"
    if target.unit == "share":
        number = f"{(target.value * 100).normalize():f} %".replace("-", "−")
    else:
        number = wording.count(Fraction(target.value))
    return f"{word} {number}"


def _date(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"
