"""What the experiment report says of a criterion's targets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from core.criteria.judged import Judged
from core.experiment import ExperimentReport, Outcome, estimate, sentences
from core.status import Estimate, Evidence, Status, Target, judge

#: The measure that a criterion names: the lift of the experiment's primary metric.
LIFT = "complaint_lift"
#: Verdicts that no number may overrule.
_WITHOUT_NUMBER = frozenset({Outcome.NOT_BEGUN, Outcome.NO_DATA, Outcome.INVALID})


def judge_experiment(found: ExperimentReport, targets: Sequence[Target]) -> Judged:
    """Hold targets against an experiment's report.

    A target at the experiment's own margin has the experiment's own verdict, which may be looked at
    daily; another target is held against the same bounds.
    """
    shown = estimate(found)
    evidence, reasons = [], list(found.reasons)
    if not found.experiment:
        reasons.append("no A/B test has been defined or has written rows")
    for target in targets:
        if target.measure != LIFT:
            evidence.append(Evidence(target, None, Status.NO_DATA))
            reasons.append(f"nothing measures {target.measure!r}")
            continue
        evidence.append(Evidence(target, shown, _status(found, shown, target)))
    undecided = any(part.status is Status.UNDECIDED for part in evidence)
    settles = sentences.settles(found) if undecided else ""
    through = found.data_through
    return Judged(
        tuple(evidence),
        sentences.verdict_sentence(found),
        tuple(reasons),
        f"Settled by {settles}." if settles else "",
        None if through is None else datetime(through.year, through.month, through.day, tzinfo=UTC),
    )


def _status(found: ExperimentReport, shown: Estimate | None, target: Target) -> Status:
    if not found.experiment:
        return Status.NO_DATA
    own = float(target.value) == found.definition.primary.margin
    if own or found.outcome in _WITHOUT_NUMBER:
        return found.status
    return judge(shown, target)
