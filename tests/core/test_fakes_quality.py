"""The quality fake counts what it is given, and refuses what a real reader refuses."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from core.ports import QualityReader
from core.timeframe import DAY
from tests.fakes import SERVICE, release
from tests.fakes_quality import FakeQualityReader, at_hour, label, labels, score, scores

READER: QualityReader = FakeQualityReader(
    [
        *scores(-2, 2, {-50: 900, 20: 100}),
        score(1, 20, 7, version="v2", segment="en"),
        score(1, 20, 5, version="v2", segment="en", decision=False),
        score(13, 30, 1),
        score(0, 20, 10**6, service="spambase"),
        score(0, 21, 0),
    ],
    [
        *labels(0.5, 20, 3, 2, probability=0.5),
        label(0.5, 20, False, probability=0.25, letter="further"),
        label(0.5, -50, True, lag=30, letter="late"),
        label(0.5, 20, True, service="spambase"),
    ],
    [release(90, "v2"), release(0, "v1")],
)


def test_it_answers_every_question_of_its_protocol():
    asked = [name for name in vars(QualityReader) if not name.startswith("_")]
    assert asked
    assert all(callable(getattr(FakeQualityReader(), name)) for name in asked)


def test_letters_are_counted_by_day_version_segment_decision_and_bin():
    found = READER.scores(SERVICE, at_hour(-1), at_hour(14))
    cells = found.cells
    assert (cells.versions, cells.segments) == (("v1", "v2"), ("en", "ru"))
    rows = zip(
        (cells.day - cells.day.min()).astype(int).tolist(),
        cells.version.tolist(),
        cells.segment.tolist(),
        cells.decision.tolist(),
        cells.bin.tolist(),
        found.letters.tolist(),
        strict=True,
    )
    assert list(rows) == [
        (0, 0, 1, False, -50, 2_700),
        (0, 0, 1, True, 20, 300),
        (0, 1, 0, False, 20, 5),
        (0, 1, 0, True, 20, 7),
        (1, 0, 1, True, 30, 1),
    ]
    assert found.letters.dtype == cells.bin.dtype == np.int64


def test_labels_are_weighted_by_one_over_their_probability():
    found = READER.labels(SERVICE, at_hour(0), at_hour(1), at_hour(13))
    assert found.cells.bin.tolist() == [20]
    assert found.labels.tolist() == [4]
    assert found.positives.tolist() == [2]
    assert found.weight.tolist() == [2 + 2 + 2 + 4]
    assert found.weight_squared.tolist() == [4 + 4 + 4 + 16]
    assert found.weight_positive.tolist() == [4]


def test_a_label_that_came_later_is_not_known_yet():
    for known_at, count in ((at_hour(12.4), 0), (at_hour(12.5), 4), (at_hour(30.5), 5)):
        assert READER.labels(SERVICE, at_hour(0), at_hour(1), known_at).labels.sum() == count
        assert READER.lags(SERVICE, at_hour(0), at_hour(1), known_at).lag.size == count


def test_lags_are_seconds_oldest_first():
    reader = FakeQualityReader((), [label(2, 0, True, lag=1), label(1, 0, True, lag=5)])
    found = reader.lags(SERVICE, at_hour(0), at_hour(3), at_hour(9))
    assert found.lag.tolist() == [5 * 3_600, 3_600]
    assert found.predicted.tolist() == [at_hour(1).timestamp(), at_hour(2).timestamp()]


def test_the_newest_hour_and_label_are_those_before_a_moment():
    assert READER.newest_hour(SERVICE, at_hour(13)) == at_hour(1)
    assert READER.newest_hour(SERVICE, at_hour(-2)) is None
    assert READER.newest_label(SERVICE, at_hour(20)) == at_hour(12.5)
    assert READER.newest_label(SERVICE, at_hour(12)) is None


def test_releases_are_of_the_span():
    found = READER.releases(SERVICE, at_hour(0), at_hour(2))
    assert [one.model_version for one in found] == ["v1", "v2"]
    assert READER.releases(SERVICE, at_hour(0), at_hour(1.5)) == found[:1]


def test_an_empty_span_and_another_service_hold_nothing():
    for service, end in ((SERVICE, at_hour(0)), ("nobody", at_hour(9))):
        assert READER.scores(service, at_hour(0), end).cells.versions == ()
        assert READER.labels(service, at_hour(0), end, end).labels.size == 0
        assert READER.lags(service, at_hour(0), end, end).lag.size == 0


@pytest.mark.parametrize(
    ("start", "end"),
    [(at_hour(1), at_hour(0)), (at_hour(0.5), at_hour(3)), (at_hour(0), at_hour(0.1))],
)
def test_what_is_no_span_is_refused(start: datetime, end: datetime):
    for asked in (
        lambda: READER.scores(SERVICE, start, end),
        lambda: READER.labels(SERVICE, start, end, end + DAY),
        lambda: READER.lags(SERVICE, start, end, end + timedelta(1)),
    ):
        with pytest.raises(ValueError, match="must be whole hours UTC, start not after end"):
            asked()
