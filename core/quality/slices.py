"""Precision, recall and what belongs to them, of the whole and of slices of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.quality.bands import Bands, bands
from core.quality.cells import Tables
from core.quality.settings import MEASURES, Settings
from core.stats import intervals
from core.stats.intervals import Interval
from core.stats.stratified import Points, point
from core.status import Estimate, Status, judge

_OF_MEASURE = {
    "precision": intervals.precision,
    "recall": intervals.recall,
    "f1": intervals.f1,
    "false_positive_rate": intervals.false_positive_rate,
}


@dataclass(frozen=True, slots=True)
class Confusion:
    """The population by decision and truth, estimated from the labels.

    Attributes:
        true_positives: newsletters in the folder; likewise the others. None where nothing is
            labelled.
    """

    true_positives: float | None
    false_positives: float | None
    false_negatives: float | None
    true_negatives: float | None


@dataclass(frozen=True, slots=True)
class SliceQuality:
    """The quality of one slice: the whole window, a model version, a segment, a day.

    Attributes:
        key: its name; '' for the whole.
        letters: all its letters.
        decided: those decided positive.
        labels: labelled ones that count.
        positives: those of them whose label is positive.
        measures: by name, see `core.quality.settings.MEASURES`.
        statuses: precision and recall against their targets.
        confusion: scaled to the population.
        unlabelled: share of the letters in bands without labels.
        strays: labels in bins without a letter, which stand for nobody.
        confidence: of the intervals, after the adjustment for how many slices there are.
    """

    key: str
    letters: int
    decided: int
    labels: int
    positives: int
    measures: dict[str, Estimate]
    statuses: dict[str, Status]
    confusion: Confusion
    unlabelled: float
    strays: int
    confidence: float


def slice_qualities(
    keys: Sequence[str],
    tables: Tables,
    settings: Settings,
    *,
    adjusted: bool = True,
    measures: Sequence[str] = MEASURES,
) -> tuple[SliceQuality, ...]:
    """The quality of each slice.

    Args:
        keys: names of the slices, s of them.
        tables: leading axes (s, versions).
        settings: targets and confidence.
        adjusted: Bonferroni, so that all intervals together hold with the confidence.
        measures: which ones.
    """
    if not keys:
        return ()
    confidence = 1 - (1 - settings.confidence) / (len(keys) if adjusted else 1)
    return described(keys, tables, bands(tables), settings, confidence, measures=measures)


def described(
    keys: Sequence[str],
    tables: Tables,
    cut: Bands,
    settings: Settings,
    confidence: float,
    *,
    measures: Sequence[str] = MEASURES,
) -> tuple[SliceQuality, ...]:
    """The quality of slices whose strata are cut already."""
    points = point(cut.strata)
    found = {name: _OF_MEASURE[name](cut.strata, confidence) for name in measures}
    letters = tables.letters.sum(axis=(1, 2, 3))
    decided = tables.letters[:, :, 1].sum(axis=(1, 2))
    labels = tables.labels.sum(axis=(1, 2, 3)) - cut.strays
    positives = (tables.positives * (cut.place >= 0)).sum(axis=(1, 2, 3))
    qualities = []
    for at, key in enumerate(keys):
        of_slice = {name: _estimate(found[name], at) for name in measures}
        qualities.append(
            SliceQuality(
                key=key,
                letters=int(letters[at]),
                decided=int(decided[at]),
                labels=int(labels[at]),
                positives=int(positives[at]),
                measures=of_slice,
                statuses={
                    name: judge(of_slice[name], target)
                    for name, target in settings.targets.items()
                    if name in of_slice
                },
                confusion=_confusion(points, at),
                unlabelled=_number(points.unlabelled[at]) or 0.0,
                strays=int(cut.strays[at]),
                confidence=confidence,
            )
        )
    return tuple(qualities)


def estimate_at(interval: Interval, at: int) -> Estimate:
    """One entry of an interval as an estimate."""
    return _estimate(interval, at)


def _estimate(interval: Interval, at: int) -> Estimate:
    value = _number(interval.value[at])
    if value is None:
        return Estimate(None, None, None, int(interval.n[at]))
    return Estimate(value, float(interval.low[at]), float(interval.high[at]), int(interval.n[at]))


def _confusion(points: Points, at: int) -> Confusion:
    return Confusion(
        _number(points.tp[at]),
        _number(points.fp[at]),
        _number(points.fn[at]),
        _number(points.tn[at]),
    )


def _number(value: np.floating) -> float | None:
    return None if np.isnan(value) else float(value)
