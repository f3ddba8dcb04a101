"""Precision and recall of a window: what counts, what does not, and what is said about it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.quality import Focus, report, sentences
from core.status import Status
from core.timeframe import HOUR, Window
from tests.core.quality.worlds import (
    LETTERS,
    NOW,
    labelled,
    measured,
    released,
    renamed,
    scored,
)
from tests.fakes import SERVICE
from tests.fakes_quality import FakeQualityReader, at_hour, label, labels, score, scores


def value(found, measure: str) -> float:
    return float(found.whole.measures[measure].value)


class TestPoints:
    def test_labels_stand_for_the_letters_of_their_band(self):
        found = measured(scored(), labelled())
        # Of 48 hours, by hand: 600 letters at 1.0 and 400 at .98 above; 1,000 at .25 below.
        assert value(found, "precision") == pytest.approx((600 + 392) / 1_000, abs=1e-12)
        assert value(found, "recall") == pytest.approx(992 / (992 + 250), abs=1e-12)
        assert found.whole.letters == 48 * sum(LETTERS.values())
        assert found.labels.count == 2_200
        assert found.labels.above == 1_400

    def test_unequal_chances_to_be_labelled_are_weighed(self):
        below = [
            *labels(1, 10, 300, 0, lag=2, probability=0.9),
            *renamed(labels(1, 10, 100, 100, lag=2, probability=0.1), "rare"),
        ]
        found = measured(scored(), [*labelled(below=(0, 0)), *below])
        share = (100 / 0.1) / (100 / 0.1 + 300 / 0.9)
        assert value(found, "recall") == pytest.approx(992 / (992 + 1_000 * share), abs=1e-9)

    def test_the_confusion_matrix_adds_up_to_the_letters(self):
        matrix = measured(scored(), labelled()).whole.confusion
        assert matrix.true_positives == pytest.approx(48 * 992)
        assert matrix.false_positives == pytest.approx(48 * 8)
        assert matrix.false_negatives == pytest.approx(48 * 250)
        assert matrix.true_negatives == pytest.approx(48 * 9_750)

    def test_versions_are_never_mixed_in_a_band(self):
        old, new = scored(version="v1"), scored(24, 48, version="v2")
        good = labelled(version="v1")
        bad = labelled(30, near=(400, 0), best=(1_000, 1_000), version="v2")
        found = measured([*old, *new], [*good, *bad])
        # v2 decided a third of the letters, and is right in 600 of 1,000.
        assert value(found, "precision") == pytest.approx((2 * 992 + 600) / 3_000, abs=1e-12)
        assert [part.key for part in found.by_version] == ["v1", "v2"]

    def test_a_threshold_inside_a_bin_is_counted_by_what_was_decided(self):
        rows = [
            *scored(),
            *(score(hour, 19, 100, decision=decided) for hour in range(48) for decided in (0, 1)),
        ]
        inside = [
            *labels(1, 19, 50, 50, lag=2, decision=True),
            *renamed(labels(1, 19, 50, 0, lag=2, decision=False), "-"),
        ]
        found = measured(rows, [*labelled(), *inside])
        assert value(found, "precision") == pytest.approx((992 + 100) / 1_100, abs=1e-12)
        assert not found.thresholds.changed


class TestWhatCounts:
    def test_only_finished_hours_count(self):
        rows = [*scored(), score(48, 40, 10**9)]
        half_past = measured(rows, labelled(), as_of=NOW + HOUR / 2)
        assert half_past.span.end == NOW
        assert half_past.whole.letters == 48 * sum(LETTERS.values())

    def test_the_first_hour_of_a_service_counts_while_it_runs(self):
        found = measured(scores(0, 1, LETTERS), [], as_of=at_hour(0.5))
        assert found.running
        assert found.whole.letters == sum(LETTERS.values())
        assert "the running one" in " ".join(found.warnings)

    def test_a_label_that_had_not_come_is_not_known(self):
        late = renamed(labelled(2), "late")
        late = [replace(row, labelled_at=NOW + HOUR) for row in late]
        assert measured(scored(), [*labelled(), *late]).labels.count == 2_200
        assert measured(scored(), [*labelled(), *late], as_of=NOW + HOUR).labels.count == 4_400

    def test_an_earlier_window_can_be_seen_with_the_labels_of_today(self):
        reader = FakeQualityReader(scored(), labelled(23))
        window, end = Window.parse("1d"), at_hour(24)
        then = report(reader, SERVICE, window, end)
        today = report(reader, SERVICE, window, end, known_at=NOW)
        assert then.labels.count == 0
        assert today.labels.count == 2_200
        assert then.whole.letters == today.whole.letters

    def test_labels_of_letters_that_nobody_counted_are_left_out_and_told(self):
        found = measured(scored(), [*labelled(), *labels(1, 60, 7, 0, lag=2)])
        assert found.labels.strays == 7
        assert found.labels.count == 2_200
        assert value(found, "precision") == pytest.approx(0.992)
        assert "7 labels are left out" in " ".join(found.warnings)

    def test_a_part_of_the_service_can_be_looked_at_alone(self):
        rows = [*scored(), *scored(segment="en")]
        given = [*labelled(), *labelled(segment="en", near=(400, 0), far=(400, 4))]
        found = measured(rows, given, focus=Focus(segment="en"))
        assert value(found, "precision") == pytest.approx(0.6)
        assert [part.key for part in found.by_segment] == ["en", "ru"]
        assert "segment en" in sentences.headline(found)

    def test_a_part_that_does_not_exist_has_no_scores(self):
        found = measured(scored(), labelled(), focus=Focus(version="v9"))
        assert found.state == "no_scores"
        assert "counted no scores" in sentences.headline(found)


class TestStates:
    def test_without_scores(self):
        found = measured()
        assert found.state == "no_scores"
        assert found.status is Status.NO_DATA
        assert found.plan is None
        assert found.curve is None

    def test_without_labels_nothing_is_claimed(self):
        found = measured(scored())
        assert found.state == "no_labels"
        assert found.status is Status.NO_DATA
        assert found.whole.measures["precision"].value is None
        assert "99/70 is unknown" in sentences.headline(found)

    def test_scores_that_ended_are_stale_and_keep_their_numbers(self):
        found = measured(scored(), labelled(10), as_of=NOW + timedelta(hours=3))
        assert found.freshness.stale
        assert value(found, "precision") == pytest.approx(0.992)
        assert "nothing is known since" in sentences.headline(found)

    def test_labels_older_than_the_window_are_told(self):
        found = measured(scored(0, 96), labelled(), as_of=at_hour(96), window="1d")
        assert found.state == "no_labels"
        assert "Every label is older than the window" in found.warnings[0]

    def test_labels_on_one_side_alone_leave_the_other_measure_unknown(self):
        above = labelled(below=(0, 0), far=(0, 0))
        found = measured(scored(), above)
        assert found.whole.measures["recall"].value is None
        assert found.whole.statuses["recall"] is Status.NO_DATA
        assert value(found, "precision") == pytest.approx(0.992)


class TestVerdicts:
    def test_met_where_both_intervals_are_on_the_good_side(self):
        found = measured(
            scored(),
            labelled(best=(4_000, 4_000), near=(2_000, 1_998), below=(2_000, 200)),
        )
        assert found.status is Status.ON_TARGET
        assert sentences.headline(found).startswith("99/70 is met with 95 % certainty")

    def test_not_proven_where_the_target_lies_inside_and_labels_settle_it(self):
        found = measured(scored(), labelled())
        assert found.whole.statuses["precision"] is Status.UNDECIDED
        assert found.settles
        assert "not proven yet" in sentences.headline(found)
        assert "more labels" in sentences.settles(found)

    def test_missed_where_an_interval_is_on_the_bad_side(self):
        found = measured(scored(), labelled(near=(400, 300)))
        assert found.status is Status.BREACHED
        assert "missed" in sentences.headline(found)

    def test_no_error_seen_is_no_proof_of_none(self):
        clean = measured(scored(), labelled(best=(30, 30), near=(30, 30)))
        precision = clean.whole.measures["precision"]
        assert precision.value == 1
        assert precision.low is not None
        assert precision.low < 0.99
        assert clean.whole.statuses["precision"] is Status.UNDECIDED

    def test_a_giant_band_without_labels_opens_the_interval(self):
        rows = [*scored(), *scores(0, 48, {-80: 10**6})]
        found = measured(rows, labelled())
        recall = found.whole.measures["recall"]
        assert recall.low is not None
        assert recall.low < 0.01
        assert found.whole.statuses["recall"] is Status.UNDECIDED
        assert "score bands without a label" in " ".join(found.warnings)


class TestThresholds:
    def test_the_release_names_the_operating_threshold(self):
        found = measured(scored(), labelled(), deployed=[released(-200, threshold=0.88)])
        assert found.thresholds.operating == 0.88
        assert found.thresholds.source == "release"

    def test_else_the_lowest_bin_that_was_decided_positive_does(self):
        found = measured(scored(), labelled())
        assert found.thresholds.operating == pytest.approx(0.9002, abs=1e-4)
        assert found.thresholds.source == "scores"

    def test_the_certified_threshold_is_the_lowest_whose_precision_is_proven(self):
        found = measured(scored(), labelled())
        certified = found.thresholds.certified
        assert certified is not None
        # Bin 22 and above has .992, too close to 99 % to prove; bin 40 alone is clean.
        assert certified.threshold == pytest.approx(1 / (1 + 2.718281828**-4), abs=1e-6)
        assert certified.precision.value == 1

    def test_nothing_is_certified_with_few_labels(self):
        found = measured(scored(), labelled(best=(50, 50), near=(50, 50)))
        assert found.thresholds.certified is None
        assert "No threshold is certified" in sentences.curve_title(found)

    def test_a_threshold_that_changed_is_told(self):
        twice = [released(-200, threshold=0.88), released(20, threshold=0.9)]
        assert measured(scored(), labelled(), deployed=twice).thresholds.changed
        moved = [*scored(), *(score(hour, 30, 50, decision=False) for hour in range(48))]
        found = measured(moved, [*labelled(), label(1, 30, True, decision=False, lag=2)])
        assert found.thresholds.changed
        assert "changed inside the window" in " ".join(found.warnings)

    def test_the_operating_point_is_of_the_version_in_production_alone(self):
        old, new = scored(0, 40, version="v1"), scored(40, 48, version="v2")
        bad = labelled(41, near=(400, 0), version="v2")
        found = measured([*old, *new], [*labelled(version="v1"), *bad])
        assert found.version == "v2"
        point = found.thresholds.operating_point
        assert point is not None
        assert point.precision.value == pytest.approx(0.6)


class TestSlices:
    def test_intervals_of_many_slices_are_adjusted(self):
        rows = [*scored(), *scored(segment="en")]
        found = measured(rows, [*labelled(), *labelled(segment="en")])
        assert found.by_segment[0].confidence == pytest.approx(0.975)
        assert found.by_version[0].confidence == pytest.approx(0.95)
        alone = measured(scored(), labelled()).by_segment[0].measures["precision"]
        one_of_two = found.by_segment[1].measures["precision"]
        assert one_of_two.low is not None
        assert alone.low is not None
        assert one_of_two.low < alone.low

    def test_a_window_of_several_versions_says_so(self):
        rows = [*scored(0, 24, version="v1"), *scored(24, 48, version="v2")]
        given = [*labelled(version="v1"), *labelled(30, version="v2")]
        assert "The window mixes v1 50 % and v2 50 %" in " ".join(measured(rows, given).warnings)
        only = measured(rows, given, focus=Focus(version="v2"))
        assert "mixes" not in " ".join(only.warnings)
