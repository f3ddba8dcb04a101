"""The simulated newsletters test, whose true lifts are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest

from core.experiment import ExperimentReport, Outcome, report
from db.demo.newsletters import experiment as simulated
from db.demo.newsletters.story import EXPERIMENT_DAYS, EXPERIMENT_DAYS_AGO, Scenario
from tests.fakes import SERVICE
from tests.fakes_experiment import ColumnExperimentReader, slice_of

SCENARIO = Scenario(datetime(2026, 6, 20, 12, tzinfo=UTC))
READER = ColumnExperimentReader(
    columns=simulated.history(SCENARIO, range(EXPERIMENT_DAYS)),
    earlier=slice_of(simulated.before(SCENARIO)),
)


def seen(days: int) -> ExperimentReport:
    start = datetime.combine(simulated.first_day(SCENARIO), datetime.min.time(), UTC)
    return report(READER, SERVICE, start + timedelta(days=days, hours=12))


@pytest.fixture(scope="module")
def today() -> ExperimentReport:
    return seen(EXPERIMENT_DAYS_AGO)


def test_every_interval_of_every_day_holds_the_true_lift():
    found = seen(EXPERIMENT_DAYS)
    daily, truth = found.main.daily, simulated.lift()
    assert (daily.fixed_low < truth).all()
    assert (truth < daily.fixed_high).all()
    tuned = daily.always_low == daily.always_low
    assert tuned.sum() == EXPERIMENT_DAYS - 6
    assert (daily.always_low < truth)[tuned].all()
    assert (truth < daily.always_high)[tuned].all()


def test_today_it_is_open_and_at_its_end_it_is_met_as_the_truth_is(today: ExperimentReport):
    assert today.outcome is Outcome.KEEP_COLLECTING
    assert today.days == EXPERIMENT_DAYS_AGO
    assert simulated.lift() < -0.05
    assert seen(EXPERIMENT_DAYS).outcome is Outcome.MET


def test_platforms_hold_their_true_lifts(today: ExperimentReport):
    lifts = dict(zip(simulated.PLATFORMS, simulated.lifts(), strict=True))
    segments = {one.value: one for one in today.detail.segments}
    assert set(segments) == set(lifts)
    for value, one in segments.items():
        assert one.effect.fixed is not None
        assert one.effect.fixed.low < lifts[value] < one.effect.fixed.high


def test_guardrails_hold_their_true_lifts(today: ExperimentReport):
    true = {
        "sessions_per_user": simulated.SESSIONS_LIFT,
        "session_seconds_per_user": (1 + simulated.SESSIONS_LIFT) * (1 + simulated.SECONDS_LIFT)
        - 1,
        "active_days_per_user": 0.0,
        "revenue_per_user": simulated.REVENUE_LIFT,
    }
    for one in today.main.guardrails:
        assert one.deciding is not None
        assert one.deciding.low < true[one.rule.metric] < one.deciding.high
        assert one.state in {"held", "open"}


def test_letters_do_not_drive_the_lift_and_weeks_do_not_differ(today: ExperimentReport):
    three = today.detail.denominators
    assert not three.drives
    assert not three.disagree
    assert three.letters_per_user.fixed is not None
    assert three.letters_per_user.fixed.low < simulated.LETTERS_LIFT
    assert three.letters_per_user.fixed.high > simulated.LETTERS_LIFT
    assert [one.week for one in today.detail.weeks] == ["1", "2", "3"]
    assert all(one.p is None or one.p > 0.05 for one in today.detail.weeks)


def test_what_came_before_narrows_the_interval_a_little(today: ExperimentReport):
    row = today.detail.cuped
    assert row is not None
    assert row.narrower is not None
    assert 0.005 < row.narrower < 0.06
    assert row.effect.fixed is not None
    assert row.effect.fixed.low < simulated.lift() < row.effect.fixed.high


def test_without_the_rows_before_of_an_arm_there_is_a_reason_and_no_number():
    before = READER.earlier
    assert before is not None
    half = replace(before, variants=("control",), sums=before.sums[:1])
    reader = ColumnExperimentReader(columns=READER.columns, earlier=half)
    as_of = seen(19).as_of
    row = report(reader, SERVICE, as_of).detail.cuped
    assert row is not None
    assert row.effect.lift is None
    assert row.effect.missing == "treatment has no rows from before the test"


def test_users_are_split_as_planned(today: ExperimentReport):
    assert today.split.verdict == "ok"
    assert today.main.users == pytest.approx(10_000_000, rel=0.05)


def test_a_report_takes_a_fraction_of_a_second():
    start = process_time()
    seen(EXPERIMENT_DAYS)
    assert process_time() - start < 2, "the bench measures it; this only catches a mishap"
