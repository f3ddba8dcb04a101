"""The whole report, from plain rows: verdicts over time, plans, and what is not defined."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest

from core.experiment import ExperimentReport, Outcome, estimate, evidence, report
from core.experiment.settings import of_rows
from core.ports import Amendment, ExperimentDecision, ExperimentRows, MetricRule
from core.status import Status
from tests.core.experiment.lift_rows import CLOSE, LAST, STRONG, rows, seen
from tests.fakes import SERVICE
from tests.fakes_experiment import (
    EXPERIMENT,
    FakeExperimentReader,
    World,
    day,
    defined,
    on_day,
)


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
