"""The operating threshold, the certified one, and precision against recall by threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.ports import Release
from core.quality.cells import Floats, Tables
from core.quality.settings import Settings
from core.quality.slices import estimate_at, slice_qualities
from core.stats import threshold
from core.stats.scores import ALL_BINS, lower_edge, score_at
from core.stats.stratified import Strata, from_weights, join_bins
from core.status import Estimate
from core.timeframe import Span

#: The middle of every bin, in scores.
_MIDDLES = score_at(ALL_BINS, 0.5)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What a threshold would bring: letters that score at or above it are decided positive."""

    threshold: float
    precision: Estimate
    recall: Estimate


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision and recall of one model version by threshold, lowest first."""

    version: str
    points: tuple[CurvePoint, ...]

    def at(self, score: float) -> CurvePoint:
        """The point whose threshold is nearest to a score."""
        return min(self.points, key=lambda point: abs(point.threshold - score))


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the model version in production decides, and where it provably may.

    Attributes:
        operating: the threshold in use; None where neither a release nor the scores tell.
        source: 'release', 'scores' or ''.
        operating_point: what was really decided, by this version alone; None without labels.
        certified: the lowest threshold whose precision is certified to reach the target, by
            fixed-sequence testing at 5 % for the whole walk; None where none is.
        changed: decisions of this version overlap in score, or its releases name two thresholds.
    """

    version: str
    operating: float | None
    source: str
    operating_point: CurvePoint | None
    certified: CurvePoint | None
    changed: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """Score bands of one version whatever was decided, lowest first.

    Attributes:
        bands: shape (h,); their decisions mean nothing here.
        edges: lower edge of each band, shape (h,).
    """

    bands: Strata
    edges: Floats


def curve_of(version: str, tables: Tables, settings: Settings) -> Curve | None:
    """Precision and recall at the lower edge of every band; None without labels.

    Args:
        version: its name.
        tables: its letters and labels, leading axes (1, 1).
        settings: the confidence.
    """
    cut = _cut(tables)
    if cut is None:
        return None
    found = threshold.curve(cut.edges, cut.bands, settings.confidence)
    return Curve(
        version,
        tuple(
            CurvePoint(float(edge), estimate_at(found.precision, at), estimate_at(found.recall, at))
            for at, edge in enumerate(cut.edges)
        ),
    )


def thresholds_of(
    version: str,
    tables: Tables,
    curve: Curve | None,
    *,
    releases: Sequence[Release],
    span: Span,
    settings: Settings,
) -> Thresholds:
    """Where a version decides and where it provably may.

    Args:
        version: its name.
        tables: its letters and labels, leading axes (1, 1).
        curve: its precision and recall by threshold.
        releases: deployments up to the window's end, oldest first.
        span: the window.
        settings: the targets.
    """
    named = [
        made for made in releases if made.model_version == version and made.threshold is not None
    ]
    decided = tables.letters[0, 0].astype(np.bool_)
    positive, negative = np.flatnonzero(decided[1]), np.flatnonzero(decided[0])
    operating, source = None, ""
    if named:
        operating, source = named[-1].threshold, "release"
    elif positive.size:
        operating, source = lower_edge(int(ALL_BINS[positive.min()])), "scores"
    within = {made.threshold for made in named if made.deployed_at >= span.start}
    before = [made.threshold for made in named if made.deployed_at < span.start]
    # A threshold inside a bin has both decisions there; one bin more, and it has moved.
    overlap = bool(positive.size and negative.size and positive.min() < negative.max())
    point = None
    if operating is not None and curve is not None:
        (quality,) = slice_qualities([version], tables, settings)
        measures = quality.measures
        point = CurvePoint(operating, measures["precision"], measures["recall"])
    return Thresholds(
        version,
        operating,
        source,
        point,
        _certified(tables, curve, settings),
        overlap or len(within | set(before[-1:])) > 1,
    )


def _cut(tables: Tables) -> _Cut | None:
    """Bands of one version, both decisions together; None without a label."""
    merged = tables[0, 0].sum(axis=0)
    there = np.flatnonzero(merged.letters)
    if not there.size or not merged.labels[there].any():
        return None
    joined = join_bins(merged.letters[there], merged.labels[there])

    def summed(values: Floats) -> Floats:
        return np.bincount(joined, weights=values[there]).astype(np.float64)

    strata = from_weights(
        summed(merged.letters),
        summed(merged.labels),
        summed(merged.weight),
        summed(merged.weight_squared),
        summed(merged.weight_positive),
        np.zeros(int(joined.max()) + 1, dtype=np.bool_),
    )
    first = there[np.unique(joined, return_index=True)[1]]
    return _Cut(strata, np.array([lower_edge(int(ALL_BINS[at])) for at in first]))


def _certified(tables: Tables, curve: Curve | None, settings: Settings) -> CurvePoint | None:
    """The lowest threshold that is certified to reach the target of precision."""
    cut = _cut(tables)
    if cut is None or curve is None:
        return None
    letters = tables.letters[0, 0].sum(axis=0)
    starts = threshold.starting_edges(_MIDDLES, letters, cut.edges)
    if not starts:
        return None
    found = threshold.certified_threshold(
        cut.edges, cut.bands, settings.precision, starts, 1 - settings.confidence
    )
    return None if found.edge_index is None else curve.points[found.edge_index]
