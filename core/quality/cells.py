"""Letters and labels by version, segment, decision and score bin, as dense arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.ports import Cells, LabelCounts, ScoreCounts
from core.stats.scores import BINS, LOWEST_BIN

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Sums of a slice; every array has shape (..., 2, 200): decision (False, True), then bin.

    Attributes:
        letters: all letters.
        labels: labelled letters.
        weight: sum of 1 / inclusion probability over the labels.
        weight_squared: sum of its square.
        weight_positive: its sum over the positive labels.
        positives: positive labels.
    """

    letters: Floats
    labels: Floats
    positives: Floats
    weight: Floats
    weight_squared: Floats
    weight_positive: Floats

    def __getitem__(self, at: object) -> Tables:
        return Tables(*(getattr(self, name)[at] for name in _NAMES))

    def nested(self) -> Tables:
        """The whole as a single slice: one more leading axis, of length 1."""
        return Tables(*(getattr(self, name)[None] for name in _NAMES))

    def each(self) -> Tables:
        """Every entry of the first axis as a slice of its own: shape (s, 1, ...)."""
        return Tables(*(getattr(self, name)[:, None] for name in _NAMES))

    def padded(self, length: int) -> Tables:
        """With empty slices behind, up to a length of the first axis."""
        return Tables(*(_padded(getattr(self, name), length) for name in _NAMES))

    def joined(self, starts: NDArray[np.int64]) -> Tables:
        """Neighbours of the first axis added up, from each start to the one before the next."""
        return Tables(*(np.add.reduceat(getattr(self, name), starts, axis=0) for name in _NAMES))

    def sum(self, axis: int) -> Tables:
        """The sums over one of the leading axes."""
        return Tables(*(getattr(self, name).sum(axis=axis) for name in _NAMES))


_NAMES = ("letters", "labels", "positives", "weight", "weight_squared", "weight_positive")


@dataclass(frozen=True, eq=False)
class Counted:
    """Scores and labels of one span, tabulated on demand.

    Attributes:
        versions: every version that scored a letter or carries a label, sorted.
        segments: likewise.
        days: every UTC day with letters or labels, sorted.
    """

    versions: tuple[str, ...]
    segments: tuple[str, ...]
    days: NDArray[np.datetime64]
    _scores: ScoreCounts
    _labels: LabelCounts

    @classmethod
    def of(
        cls,
        scores: ScoreCounts,
        labels: LabelCounts,
        version: str | None = None,
        segment: str | None = None,
    ) -> Counted:
        """Put both together; a version or a segment narrows them to it."""
        if version is not None or segment is not None:
            scores = _narrowed_scores(scores, version, segment)
            labels = _narrowed_labels(labels, version, segment)
        both = (scores.cells, labels.cells)
        return cls(
            _named((cells.versions, cells.version) for cells in both),
            _named((cells.segments, cells.segment) for cells in both),
            _days(both),
            scores,
            labels,
        )

    @cached_property
    def by_segment(self) -> Tables:
        """Leading axes: segments, versions."""
        return self._tables(("segment", "version"))

    @cached_property
    def by_version(self) -> Tables:
        """Leading axis: versions."""
        return self.by_segment.sum(axis=0)

    def by_day(self) -> Tables:
        """Leading axes: days, versions."""
        return self._tables(("day", "version"))

    def of_version(self, version: str, segments: Sequence[str]) -> Tables:
        """One version, leading axis: the given segments, empty where nothing is there."""
        if version not in self.versions:
            return Tables(*(np.zeros((len(segments), 2, BINS)) for _ in _NAMES))
        only = self.by_segment[:, self.versions.index(version)].padded(len(self.segments) + 1)
        known = {name: at for at, name in enumerate(self.segments)}
        return only[[known.get(name, len(self.segments)) for name in segments]]

    def _tables(self, axes: tuple[str, ...]) -> Tables:
        shape = (*(self._lengths[axis] for axis in axes), 2, BINS)
        size = int(np.prod(shape, dtype=np.int64))
        of_letters, of_labels = (
            np.ravel_multi_index(tuple(places[axis] for axis in (*axes, "decision", "bin")), shape)
            for places in (self._places_of_letters, self._places_of_labels)
        )

        def summed(flat: NDArray[np.int64], values: NDArray[np.generic]) -> Floats:
            # Sums of float64 are exact up to 2^53 letters.
            total = np.bincount(flat, weights=values, minlength=size)
            return total.astype(np.float64, copy=False).reshape(shape)

        counts = self._labels
        return Tables(
            summed(of_letters, self._scores.letters),
            summed(of_labels, counts.labels),
            summed(of_labels, counts.positives),
            summed(of_labels, counts.weight),
            summed(of_labels, counts.weight_squared),
            summed(of_labels, counts.weight_positive),
        )

    @cached_property
    def _places_of_letters(self) -> dict[str, NDArray[np.int64]]:
        return self._places(self._scores.cells)

    @cached_property
    def _places_of_labels(self) -> dict[str, NDArray[np.int64]]:
        return self._places(self._labels.cells)

    @property
    def _lengths(self) -> dict[str, int]:
        return {
            "version": len(self.versions),
            "segment": len(self.segments),
            "day": len(self.days),
        }

    def _places(self, cells: Cells) -> dict[str, NDArray[np.int64]]:
        versions = np.array(
            [self.versions.index(name) if name in self.versions else 0 for name in cells.versions],
            dtype=np.int64,
        )
        segments = np.array(
            [self.segments.index(name) if name in self.segments else 0 for name in cells.segments],
            dtype=np.int64,
        )
        return {
            "version": versions[cells.version],
            "segment": segments[cells.segment],
            "day": np.searchsorted(self.days, cells.day).astype(np.int64),
            "decision": cells.decision.astype(np.int64),
            "bin": cells.bin.astype(np.int64) - LOWEST_BIN,
        }


def no_labels(scores: ScoreCounts) -> LabelCounts:
    """No label at all, of letters that are counted."""
    cells, nothing = scores.cells, np.zeros(0, dtype=np.int64)
    empty = _picked(cells, np.zeros(len(cells.bin), dtype=np.bool_))
    none = nothing.astype(np.float64)
    return LabelCounts(empty, nothing, nothing, none, none, none)


def _named(columns: Iterable[tuple[tuple[str, ...], NDArray[np.int64]]]) -> tuple[str, ...]:
    """The names that columns point to, sorted."""
    return tuple(sorted({names[at] for names, column in columns for at in _present(column)}))


def _days(both: Iterable[Cells]) -> NDArray[np.datetime64]:
    """Every day of the cells, ascending."""
    number = np.concatenate([cells.day.astype("datetime64[D]").astype(np.int64) for cells in both])
    if not number.size:
        return np.zeros(0, dtype="datetime64[D]")
    first = int(number.min())
    return (_present(number - first) + first).astype("datetime64[D]")


def _present(column: NDArray[np.int64]) -> NDArray[np.int64]:
    """The indices that a column holds, ascending."""
    return np.flatnonzero(np.bincount(column))


def _padded(values: Floats, length: int) -> Floats:
    behind = np.zeros((length - len(values), *values.shape[1:]))
    return np.concatenate([values, behind])


def _kept(cells: Cells, version: str | None, segment: str | None) -> NDArray[np.bool_]:
    kept = np.ones(len(cells.bin), dtype=np.bool_)
    for wanted, names, column in (
        (version, cells.versions, cells.version),
        (segment, cells.segments, cells.segment),
    ):
        if wanted is not None:
            kept &= column == (names.index(wanted) if wanted in names else -1)
    return kept


def _picked(cells: Cells, kept: NDArray[np.bool_]) -> Cells:
    return Cells(
        cells.versions,
        cells.segments,
        cells.day[kept],
        cells.version[kept],
        cells.segment[kept],
        cells.decision[kept],
        cells.bin[kept],
    )


def _narrowed_scores(scores: ScoreCounts, version: str | None, segment: str | None) -> ScoreCounts:
    kept = _kept(scores.cells, version, segment)
    return ScoreCounts(_picked(scores.cells, kept), scores.letters[kept])


def _narrowed_labels(labels: LabelCounts, version: str | None, segment: str | None) -> LabelCounts:
    kept = _kept(labels.cells, version, segment)
    return LabelCounts(
        _picked(labels.cells, kept),
        labels.labels[kept],
        labels.positives[kept],
        labels.weight[kept],
        labels.weight_squared[kept],
        labels.weight_positive[kept],
    )
