"""What the reliability report says of a criterion's targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from core import wording
from core.criteria.judged import Judged
from core.reliability import ReliabilityReport
from core.reliability.indicators import worries_about
from core.status import Estimate, Evidence, Status, Target, judge


def judge_reliability(found: ReliabilityReport, targets: Sequence[Target]) -> Judged:
    """Hold targets against a reliability report."""
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
    return Judged(
        tuple(evidence),
        " ".join(sentences),
        tuple(reasons),
        " ".join(settles),
        found.freshness.data_through,
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
