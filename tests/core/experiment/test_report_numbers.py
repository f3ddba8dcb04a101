"""The report's numbers against the formulas, and its details: segments, weeks, letters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtrit

from core.experiment import Settings, report
from core.ports.experiment import SUMS
from core.stats.ratio import interval, lifts, ratios
from core.stats.sequential import confidence_sequence, mixing_variance
from tests.core.experiment.lift_rows import CLOSE, LAST, STRONG, rows, seen
from tests.fakes import SERVICE
from tests.fakes_experiment import (
    FakeExperimentReader,
    World,
    day,
    defined,
    on_day,
)


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
