"""Goals and criteria: each held against the nearest milestone's target."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from core.criteria import GoalReport, Reports, nearest_due, report, target_words
from core.ports import Criterion, Goal
from core.reliability import report as reliability_report
from core.status import Operator, Status, Target, Verdict
from core.timeframe import Window
from tests.fakes import (
    SERVICE,
    FakeReliabilityReader,
    Row,
    at,
    gap,
    goal,
    life,
    outage,
    row,
    slowness,
    steady,
)

Q1, Q2 = date(2026, 6, 30), date(2026, 9, 30)
HELD = tuple(steady(-600, 0, 10_000))


def target(
    measure: str, value: str, milestone: str = "Q2", operator: Operator = Operator.AT_LEAST
) -> Target:
    due_on = Q1 if milestone == "Q1" else Q2
    unit = "letters a minute" if "rpm" in measure else "share"
    return Target(measure, operator, Decimal(value), unit, milestone, due_on)


def criterion(*targets: Target, area: str = "reliability", name: str = "service") -> Criterion:
    return Criterion(name, name, area, targets)


QUALITY = criterion(
    target("precision", "0.97", "Q1"),
    target("recall", "0.50", "Q1"),
    target("precision", "0.99"),
    target("recall", "0.70"),
    area="quality",
    name="precision / recall",
)
LATENCY = criterion(target("latency_sli", "0.9999", "Q1"), name="latency")
SERVES = criterion(
    target("mean_rpm", "10000", "Q1"),
    target("peak_rpm_within_slo", "20000", "Q1"),
    target("availability", "0.9999", "Q1"),
    name="load at an SLA",
)


def judged(
    rows: Sequence[Row],
    *criteria: Criterion,
    as_of: float = 0,
    lives: Sequence = (),
    window: str = "1h",
) -> GoalReport:
    reader = FakeReliabilityReader(rows, lives)
    found = reliability_report(reader, SERVICE, Window.parse(window), at(as_of))
    return report([goal(*criteria)], Reports(found), at(as_of))


def only(rows: Sequence[Row], one: Criterion, **more) -> Verdict:
    (verdict,) = judged(rows, one, **more).verdicts
    return verdict


def on(day: date, *criteria: Criterion) -> GoalReport:
    """The goal on a day: milestones do not need any rows."""
    as_of = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    found = reliability_report(FakeReliabilityReader(), SERVICE, Window.parse("1h"), as_of)
    return report([goal(*criteria)], Reports(found), as_of)


def measured(verdict: Verdict) -> dict[str, tuple[Decimal, Status]]:
    return {part.target.measure: (part.target.value, part.status) for part in verdict.evidence}


class TestMilestones:
    """97/50 in the first quarter, 99/70 in the second."""

    @pytest.mark.parametrize(
        ("today", "milestone", "values"),
        [
            (date(2026, 4, 1), "Q1", ["0.97", "0.50"]),
            (Q1, "Q1", ["0.97", "0.50"]),
            (date(2026, 7, 1), "Q2", ["0.99", "0.70"]),
            (Q2, "Q2", ["0.99", "0.70"]),
            (date(2027, 1, 1), "Q2", ["0.99", "0.70"]),
        ],
        ids=["long before", "on the day", "the day after", "on the last day", "after the last"],
    )
    def test_the_nearest_that_is_not_over_counts_and_then_the_last(
        self, today: date, milestone: str, values: list[str]
    ):
        found = on(today, QUALITY)
        (verdict,) = found.verdicts
        assert found.milestone == milestone
        assert [part.target.value for part in verdict.evidence] == [Decimal(v) for v in values]

    def test_a_criterion_whose_target_comes_later_is_not_due(self):
        later = criterion(target("availability", "0.9999"), name="later")
        _, verdict = on(date(2026, 4, 1), QUALITY, later).verdicts
        assert verdict.status is Status.NOT_DUE
        assert verdict.sentence == "Due on 30 September 2026."
        assert measured(verdict) == {"availability": (Decimal("0.9999"), Status.NOT_DUE)}

    def test_a_criterion_whose_last_target_is_over_goes_on_counting(self):
        first, _ = on(date(2026, 8, 1), LATENCY, QUALITY).verdicts
        assert [part.target.milestone for part in first.evidence] == ["Q1"]
        assert first.status is Status.NO_DATA
        assert first.reasons == ("no rows in this window",)

    def test_a_criterion_without_targets_says_so(self):
        verdict = only(HELD, criterion())
        assert (verdict.status, verdict.sentence) == (
            Status.NO_DATA,
            "No target is set for this criterion.",
        )

    def test_a_goal_without_targets_has_no_milestone(self):
        found = judged(HELD, criterion())
        assert (found.milestone, found.due_on) == ("", None)
        assert nearest_due([], Q1) is None


class TestUnbuiltAreas:
    """A criterion whose area is not built says so instead of guessing."""

    @pytest.mark.parametrize(
        ("area", "why"),
        [
            ("quality", "quality is not evaluated"),
            ("training", "training is not evaluated"),
            ("weather", "weather is not evaluated"),
        ],
    )
    def test_it_has_no_data_and_the_reason(self, area: str, why: str):
        verdict = only(HELD, criterion(target("lift", "0.05", "Q1"), area=area))
        assert verdict.status is Status.NO_DATA
        assert verdict.sentence == f"No verdict: {why}."
        assert verdict.reasons == (why,)
        assert measured(verdict) == {"lift": (Decimal("0.05"), Status.NO_DATA)}

    def test_a_measure_that_nobody_takes_is_named(self):
        verdict = only(HELD, criterion(target("carbon", "1", "Q1")))
        assert verdict.status is Status.NO_DATA
        assert verdict.reasons == ("nothing measures 'carbon'",)


class TestAvailabilityAndLatency:
    """Exact counts: never undecided."""

    availability = criterion(target("availability", "0.9999", "Q1"))

    def test_a_promise_that_holds_says_how_much_was_allowed(self):
        rows = [*steady(-600, -1, 10_000), row(-1, 410_000, 50)]
        verdict = only(rows, self.availability)
        assert verdict.status is Status.ON_TARGET
        assert verdict.sentence == "50 of 100 bad letters allowed."
        assert verdict.reasons == ()
        (part,) = verdict.evidence
        assert part.estimate is not None
        assert part.estimate.value == part.estimate.low == part.estimate.high
        assert part.estimate.value == 1 - Fraction(50, 1_000_000)
        assert part.estimate.n == 1_000_000

    def test_a_promise_that_is_broken_says_by_how_much(self):
        rows = [*steady(-600, -1, 10_000), row(-1, 410_000, 101)]
        verdict = only(rows, self.availability)
        assert verdict.status is Status.BREACHED
        assert verdict.sentence == "101 bad letters, 100 were allowed."

    def test_bad_letters_are_never_cut_to_what_was_allowed(self):
        rows = [row(-1, 1_000_000_000, 100_001)]
        sentence = only(rows, self.availability).sentence
        assert sentence == "100.01k bad letters, 100k were allowed."

    @pytest.mark.parametrize(
        ("rows", "reason"),
        [
            (outage(steady(-5_000, 0), -2, -1, share=Fraction(1, 10)), "firing: page_fast"),
            (
                outage(steady(-5_000, 0), -4_000, -3_999, share=Fraction(35, 100)),
                "less than a quarter of the error budget is left",
            ),
            (
                gap(steady(-5_000, 0), -2_000, -1_999),
                "rows are missing: if their letters were bad, the objective is missed",
            ),
        ],
        ids=["a firing alert", "little budget", "missing rows"],
    )
    def test_a_reason_to_worry_puts_it_at_risk(self, rows: list[Row], reason: str):
        verdict = only(rows, self.availability, window="3d")
        assert verdict.status is Status.AT_RISK
        assert verdict.reasons == (reason,)

    def test_the_worry_is_about_the_target_and_not_about_the_objective(self):
        """150 bad of a million break four nines and are a small part of what three allow."""
        rows = [*steady(-600, -1, 10_000), row(-1, 410_000, 150)]
        three_nines = criterion(target("availability", "0.999", "Q1"))
        assert only(rows, three_nines).status is Status.ON_TARGET
        strict = criterion(target("availability", "0.99984", "Q1"))
        assert only(rows, strict).status is Status.AT_RISK
        assert only(rows, strict).reasons == ("less than a quarter of the error budget is left",)

    def test_an_alert_puts_a_laxer_target_at_risk_too(self):
        rows = outage(HELD, -3, -1, share=Fraction(1, 10))
        verdict = only(rows, criterion(target("availability", "0.99", "Q1")))
        assert verdict.status is Status.AT_RISK
        assert verdict.reasons == ("firing: page_fast, ticket_day, ticket_slow",)

    def test_slow_letters_break_latency_alone(self):
        rows = slowness(steady(-600, 0, 10_000), -5, 0, share=Fraction(1, 10))
        found = judged(rows, LATENCY, self.availability)
        assert [verdict.status for verdict in found.verdicts] == [
            Status.BREACHED,
            Status.ON_TARGET,
        ]

    def test_a_full_outage_leaves_latency_without_data(self):
        verdict = only(outage(HELD, -60, 0), LATENCY)
        assert verdict.status is Status.NO_DATA
        assert verdict.sentence == "No answered letters in this window."
        assert verdict.reasons == ("letters, but none was answered in this window",)


class TestNoData:
    """Missing or stale evidence wins over everything."""

    def test_stale_data_keep_their_numbers_and_have_no_verdict(self):
        verdict = only(outage(HELD, -5, 0), SERVES, as_of=10)
        assert verdict.status is Status.NO_DATA
        assert "bad letters" in verdict.sentence
        assert verdict.evidence[2].estimate is not None
        assert verdict.reasons == ("the data end too long before as-of",)
        assert verdict.settles == ""
        assert verdict.data_through == at(-1)

    def test_no_rows_are_no_data(self):
        verdict = only([], SERVES)
        assert verdict.status is Status.NO_DATA
        assert {part.status for part in verdict.evidence} == {Status.NO_DATA}
        assert verdict.reasons == ("no rows in this window",)

    def test_rows_without_letters_are_no_data(self):
        verdict = only(steady(-600, 0, letters=0), SERVES)
        assert verdict.status is Status.NO_DATA
        assert verdict.reasons == ("rows, but no letters in this window",)

    def test_one_measure_without_data_leaves_the_criterion_without(self):
        mixed = criterion(target("availability", "0.9999", "Q1"), target("carbon", "1", "Q1"))
        verdict = only(HELD, mixed)
        assert verdict.status is Status.NO_DATA
        assert verdict.evidence[0].status is Status.ON_TARGET


class TestLoad:
    """The mean and the peak are met only by minutes that were within the SLO."""

    mean = criterion(target("mean_rpm", "10000", "Q1"))
    peak = criterion(target("peak_rpm_within_slo", "20000", "Q1"))

    def test_a_service_that_holds_all_of_it_is_on_target(self):
        rows = [*steady(-600, -10, 10_000), *steady(-10, 0, 20_000)]
        verdict = only(rows, SERVES)
        assert verdict.status is Status.ON_TARGET
        assert [part.status for part in verdict.evidence] == [Status.ON_TARGET] * 3
        assert "Highest load held for 5 minutes: 20k a minute." in verdict.sentence

    def test_a_load_that_never_came_is_undecided_and_a_load_test_settles_it(self):
        verdict = only(HELD, self.peak)
        assert verdict.status is Status.UNDECIDED
        assert verdict.settles == "Traffic peaked at 10k; a load test at 20k settles the peak."

    def test_a_peak_that_was_offered_and_not_held_is_breached(self):
        rows = outage([*steady(-600, -10, 10_000), *steady(-10, 0, 19_000)], -10, 0)
        verdict = only(rows, self.peak)
        assert verdict.status is Status.BREACHED
        assert verdict.evidence[0].estimate is not None
        assert verdict.evidence[0].estimate.value == 10_000

    def test_a_window_too_short_for_five_minutes_is_undecided_with_what_settles_it(self):
        verdict = only(HELD, self.peak, window="3m")
        assert verdict.status is Status.UNDECIDED
        assert verdict.sentence == "No five minutes in a row were within the SLO."
        assert "a load test at 20k settles the peak" in verdict.settles

    def test_a_mean_that_came_and_was_carried_is_on_target(self):
        verdict = only(HELD, self.mean)
        assert verdict.status is Status.ON_TARGET
        assert verdict.sentence == "Carried 10k letters a minute on average within the SLO."

    def test_a_mean_that_came_and_was_not_carried_is_breached(self):
        assert only(outage(HELD, -3, -1), self.mean).status is Status.BREACHED

    def test_a_mean_that_did_not_come_is_undecided(self):
        verdict = only(steady(-600, 0, 9_999), self.mean)
        assert verdict.status is Status.UNDECIDED
        assert verdict.settles == "A load test, or more traffic, settles the average."


class TestGoal:
    """The goal as a sentence, and the goals below it."""

    def test_the_goal_is_as_bad_as_its_worst_criterion(self):
        found = judged(HELD, LATENCY, TestLoad.peak, QUALITY)
        assert [verdict.status for verdict in found.verdicts] == [
            Status.ON_TARGET,
            Status.UNDECIDED,
            Status.NO_DATA,
        ]
        assert found.status is Status.NO_DATA
        assert found.sentence == "one criterion on target, one undecided, one without data"

    def test_the_sentence_counts_and_begins_with_what_is_worst(self):
        found = judged(outage(HELD, -5, -1), LATENCY, LATENCY, TestLoad.mean)
        assert found.sentence == "one criterion breached, two on target"
        assert judged(HELD, LATENCY, LATENCY).sentence == "two criteria on target"

    def test_without_criteria_the_sentence_says_so(self):
        assert judged(HELD).sentence == "no criteria yet"
        assert judged(HELD).status is Status.NO_DATA

    def reported(self, *goals: Goal) -> GoalReport:
        reader = FakeReliabilityReader(HELD)
        found = reliability_report(reader, SERVICE, Window.parse("1h"), at(0))
        return report(goals, Reports(found), at(0))

    def test_a_service_without_a_goal_has_nothing_to_judge(self):
        found = self.reported()
        assert (found.goal, found.verdicts, found.status) == (None, (), Status.NO_DATA)

    def test_the_goal_with_criteria_is_judged_and_its_interim_goals_stand_beside_it(self):
        interim = goal(goal_id="prototype", due_on=Q1, parent="complaints")
        stranger = goal(goal_id="other", due_on=Q1)
        below = goal(goal_id="data", due_on=Q1, parent="prototype")
        found = self.reported(interim, stranger, below, goal(LATENCY))
        assert found.goal is not None
        assert found.goal.goal_id == "complaints"
        assert [one.goal_id for one in found.interim] == ["prototype"]

    def test_a_goal_without_criteria_is_shown_where_there_is_no_other(self):
        found = self.reported(goal())
        assert found.goal is not None
        assert found.sentence == "no criteria yet"

    def test_a_verdict_carries_its_window_and_times(self):
        verdict = only(HELD, LATENCY, lives=[life(-600, 0)], as_of=0.5)
        assert verdict.window == Window.parse("1h")
        assert verdict.as_of == at(0.5)
        assert verdict.data_through == at(-1)


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (target("availability", "0.9999"), "at least 99.99 %"),
        (target("precision", "0.990"), "at least 99 %"),
        (target("recall", "1"), "at least 100 %"),
        (target("lift", "-0.05", operator=Operator.AT_MOST), "at most −5 %"),
        (target("mean_rpm", "1000000"), "at least 1M"),
    ],
)
def test_a_target_is_written_as_a_card_shows_it(of: Target, words: str):
    assert target_words(of) == words
