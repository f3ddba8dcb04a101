"""What the scores alone say about the newest letters, whose labels have not come yet.

It never decides a criterion: it assumes that a score still means what it meant when the labels
were given, and a change of that meaning is just what it cannot see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core import wording
from core.quality.cells import Counted, Floats
from core.quality.settings import Settings
from core.stats import calibration, drift
from core.stats.scores import ALL_BINS
from core.timeframe import Span

#: A fall of the expected precision or recall by this much is worth a look, in shares.
NOTICEABLE = 0.01
#: With fewer labels than this, what a score means is not known well enough.
FEWEST_LABELS = 200
#: The usual reading of a population stability index: below .1 no change worth a look, above .25 a
#: large one (Siddiqi 2006, Credit Risk Scorecards).
PSI_SOME, PSI_LARGE = 0.1, 0.25


@dataclass(frozen=True, slots=True)
class Drift:
    """How far a segment's newest scores are from its earlier ones.

    Attributes:
        segment: its name; '' for all letters.
        psi: population stability index; None without letters on one side.
        distance: Jensen-Shannon distance, 0 to 1.
        recent: letters of the newest stretch.
    """

    segment: str
    psi: float | None
    distance: float | None
    recent: int

    @property
    def word(self) -> str:
        """How large the drift is, by the usual reading."""
        if self.psi is None:
            return "nothing to compare"
        if self.psi < PSI_SOME:
            return "no drift"
        return "some drift" if self.psi < PSI_LARGE else "large drift"


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """Precision and recall expected from the scores (CBPE), newest letters against earlier ones.

    Attributes:
        version: the model version it is about; letters of others are left out.
        recent: the newest stretch of the window.
        reference: the rest of the window before it.
        labels: labels that the scores were calibrated with.
        precision: expected over the newest stretch; None where it cannot be told.
        recall: likewise.
        reference_precision: expected over the reference, by the same calibration.
        reference_recall: likewise.
        drift: of all letters first, then by segment.
        reasons: why there is a warning, as sentences; none where all is quiet.
        unknown: why nothing can be told; '' where it can.
    """

    version: str
    recent: Span
    reference: Span
    labels: int
    precision: float | None
    recall: float | None
    reference_precision: float | None
    reference_recall: float | None
    drift: tuple[Drift, ...]
    reasons: tuple[str, ...]
    unknown: str


def early_warning(
    version: str,
    whole: Counted,
    recent: Counted,
    spans: tuple[Span, Span],
    settings: Settings,
) -> EarlyWarning:
    """Look at the newest scores of a version without their labels.

    Args:
        version: the model version in production.
        whole: scores and labels of the window.
        recent: scores of its newest stretch.
        spans: the newest stretch, and the window before it.
        settings: the targets.
    """
    segments = whole.segments
    known = whole.of_version(version, segments)
    now = recent.of_version(version, segments).letters
    before = np.maximum(known.letters - now, 0)
    labels = known.sum(axis=0).sum(axis=0)
    given = int(labels.labels.sum())
    drifts = _drifts(segments, now.sum(axis=1), before.sum(axis=1))
    unknown = _unknown(version, given, now, before)
    if unknown:
        return EarlyWarning(version, *spans, given, None, None, None, None, drifts, (), unknown)
    # Kish: so many labels of equal weight say as much as these.
    size = _ratio(labels.weight**2, labels.weight_squared)
    positives = _ratio(labels.weight_positive, labels.weight) * size
    probability = calibration.calibrate(ALL_BINS, size, positives).probability
    decided = np.array([[False], [True]])
    expected, earlier = (
        calibration.expected(letters.sum(axis=0), decided, probability) for letters in (now, before)
    )
    bare = EarlyWarning(version, *spans, given, *expected, *earlier, drifts, (), "")
    return warned(bare, settings)


def warned(found: EarlyWarning, settings: Settings) -> EarlyWarning:
    """The same look at scores, with the reasons to worry that some targets give."""
    if found.unknown:
        return found
    known = (found.precision, found.recall)
    before = (found.reference_precision, found.reference_recall)
    return replace(found, reasons=_reasons(known, before, found.drift, settings))


def _unknown(version: str, labels: int, now: Floats, before: Floats) -> str:
    if not now[:, 1].sum():
        return f"{version} decided no letter positive in the newest hours"
    if not before.sum():
        return f"{version} is too new: it has no earlier scores to compare with"
    if labels < FEWEST_LABELS:
        return (
            f"{wording.whole(labels)} labels of {version} are too few to know what its scores mean"
        )
    return ""


def _drifts(segments: Sequence[str], now: Floats, before: Floats) -> tuple[Drift, ...]:
    """Drift of all letters and of each segment, from letters by bin, shape (segments, 200)."""
    newest = np.concatenate([now.sum(axis=0, keepdims=True), now])
    earlier = np.concatenate([before.sum(axis=0, keepdims=True), before])
    psi = drift.population_stability_index(newest, earlier)
    distance = drift.jensen_shannon_distance(newest, earlier)
    return tuple(
        Drift(
            name,
            None if np.isnan(psi[at]) else float(psi[at]),
            None if np.isnan(distance[at]) else float(distance[at]),
            int(newest[at].sum()),
        )
        for at, name in enumerate(["", *segments])
    )


def _reasons(
    expected: tuple[float | None, float | None],
    earlier: tuple[float | None, float | None],
    drifts: Sequence[Drift],
    settings: Settings,
) -> tuple[str, ...]:
    reasons = []
    goals = (("precision", settings.precision), ("recall", settings.recall))
    for (name, goal), now, before in zip(goals, expected, earlier, strict=True):
        if now is None or before is None:
            continue
        if now < goal <= before:
            reasons.append(
                f"the scores of the newest letters let expect {name} of "
                f"{wording.percent(now, 1)}, below the target"
            )
        elif now < before - NOTICEABLE:
            reasons.append(
                f"the scores let expect {name} to fall from {wording.percent(before, 1)} "
                f"to {wording.percent(now, 1)}"
            )
    large = [found for found in drifts if found.psi is not None and found.psi >= PSI_LARGE]
    if large:
        where = wording.listing([found.segment or "all letters" for found in large])
        reasons.append(f"the scores of {where} have drifted far")
    return tuple(reasons)


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
