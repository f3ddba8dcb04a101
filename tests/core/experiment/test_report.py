"""The whole report, from plain rows: verdicts over time, and the traps of real rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest
from scipy.special import stdtrit

from core.experiment import ExperimentReport, Outcome, Settings, estimate, evidence, report
from core.experiment.settings import of_rows
from core.ports import Amendment, ExperimentDecision, ExperimentRows, MetricRule, PlannedVariant
from core.ports.experiment import SUMS
from core.stats.ratio import interval, lifts, ratios
from core.stats.sequential import confidence_sequence, mixing_variance
from core.status import Status
from tests.fakes import SERVICE
from tests.fakes_experiment import (
    EXPERIMENT,
    BucketRow,
    FakeExperimentReader,
    World,
    day,
    defined,
    on_day,
    without,
)

#: Decided by the band on the first day that may decide; too near the margin to decide; undecided
#: by the band, but not by the last look.
STRONG, CLOSE, LAST = -0.20, -0.07, -0.085


@cache
def rows(
    lift: float = STRONG,
    days: int | None = None,
    shares: tuple[tuple[str, float], ...] = (),
    **options: float,
) -> tuple[BucketRow, ...]:
    world = World(lifts={"treatment": lift}, shares=dict(shares), **options)
    # Only what is undecided by then is looked at after three weeks.
    return tuple(world.rows(days or (35 if lift in {CLOSE, LAST} else 21)))


def seen(found: Sequence[BucketRow], number: int, **reader: object) -> ExperimentReport:
    """The report on a day, by a reader with more than rows."""
    return report(FakeExperimentReader(found, **reader), SERVICE, on_day(number))


class TestTime:
    """Days that are over count, and nothing later is known."""

    @pytest.mark.parametrize("hour", [0, 1, 23])
    def test_a_day_that_is_not_over_never_counts(self, hour: int):
        found = report(FakeExperimentReader(rows()), SERVICE, on_day(10, hour))
        assert found.days == found.day_number == 9
        assert found.data_through == day(9)

    @pytest.mark.parametrize("number", [5, 16, 28, 31])
    def test_a_past_as_of_sees_what_a_reader_then_saw(self, number: int):
        then = [row for row in rows() if row.day < day(number)]
        assert evidence(seen(rows(), number)) == evidence(seen(then, number))

    def test_in_the_past_later_decisions_and_amendments_are_not_known(self):
        late = {
            "amended": [Amendment(on_day(20), "Анна", "holiday", {"planned_days": 28},
                                  {"planned_days": 35})],
            "decided": [ExperimentDecision(on_day(21), "Анна", "extend", "", on_day(20), {})],
            "defined": [defined(planned_days=35)],
        }  # fmt: skip
        before, after = seen(rows(CLOSE), 19, **late), seen(rows(CLOSE), 22, **late)
        assert before.definition.planned_days == 28
        assert before.amendments == before.decisions == ()
        assert after.definition.planned_days == 35
        assert len(after.amendments) == len(after.decisions) == 1

    def test_an_as_of_without_a_zone_is_refused(self):
        with pytest.raises(ValueError, match="must have a time zone"):
            report(FakeExperimentReader(), SERVICE, on_day(3).replace(tzinfo=None))


class TestNumbers:
    """The report's numbers are those of the formulas on the sums so far."""

    def test_lift_and_intervals_are_the_formulas_of_the_sums(self):
        found = seen(rows(), 12, defined=[defined(s_plan=0.02, assumption="x", frozen_by="Анна")])
        sums = {"control": np.zeros((500, len(SUMS))), "treatment": np.zeros((500, len(SUMS)))}
        for row in rows():
            if row.day < day(12):
                sums[row.variant][row.bucket] += row.sums
        at, under = SUMS.index("complaints"), SUMS.index("letters")
        sides = [ratios(one[:, at], one[:, under]) for one in sums.values()]
        expected = lifts(*sides)
        effect = found.main.effect
        assert effect.lift == pytest.approx(float(expected.relative), rel=1e-12)
        low, high = interval(expected, 0.05)
        assert effect.fixed is not None
        assert effect.always_valid is not None
        ends = effect.fixed.low, effect.fixed.high
        assert ends == pytest.approx((float(low), float(high)), rel=1e-12)
        band = confidence_sequence(expected.log, expected.error, mixing_variance(0.02, 0.05), 0.05)
        ends = effect.always_valid.low, effect.always_valid.high
        assert ends == pytest.approx(np.expm1(band).tolist(), rel=1e-12)

    def test_every_day_of_the_series_is_what_a_report_of_that_day_said(self):
        whole = seen(rows(LAST), 29)
        for number in (3, 8, 15, 22, 28):
            then = seen(rows(LAST), number + 1)
            for name in ("lift", "fixed_low", "always_high", "deciding_low", "p_margin"):
                series = getattr(whole.main.daily, name)[:number]
                np.testing.assert_array_equal(series, getattr(then.main.daily, name), name)

    def test_the_band_is_wider_than_the_interval_on_every_day(self):
        daily = seen(rows(CLOSE), 29).main.daily
        known = np.isfinite(daily.always_low)
        assert known.sum() == 28 - 6
        assert (daily.always_low < daily.fixed_low)[known].all()
        assert (daily.always_high > daily.fixed_high)[known].all()

    def test_p_is_below_five_percent_exactly_where_the_band_leaves_the_margin_out(self):
        daily = seen(rows(LAST), 29).main.daily
        known = np.isfinite(daily.p_margin)
        out = (daily.always_high < -0.05) | (daily.always_low > -0.05)
        np.testing.assert_array_equal(daily.p_margin[known] < 0.05, out[known])
        assert out.any()
        assert not out.all()

    @pytest.mark.parametrize(("number", "confidence"), [(20, 0.99), (29, 0.96), (31, 0.99)])
    def test_what_decides_is_the_wider_band_and_on_the_planned_last_day_one_look(
        self, number: int, confidence: float
    ):
        found = seen(rows(CLOSE), number).main
        assert found.deciding is not None
        assert found.deciding.confidence == pytest.approx(confidence)
        assert found.deciding.low == found.daily.deciding_low[-1]
        assert found.deciding.high == found.daily.deciding_high[-1]
        band = confidence_sequence(
            found.effect.log, found.effect.error, mixing_variance(found.planned.value, 0.01), 0.01
        )
        one_look = stdtrit(found.effect.degrees, 0.98) * found.effect.error
        highest = found.effect.log + one_look if number == 29 else band[1]
        assert found.deciding.high == pytest.approx(float(np.expm1(highest)), rel=1e-9)

    def test_per_letter_is_per_user_over_letters_per_user(self):
        three = seen(rows(letters_lift=-0.08), 29).detail.denominators
        logs = [one.log or 0.0 for one in (three.per_letter, three.per_user)]
        assert logs[0] == pytest.approx(logs[1] - (three.letters_per_user.log or 0.0), rel=1e-9)

    def test_users_of_both_arms_are_counted_once(self):
        found = seen(rows(), 20)
        assert found.main.users == found.split.users.sum() == pytest.approx(100_000, rel=0.02)


class TestVerdict:
    """Met, not met or open, as the rule read it day by day."""

    @pytest.mark.parametrize("number", [2, 8, 14])
    def test_there_is_no_verdict_before_the_minimum(self, number: int):
        found = seen(rows(STRONG), number)
        assert found.outcome is Outcome.KEEP_COLLECTING
        assert found.status is Status.UNDECIDED
        assert found.decision is None

    def test_a_strong_lift_is_met_on_the_first_day_that_may_decide(self):
        found = seen(rows(STRONG), 15)
        assert found.outcome is Outcome.MET
        assert found.status is Status.ON_TARGET
        assert found.decision is not None
        assert (found.decision.number, found.decision.look) == (14, "always valid")
        assert found.decision.bounds.confidence == pytest.approx(0.99)
        assert found.decision.bounds.high < -0.05

    def test_no_effect_is_not_met(self):
        found = seen(rows(0.02), 15)
        assert found.outcome is Outcome.NOT_MET
        assert found.status is Status.BREACHED
        assert found.decision is not None
        assert found.decision.bounds.low > -0.05

    def test_what_the_band_leaves_open_the_planned_last_look_decides(self):
        before, after = seen(rows(LAST), 28), seen(rows(LAST), 29)
        assert before.outcome is Outcome.KEEP_COLLECTING
        assert after.outcome is Outcome.MET
        assert after.decision is not None
        assert (after.decision.number, after.decision.look) == (28, "last look")
        assert after.decision.bounds.confidence == pytest.approx(0.96)
        daily = after.main.daily
        assert not daily.always_high[-1] < -0.05, "the band alone would not have"

    @pytest.mark.parametrize("number", [30, 34, 36, 100])
    def test_later_days_do_not_overturn_the_last_look(self, number: int):
        turned = World(seed=9, lifts={"treatment": 0.3}).rows(35, first=29)
        found = seen([*rows(LAST, 28), *turned], number)
        assert found.outcome is Outcome.MET
        assert found.decision is not None
        assert found.decision.number == 28
        assert found.days == 28
        assert any("are not counted" in warning for warning in found.warnings)
        assert found.main.effect.lift == seen(rows(LAST), 29).main.effect.lift

    def test_later_days_do_not_overturn_the_band_either(self):
        turned = World(seed=9, lifts={"treatment": 0.3}).rows(28, first=16)
        found = seen([*rows(STRONG, 15), *turned], 29)
        assert found.outcome is Outcome.MET
        assert found.decision is not None
        assert found.decision.number == 14
        assert found.main.daily.deciding_high[-1] > -0.05, "by now it would not be"
        assert found.main.effect.lift is not None
        assert found.main.effect.lift > found.decision.lift

    def test_a_lift_at_the_margin_is_left_open_once_rows_end(self):
        open_ = seen(rows(CLOSE), 30)
        assert open_.outcome is Outcome.KEEP_COLLECTING
        assert open_.main.looked
        ended = seen(rows(CLOSE, 28), 40)
        assert ended.outcome is Outcome.LEFT_OPEN
        assert ended.status is Status.UNDECIDED

    def test_after_an_open_last_look_the_band_may_still_decide(self):
        clear = World(users=500_000, lifts={"treatment": 0.1}).rows(33, first=29)
        found = seen([*rows(CLOSE, 28), *clear], 34)
        assert found.main.looked
        assert found.outcome is Outcome.NOT_MET
        assert found.decision is not None
        assert found.decision.look == "always valid"
        assert found.decision.number > 28

    def test_a_metric_that_should_rise_is_met_above_its_margin(self):
        rule = MetricRule("sessions_per_user", 0.02, "up")
        found = seen(rows(sessions_lift=0.05), 15, defined=[defined(primary=rule)])
        assert found.outcome is Outcome.MET
        assert found.decision is not None
        assert found.decision.bounds.low > 0.02

    def test_a_harmed_guardrail_puts_what_was_met_at_risk(self):
        found = seen(rows(sessions_lift=-0.04, seconds_lift=0.0), 20)
        assert found.outcome is Outcome.MET
        assert found.status is Status.AT_RISK
        states = {one.rule.metric: one.state for one in found.main.guardrails}
        assert states["sessions_per_user"] == "harmed"
        assert states["revenue_per_user"] == "held"
        assert any("harms sessions per user-day" in warning for warning in found.warnings)

    def test_a_guardrail_is_told_by_the_band_until_the_last_look_and_then_by_the_interval(self):
        early, late = seen(rows(), 20).main.guardrails[0], seen(rows(LAST), 29).main.guardrails[0]
        assert early.deciding == early.effect.always_valid
        assert late.deciding == late.effect.fixed


class TestEstimate:
    """What the criterion gets agrees with the verdict."""

    @pytest.mark.parametrize(
        ("lift", "number"), [(STRONG, 15), (STRONG, 29), (LAST, 29), (CLOSE, 20), (0.02, 15)]
    )
    def test_its_bounds_leave_the_margin_out_exactly_where_it_is_decided(
        self, lift: float, number: int
    ):
        found = seen(rows(lift), number)
        bounds = estimate(found)
        assert bounds is not None
        assert bounds.low is not None
        assert bounds.high is not None
        met, not_met = bounds.high < -0.05, bounds.low > -0.05
        expected = {Outcome.MET: (True, False), Outcome.NOT_MET: (False, True)}
        assert (met, not_met) == expected.get(found.outcome, (False, False))
        assert bounds.n == found.main.users

    def test_before_the_band_is_tuned_nothing_bounds_it(self):
        bounds = estimate(seen(rows(), 4))
        assert bounds is not None
        assert bounds.low is bounds.high is None

    def test_without_a_lift_there_is_none(self):
        assert estimate(seen((), 4)) is None


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


class TestThreeVariants:
    """Several treatments against one control share the errors."""

    arms = ("control", "big", "small")

    @pytest.fixture
    def found(self) -> ExperimentReport:
        world = World(arms=self.arms, lifts={"big": -0.25, "small": 0.05})
        return seen(world.rows(19), 20)

    def test_each_has_a_verdict_and_the_best_speaks(self, found: ExperimentReport):
        assert [one.treatment for one in found.comparisons] == ["big", "small"]
        outcomes = [one.outcome for one in found.comparisons]
        assert outcomes == [Outcome.MET, Outcome.NOT_MET]
        assert found.outcome is Outcome.MET
        assert found.main.treatment == "big"
        assert evidence(found)["treatment"] == "big"

    def test_the_errors_are_shared(self, found: ExperimentReport):
        assert found.main.decision is not None
        assert found.main.decision.bounds.confidence == pytest.approx(1 - 2 * 0.005 / 2)
        assert found.main.effect.fixed is not None
        assert found.main.effect.fixed.confidence == pytest.approx(0.975)

    def test_the_split_is_in_thirds(self, found: ExperimentReport):
        assert found.split.planned.tolist() == pytest.approx([1 / 3] * 3)
        assert found.split.verdict in {"ok", "check"}

    def test_none_met_is_not_met_only_if_all_are(self):
        world = World(arms=self.arms, lifts={"big": -0.05, "small": 0.05})
        found = seen(world.rows(19), 20)
        outcomes = [one.outcome for one in found.comparisons]
        assert outcomes == [Outcome.KEEP_COLLECTING, Outcome.NOT_MET]
        assert found.outcome is Outcome.KEEP_COLLECTING


class TestPlan:
    """Amendments do not choose the look after it was seen."""

    def test_extending_a_test_in_time_moves_its_last_look(self):
        amended = [
            Amendment(on_day(20), "Анна", "holiday", {"planned_days": 28}, {"planned_days": 35})
        ]
        found = seen(rows(LAST), 29, defined=[defined(planned_days=35)], amended=amended)
        assert found.schedule.last_look_on == found.schedule.ends_on == day(35)
        assert found.outcome is Outcome.KEEP_COLLECTING

    def test_extending_it_after_the_look_gives_no_second_one(self):
        amended = [
            Amendment(on_day(30), "Анна", "so close", {"planned_days": 28}, {"planned_days": 35})
        ]
        found = seen(rows(CLOSE), 36, defined=[defined(planned_days=35)], amended=amended)
        assert found.schedule.ends_on == day(35)
        assert found.schedule.last_look_on == day(28)
        decided = found.main.daily
        assert found.outcome is Outcome.KEEP_COLLECTING
        assert decided.deciding_low[-1] < decided.always_low[-1], "the wider band decides"

    def test_a_change_after_the_start_is_told(self):
        amended = [
            Amendment(on_day(20), "Анна", "Holiday.", {"planned_days": 28}, {"planned_days": 35})
        ]
        found = seen(rows(CLOSE), 22, defined=[defined(planned_days=35)], amended=amended)
        assert any("changed once after the start" in warning for warning in found.warnings)

    def test_a_definition_made_after_the_start_is_told_and_was_the_default_before(self):
        made = [Amendment(on_day(10), "Анна", "forgotten", {}, {"planned_days": 21})]
        late = {"defined": [defined(planned_days=21)], "amended": made}
        assert seen(rows(CLOSE), 9, **late).is_default
        found = seen(rows(CLOSE), 12, **late)
        assert not found.is_default
        assert any("after the start" in warning for warning in found.warnings)


class TestUndefined:
    """Rows that came before anybody defined anything."""

    def test_the_defaults_are_those_that_are_promised(self):
        found = seen(rows(CLOSE), 20)
        one = found.definition
        assert found.is_default
        assert [variant.name for variant in one.variants] == ["control", "treatment"]
        assert [variant.share for variant in one.variants] == [0.5, 0.5]
        assert (one.starts_on, one.minimum_days, one.planned_days) == (day(1), 14, 28)
        assert one.primary == MetricRule("complaints_per_letter", -0.05, "down")
        assert any("Nobody defined this experiment" in warning for warning in found.warnings)

    def test_s_plan_is_of_the_first_week_and_stays_what_it_was(self):
        values = {seen(rows(CLOSE), number).main.planned.value for number in (8, 15, 22, 30, 36)}
        assert len(values) == 1
        assert None not in values

    def test_before_a_week_is_there_no_band_is_shown(self):
        found = seen(rows(CLOSE), 7)
        assert found.main.planned.value is None
        assert found.main.effect.always_valid is None
        assert np.isnan(found.main.daily.always_low).all()
        assert any("begins after 7 complete days" in warning for warning in found.warnings)

    def test_a_frozen_s_plan_is_taken_as_it_is_and_from_the_first_day(self):
        frozen = defined(s_plan=0.0123, assumption="last year's test", frozen_by="Анна")
        found = seen(rows(CLOSE), 4, defined=[frozen])
        assert found.main.planned.value == 0.0123
        assert found.main.effect.always_valid is not None
        assert "last year's test" in found.main.planned.sentence

    def test_control_is_the_variant_of_that_name_else_the_first(self):
        named = ExperimentRows(EXPERIMENT, ("a", "control"), day(1), day(2))
        other = ExperimentRows(EXPERIMENT, ("b", "c"), day(1), day(2))
        assert of_rows(SERVICE, named).control == "control"
        assert of_rows(SERVICE, other).control == "b"


class TestDetail:
    """Segments, weeks, CUPED and denominators of the comparison."""

    def test_segments_share_alpha_and_their_p_values_are_holms(self):
        parts = [
            row
            for value, lift in (("web", -0.3), ("mobile", 0.0), ("tv", 0.0))
            for row in World(seed=7, users=20_000, lifts={"treatment": lift}).rows(
                19, dimension="platform", value=value
            )
        ]
        found = seen([*rows(), *parts], 20)
        by_value = {one.value: one for one in found.detail.segments}
        assert list(by_value) == ["mobile", "tv", "web"]
        for one in by_value.values():
            assert one.effect.fixed is not None
            assert one.effect.fixed.confidence == pytest.approx(1 - 0.05 / 3)
            assert one.p is not None
            assert one.effect.p is not None
            assert one.p >= one.effect.p
        assert (by_value["web"].p or 1) < 0.001

    def test_exposure_weeks_are_in_order_and_not_segments(self):
        weeks = [
            row
            for week, lift in ((1, -0.4), (2, -0.1), (10, -0.1))
            for row in World(seed=week, users=30_000, lifts={"treatment": lift}).rows(
                19, dimension="exposure_week", value=str(week)
            )
        ]
        found = seen([*rows(), *weeks], 20)
        assert found.detail.segments == ()
        assert [one.week for one in found.detail.weeks] == ["1", "2", "10"]
        second = found.detail.weeks[1]
        assert second.change == pytest.approx(0.9 / 0.6 - 1, abs=0.1)
        assert second.p is not None
        assert second.p < 0.001
        assert any("not the same in every week" in warning for warning in found.warnings)

    def test_the_same_lift_in_every_week_is_no_novelty(self):
        weeks = [
            row
            for week in (1, 2)
            for row in World(seed=week, users=30_000, lifts={"treatment": STRONG}).rows(
                19, dimension="exposure_week", value=str(week)
            )
        ]
        found = seen([*rows(), *weeks], 20)
        assert not any("every week" in warning for warning in found.warnings)

    def test_fewer_letters_in_the_inbox_that_drive_the_lift_are_told(self):
        assert not seen(rows(), 20).detail.denominators.drives
        more = seen(rows(0.0, letters_lift=0.08), 20)
        assert more.detail.denominators.drives, "per letter hides that every user complains more"
        fewer = seen(rows(0.09, letters_lift=-0.09), 20)
        assert fewer.detail.denominators.drives
        assert any("Letters per user-day are down" in warning for warning in fewer.warnings)

    def test_per_letter_and_per_user_on_different_sides_of_the_margin_are_told(self):
        found = seen(rows(-0.10, letters_lift=0.10), 20)
        assert found.detail.denominators.disagree
        assert any("different sides of the margin" in warning for warning in found.warnings)

    def test_a_report_without_what_came_before_has_no_cuped_row(self):
        assert seen(rows(), 20).detail.cuped is None

    def test_other_settings_are_held_to(self):
        found = report(
            FakeExperimentReader(rows()), SERVICE, on_day(20), settings=Settings(alpha=0.2)
        )
        assert found.main.effect.fixed is not None
        assert found.main.effect.fixed.confidence == pytest.approx(0.8)


class TestPresent:
    """What people decided, and what else there is."""

    def test_decisions_are_the_newest_first(self):
        made = [
            ExperimentDecision(on_day(number), "Анна", "note", "", on_day(number), {})
            for number in (10, 16, 12)
        ]
        found = seen(rows(), 20, decided=made)
        assert [one.decided_at for one in found.decisions] == [on_day(16), on_day(12), on_day(10)]

    def test_nothing_in_a_report_is_nan_where_a_number_is_promised(self):
        values = evidence(seen(rows(), 20))

        def walk(value: object) -> None:
            if isinstance(value, dict):
                for one in value.values():
                    walk(one)
            elif isinstance(value, list):
                for one in value:
                    walk(one)
            elif isinstance(value, float):
                assert math.isfinite(value)

        walk(values)

    def test_a_day_is_a_date_of_the_calendar(self):
        assert seen(rows(), 20).line.days == tuple(
            date(2026, 6, 1) + timedelta(days=at) for at in range(19)
        )
