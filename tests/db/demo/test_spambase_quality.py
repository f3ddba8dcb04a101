"""The quality of the real service, from its sample of labels, against the truth of all its letters.

Spambase's held-out letters come by in a loop, so what is true of them is known to the last letter.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from core.quality import QualityReport, report
from core.timeframe import HOUR, MINUTE, Window
from db.demo.classifier import Trained
from db.demo.spambase.counts import HourCounts, MinuteCounts
from db.demo.spambase.labels import labels_of_minute
from db.demo.spambase.letters import SERVICE, Letters, letters_of
from tests.fakes_quality import FakeQualityReader, LabelRow, ScoreRow

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
HOURS = 6
#: As many as the service answers: 300 a second.
LETTERS_A_MINUTE = 18_000
VERSION = "spambase-1"


@pytest.fixture(scope="module")
def letters(trained: Trained) -> Letters:
    return letters_of(trained)


@pytest.fixture(scope="module")
def found(letters: Letters) -> QualityReport:
    """The report on six hours of the service, counted and labelled by the service's own code."""
    scored: list[ScoreRow] = []
    labelled: list[LabelRow] = []
    for hour in (BEGIN + at * HOUR for at in range(HOURS)):
        counts = HourCounts()
        for minute in (hour + at * MINUTE for at in range(60)):
            ordinals = np.arange(LETTERS_A_MINUTE)
            scores = letters.scores[letters.positions(minute, ordinals)]
            answered = MinuteCounts(minute)
            answered.answered(scores, np.ones(LETTERS_A_MINUTE))
            counts.add(letters, answered)
            given = labels_of_minute(letters, minute, "test", ordinals, scores)
            labelled += [
                LabelRow(
                    SERVICE,
                    VERSION,
                    label.letter_id,
                    label.predicted_at,
                    label.labelled_at,
                    label.segment,
                    label.score,
                    label.decision,
                    label.label,
                    label.inclusion_probability,
                )
                for label in given
            ]
        scored += [
            ScoreRow(SERVICE, hour, VERSION, row.segment, row.decision, row.bin, row.letters)
            for row in counts.rows()
        ]
    reader = FakeQualityReader(scored, labelled)
    return report(reader, SERVICE, Window.parse(f"{HOURS}h"), BEGIN + HOURS * HOUR)


def test_the_intervals_contain_the_truth_of_all_held_out_letters(
    found: QualityReport, letters: Letters
) -> None:
    decided, spam = letters.scores >= letters.threshold, letters.spam.astype(bool)
    hit = int((decided & spam).sum())
    truth = {"precision": hit / int(decided.sum()), "recall": hit / int(spam.sum())}
    assert found.labels.count > 5_000
    for measure, true in truth.items():
        estimate = found.whole.measures[measure]
        assert estimate.value is not None
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.low <= true <= estimate.high
        assert float(estimate.high) - float(estimate.low) < 0.1
        assert float(estimate.value) == pytest.approx(true, abs=0.03)


def test_every_segment_contains_its_own_truth(found: QualityReport, letters: Letters) -> None:
    decided, spam = letters.scores >= letters.threshold, letters.spam.astype(bool)
    assert len(found.by_segment) == 2
    for part in found.by_segment:
        here = letters.many_capitals.astype(bool) == (part.key == "many capitals")
        true = int((decided & spam & here).sum()) / int((decided & here).sum())
        precision = part.measures["precision"]
        assert precision.low is not None
        assert precision.high is not None
        assert precision.low <= true <= precision.high


def test_labels_come_within_minutes(found: QualityReport) -> None:
    assert found.labels.lag.slowest is not None
    assert found.labels.lag.slowest <= timedelta(minutes=15)
    assert found.labels.arrived_share is not None
    assert found.labels.arrived_share > 0.95
