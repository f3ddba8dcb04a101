"""Complaints, guardrails, sample ratio, the shadow run: what users feel."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest

from core.alerts.checks.answer import Answer
from core.alerts.checks.product import complaints, guardrail, sample_ratio, shadow_visible
from core.alerts.inputs import Inputs
from core.alerts.parameters import Hours, Nothing, Weekly
from core.experiment import ExperimentReport, report
from core.ports import ProductSeries
from core.ports.alerts import ShadowRun
from core.timeframe import DAY
from tests.fakes import SERVICE, at
from tests.fakes_alerts import rule_named
from tests.fakes_experiment import FakeExperimentReader, World, on_day

NOON = at(0)
EIGHT = Weekly(8, 0.001)
WEEK = np.array([1.1, 1.05, 1.0, 1.0, 0.95, 0.8, 0.7])


def product(days: int, last: float = 1.0, missing: int | None = None) -> tuple[ProductSeries, ...]:
    """Days up to yesterday of BEGIN's noon; the last day's complaints times `last`."""
    draw = np.random.default_rng(11)
    on = [(at(0) - back * DAY).date() for back in range(days, 0, -1)]
    letters = 1.5e9 * np.exp(0.03 * draw.standard_normal(days))
    rate = 1e-4 * np.resize(WEEK, days) * np.exp(0.008 * draw.standard_normal(days))
    rate[-1] *= last
    kept = [number for number in range(days) if number != missing]
    return tuple(
        ProductSeries(name, tuple(on[n] for n in kept), tuple(float(values[n]) for n in kept))
        for name, values in (("complaints", np.rint(letters * rate)), ("letters", letters))
    )


def asked(series: tuple[ProductSeries, ...], as_of: datetime = NOON) -> Answer:
    return complaints(rule_named("complaints"), EIGHT, Inputs(SERVICE, as_of, product=series))


@pytest.mark.parametrize(
    ("last", "active", "side"),
    [(1.0, False, "within"), (1.1, True, "above"), (0.9, True, "below")],
)
def test_a_day_outside_its_weekly_pattern_is_told_with_what_was_expected(
    last: float, active: bool, side: str
):
    (found,) = asked(product(57, last)).signals
    assert found.active is active
    assert found.sentence.startswith(
        f"Complaints of newsletters on 31 May 2026 are {side} their weekly pattern: "
    )
    assert "per 100,000 letters, expected" in found.sentence


def test_a_usual_weekend_is_not_outside():
    """Each of the last days of a quiet history fits its own weekday, however low it is."""
    for back in range(7):
        series = product(70)
        cut = tuple(
            ProductSeries(one.metric, one.days[: 70 - back], one.values[: 70 - back])
            for one in series
        )
        (found,) = asked(cut, at(0) - back * DAY).signals
        assert found.active is False


def test_few_weeks_are_unknown():
    (found,) = asked(product(40)).signals
    assert found.active is None
    assert "have no weekly pattern of 8 weeks yet" in found.sentence


def test_a_missing_day_of_the_pattern_is_left_out():
    (found,) = asked(product(57, 1.1, missing=20)).signals
    assert found.active is True


def test_complaints_that_stopped_are_unknown():
    late = asked(product(57), at(0) + 2 * DAY)
    assert not late.complete
    assert late.why == "complaints end on 31 May 2026"
    assert not asked(()).complete
    assert not asked(product(57)[:1]).complete


def test_the_day_that_is_not_over_is_not_judged():
    events, letters = product(57, 5.0)
    before_midnight = datetime(2026, 5, 31, 23, tzinfo=UTC)
    (found,) = asked((events, letters), before_midnight).signals
    assert found.evidence["day"] == "2026-05-30"
    assert found.active is False


@cache
def experiment(**world: object) -> ExperimentReport:
    shares = {"treatment": 0.97} if world.pop("off", False) else {}
    rows = World(users=50_000, shares=shares, **world).rows(21)  # type: ignore[arg-type]
    return report(FakeExperimentReader(rows), SERVICE, on_day(18))


def looked(found: ExperimentReport) -> Inputs:
    return Inputs(SERVICE, found.as_of, experiment=found)


def test_a_harmed_guardrail_is_told_with_its_lift_and_margin():
    found = looked(experiment(sessions_lift=-0.1))
    answer = guardrail(rule_named("guardrail"), Nothing(), found)
    states = {one.labels["metric"]: one for one in answer.signals}
    harmed = states["sessions_per_user"]
    assert harmed.active is True
    assert harmed.labels["experiment"] == "folder"
    assert harmed.labels["treatment"] == "treatment"
    assert "is harmed (−" in harmed.sentence
    assert states["revenue_per_user"].active is False


def test_an_experiment_that_is_over_is_not_watched():
    over = replace(
        experiment(), as_of=on_day(60), freshness=replace(experiment().freshness, stale=True)
    )
    for check, rule_id in ((guardrail, "guardrail"), (sample_ratio, "sample-ratio")):
        answer = check(rule_named(rule_id), Nothing(), looked(over))
        assert answer == Answer(())


def test_no_experiment_at_all_is_nothing_to_watch():
    nothing = report(FakeExperimentReader(), SERVICE, at(0))
    answer = sample_ratio(rule_named("sample-ratio"), Nothing(), looked(nothing))
    assert answer == Answer(())


def test_rows_that_stopped_in_the_middle_of_a_test_are_unknown():
    silent = replace(experiment(), freshness=replace(experiment().freshness, stale=True))
    answer = guardrail(rule_named("guardrail"), Nothing(), looked(silent))
    assert not answer.complete
    assert answer.why == "experiment folder has no rows of the last days"


@pytest.mark.parametrize(("off", "active"), [(False, False), (True, True)])
def test_a_split_that_is_off_is_told_with_the_shares(off: bool, active: bool):
    found = experiment(off=off)
    (told,) = sample_ratio(rule_named("sample-ratio"), Nothing(), looked(found)).signals
    assert told.active is active
    assert told.value == found.split.p
    if off:
        assert told.sentence.startswith("Users of experiment folder are not split as planned: ")


def run(visible: int, last: float = -2) -> ShadowRun:
    return ShadowRun("v1", "v2", at(-600), at(60 * last), 9_000, visible)


@pytest.mark.parametrize(("visible", "active"), [(0, False), (1, True)])
def test_one_letter_that_users_see_is_enough(visible: int, active: bool):
    inputs = Inputs(SERVICE, at(0), shadow=(run(visible),))
    (found,) = shadow_visible(rule_named("shadow-visible"), Hours(24), inputs).signals
    assert found.active is active
    assert found.severity == "page"
    assert f"changed the handling of {visible} letters of newsletters" in found.sentence


def test_a_shadow_run_that_ended_is_not_watched_any_more():
    inputs = Inputs(SERVICE, at(0), shadow=(run(5, last=-30),))
    answer = shadow_visible(rule_named("shadow-visible"), Hours(24), inputs)
    assert answer == Answer(())
