"""What the training report says of a criterion's targets."""

from __future__ import annotations

from collections.abc import Sequence

from core.criteria.judged import Judged
from core.status import Evidence, Status, Target
from core.training import MEASURE, TrainingReport, reach, sentences


def judge_training(found: TrainingReport, targets: Sequence[Target]) -> Judged:
    """Hold targets against a training report.

    Letters are counted exactly, so that no verdict is undecided: a target that is not reached is
    breached, before it is due as after, and the verdict says when it will be reached at the present
    pace. Without any run there is no data.
    """
    evidence, reasons, settles = [], [], []
    if not found.runs:
        reasons.append("no training run is known")
    for target in targets:
        if target.measure != MEASURE:
            evidence.append(Evidence(target, None, Status.NO_DATA))
            reasons.append(f"nothing measures {target.measure!r}")
            continue
        held = reach(found, target)
        evidence.append(Evidence(target, found.estimate, held.status))
        reasons.extend(worry for worry in held.worries if worry not in reasons)
        settled = sentences.settles(found, held)
        if settled:
            settles.append(settled)
    return Judged(
        tuple(evidence),
        sentences.verdict_sentence(found),
        tuple(reasons),
        " ".join(settles),
        found.data_through,
    )
