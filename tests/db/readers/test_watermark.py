"""The token that caches are keyed by changes with everything that a report reads."""

import pytest
from sqlalchemy import text

from db import rollup_labels, rollup_scores
from db.engine import Role, Store
from db.readers.reliability import SqlReliabilityReader
from tests.db.readers.serving import BEGIN, HOUR, MINUTE, execute, row, tick, write
from tests.db.team.report_rows import Report, put_reports

BEAT = (
    "insert into metrics.heartbeat (service, component, instance, started_at, beat_at) "
    "values (:service, 'inference', :instance, :at, :at) "
    "on conflict (service, component, instance) do update set beat_at = excluded.beat_at"
)
GOAL = (
    "insert into team.goal (goal_id, service, title, starts_on, due_on) "
    "values (:service || '-goal', :service, 'Fewer complaints', '2025-01-01', '2025-07-01')"
)
CRITERION = (
    "insert into team.criterion values "
    "(:service || '-availability', :service || '-goal', 1, 'Availability', 'reliability')"
)
TARGET = (
    "insert into team.target (criterion_id, milestone, due_on, measure, operator, value) "
    "values (:service || '-availability', 'Q2', '2025-07-01', 'availability', '>=', 0.9999)"
)
LABEL = (
    "insert into metrics.labelled_letter (service, model_version, letter_id, predicted_at, "
    "labelled_at, segment, score, decision, label, inclusion_probability) "
    "values (:service, 'v1', 'letter', :at, :at, 'ru', 0.9, true, true, 1)"
)
FALSE_REPORT = (
    "insert into metrics.false_report (service, report_id, reported_at, predicted_at, kind, "
    "source, letter_key, reporter_key, model_version, score, threshold, text, anonymiser) "
    "values (:service, 'r', :at, :at, 'false_positive', 'user', 'k', 'k', 'v1', 1, 0, 'x', 'none')"
)
DEPLOYMENT = (
    "insert into metrics.deployment (service, deployment_id, deployed_at, model_version, stage) "
    "values (:service, 'd1', :at, 'v1', 'production')"
)
TRAINING = (
    "insert into metrics.training_run (service, run_id, started_at, status, model_version, "
    "letters_raw, letters_deduplicated, letters_anonymised, letters_trained) "
    "values (:service, 't1', :at, 'running', 'v2', 3, 2, 1, 0)"
)
SCORES = (
    "insert into metrics.score_hour (service, hour, model_version, segment, decision, bin, "
    "letters) values (:service, :at, 'v1', 'ru', true, 3, 10)"
)
SHADOW = (
    "insert into metrics.shadow_hour (service, hour, production_version, candidate_version, "
    "both_positive, production_only, candidate_only, both_negative, candidate_errors, "
    "candidate_slow) values (:service, :at, 'v1', 'v2', 1, 1, 1, 1, 0, 0)"
)
PRODUCT = (
    "insert into metrics.product_day (service, day, metric, value) "
    "values (:service, cast(:at as timestamptz)::date, 'sessions', 7)"
)
MAINTENANCE = (
    "insert into team.maintenance (service, starts_at, ends_at) "
    "values (:service, :at, cast(:at as timestamptz) + interval '1 hour')"
)
EXPERIMENT_DAY = (
    "insert into metrics.experiment_bucket_day values (:service, 'folder', 'control', 'all', "
    "'all', cast(:at as timestamptz)::date, 7, 1, 1, 1, 1, 1, 1, 1)"
)
EXPERIMENT_BEFORE = (
    "insert into metrics.experiment_bucket_before values (:service, 'folder', 'control', 7, "
    "1, 1, 1, 1, 1, 1, 1)"
)
EXPERIMENT = (
    "insert into team.experiment (service, experiment, variants, control, starts_on, minimum_days, "
    "planned_days, primary_metric, primary_margin, primary_direction, created_by, created_at, "
    "changed_by, changed_at) values (:service, 'folder', "
    """'[{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5}]', 'a', :at, 14, 28, """
    "'complaints_per_letter', -0.05, 'down', 'Анна', :at, 'Анна', :at)"
)
DECISION = (
    "insert into team.experiment_decision (service, experiment, decided_at, decided_by, decision, "
    "as_of, evidence) values (:service, 'folder', :at, 'Анна', 'ship', :at, '{}')"
)
AMENDMENT = (
    "insert into team.experiment_amendment (service, experiment, amended_at, amended_by, reason, "
    "before, after) values ('mail', 'folder', now(), 'Анна', 'why', '{}', '{}')"
)
#: What may happen to a service: role, statement.
EVENTS = {
    "a component starts": (Role.SERVING, BEAT),
    "a deployment": (Role.SERVING, DEPLOYMENT),
    "a training run": (Role.SERVING, TRAINING),
    "an hour of scores": (Role.SERVING, SCORES),
    "a label": (Role.SERVING, LABEL),
    "a false report": (Role.SERVING, FALSE_REPORT),
    "an hour of shadow": (Role.SERVING, SHADOW),
    "a product metric": (Role.SERVING, PRODUCT),
    "a goal": (Role.APP, GOAL),
    "a maintenance": (Role.APP, MAINTENANCE),
    "a day of an experiment": (Role.SERVING, EXPERIMENT_DAY),
    "the days before an experiment": (Role.SERVING, EXPERIMENT_BEFORE),
    "the definition of an experiment": (Role.APP, EXPERIMENT),
    "a decision about an experiment": (Role.APP, DECISION),
}


def happen(store: Store, role: Role, statement: str, service: str, **values: object) -> None:
    execute(store.engine(role), statement, **({"service": service, "at": BEGIN} | values))


@pytest.mark.parametrize("name", EVENTS)
def test_the_token_changes_for_its_own_service_alone(
    store: Store, reader: SqlReliabilityReader, name: str
):
    role, statement = EVENTS[name]
    values = {"instance": "i1"} if ":instance" in statement else {}
    before = reader.watermark("mail")
    happen(store, role, statement, "other", **values)
    assert reader.watermark("mail") == before
    happen(store, role, statement, "mail", **values)
    after = reader.watermark("mail")
    assert after != before
    assert reader.watermark("mail") == after


def test_a_tick_that_rolled_something_up_changes_it_and_an_idle_one_does_not(
    store: Store, reader: SqlReliabilityReader
):
    tokens = [reader.watermark("mail")]
    write(store, [row(BEGIN)])
    assert reader.watermark("mail") == tokens[0]
    tick(store)
    tokens.append(reader.watermark("mail"))
    tick(store)
    assert reader.watermark("mail") == tokens[-1]
    write(store, [row(BEGIN, letters=101)])
    tick(store)
    tokens.append(reader.watermark("mail"))
    assert len(set(tokens)) == 3


def test_beats_change_it_once_a_minute(store: Store, reader: SqlReliabilityReader):
    happen(store, Role.SERVING, BEAT, "mail", instance="i1")
    first = reader.watermark("mail")
    happen(store, Role.SERVING, BEAT, "mail", instance="i1", at=BEGIN + MINUTE / 2)
    assert reader.watermark("mail") == first
    happen(store, Role.SERVING, BEAT, "mail", instance="i1", at=BEGIN + MINUTE)
    assert reader.watermark("mail") != first


def test_an_orderly_stop_changes_it(store: Store, reader: SqlReliabilityReader):
    happen(store, Role.SERVING, BEAT, "mail", instance="i1")
    first = reader.watermark("mail")
    execute(store.engine(Role.SERVING), "update metrics.heartbeat set stopped_at = beat_at")
    assert reader.watermark("mail") != first


def test_criteria_and_targets_change_it_when_they_come_change_and_go(
    store: Store, reader: SqlReliabilityReader
):
    tokens = [reader.watermark("mail")]
    for statement in (
        GOAL,
        CRITERION,
        TARGET,
        "update team.target set value = 0.999",
        "update team.criterion set name = 'Доступность'",
        "update team.goal set due_on = '2025-08-01'",
        "delete from team.goal",
    ):
        values = {"service": "mail"} if ":service" in statement else {}
        execute(store.engine(Role.APP), statement, **values)
        tokens.append(reader.watermark("mail"))
    assert tokens[-1] == tokens[0]
    assert len(set(tokens)) == len(tokens) - 1


def test_a_corrected_product_metric_of_last_week_changes_it(
    store: Store, reader: SqlReliabilityReader
):
    for days in range(10):
        happen(store, Role.SERVING, PRODUCT, "mail", at=BEGIN + days * 24 * HOUR)
    before = reader.watermark("mail")
    execute(
        store.engine(Role.SERVING),
        "update metrics.product_day set value = 8, written_at = clock_timestamp() where day = :day",
        day=(BEGIN + 2 * 24 * HOUR).date(),
    )
    assert reader.watermark("mail") != before


def test_an_experiments_corrections_changes_and_amendments_change_it(
    store: Store, reader: SqlReliabilityReader
):
    happen(store, Role.SERVING, EXPERIMENT_DAY, "mail")
    happen(store, Role.SERVING, EXPERIMENT_DAY, "mail", at=BEGIN + 24 * HOUR)
    happen(store, Role.SERVING, EXPERIMENT_BEFORE, "mail")
    happen(store, Role.APP, EXPERIMENT, "mail")
    tokens = [reader.watermark("mail")]
    correction = "update metrics.experiment_bucket_{} set complaints = 2, written_at = now()"
    for role, statement in (
        (Role.SERVING, correction.format("day") + " where day = '2025-03-10'"),
        (Role.SERVING, correction.format("before")),
        (Role.APP, "update team.experiment set note = 'примечание', revision = 2"),
        (Role.APP, AMENDMENT),
    ):
        execute(store.engine(role), statement)
        tokens.append(reader.watermark("mail"))
    assert len(set(tokens)) == len(tokens)


def test_a_corrected_label_and_a_corrected_hour_of_scores_change_it(
    store: Store, reader: SqlReliabilityReader
):
    for at, letter in ((BEGIN, "old"), (BEGIN + HOUR, "new")):
        happen(store, Role.SERVING, LABEL.replace("'letter'", f"'{letter}'"), "mail", at=at)
        happen(store, Role.SERVING, SCORES, "mail", at=at)
    tokens = [reader.watermark("mail")]
    for statement in (
        (
            "update metrics.labelled_letter set label = false, written_at = now() "
            "where letter_id = 'old'"
        ),
        "update metrics.score_hour set letters = 9, written_at = now() where hour = :begin",
    ):
        values = {"begin": BEGIN} if ":begin" in statement else {}
        execute(store.engine(Role.SERVING), statement, **values)
        tokens.append(reader.watermark("mail"))
    rollup_scores.catch_up(store.engine(Role.WORKER))
    tokens.append(reader.watermark("mail"))
    rollup_scores.catch_up(store.engine(Role.WORKER))
    assert len(set(tokens)) == len(tokens)
    assert reader.watermark("mail") == tokens[-1]


def test_a_rollup_of_labels_changes_it_and_an_idle_one_does_not(
    store: Store, reader: SqlReliabilityReader
):
    happen(store, Role.SERVING, LABEL, "mail")
    before = reader.watermark("mail")
    assert rollup_labels.catch_up(store.engine(Role.WORKER)).days == 1
    after = reader.watermark("mail")
    assert after != before
    assert rollup_labels.catch_up(store.engine(Role.WORKER)).days == 0
    assert reader.watermark("mail") == after


def test_a_label_of_a_transaction_that_began_earlier_changes_it(
    store: Store, reader: SqlReliabilityReader
):
    with store.engine(Role.SERVING).connect() as slow:
        slow.execute(text(LABEL.replace("'letter'", "'slow'")), {"service": "mail", "at": BEGIN})
        happen(store, Role.SERVING, LABEL, "mail")
        before = reader.watermark("mail")
        slow.commit()
    assert reader.watermark("mail") != before


GROUP = "(select group_id from team.report_group where service = :service)"
#: What people and the worker do with reports: role, statement.
REVIEW_STEPS = {
    "a vote": (
        Role.APP,
        (
            "insert into team.report_review (service, group_id, reviewer, verdict, stage, blind, "
            "drawn, group_version, exemplar, reports, request_id, decided_at) "
            "select :service, group_id, 'Анна', 'confirm', 'first', true, 'order', 1, exemplar, 1, "
            "'r', :at from team.report_group where service = :service"
        ),
    ),
    "a vote taken back": (
        Role.APP,
        (
            "insert into team.report_review_undo select review_id, service, 'Анна', :at "
            "from team.report_review where service = :service"
        ),
    ),
    "a second opinion": (
        Role.APP,
        (
            "insert into team.report_second_opinion "
            "(service, group_id, asked_by, reason, asked_at) "
            f"values (:service, {GROUP}, 'Анна', 'why', :at)"
        ),
    ),
    "a set": (
        Role.APP,
        (
            "insert into team.retraining_set (service, set_id, number, created_at, created_by, "
            "letters, groups, manifest) values (:service, 'set-1', 1, :at, 'Анна', 0, '{}', '{}')"
        ),
    ),
    "a withdrawal": (
        Role.APP,
        "insert into team.withdrawal values (:service, 'letter', :at, 'Анна', 'asked for it')",
    ),
    "topics": (
        Role.WORKER,
        (
            "insert into team.report_intake (service, looked_from, compared_at, topics_at) "
            "values (:service, :at, :at, :at)"
        ),
    ),
}


def test_taken_reports_and_every_step_of_their_review_change_it(
    store: Store, reader: SqlReliabilityReader
):
    tokens = [reader.watermark("mail")]
    for service in ("mail", "other"):
        put_reports(store.engine(Role.OWNER), service, [Report("r1")])
    tokens.append(reader.watermark("mail"))
    for role, statement in REVIEW_STEPS.values():
        happen(store, role, statement, "other")
        assert reader.watermark("mail") == tokens[-1]
        happen(store, role, statement, "mail")
        tokens.append(reader.watermark("mail"))
    assert len(set(tokens)) == len(tokens)


def test_a_look_of_the_intake_that_finds_nothing_changes_nothing(
    store: Store, reader: SqlReliabilityReader
):
    happen(store, *REVIEW_STEPS["topics"], "mail")
    before = reader.watermark("mail")
    execute(
        store.engine(Role.WORKER),
        "update team.report_intake set looked_from = looked_from + interval '5 s'",
    )
    assert reader.watermark("mail") == before


def test_a_corrected_report_changes_it(store: Store, reader: SqlReliabilityReader):
    happen(store, Role.SERVING, FALSE_REPORT, "mail")
    before = reader.watermark("mail")
    execute(
        store.engine(Role.SERVING),
        "update metrics.false_report set score = 0.5, written_at = clock_timestamp()",
    )
    assert reader.watermark("mail") != before
