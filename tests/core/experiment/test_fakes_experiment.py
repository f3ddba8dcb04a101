"""The fake counts what it is given, and refuses what the real reader refuses."""

from __future__ import annotations

import numpy as np
import pytest

from core.ports import ExperimentReader
from core.ports.experiment import BUCKETS, SUMS
from tests.fakes import SERVICE
from tests.fakes_experiment import (
    ARMS,
    EXPERIMENT,
    BucketRow,
    ColumnExperimentReader,
    FakeExperimentReader,
    World,
    day,
    without,
)

ROWS = [
    BucketRow("control", day(1), 3, (1, 2, 3, 4, 5, 6.5, 7)),
    BucketRow("control", day(3), 3, (0, 1, 1, 1, 1, 1, 1)),
    BucketRow("treatment", day(3), 499, (9, 9, 9, 9, 9, 9, 9)),
    BucketRow("treatment", day(3), 499, (8, 8, 8, 8, 8, 8, 8), "platform", "web"),
    BucketRow("treatment", day(3), 0, (1, 1, 1, 1, 1, 1, 1), experiment="other"),
]
READER: ExperimentReader = FakeExperimentReader(ROWS)


def columns(rows: list[BucketRow]) -> dict[str, np.ndarray]:
    names = ("variant", "dimension", "value")
    found = {name: np.array([getattr(row, name) for row in rows], object) for name in names}
    found["day"] = np.array([row.day for row in rows], "datetime64[D]")
    found["bucket"] = np.array([row.bucket for row in rows])
    return found | {name: np.array([row.sums[at] for row in rows]) for at, name in enumerate(SUMS)}


def test_it_answers_every_question_of_its_protocol():
    asked = [name for name in vars(ExperimentReader) if not name.startswith("_")]
    assert asked
    assert all(callable(getattr(READER, name)) for name in asked)


@pytest.mark.parametrize(
    "reader", [READER, ColumnExperimentReader(columns=columns(ROWS[:4]))], ids=["rows", "columns"]
)
def test_days_are_without_a_gap_and_missing_rows_are_counted(reader: ExperimentReader):
    found = reader.days(SERVICE, EXPERIMENT, day(1), day(4))
    assert found.variants == ARMS
    assert found.days == tuple(day(number) for number in range(1, 5))
    assert found.rows.tolist() == [[1, 0], [0, 0], [1, 1], [0, 0]]
    assert found.sums[0, 0, 3].tolist() == [1, 2, 3, 4, 5, 6.5, 7]
    assert found.sums.sum() == 28.5 + 6 + 63
    assert found.sums.shape == (4, 2, BUCKETS, len(SUMS))
    (cut,) = reader.slices(SERVICE, EXPERIMENT, day(1), day(4))
    assert (cut.dimension, cut.value, cut.variants) == ("platform", "web", ARMS)
    assert cut.sums[1, 499].tolist() == [8] * 7


def test_experiments_are_those_with_rows_before_a_day():
    found = READER.experiments(SERVICE, day(4))
    assert [one.experiment for one in found] == ["other", EXPERIMENT]
    assert (found[1].first_day, found[1].last_day) == (day(1), day(3))
    assert READER.experiments(SERVICE, day(3))[0].variants == ("control",)
    assert READER.experiments("nobody", day(4)) == READER.definitions("nobody") == ()


def test_a_row_written_again_replaces_the_first():
    again = ROWS[0]._replace(sums=(2.0,) * 7)
    found = FakeExperimentReader([*ROWS, again]).days(SERVICE, EXPERIMENT, day(1), day(1))
    assert found.sums.sum() == 14
    assert found.rows.sum() == 1


def test_what_is_no_span_is_refused():
    with pytest.raises(ValueError, match="must not be after last"):
        READER.days(SERVICE, EXPERIMENT, day(3), day(1))


def test_a_world_has_the_lift_it_was_given():
    rows = World(users=500_000, lifts={"treatment": -0.2}, letters_lift=0.1).rows(2)
    sums = {arm: np.zeros(len(SUMS)) for arm in ARMS}
    for row in rows:
        sums[row.variant] += row.sums
    letters, complaints = SUMS.index("letters"), SUMS.index("complaints")
    rates = {arm: one[complaints] / one[letters] for arm, one in sums.items()}
    assert rates["treatment"] / rates["control"] == pytest.approx(0.8, rel=0.02)
    assert sums["treatment"][letters] / sums["control"][letters] == pytest.approx(1.1, rel=0.01)
    assert len(rows) == 2 * 2 * BUCKETS


def test_rows_are_taken_by_arm_day_and_bucket():
    rows = World().rows(3)
    assert len(without(rows, days=[2])) == 4 * BUCKETS
    assert len(without(rows, arm="control", days=[2, 3])) == 4 * BUCKETS
    assert len(without(rows, arm="control", days=[2], buckets=[1, 2])) == 6 * BUCKETS - 2
