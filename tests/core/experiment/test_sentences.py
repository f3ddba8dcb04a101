"""What the report says in words."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from core.experiment import ExperimentReport, Outcome, report, sentences
from core.experiment.forecast import Forecast
from core.ports import MetricRule
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


@cache
def rows(lift: float, days: int = 29, **options: float) -> tuple[BucketRow, ...]:
    return tuple(World(lifts={"treatment": lift}, **options).rows(days))


def seen(lift: float, number: int, days: int = 29, **options: float) -> ExperimentReport:
    return report(FakeExperimentReader(rows(lift, days, **options)), SERVICE, on_day(number))


def coming(found: ExperimentReport, days: int | None, look: int) -> ExperimentReport:
    """The report with another forecast."""
    told = Forecast(days, "always valid" if days else "", look)
    return replace(found, details=(replace(found.detail, forecast=told),))


class TestHeadline:
    """The page's first sentence: the verdict, the lift, and why."""

    def test_met_says_by_what_and_when(self):
        assert sentences.headline(seen(-0.20, 15)) == (
            "Met: complaints per letter are down 19.3 % (99 % sure of −22.62 to −15.93 %), decided "
            "on day 14 (14 June 2026) by the always-valid band"
        )

    def test_met_by_the_last_look(self):
        found = sentences.headline(seen(-0.085, 29))
        assert found.startswith("Met: ")
        assert "(96 % sure of" in found
        assert found.endswith("on day 28 (28 June 2026) by the planned last look")

    def test_not_met(self):
        found = sentences.headline(seen(0.02, 15))
        assert found.startswith("Not met: complaints per letter are up ")

    def test_met_with_a_harmed_guardrail_says_so_first(self):
        found = sentences.headline(seen(-0.20, 15, sessions_lift=-0.05, revenue_lift=-0.05))
        assert found.startswith(
            "Met, but sessions per user-day, session time per user-day and revenue per user-day "
            "are harmed: "
        )

    def test_before_the_minimum_it_says_how_many_days_that_takes(self):
        found = sentences.headline(seen(-0.07, 10))
        assert found.startswith("Keep collecting, ")
        assert found.endswith("no verdict before 14 complete days, five days from now")

    def test_later_it_says_that_the_margin_is_still_possible(self):
        found = sentences.headline(seen(-0.07, 20))
        assert found.startswith("Keep collecting, 9 more days to the planned last look")
        assert found.endswith("and −5 % is still possible")

    def test_left_open(self):
        found = sentences.headline(seen(-0.07, 40, 28))
        assert found.startswith("Left open after 28 days: complaints per letter are down ")
        assert "it takes " in found

    def test_invalid_and_no_data_say_why(self):
        assert sentences.headline(
            report(
                FakeExperimentReader(World(shares={"treatment": 0.9}).rows(9)), SERVICE, on_day(10)
            )
        ).startswith("Invalid: the users are not split as planned: control 52.")
        assert sentences.headline(seen(-0.20, 20, 14)) == (
            "No verdict: the rows end on 14 June 2026, day 14 of 28; by then it was met"
        )

    def test_not_begun(self):
        for number, said in ((3, "begins on 5 June 2026"), (5, "begins today")):
            reader = FakeExperimentReader((), [defined(starts_on=day(5))])
            assert said in sentences.headline(report(reader, SERVICE, on_day(number)))
        nothing = report(FakeExperimentReader(), SERVICE, on_day(1))
        assert sentences.headline(nothing) == "newsletters has no experiment"

    def test_several_treatments_are_named(self):
        world = World(arms=("control", "big", "small"), lifts={"big": -0.3, "small": 0.0})
        found = report(FakeExperimentReader(world.rows(15)), SERVICE, on_day(16))
        assert " in big (99.5 % sure of " in sentences.headline(found)

    def test_a_metric_that_is_one_thing_is_said_in_the_singular(self):
        rule = MetricRule("revenue_per_user", 0.02, "up")
        reader = FakeExperimentReader(rows(-0.2, 15, revenue_lift=0.05), [defined(primary=rule)])
        found = sentences.headline(report(reader, SERVICE, on_day(16)))
        assert found.startswith("Met: revenue per user-day is up ")


class TestSettles:
    """What would settle an open verdict."""

    @pytest.mark.parametrize(
        ("days", "look", "said"),
        [
            (9, 9, "9 more days"),
            (1, 9, "1 more day"),
            (40, 9, "9 more days to the planned last look, which may leave it open"),
            (None, 9, "9 more days to the planned last look, which may leave it open"),
        ],
    )
    def test_while_the_test_runs(self, days: int | None, look: int, said: str):
        assert sentences.settles(coming(seen(-0.07, 20), days, look)) == said

    @pytest.mark.parametrize(
        ("days", "said"), [(12, "12 more days"), (None, "more users than come at this pace")]
    )
    def test_after_the_last_look(self, days: int | None, said: str):
        found = seen(-0.07, 30)
        assert found.main.looked
        assert sentences.settles(coming(found, days, 0)) == said

    def test_when_it_was_left_open(self):
        found = seen(-0.07, 40, 28)
        assert found.outcome is Outcome.LEFT_OPEN
        assert sentences.settles(coming(found, 12, 0)) == (
            "a longer test, about 12 more days at this pace"
        )

    def test_before_anything_can_be_foreseen_it_is_the_planned_end(self):
        assert sentences.settles(seen(-0.07, 4)) == "25 more days"

    @pytest.mark.parametrize(("lift", "number"), [(-0.2, 15), (0.02, 15)])
    def test_what_is_decided_needs_nothing(self, lift: float, number: int):
        assert sentences.settles(seen(lift, number)) == ""


class TestVerdictSentence:
    """The finding behind the verdict, as a card says it."""

    def test_decided_says_what_came_after(self):
        found = sentences.verdict_sentence(seen(-0.20, 20))
        assert found.startswith("Complaints per letter are down 19.3 % (99 % sure of")
        assert "After 19 days the lift is −" in found

    def test_open_says_when_it_ends(self):
        found = sentences.verdict_sentence(seen(-0.07, 20))
        assert " on day 19 of 28. It ends on 28 June 2026 at the latest" in found

    def test_past_the_planned_end_it_says_how_far(self):
        found = sentences.verdict_sentence(seen(-0.07, 30))
        assert " on day 29, one day past the planned end. " in found
        assert "Its planned last day was 28 June 2026." in found

    def test_without_numbers_it_is_the_headline(self):
        assert sentences.verdict_sentence(seen(-0.2, 20, 14)).startswith("No verdict: the rows end")

    def test_a_stopped_test_says_when(self):
        reader = FakeExperimentReader(rows(-0.07), [defined(stopped_on=day(20))])
        found = sentences.verdict_sentence(report(reader, SERVICE, on_day(25)))
        assert "It was stopped on 20 June 2026." in found


class TestTitles:
    """A chart's title states its finding."""

    def test_of_the_lift(self):
        assert sentences.lift_title(seen(-0.2, 20)) == "The lift has been below −5 % since day 14"
        assert sentences.lift_title(seen(0.02, 20)) == "The lift has been above −5 % since day 14"
        assert sentences.lift_title(seen(-0.07, 20)) == (
            "−5 % is still inside the band that decides"
        )
        assert "the band is not tuned yet" in sentences.lift_title(seen(-0.07, 4))
        assert sentences.lift_title(seen(-1.0, 20)) == (
            "No lift to show: treatment has no complaints"
        )

    def test_of_the_split(self):
        for share, said in ((1.0, "Users are split as planned"), (0.9, "the test is invalid")):
            world = World(users=500_000, shares={"treatment": share})
            found = report(FakeExperimentReader(world.rows(2)), SERVICE, on_day(3))
            assert said in sentences.split_title(found)
        assert sentences.split_title(seen(-0.07, 1)) == "No users yet"

    def test_of_the_guardrails(self):
        assert sentences.guardrails_title(seen(-0.07, 4)).startswith("Four of 4 guardrails still")
        assert sentences.guardrails_title(seen(-0.07, 20, sessions_lift=-0.05)).startswith(
            "Two of 4 guardrails harmed: sessions per user-day and session time per user-day"
        )
        large = World(users=2_000_000, lifts={"treatment": -0.07}).rows(9)
        found = report(FakeExperimentReader(large), SERVICE, on_day(10))
        assert sentences.guardrails_title(found) == "Every guardrail is held"
        bare = FakeExperimentReader(rows(-0.07), [defined(guardrails=())])
        assert sentences.guardrails_title(report(bare, SERVICE, on_day(10))) == (
            "No guardrails are set"
        )

    def test_a_guardrails_state_is_explained(self):
        found = seen(-0.07, 20, sessions_lift=-0.05)
        said = [sentences.guardrail_words(one) for one in found.main.guardrails]
        assert said[0] == "harmed: the interval lies beyond −1.0 %"
        assert said[3] == "held: the interval lies on the good side of −1.0 %"

    def test_of_segments_and_weeks(self):
        plain = seen(-0.07, 10)
        assert sentences.segments_title(plain) == "No segments to show"
        assert sentences.weeks_title(plain) == "One week of exposure: nothing to compare yet"
        parts = [
            row
            for dimension, value, lift in (
                ("platform", "web", -0.4), ("platform", "mobile", 0.0),
                ("exposure_week", "1", -0.4), ("exposure_week", "2", -0.1),
            )
            for row in World(seed=3, lifts={"treatment": lift}).rows(
                9, dimension=dimension, value=value
            )
        ]  # fmt: skip
        found = report(FakeExperimentReader([*rows(-0.07), *parts]), SERVICE, on_day(10))
        assert sentences.segments_title(found) == (
            "The change is certain in 1 of 2 segments, taken together"
        )
        assert sentences.weeks_title(found) == "The lift is different in week 2 from the first"

    def test_of_cuped(self):
        assert sentences.cuped_words(seen(-0.07, 10)).startswith("Nobody wrote what")

    def test_of_what_can_be_detected(self):
        assert "called met with a chance of 80 %" in sentences.detectable_words(seen(-0.07, 10))
        assert sentences.detectable_words(seen(-0.07, 4)).endswith("not known yet.")

    def test_of_an_effect(self):
        found = seen(-0.07, 10).main.effect
        assert "(95 % interval −" in sentences.effect_words(found)
        none = seen(-1.0, 10).main.effect
        assert sentences.effect_words(none) == "treatment has no complaints"


def test_no_sentence_has_a_hole_in_it():
    cases = [
        seen(lift, number)
        for lift in (-0.2, -0.085, -0.07, 0.02)
        for number in (2, 6, 9, 20, 29, 30)
    ]
    cases.append(
        report(
            FakeExperimentReader(without(rows(-0.07), arm="treatment", days=range(3, 30))),
            SERVICE,
            on_day(20),
        )
    )  # fmt: skip
    for found in cases:
        said = [
            sentences.headline(found), sentences.verdict_sentence(found), sentences.settles(found),
            sentences.lift_title(found), sentences.split_title(found),
            sentences.guardrails_title(found), sentences.detectable_words(found),
            *found.warnings, *found.reasons,
        ]  # fmt: skip
        for sentence in said:
            assert "None" not in sentence
            assert "nan" not in sentence
            assert "  " not in sentence
            assert ".." not in sentence
