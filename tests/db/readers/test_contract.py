"""Every rule of the contract check: a store that keeps it, and one row that breaks it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import URL, Connection, text

from core import contract
from core.contract import ContractReport, Severity
from core.contract_checks import BACK, CHECKS
from db.engine import Role, Store
from db.readers.contract import SqlContractReader
from db.readers.contradictions import QUESTIONS
from tests.conftest import new_database, open_store
from tests.db.readers.contract_cases import CASES
from tests.db.readers.contract_cases.healthy import AS_OF, DAY, HEALTHY, THEN
from tests.db.readers.serving import BEGIN, HOUR, MINUTE, execute, row, tick, write


@pytest.fixture(scope="module")
def healthy(server_url: URL, migrated: str) -> Iterator[Store]:
    with new_database(server_url, migrated) as url, open_store(url) as store:
        for statement in HEALTHY:
            execute(store.engine(Role.OWNER), statement, **_times(statement))
        tick(store)
        yield store


@contextmanager
def broken(store: Store, *statements: str) -> Iterator[Connection]:
    """A connection as the web server's role that sees what the statements do; nobody else does."""
    engine = store.engine(Role.OWNER)
    with engine.connect() as connection:
        for statement in statements:
            done = connection.execute(text(statement), _times(statement))
            assert done.rowcount > 0, f"changes nothing: {statement}"
        connection.execute(text("set local role greenlight_app"))
        yield connection
        connection.rollback()
    engine.dispose()  # a connection for every test would be more than the server takes


def _times(statement: str) -> dict[str, datetime]:
    times = {"begin": BEGIN, "as_of": AS_OF, "then": THEN}
    return {name: moment for name, moment in times.items() if f":{name}" in statement}


def check(connection: Connection, as_of: datetime = AS_OF) -> ContractReport:
    return contract.report(SqlContractReader(connection), "mail", as_of)


def test_every_rule_has_a_query_and_a_case():
    names = [rule.name for rule in CHECKS]
    assert len(set(names)) == len(names)
    assert set(names) == set(QUESTIONS) == set(CASES)


def test_a_store_that_keeps_the_contract_has_no_finding(healthy: Store):
    with broken(healthy) as connection:
        found = check(connection)
    assert found.findings == ()
    assert found.sentence == "The rows of mail keep the contract."


@pytest.mark.parametrize("name", CASES)
def test_a_broken_rule_is_found_and_no_other(healthy: Store, name: str):
    case = CASES[name]
    with broken(healthy, *case.breaks) as connection:
        found = check(connection)
    assert [finding.check for finding in found.findings] == [name]
    (finding,) = found.findings
    assert finding.total == case.total
    assert (finding.examples[0].key, finding.examples[0].wrong) == (case.key, case.wrong)
    assert len(finding.examples) == min(case.total, contract.EXAMPLES)
    assert finding.service == "mail"
    assert finding.change.endswith((".", "worker"))


def test_another_services_rows_break_nothing(healthy: Store):
    names = ("latency_cells", "similar_names", "label_without_population", "experiment_totals")
    with broken(healthy, *(CASES[name].breaks[0] for name in names)) as connection:
        assert [finding.check for finding in check(connection).findings] == list(names)
        elsewhere = contract.report(SqlContractReader(connection), "other", AS_OF)
    assert elsewhere.findings == ()
    assert {table.sentence for table in elsewhere.tables} == {"No rows."}


@pytest.mark.parametrize("name", ["latency_cells", "missing_rows", "refused_hour", "similar_names"])
def test_what_lies_further_back_than_a_rule_looks_is_left_alone(healthy: Store, name: str):
    with broken(healthy, *CASES[name].breaks) as connection:
        assert check(connection, AS_OF + 20 * DAY).findings == ()


def test_a_silent_instance_is_one_finding_not_also_missing_rows(healthy: Store):
    silence = "delete from metrics.serving_minute where minute >= :then"
    with broken(healthy, silence) as connection:
        (finding,) = check(connection).findings
    assert finding.check == "heartbeat_without_rows"
    assert "no row since 2025-03-10T22:00Z" in finding.examples[0].wrong


def test_minutes_between_two_lives_are_not_missing(healthy: Store):
    restart = (
        (
            "delete from metrics.serving_minute where minute >= :then "
            "and minute < cast(:then as timestamptz) + interval '30 minutes'"
        ),
        (
            "insert into rollup.lifetime values "
            "('mail', 'inference', 'dc-a', 'i1', :begin, :then, :then)"
        ),
        (
            "update metrics.heartbeat set started_at = cast(:then as timestamptz) + interval "
            "'29 minutes 30 seconds'"
        ),
    )
    with broken(healthy, *restart) as connection:
        found = check(connection)
        assert found.findings == ()
        serving = found.tables[0].extent
        assert (serving.present, serving.expected) == (1_407, 1_407)
    with broken(healthy, restart[0], restart[2]) as connection:
        serving = check(connection).tables[0].extent
        assert (serving.present, serving.expected) == (567, 567)


def test_an_orderly_stop_is_no_silence(healthy: Store):
    stop = (
        "delete from metrics.serving_minute where minute >= :then",
        "update metrics.heartbeat set stopped_at = :then, beat_at = :then",
    )
    with broken(healthy, *stop) as connection:
        assert check(connection).findings == ()


def test_a_label_on_the_edge_of_a_bin_is_given_both(healthy: Store):
    # Ten times the logit of this score is 3, or in floats 2.9999999999999996.
    edge = (
        "update metrics.labelled_letter set score = 1 / (1 + exp(cast(-0.3 as double precision)))",
    )
    for moved in ("set bin = 2 where bin = 3", "set bin = 3 where bin = 3"):
        with broken(healthy, *edge, f"update metrics.score_hour {moved}") as connection:
            assert check(connection).findings == ()
    with broken(
        healthy, *edge, "update metrics.score_hour set bin = 4 where bin = 3"
    ) as connection:
        assert [one.check for one in check(connection).findings] == ["label_without_population"]


@pytest.mark.parametrize(("score", "bin_"), [(0.0, -100), (1.0, 99), (1e-300, -100)])
def test_the_ends_of_the_scores_have_bins_of_their_own(healthy: Store, score: float, bin_: int):
    moved = (
        f"update metrics.labelled_letter set score = {score!r}",
        f"update metrics.score_hour set bin = {bin_} where bin = 3",
    )
    with broken(healthy, *moved) as connection:
        found = check(connection).findings
    assert [one for one in found if one.table == "labelled_letter"] == []


def test_labels_of_an_hour_whose_scores_may_still_come_are_not_judged(healthy: Store):
    late = (
        (
            "update metrics.labelled_letter set "
            "predicted_at = cast(:as_of as timestamptz) - interval '50 minutes', "
            "labelled_at = :as_of, decision = false"
        ),
    )
    with broken(healthy, *late) as connection:
        assert check(connection).findings == ()


def test_a_service_that_writes_no_scores_is_not_asked_for_them(healthy: Store):
    without = ("delete from metrics.score_hour", "delete from metrics.labelled_letter")
    with broken(healthy, *without) as connection:
        assert check(connection).findings == ()


def test_a_service_that_was_never_rolled_up_is_told_to_start_the_worker(store: Store):
    write(store, [row(BEGIN + i * MINUTE) for i in range(5)])
    execute(
        store.engine(Role.OWNER),
        "update metrics.serving_minute set written_at = now() - interval '10 minutes'",
    )
    reader = SqlContractReader(store.engine(Role.APP))
    found = contract.report(reader, None, BEGIN + 10 * MINUTE)
    waiting = {finding.check: finding for finding in found.findings}["not_rolled_up"]
    assert waiting.examples[0].wrong.endswith("not counted yet: 5.")
    assert "python cli.py worker" in waiting.change
    tick(store)
    found = contract.report(reader, None, BEGIN + 10 * MINUTE)
    assert {finding.check for finding in found.findings} == {
        "instance_without_heartbeat",
        "version_without_deployment",
    }


def test_rows_that_were_only_just_written_are_not_late(store: Store):
    write(store, [row(BEGIN)])
    found = contract.report(SqlContractReader(store.engine(Role.APP)), "mail", BEGIN + HOUR)
    assert "not_rolled_up" not in {finding.check for finding in found.findings}


def test_tables_tell_how_fresh_and_how_complete_they_are(healthy: Store):
    with broken(healthy) as connection:
        found = check(connection)
    tables = {table.table: table for table in found.tables}
    assert tables["serving_minute"].sentence == (
        "Newest 2025-03-11T07:59Z. 1,440 rows in the last 24 hours. "
        "1,437 of 1,437 instance minutes."
    )
    assert tables["product_day"].sentence == (
        "Newest 2025-03-10T00:00Z. 28 rows in the last 60 days. 28 of 28 days of metrics."
    )
    assert tables["score_hour"].sentence.endswith("25 of 25 hours with letters.")
    assert tables["deployment"].sentence == "Newest 2025-03-10T06:00Z. 1 row in all."
    assert tables["experiment_bucket_day"].extent.rows == 120
    assert tables["experiment_bucket_before"].extent.rows == 10
    assert [name for name, table in tables.items() if table.stale] == ["shadow_hour"]
    assert [name for name, table in tables.items() if table.stale is None] == [
        "heartbeat",
        "labelled_letter",
        "false_report",
        "experiment_bucket_before",
        "deployment",
        "training_run",
    ]
    assert all(table.extent.rows for table in found.tables)
    assert [table.back for table in found.tables] == [BACK.get(name) for name in tables]
    with broken(healthy) as connection:
        later = {table.table: table for table in check(connection, AS_OF + HOUR).tables}
    assert later["serving_minute"].stale
    assert ", which is stale." in later["serving_minute"].sentence


def test_without_a_service_all_of_them_are_checked(healthy: Store):
    statement = "insert into metrics.deployment values ('Ёлка', 'd', :then, 'v1', '', 'production')"
    with broken(healthy, statement) as connection:
        found = contract.report(SqlContractReader(connection), None, AS_OF)
    assert found.services == ("mail", "Ёлка")
    assert [(one.service, one.check) for one in found.findings] == [("Ёлка", "deployed_but_silent")]
    assert found.findings[0].severity is Severity.ERROR


def test_hours_without_scores_are_missing_and_not_also_too_few(healthy: Store):
    silent = "update metrics.score_hour set model_version = 'v2' where hour >= :then"
    with broken(healthy, silent, "delete from metrics.labelled_letter") as connection:
        found = {one.check: one for one in check(connection).findings}
    assert set(found) == {"missing_score_hours", "scores_and_letters"}
    assert "without a row: 8 of 23, the first" in found["missing_score_hours"].examples[0].wrong
    assert {one.key.split()[-1] for one in found["scores_and_letters"].examples} == {"v2"}


def test_a_version_that_never_writes_scores_is_missed_from_the_services_first_hour_on(
    healthy: Store,
):
    served = (
        (
            "insert into rollup.serving_hour select service, hour, datacenter, 'v2', minutes, "
            "instance_minutes, letters, errors, slow, first_cell, latency from rollup.serving_hour"
        ),
        "insert into metrics.deployment values ('mail', 'd2', :begin, 'v2', '', 'production')",
    )
    with broken(healthy, *served) as connection:
        found = {one.check: one for one in check(connection).findings}
    (example,) = found["missing_score_hours"].examples
    assert example.key == "model version v2"
    assert "23 of 23, the first 2025-03-10T07:00Z" in example.wrong


def test_a_bin_with_both_decisions_holds_a_threshold_and_is_no_contradiction(healthy: Store):
    both = "insert into metrics.score_hour values ('mail', :then, 'v1', 'ru', false, 3, 9)"
    with broken(healthy, both) as connection:
        assert check(connection).findings == ()


def test_weights_of_few_labels_and_weights_within_chance_are_not_judged(healthy: Store):
    counted, labelled = CASES["weights_against_letters"].breaks
    few = labelled.replace("(1, 120)", "(1, 99)")
    # One letter stands for nearly all: the sum is three times the letters, and all of that is luck.
    lucky = labelled.replace(
        "then 0.5 else", "then case number when 1 then 0.00006 else 1 end else"
    )
    for labels in (few, lucky):
        with broken(healthy, counted, labels) as connection:
            assert check(connection).findings == ()


def test_labels_that_may_still_come_are_waited_for(healthy: Store):
    counted, labelled = (
        statement.replace("- 10, ", "- 6, ").replace("10 days", "6 days")
        for statement in CASES["weights_against_letters"].breaks
    )
    with broken(healthy, counted, labelled) as connection:
        found = {one.check for one in check(connection).findings}
    assert "weights_against_letters" not in found


def test_an_assessor_who_saw_one_decision_alone_may_give_one_answer(healthy: Store):
    (labelled,) = CASES["labeller_with_one_answer"].breaks
    for fewer in (
        labelled.replace("array[true, false]", "array[true]").replace("60", "120"),
        labelled.replace("generate_series(1, 60)", "generate_series(1, 49)"),
        labelled.replace("decision, false, 0.01", "decision, number = 7, 0.01"),
    ):
        with broken(healthy, fewer) as connection:
            assert check(connection).findings == ()


def test_counts_beyond_every_number_break_no_check(healthy: Store):
    most = "update metrics.score_hour set letters = 9223372036854775807"
    with broken(healthy, most) as connection:
        found = {one.check for one in check(connection).findings}
    assert found == {"scores_and_letters"}


def test_a_shadow_candidate_decides_letters_that_score_hour_does_not_count(healthy: Store):
    letter = "from metrics.labelled_letter where letter_id = 'letter 33'"
    beside = (
        "insert into metrics.labelled_letter (service, letter_id, model_version, predicted_at, "
        "labelled_at, segment, score, decision, label, inclusion_probability) "
        "select service, letter_id, 'v9', predicted_at, labelled_at, segment, 0.9, decision, "
        f"label, inclusion_probability {letter}"
    )
    shadow = (
        "insert into metrics.shadow_hour select service, :then, model_version, 'v9', 'all', "
        f"1, 1, 1, 1, 0, 0, 0 {letter}"
    )
    with broken(healthy, beside) as connection:
        assert "label_without_population" in [one.check for one in check(connection).findings]
    with broken(healthy, shadow, beside) as connection:
        assert "label_without_population" not in [one.check for one in check(connection).findings]
