"""What the quality report says of a criterion's targets."""

from __future__ import annotations

from collections.abc import Sequence

from core import wording
from core.criteria.judged import Judged
from core.quality import QualityReport, sentences
from core.status import Evidence, Status, Target, judge


def judge_quality(found: QualityReport, targets: Sequence[Target]) -> Judged:
    """Hold targets against a quality report.

    The interval decides, never the point; the label-free early warning can only put at risk what
    the labels have proven.
    """
    missing = _missing(found)
    worries = () if found.early is None else found.early.reasons
    evidence: list[Evidence] = []
    reasons: list[str] = list(missing)
    said: list[str] = []
    for target in targets:
        estimate = found.whole.measures.get(target.measure)
        if estimate is None:
            evidence.append(Evidence(target, None, Status.NO_DATA))
            reasons.append(f"nothing measures {target.measure!r}")
            continue
        status = Status.NO_DATA if missing else judge(estimate, target)
        if status is Status.NO_DATA and not missing:
            reasons.append(f"no label tells {target.measure.replace('_', ' ')}")
        if status is Status.ON_TARGET and worries:
            status = Status.AT_RISK
            reasons.extend(worry for worry in worries if worry not in reasons)
        evidence.append(Evidence(target, estimate, status))
        said.append(sentences.measure_sentence(found, target.measure))
    undecided = any(part.status is Status.UNDECIDED for part in evidence)
    return Judged(
        tuple(evidence),
        " ".join(said) or "No verdict.",
        tuple(reasons),
        sentences.settles(found) if undecided else "",
        found.freshness.data_through,
    )


def _missing(found: QualityReport) -> tuple[str, ...]:
    """Why there is no evidence; empty where there is."""
    if found.state == "no_scores":
        return (f"no scores in the {found.window.last}",)
    if found.freshness.stale:
        through = found.freshness.data_through
        return (
            "scores have stopped"
            if through is None
            else f"scores end at {wording.clock(through, found.freshness.as_of)}",
        )
    if found.state == "no_labels":
        return (f"no letter of the {found.window.last} is labelled",)
    return ()
