"""A verdict as a line of the review."""

from __future__ import annotations

from core import wording
from core.criteria import target_words
from core.review.values import CriterionLine, Measured
from core.status import Evidence, Operator, Verdict

#: Digits of a share in percent: exact counts are told apart at four nines, estimates are not.
_DIGITS = {"reliability": 4}
_NAMES = {
    "complaint_lift": "lift",
    "latency_sli": "letters within the target",
    "mean_rpm": "mean a minute",
    "peak_rpm_within_slo": "peak a minute",
    "letters_anonymised": "letters",
}
#: Stands for a value that nobody knows.
UNKNOWN = "–"


def criterion_line(verdict: Verdict) -> CriterionLine:
    """A verdict, its numbers as people read them."""
    measures = tuple(_measured(part, verdict.area) for part in verdict.evidence)
    shown = [part.shown for part in measures]
    if len(shown) > 1 and all(part.endswith(" %") for part in shown):  # one sign says it for all
        shown = [part.removesuffix(" %") for part in shown[:-1]] + shown[-1:]
    several = len(measures) > 1
    return CriterionLine(
        criterion_id=verdict.criterion_id,
        name=verdict.name,
        area=verdict.area,
        status=verdict.status,
        value=" / ".join(shown) or UNKNOWN,
        target=", ".join(
            f"{part.name} {part.target}" if several else part.target for part in measures
        ),
        sentence=verdict.sentence,
        reasons=tuple(reason for reason in verdict.reasons if reason not in verdict.sentence),
        settles=verdict.settles,
        measures=measures,
    )


def _measured(part: Evidence, area: str) -> Measured:
    target = part.target
    value = None if part.estimate is None else part.estimate.value
    return Measured(
        measure=target.measure,
        name=_NAMES.get(target.measure, target.measure.replace("_", " ")),
        shown=_shown(part, _DIGITS.get(area, 2)),
        value=None if value is None else float(value),
        target=target_words(target),
        high_is_good=target.operator is Operator.AT_LEAST,
        status=part.status,
    )


def _shown(part: Evidence, digits: int) -> str:
    if part.estimate is None or part.estimate.value is None:
        return UNKNOWN
    good = "high" if part.target.operator is Operator.AT_LEAST else "low"
    if part.target.unit == "share":
        return wording.percent(part.estimate.value, digits, good=good)
    return wording.count(part.estimate.value, good=good)
