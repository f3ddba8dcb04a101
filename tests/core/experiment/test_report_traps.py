"""The traps of real rows: days that lack or come twice, arms that stop, splits that break."""

from __future__ import annotations

import numpy as np
import pytest

from core.experiment import Outcome, estimate, evidence, report
from core.ports import PlannedVariant
from core.ports.experiment import SUMS
from core.status import Status
from tests.core.experiment.lift_rows import CLOSE, LAST, STRONG, rows, seen
from tests.fakes import SERVICE
from tests.fakes_experiment import (
    BucketRow,
    FakeExperimentReader,
    World,
    day,
    defined,
    on_day,
    without,
)


class TestTraps:
    """What real rows do."""

    def test_a_day_uploaded_twice_counts_once(self):
        twice = [*rows(), *(row for row in rows() if row.day == day(5))]
        assert evidence(seen(twice, 20)) == evidence(seen(rows(), 20))

    def test_a_day_corrected_later_counts_as_corrected(self):
        wrong = [
            row._replace(sums=tuple(3 * value for value in row.sums)) if row.day == day(5) else row
            for row in rows()
        ]
        right = [row for row in rows() if row.day == day(5)]
        assert evidence(seen([*wrong, *right], 20)) == evidence(seen(rows(), 20))
        assert evidence(seen(wrong, 20)) != evidence(seen(rows(), 20))

    def test_buckets_missing_on_some_days_count_as_zero(self):
        draw = np.random.default_rng(5)
        gone = {
            (number, bucket)
            for number in range(1, 20)
            for bucket in draw.choice(500, 75, replace=False).tolist()
        }
        keys = {(day(number), bucket) for number, bucket in gone}
        holey = [row for row in rows() if (row.day, row.bucket) not in keys]
        zeros = [
            row._replace(sums=(0.0,) * len(SUMS)) if (row.day, row.bucket) in keys else row
            for row in rows()
        ]
        found, filled = seen(holey, 20), seen(zeros, 20)
        assert found.days == filled.days == 19
        assert found.main.effect == filled.main.effect

    def test_missing_buckets_that_cannot_be_chance_are_told(self):
        holey = without(rows(), arm="treatment", days=[6], buckets=range(60))
        warnings = seen(holey, 20).warnings
        assert any("About 60 bucket rows are missing" in warning for warning in warnings)
        assert not any("bucket rows" in warning for warning in seen(rows(), 20).warnings)

    def test_a_missing_day_stays_a_gap_and_counts_for_no_arm(self):
        for arm in (None, "treatment"):
            found = seen(without(rows(), arm=arm, days=[6]), 20)
            assert found.days == 18
            assert found.day_number == 19
            assert np.isnan(found.main.daily.lift[5])
            assert np.isfinite(found.main.daily.lift[6])
            assert any("Rows are missing on 6 June 2026" in one for one in found.warnings)
        both = seen(without(rows(), days=[6]), 20).main.effect
        assert seen(without(rows(), arm="treatment", days=[6]), 20).main.effect == both

    def test_segments_leave_out_the_days_that_the_whole_leaves_out(self):
        web = World(lifts={"treatment": STRONG}).rows(19, dimension="platform", value="web")
        whole = without([*rows(), *web], arm="treatment", days=[6, 7])
        found = seen(whole, 20)
        (segment,) = found.detail.segments
        assert segment.effect.lift == found.main.effect.lift
        assert segment.effect.fixed == found.main.effect.fixed

    def test_half_an_upload_of_the_newest_day_is_not_a_day(self):
        half = without(rows(), days=[19], buckets=range(250, 500))
        found = seen(half, 20)
        assert found.data_through == day(18)
        assert not found.freshness.stale

    def test_an_arm_that_is_a_day_behind_is_told_and_waited_for(self):
        found = seen(without(rows(), arm="treatment", days=[19]), 20)
        assert found.data_through == day(18)
        assert found.outcome is Outcome.MET
        assert any("treatment has no rows after 18 June 2026" in one for one in found.warnings)

    def test_an_arm_that_stopped_makes_it_invalid(self):
        found = seen(without(rows(CLOSE), arm="treatment", days=range(17, 36)), 20)
        assert found.outcome is Outcome.INVALID
        assert found.status is Status.NO_DATA
        assert "treatment has had no rows since 16 June 2026" in found.reasons[0]

    def test_rows_that_end_early_are_no_data_and_never_green(self):
        for lift in (CLOSE, STRONG):
            found = seen(rows(lift, 15), 18)
            assert found.freshness.stale
            assert found.outcome is Outcome.NO_DATA
            assert found.main.effect.lift is not None
        assert "by then it was met" in found.reasons[0]

    def test_rows_may_take_a_day_and_a_half(self):
        reader = FakeExperimentReader(rows(CLOSE, 15))
        assert not report(reader, SERVICE, on_day(17, 12)).freshness.stale
        assert report(reader, SERVICE, on_day(17, 13)).freshness.stale

    def test_after_the_planned_end_nothing_is_stale(self):
        found = seen(rows(LAST, 28), 60)
        assert not found.freshness.stale
        assert found.outcome is Outcome.MET

    def test_rows_that_ended_before_the_planned_end_leave_no_verdict(self):
        found = seen(rows(CLOSE, 20), 60)
        assert not found.freshness.stale
        assert found.outcome is Outcome.NO_DATA
        assert "day 20 of 28" in found.reasons[0]
        assert seen(rows(STRONG, 20), 60).outcome is Outcome.MET, "decided on day 14"

    def test_a_test_that_somebody_stopped_keeps_what_it_decided_and_leaves_open_what_not(self):
        stopped = defined(stopped_on=day(20))
        for lift, outcome in ((STRONG, Outcome.MET), (CLOSE, Outcome.LEFT_OPEN)):
            for number in (22, 60):
                found = seen(rows(lift), number, defined=[stopped])
                assert found.outcome is outcome
                assert found.days == 20
                assert not found.freshness.stale

    def test_a_test_stopped_and_restarted_is_told_apart(self):
        paused = without(rows(CLOSE), days=range(9, 16))
        found = seen(paused, 24)
        assert found.days == 16
        assert any("stopped and started again" in warning for warning in found.warnings)
        assert not any("started again" in one for one in seen(rows(CLOSE), 24).warnings)

    def test_a_restart_with_a_start_of_its_own_counts_from_there(self):
        restarted = seen(rows(CLOSE), 24, defined=[defined(starts_on=day(9))])
        assert restarted.days == 15
        assert restarted.line.days[0] == day(9)
        assert any("lie before the start" in warning for warning in restarted.warnings)

    def test_a_long_gap_counts_no_days_toward_the_minimum(self):
        found = seen(without(rows(STRONG), days=range(2, 10)), 19)
        assert found.days == 10
        assert found.outcome is Outcome.KEEP_COLLECTING

    def test_an_empty_arm_has_no_verdict_and_says_so(self):
        alone = without(rows(), arm="treatment", days=range(1, 36))
        for reader in ({}, {"defined": [defined()]}):
            found = seen(alone, 20, **reader)
            assert found.outcome is Outcome.NO_DATA
            assert found.reasons == ("treatment has no rows",)
            assert found.main.effect.lift is None

    def test_no_complaints_in_an_arm_is_a_sentence_and_no_number(self):
        found = seen(rows(-1.0), 20)
        assert found.outcome is Outcome.NO_DATA
        assert found.reasons == ("treatment has no complaints",)
        values = evidence(found)
        assert values["lift"] is None
        assert values["fixed"]["low"] is None

    def test_everything_in_one_bucket_is_a_sentence_and_no_number(self):
        found = seen([row for row in rows() if row.bucket == 7], 20)
        assert found.main.effect.lift is None
        assert "in one bucket" in found.reasons[0]

    def test_no_variance_is_a_sentence_and_no_number(self):
        flat = [row._replace(sums=(1.0, 1.0, 10.0, 2.0, 3.0, 9.0, 1.0)) for row in rows()]
        found = seen(flat, 20)
        assert found.outcome is Outcome.NO_DATA
        assert "do not differ at all" in found.reasons[0]

    def test_a_planned_ninety_ten_split_is_fine_and_an_unplanned_one_invalid(self):
        uneven = rows(shares=(("control", 1.8), ("treatment", 0.2)))
        planned = (PlannedVariant("control", 0.9), PlannedVariant("treatment", 0.1))
        assert seen(uneven, 20).outcome is Outcome.INVALID
        found = seen(uneven, 20, defined=[defined(variants=planned)])
        assert found.split.verdict in {"ok", "check"}
        assert found.outcome is not Outcome.INVALID
        assert found.split.planned.tolist() == pytest.approx([0.9, 0.1])

    def test_a_harmless_imbalance_of_a_hundred_million_users_is_worth_a_look_and_no_more(self):
        large = [
            row._replace(
                sums=(
                    (100_050.0 if row.variant == "control" else 99_950.0)
                    if row.day == day(1)
                    else 0.0,
                    *row.sums[1:],
                ),
            )
            for row in rows()
        ]
        found = seen(large, 20)
        assert found.split.users.sum() == 100_000_000
        assert found.split.p == pytest.approx(6e-7, rel=0.06)
        assert found.split.verdict == "check"
        assert found.outcome is Outcome.MET
        assert any("too little to move the lift" in warning for warning in found.warnings)

    def test_a_real_imbalance_is_invalid_however_good_the_lift(self):
        found = seen(rows(shares=(("treatment", 0.97),)), 20)
        assert found.outcome is Outcome.INVALID
        assert found.status is Status.NO_DATA
        assert found.decision is None
        assert "users are not split as planned" in found.reasons[0]

    def test_days_with_a_broken_split_decide_nothing(self):
        # Users first seen on day 14 alone, and a tenth of them missing in treatment.
        shifted = [
            row._replace(sums=(self._late(row) if row.day == day(14) else 0.0, *row.sums[1:]))
            for row in rows()
        ]
        found = seen(shifted, 16)
        assert found.split.verdict == "invalid"
        assert found.main.decision is None

    @staticmethod
    def _late(row: BucketRow) -> float:
        return 100.0 if row.variant == "control" else 90.0

    def test_a_variant_that_the_definition_does_not_know_is_left_out_and_told(self):
        third = World(arms=("control", "treatment", "folder-2"), lifts={"treatment": STRONG})
        found = seen(third.rows(19), 20, defined=[defined()])
        assert found.line.variants == ("control", "treatment")
        assert any("Rows of folder-2 are not counted" in one for one in found.warnings)

    def test_an_experiment_that_has_not_begun_is_not_due(self):
        for number, begins in ((1, 5), (5, 5)):
            found = seen((), number, defined=[defined(starts_on=day(begins))])
            assert found.outcome is Outcome.NOT_BEGUN
            assert found.status is Status.NOT_DUE
            assert found.days == 0
            assert estimate(found) is None

    def test_a_defined_experiment_without_rows_has_no_data(self):
        found = seen((), 5, defined=[defined()])
        assert found.outcome is Outcome.NO_DATA
        assert found.reasons == ("no rows have come",)

    def test_a_service_without_experiments_has_an_empty_report(self):
        found = seen((), 5)
        assert found.experiment == ""
        assert found.status is Status.NOT_DUE
        assert evidence(found)["lift"] is None
