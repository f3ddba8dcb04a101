"""When reports are taken: late ones, many, of many services, by two intakes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

from sqlalchemy import Engine

from db.engine import Role, Store
from db.rollup import Schedule
from db.team.report_intake import Outcome, intake
from tests.db.team.report_intake.reported import (
    BANK,
    SCHOOL,
    SHOP,
    Report,
    in_turn,
    intake_of,
    mixed,
    partition,
    report,
    rows,
)


def test_late_reports_are_found_and_very_late_ones_once_an_hour(worker: Engine, serving: Engine):
    now = datetime.now(UTC)
    report(serving, Report("on time", BANK, written_at=now))
    intake_of(worker)
    report(serving, Report("late", BANK, written_at=now - timedelta(minutes=10)))
    assert intake_of(worker).taken == 1
    report(serving, Report("very late", BANK, written_at=now - timedelta(days=5)))
    assert intake_of(worker).taken == 0
    assert intake_of(worker, schedule=Schedule(compare_every=timedelta(0))).taken == 1


def test_an_intake_that_is_stopped_says_what_is_left_and_goes_on(worker: Engine, serving: Engine):
    report(serving, *in_turn([BANK, SHOP, SCHOOL, BANK, SHOP]))
    report(serving, Report("other", BANK, service="other"))
    outcome = intake_of(worker, batch_rows=2, proceed=lambda: False)
    assert (outcome.taken, outcome.pending) in {(2, 4), (1, 5)}
    assert intake_of(worker, batch_rows=2).pending == 0
    assert len(rows(worker, "select from team.report_letter")) == 6


def test_every_service_gets_its_turn(worker: Engine, serving: Engine):
    for service in ("a", "b"):
        report(serving, *in_turn([BANK] * 6, service=service))
    asked = iter((True, False))
    intake_of(worker, batch_rows=2, proceed=lambda: next(asked))
    counts = rows(worker, "select service, count(*) from team.report_letter group by 1 order by 1")
    assert [tuple(row) for row in counts] == [("a", 2), ("b", 2)]


def test_two_intakes_at_once_double_nothing(worker: Engine, serving: Engine, store: Store):
    report(serving, *in_turn(mixed(7, 120)))
    both = Barrier(2)

    def work(engine: Engine) -> Outcome:
        both.wait()
        return intake_of(engine, batch_rows=10)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(work, [worker, store.engine(Role.WORKER)]))
    assert sum(outcome.taken for outcome in outcomes) == 120
    assert not any(outcome.delays for outcome in outcomes)
    ((groups, versions),) = rows(worker, "select count(*), sum(version) from team.report_group")
    assert groups == sum(outcome.groups_made for outcome in outcomes) == len(partition(worker))
    assert versions == 120
    report(serving, *in_turn(mixed(7, 120), service="one alone"))
    intake_of(worker)
    assert partition(worker) == partition(worker, "one alone")


def test_the_lock_that_intakes_share_is_the_houses_own():
    assert intake.INTAKE_LOCK.to_bytes(6, "big") == b"green\x08"
