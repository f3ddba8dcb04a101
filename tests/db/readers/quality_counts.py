"""Spans of days, rollups of scores and labels, and when counts are the same."""

import numpy as np

from core.ports import Cells, LabelCounts, ScoreCounts
from db import rollup_labels, rollup_scores
from db.engine import Role, Store
from tests.db.quality_rows import DAY, HOUR
from tests.db.readers.serving import BEGIN

MIDNIGHT = BEGIN.replace(hour=0)
#: After every label of these tests.
EVER = BEGIN + 400 * DAY
#: Whole days, ragged ends, parts of one day, of two, nothing.
SPANS = [
    (MIDNIGHT, MIDNIGHT + 5 * DAY),
    (MIDNIGHT + 7 * HOUR, MIDNIGHT + 4 * DAY + 19 * HOUR),
    (MIDNIGHT + 7 * HOUR, MIDNIGHT + 19 * HOUR),
    (MIDNIGHT + 20 * HOUR, MIDNIGHT + DAY + 3 * HOUR),
    (MIDNIGHT - 3 * DAY, MIDNIGHT + 9 * DAY),
    (MIDNIGHT + DAY, MIDNIGHT + DAY),
]


def same_cells(found: Cells, wanted: Cells) -> None:
    assert (found.versions, found.segments) == (wanted.versions, wanted.segments)
    for name in ("day", "version", "segment", "decision", "bin"):
        column, other = getattr(found, name), getattr(wanted, name)
        assert column.dtype == other.dtype, name
        assert column.tolist() == other.tolist(), name


def same_scores(found: ScoreCounts, wanted: ScoreCounts) -> None:
    same_cells(found.cells, wanted.cells)
    assert found.letters.dtype == np.int64
    assert found.letters.tolist() == wanted.letters.tolist()


def same_labels(found: LabelCounts, wanted: LabelCounts) -> None:
    same_cells(found.cells, wanted.cells)
    for name in ("labels", "positives"):
        assert getattr(found, name).dtype == np.int64
        assert getattr(found, name).tolist() == getattr(wanted, name).tolist(), name
    for name in ("weight", "weight_squared", "weight_positive"):
        assert getattr(found, name).dtype == np.float64
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=1e-12)


def roll(store: Store) -> None:
    for catch_up in (rollup_scores.catch_up, rollup_labels.catch_up):
        outcome = catch_up(store.engine(Role.WORKER))
        assert (outcome.errors, outcome.pending) == ((), 0)
