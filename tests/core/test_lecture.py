"""The lecture on managing ML projects, from its first example to its last, by its own numbers.

Other tests look at each area from all sides; this one follows the lecture, refusals included.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from core import scope
from core.alerts.default_rules import defaults
from core.alerts.rules import configuration_errors
from core.criteria import nearest_due
from core.documentation.card import missing as missing_of_card
from core.fields import FieldsError
from core.goals.business import DIRECTIONS as GOOD_DIRECTIONS
from core.goals.business import business_lines
from core.goals.completeness import missing as missing_of_goal
from core.goals.drilldown import tree
from core.goals.forms import parse_goal, parse_target
from core.goals.measures import MEASURES
from core.goals.metric_forms import parse_node
from core.goals.numbers import read_number
from core.incidents.retrospective import ACTION_FIELDS, parse_action, parse_lessons
from core.life_cycle import GATES, Phase, Settings, stages
from core.life_cycle.shadow import runs_of
from core.milestones.changes import parse_decision
from core.milestones.iterations import Turn, iteration_view
from core.milestones.rule import planning_rule
from core.ports import Criterion, ProductSeries
from core.ports.criteria import BusinessMetric, GoalNode
from core.ports.documentation import ServiceCard
from core.ports.plan import DIRECTIONS, STAGES, Iteration
from core.ports.risks import RedLine
from core.risks import LineState, drafted, rank
from core.risks.changes import parse_risk
from core.risks.lines import view_of
from core.risks.scale import BANDS, CONSEQUENCES, PROBABILITIES, band_of, missing
from core.status import Estimate, Status, Target, judge
from core.targets import nearest_targets
from core.training import report as training_report
from tests.core.milestones.plans import TODAY, task
from tests.fakes import SERVICE
from tests.fakes import goal as goal_of
from tests.fakes_life_cycle import MONDAY, columns, kept, later, model, passed, release, seen, week
from tests.fakes_risks import evidence_of, form
from tests.fakes_risks import risk as risk_of
from tests.fakes_scope import AT, MemoryScope
from tests.fakes_scope import lecture as lecture_tasks
from tests.fakes_training import FakeTrainingReader, on, run

Q1, Q2 = date(2026, 3, 31), date(2026, 6, 30)
GOAL: dict[str, Any] = {
    "title": "Fewer “this is spam” complaints by moving newsletters out of the Inbox",
    "problem": "Unimportant letters litter the Inbox",
    "for_whom": "Users, and us",
    "gain_us": "Transformer technology and an embedding of letters",
    "gain_user": "A newsletters folder",
    "starts_on": date(2026, 1, 1),
    "due_on": Q2,
    "key_results": ["Complaints down by 5 % in the A/B test"],
    "parent_goal_id": None,
}


def problems_of(reading: Any, *given: Any) -> dict[str, str]:
    with pytest.raises(FieldsError) as refusal:
        reading(*given)
    return refusal.value.problems


def target(measure: str, value: str, milestone: str = "Q2", due_on: date = Q2) -> Target:
    about = MEASURES[measure]
    read = read_number(value, about.unit, about.example, signed=about.signed)
    assert read.value is not None, read.refused
    return Target(measure, about.operator, read.value, about.unit, milestone, due_on)


def first(measure: str, value: str) -> Target:
    return target(measure, value, "Q1", Q1)


CRITERIA = (
    Criterion("1", "Complaints", "experiment", (target("complaint_lift", "-5 %"),)),
    Criterion(
        "2",
        "99 / 70",
        "quality",
        (
            first("precision", "97 %"),
            first("recall", "50 %"),
            target("precision", "99 %"),
            target("recall", "70 %"),
        ),
    ),
    Criterion("3", "At most 20 ms a letter", "reliability", (target("latency_sli", "99.99 %"),)),
    Criterion(
        "4",
        "1M a minute, 2M at peak",
        "reliability",
        (
            target("mean_rpm", "1M"),
            target("peak_rpm_within_slo", "2M"),
            target("availability", "99.99 %"),
        ),
    ),
    Criterion(
        "5",
        "Trained on 100M letters",
        "training",
        (first("letters_anonymised", "10M"), target("letters_anonymised", "100M")),
    ),
)
LECTURE = replace(goal_of(*CRITERIA, due_on=Q2), key_results=tuple(GOAL["key_results"]))


# The goal and its criteria


def test_the_goal_says_for_whom_which_problem_by_when_and_what_each_side_gains():
    draft = parse_goal(GOAL, [])
    assert (draft.for_whom, draft.problem, draft.due_on) == (
        GOAL["for_whom"],
        GOAL["problem"],
        Q2,
    )
    assert missing_of_goal(LECTURE) == ()


@pytest.mark.parametrize("field", ["problem", "due_on", "for_whom"])
def test_a_goal_without_a_why_a_date_or_anybody_it_is_for_is_refused(field: str):
    assert list(problems_of(parse_goal, {**GOAL, field: ""}, [])) == [field]


def test_a_goal_without_a_measure_is_incomplete_and_says_so():
    assert [one.what for one in missing_of_goal(replace(LECTURE, criteria=()))] == ["no measure"]
    assert [one.what for one in missing_of_goal(replace(LECTURE, problem=""))] == ["no why"]


def below(number: int, parent: int | None, name: str, value: str, unit: str) -> GoalNode:
    given = {
        "name": name,
        "parent_id": parent,
        "operator": "" if not value else ">=" if parent and unit != "ms" else "<=",
        "value": value,
        "unit": unit,
        "note": "",
        "criterion_id": None,
    }
    above = [GoalNode(1, SERVICE, LECTURE.goal_id, None, 1, "top", None, None, "", "", None)]
    read = parse_node(given, LECTURE, above)
    return GoalNode(
        number,
        SERVICE,
        LECTURE.goal_id,
        parent,
        number,
        read.name,
        read.operator,
        read.value,
        read.unit,
        "",
        None,
    )


WAY_DOWN = (
    below(1, None, "“This is spam” complaints", "-5 %", "share"),
    below(2, 1, "Latency", "20 ms", "ms"),
    below(3, 1, "Load", "1.5 billion letters a day", "letters a day"),
    below(4, 1, "Availability", "99.99 %", "share"),
)


def test_the_way_down_goes_from_complaints_by_minus_5_percent_to_20_ms_and_four_nines():
    found = tree(LECTURE.goal_id, WAY_DOWN, ())
    (top,) = found.branches
    assert top.number == "at most −5 %"
    assert [one.number for one in top.below] == [
        "at most 20 ms",
        "at least 1,500,000,000 letters a day",
        "at least 99.99 %",
    ]
    assert found.gaps == ()


def test_one_and_a_half_billion_letters_a_day_are_about_a_million_a_minute():
    load = WAY_DOWN[2].value
    assert load is not None
    assert Fraction(load) / (24 * 60) == Fraction(1_500_000_000, 1_440)
    assert 1_000_000 < load / 1_440 < 1_050_000


def test_a_node_without_a_number_below_it_is_flagged():
    bare = below(5, 1, "Load", "", "")
    (gap,) = tree(LECTURE.goal_id, (*WAY_DOWN[:2], bare), ()).gaps
    assert gap == "“Load” has no number: nobody said what is OK."
    (gap,) = tree(LECTURE.goal_id, WAY_DOWN[:1], ()).gaps
    assert gap.endswith("has no technical metric below it.")


def test_the_first_quarter_is_held_to_97_50_and_10m_and_the_second_to_99_70_and_100m():
    every = [one for criterion in CRITERIA for one in criterion.targets]
    for today, due, wanted in (
        (date(2026, 2, 1), Q1, ("0.97", "0.5", "10000000")),
        (Q1, Q1, ("0.97", "0.5", "10000000")),
        (Q1 + timedelta(days=1), Q2, ("0.99", "0.7", "100000000")),
    ):
        assert nearest_due(every, today) == due
        quality = nearest_targets([LECTURE], "quality", today)
        training = nearest_targets([LECTURE], "training", today)
        assert (
            quality["precision"].value,
            quality["recall"].value,
            training["letters_anonymised"].value,
        ) == tuple(map(Decimal, wanted))


@pytest.mark.parametrize(
    ("measure", "value", "just", "not_quite"),
    [
        ("complaint_lift", "-5 %", Fraction(-5, 100), Fraction(-4_999_999, 10**8)),
        ("precision", "99 %", Fraction(99, 100), Fraction(98_999_999, 10**8)),
        ("recall", "70 %", Fraction(7, 10), Fraction(69_999_999, 10**8)),
        ("availability", "99.99 %", Fraction(9_999, 10_000), Fraction(99_989_999, 10**8)),
        ("latency_sli", "99.99 %", Fraction(9_999, 10_000), Fraction(99_989_999, 10**8)),
        ("mean_rpm", "1M", Fraction(1_000_000), Fraction(999_999)),
        ("peak_rpm_within_slo", "2M", Fraction(2_000_000), Fraction(1_999_999)),
        ("letters_anonymised", "100M", Fraction(100_000_000), Fraction(99_999_999)),
    ],
)
def test_each_criterion_is_met_at_its_number_and_not_just_short_of_it(
    measure: str, value: str, just: Fraction, not_quite: Fraction
):
    wanted = target(measure, value)
    assert judge(Estimate.exact(just, 1), wanted) is Status.ON_TARGET
    assert judge(Estimate.exact(not_quite, 1), wanted) is Status.BREACHED


def test_a_share_is_never_read_a_hundred_times_too_large():
    draft = {
        "measure": "precision",
        "operator": ">=",
        "value": "99",
        "milestone": "Q2",
        "due_on": Q2,
    }
    assert list(problems_of(parse_target, draft, CRITERIA[1], [])) == ["value"]


def test_business_metrics_are_money_time_span_and_frequency_and_less_time_may_be_good():
    said = [
        BusinessMetric(number, SERVICE, kind, name, source, direction, "because")
        for number, (kind, name, source, direction) in enumerate(
            (
                ("frequency", "Daily users", "active_users_day", "up"),
                ("time span", "Length of a session", "session_seconds", "down"),
                ("money", "Advertising", "revenue_ads", "up"),
            ),
            start=1,
        )
    ]
    days = tuple(date(2026, 6, 1) - timedelta(days=back) for back in range(14, 0, -1))
    falling = (10.0,) * 7 + (9.0,) * 7
    series = [ProductSeries(one.source, days, falling) for one in said]

    found = business_lines(said, series, datetime(2026, 6, 1, 12, tzinfo=UTC))

    assert [(one.metric.kind, one.trend) for one in found] == [
        ("money", "bad"),
        ("time span", "good"),
        ("frequency", "bad"),
    ]
    assert set(GOOD_DIRECTIONS) == {"up", "down", "neither"}


# Life cycle


def test_the_stages_are_those_of_launch_operation_and_decommissioning():
    by_phase = {
        phase: [one.name for one in stages.STAGES if one.phase is phase]
        for phase in (Phase.LAUNCH, Phase.OPERATION, Phase.DECOMMISSIONING)
    }
    assert by_phase == {
        Phase.LAUNCH: ["Data", "Research", "Shadow run"],
        Phase.OPERATION: [
            "Collecting false decisions",
            "Retraining",
            "A/B test",
            "Production metrics",
            "Quick fixes",
            "Accidents",
            "Drills",
        ],
        Phase.DECOMMISSIONING: ["Saving the samples", "Switching off"],
    }


def test_research_ends_with_a_model_and_a_system():
    both = {"runs": [model(MONDAY)], "deployed": [release(MONDAY, "canary")]}
    assert seen(later(7), **both).standing.gates[stages.RESEARCH].ready
    for name, rows in both.items():
        assert not seen(later(7), **{name: rows}).standing.gates[stages.RESEARCH].ready


@pytest.mark.parametrize("letters", [0, 1])
def test_a_shadow_run_that_changed_anything_for_a_user_has_failed(letters: int):
    rows = week()
    rows[3] = replace(rows[3], user_visible=letters)
    view = seen(later(7.1), rows=rows).standing.gates[stages.SHADOW]
    (untouched,) = (one for one in view.met if one.requirement.key == "users_untouched")
    assert untouched.status is (Status.BREACHED if letters else Status.ON_TARGET)
    assert bool(view.refusal) is bool(letters)


@pytest.mark.parametrize("unsaved", ["samples", "raw_data", "score_distributions"])
def test_nothing_is_switched_off_with_anything_unsaved(unsaved: str):
    every = {"samples", "raw_data", "score_distributions"}
    assert {one.key for one in GATES[stages.SWITCHING_OFF].said} == every
    given_up = [passed(stages.DECOMMISSIONING, MONDAY)]
    saved = [kept(key, number=at) for at, key in enumerate(sorted(every - {unsaved}), start=1)]
    view = seen(later(1), kept=saved, passed=given_up).standing.gates[stages.SWITCHING_OFF]
    assert view.refusal.startswith("Not saved: ")

    whole = [*saved, kept(unsaved, number=9)]
    view = seen(later(1), kept=whole, passed=given_up).standing.gates[stages.SWITCHING_OFF]
    assert view.refusal == ""


def test_a_shadow_run_is_held_to_the_service_level_of_the_lecture():
    settings = Settings()
    assert settings.errors == settings.slow == 1 - Fraction(9_999, 10_000)
    (whole,) = runs_of(columns(week()), (), later(8), settings)
    assert whole.whole.matrix.agreement == Fraction(970, 1_000)


# Directions and the scope matrix


def test_the_directions_are_the_lectures_and_its_three_stages_are_among_the_defaults():
    assert DIRECTIONS == (
        "Hardware",
        "Back-end",
        "Infrastructure",
        "ML / Logics",
        "Product features",
    )
    three = {
        "Launch: shadow run",
        "Operation: accidents",
        "Decommissioning: saving data",
    }
    assert three <= set(STAGES)


def test_11_of_15_cells_are_filled_5_4_and_2():
    found = scope.report(MemoryScope(lecture_tasks()), SERVICE, AT)
    assert (found.whole.filled, found.whole.total, found.whole.gaps) == (11, 15, 4)
    assert [one.filled for one in found.by_stage] == [5, 4, 2]


# Milestones and planning


def test_with_six_weeks_left_3_to_4_weeks_are_planned_and_5_are_too_many():
    for ideal_weeks, over in ((3, 0), (4, 0), (5, 1)):
        tasks = [task(number, 5) for number in range(1, ideal_weeks + 1)]
        found = planning_rule(tasks, TODAY, TODAY + timedelta(weeks=6), 1)
        assert (found.least, found.most) == (3, 4)
        assert (found.over_committed, found.over) == (bool(over), over)


@pytest.mark.parametrize("kind", ["simplify", "extra_hands"])
def test_what_does_not_fit_is_simplified_or_gets_hands_and_by_whom_is_recorded(kind: str):
    said = {
        "milestone": "Q2",
        "kind": kind,
        "task_id": None,
        "what": "Train on 50M",
        "who": "Вера",
        "decided_on": TODAY,
    }
    found = parse_decision(said, {"Q2"}, TODAY)
    assert (found.kind, found.what, found.who) == (kind, "Train on 50M", "Вера")
    for field in ("what", "who"):
        assert list(problems_of(parse_decision, {**said, field: ""}, {"Q2"}, TODAY)) == [field]
    assert list(problems_of(parse_decision, {**said, "kind": "hope"}, {"Q2"}, TODAY)) == ["kind"]


SLICE = Iteration(
    1,
    SERVICE,
    "5M of the 100M collected",
    "5M of 100M letters",
    5_000_000,
    100_000_000,
    "bert",
    "linear",
    "recall",
    Decimal("0.01"),
    date(2026, 6, 1),
    date(2026, 6, 29),
    "",
)


def test_bert_trained_on_5m_of_100m_letters_has_to_be_one_percent_better_than_today():
    report = training_report(FakeTrainingReader([run(1, 5)]), SERVICE, on(2))
    for delta, as_hoped in (("0.01", True), ("0.0099", False), ("0.02", True)):
        measured = replace(
            SLICE, result_delta=Decimal(delta), result_on=date(2026, 6, 9), result_source="hold-out"
        )
        view = iteration_view(measured, date(2026, 6, 10), report, None)
        assert (view.turn, view.kept) == (Turn.MEASURED, as_hoped)
        assert view.letters == 5_000_000


@pytest.mark.parametrize("percent", range(1, 30))
def test_a_difference_that_is_just_what_was_hoped_for_is_as_hoped_for(percent: int):
    exact = Decimal(percent) / 100
    measured = replace(
        SLICE,
        wanted_delta=exact,
        result_delta=exact,
        result_on=SLICE.starts_on,
        result_source="hold-out",
    )
    assert iteration_view(measured, SLICE.ends_on, None, None).kept is True


def test_no_measured_result_by_the_middle_of_the_time_is_a_warning():
    middle = date(2026, 6, 15)
    assert not iteration_view(SLICE, middle, None, None).warns
    assert iteration_view(SLICE, middle + timedelta(days=1), None, None).warns


# Risks


def test_probability_and_consequence_are_called_what_the_lecture_calls_them():
    assert PROBABILITIES == {
        1: "rare, a coincidence",
        2: "from time to time, not in most projects",
        3: "frequent",
    }
    assert CONSEQUENCES == {
        1: "functionality slightly worse",
        2: "functionality worse",
        3: "destructive",
    }


def test_the_servers_are_late_lack_power_or_are_dropped_with_rank_9_4_and_3():
    drafts = drafted(
        "Delivered and installed before the middle of the project\n"
        "There is power in the rack for 3 A100 servers of 8 GPUs",
        "The machines must not be dropped while being mounted",
    )
    assert len(drafts) == 3
    assert drafts[2].title == "The machines are dropped while being mounted"
    for (probability, consequence), number in (((3, 3), 9), ((2, 2), 4), ((1, 3), 3)):
        assert rank(probability, consequence) == number
        assert risk_of(probability=probability, consequence=consequence).rank == number


def test_ranks_5_7_and_8_never_occur():
    ranks = {rank(one, other) for one in PROBABILITIES for other in CONSEQUENCES}
    assert ranks == {1, 2, 3, 4, 6, 9}
    for impossible in (5, 7, 8):
        with pytest.raises(ValueError, match="must be one of"):
            band_of(impossible)


@pytest.mark.parametrize("field", ["probability", "consequence"])
@pytest.mark.parametrize("wrong", [0, 4, 2.5, "", None, True, "3", -1])
def test_what_is_not_1_2_or_3_is_refused(field: str, wrong: object):
    assert list(problems_of(parse_risk, form(**{field: wrong}), TODAY)) == [field]


@pytest.mark.parametrize("typed", [9, 4, "9", None])
def test_a_rank_is_never_typed(typed: object):
    assert list(problems_of(parse_risk, form(rank=typed), TODAY)) == ["rank"]


def test_the_bands_ask_for_what_the_lecture_asks_for():
    assert [(band.lowest, band.highest, band.asks) for band in BANDS] == [
        (1, 3, ("accepted_or_mitigation",)),
        (4, 6, ("prevention", "mitigation")),
        (7, 9, ("prevention", "red_line", "plan_b", "mitigation")),
    ]


def test_bands_are_minimums_the_dropped_machines_have_a_prevention_and_a_mitigation():
    dropped = risk_of(
        probability=1,
        consequence=3,
        prevention="Order a spare machine if the budget allows",
        mitigation="Agree with a friendly team to borrow one",
    )
    assert missing(dropped) == ()
    assert missing(risk_of(probability=1, consequence=3, mitigation="Borrow one")) == ()
    assert missing(risk_of(probability=1, consequence=3, accepted=True)) == ()
    assert missing(risk_of(probability=1, consequence=3, prevention="A spare")) == (
        "accepted_or_mitigation",
    )


def test_a_red_line_is_a_day_or_a_value_whose_crossing_counts():
    day = RedLine(date(2026, 9, 1))
    for today, state in (
        (date(2026, 9, 1), LineState.HOLDS),
        (date(2026, 9, 2), LineState.CROSSED),
    ):
        assert view_of(day, today, evidence_of()).state is state
    line = RedLine(None, "reliability.percentiles.p99.9", ">", 20.0, "6h")
    for value, state in (
        (20.0, LineState.HOLDS),
        (20.000001, LineState.CROSSED),
        (None, LineState.UNKNOWN),
    ):
        known = evidence_of({"percentiles": {"p99.9": value}})
        assert view_of(line, TODAY, known).state is state
    stale = evidence_of({"percentiles": {"p99.9": 25.0}}, stale=True)
    assert view_of(line, TODAY, stale).state is LineState.UNKNOWN


# Documentation, alerts, retrospective


def test_documentation_is_complete_with_four_of_four():
    whole = {
        "repository": "git.example/newsletters",
        "logs": "/var/log/newsletters",
        "problems": "Queue overflow: restart",
        "knobs": "threshold",
    }
    assert missing_of_card(ServiceCard(SERVICE, **whole)) == ()
    for left_out in whole:
        (gap,) = missing_of_card(ServiceCard(SERVICE, **{**whole, left_out: " "}))
        assert gap.field == left_out


def test_an_alert_without_an_owner_or_a_runbook_is_a_configuration_error():
    rule = replace(next(iter(defaults(SERVICE))), owner="Вера")
    known = [rule.runbook_id]
    assert configuration_errors([rule], known) == ()
    for wrong, said in (
        (replace(rule, owner=""), "It has no owner: nobody answers for it."),
        (replace(rule, runbook_id=""), "It has no runbook: nobody knows what to do."),
    ):
        assert [one.sentence for one in configuration_errors([wrong], known)] == [said]


def test_a_retrospective_says_what_was_good_what_to_improve_how_and_who():
    action = dict(zip(ACTION_FIELDS, ("Limit the queue", "Вера", TODAY), strict=True))
    lessons = {
        "title": "Queue overflow",
        "good": "Noticed within a minute",
        "improve": "Nobody knew the limit",
        "how": "Write it down",
        "held_on": TODAY,
        "actions": [action],
    }
    assert parse_lessons(lessons).actions[0].owner == "Вера"
    for field in ("good", "improve", "how"):
        assert list(problems_of(parse_lessons, {**lessons, field: ""})) == [field]
    assert list(problems_of(parse_action, {**action, "owner": ""})) == ["owner"]
    unowned = {**lessons, "actions": [{**action, "owner": " "}]}
    assert list(problems_of(parse_lessons, unowned)) == ["actions[0].owner"]


def test_deduplicated_and_anonymised_letters_are_counted_apart_and_the_latter_count():
    trained = run(1, 90, raw=120, deduplicated=110, anonymised=100)
    found = training_report(FakeTrainingReader([trained]), SERVICE, on(2))
    assert found.newest is not None
    kept_apart = (found.newest.run.letters_deduplicated, found.newest.run.letters_anonymised)
    assert kept_apart == (110_000_000, 100_000_000)
    assert found.letters == 90_000_000  # of those prepared, what the model was trained on
