"""The history of a criterion: one verdict an hour and one at each change."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from threading import Thread

from sqlalchemy import text

from core.status import Estimate, Evidence, Operator, Status, Target, Verdict
from core.timeframe import Window
from db.engine import Role, Store
from db.team import verdicts

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SPAN = (NINE - timedelta(days=30), NINE + timedelta(days=30))


def verdict(as_of: datetime = NINE, status: Status = Status.ON_TARGET) -> Verdict:
    due = date(2026, 7, 1)
    precision = Target("precision", Operator.AT_LEAST, Decimal("0.990"), "share", "Q2", due)
    recall = Target("recall", Operator.AT_LEAST, Decimal("0.7"), "share", "Q2", due)
    volume = Target("letters", Operator.AT_LEAST, Decimal("100000000"), "", "Q2", due)
    return Verdict(
        criterion_id="quality",
        name="Точность и полнота",
        area="quality",
        status=status,
        sentence="Precision is 99.2 %.",
        evidence=(
            Evidence(precision, Estimate(0.992, 0.9905, 0.9931, 5_000), Status.ON_TARGET),
            Evidence(recall, Estimate(Fraction(2, 3), 0.61, None, 900), Status.BREACHED),
            Evidence(volume, None, Status.NO_DATA),
            Evidence(volume, Estimate(Fraction(7), 0.0, math.inf, 7), Status.UNDECIDED),
        ),
        window=Window.parse("36h"),
        as_of=as_of,
        data_through=as_of - 2 * MINUTE,
        reasons=("мало меток", "an alert fires"),
        settles="about 3,400 more labels",
    )


def test_a_verdict_comes_back_as_it_was(store: Store):
    engine = store.engine(Role.APP)
    stored = verdict()
    bare = replace(stored, criterion_id="bare", evidence=(), data_through=None, reasons=())
    assert verdicts.store(engine, "mail", [stored, bare]) == 2
    assert verdicts.history(engine, "mail", "quality", *SPAN) == (stored,)
    assert verdicts.history(engine, "mail", "bare", *SPAN) == (bare,)
    assert verdicts.history(engine, "mail", "other", *SPAN) == ()
    assert verdicts.history(engine, "other", "quality", *SPAN) == ()


def test_the_columns_are_those_of_the_measure_that_decided(store: Store):
    engine = store.engine(Role.APP)
    verdicts.store(engine, "mail", [verdict(status=Status.BREACHED)])
    with engine.connect() as connection:
        row = connection.execute(
            text("select status, sentence, value, low, high, n from team.verdict")
        ).one()
    assert tuple(row) == ("BREACHED", "Precision is 99.2 %.", 2 / 3, 0.61, None, 900)


def test_storing_the_same_verdicts_again_changes_nothing(store: Store):
    engine = store.engine(Role.WORKER)
    series = [verdict(NINE + i * MINUTE) for i in range(0, 180, 10)]
    for _ in range(2):
        for one in series:
            verdicts.store(engine, "mail", [one])
        kept = verdicts.history(engine, "mail", "quality", *SPAN)
        assert [one.as_of for one in kept] == [NINE, NINE + 60 * MINUTE, NINE + 120 * MINUTE]


def test_a_change_of_status_is_kept_within_the_hour(store: Store):
    engine = store.engine(Role.APP)
    statuses = [
        Status.ON_TARGET,
        Status.ON_TARGET,
        Status.AT_RISK,
        Status.AT_RISK,
        Status.ON_TARGET,
    ]
    for minutes, status in enumerate(statuses):
        verdicts.store(engine, "mail", [verdict(NINE + minutes * MINUTE, status)])
    kept = verdicts.history(engine, "mail", "quality", *SPAN)
    assert [(one.as_of - NINE) // MINUTE for one in kept] == [0, 2, 4]


def test_a_corrected_verdict_of_the_same_moment_replaces_it(store: Store):
    engine = store.engine(Role.APP)
    verdicts.store(engine, "mail", [verdict()])
    corrected = replace(verdict(), sentence="Precision is 99.1 %.", status=Status.UNDECIDED)
    assert verdicts.store(engine, "mail", [corrected]) == 1
    assert verdicts.history(engine, "mail", "quality", *SPAN) == (corrected,)


def test_a_verdict_that_comes_late_adds_nothing_to_its_hour(store: Store):
    engine = store.engine(Role.APP)
    assert verdicts.store(engine, "mail", [verdict(NINE + 30 * MINUTE)]) == 1
    assert verdicts.store(engine, "mail", [verdict(NINE + 10 * MINUTE)]) == 0
    assert verdicts.store(engine, "mail", [verdict(NINE - 10 * MINUTE)]) == 1


def test_a_span_is_half_open(store: Store):
    engine = store.engine(Role.APP)
    hours = [NINE + hour * 60 * MINUTE for hour in range(4)]
    verdicts.store(engine, "mail", [verdict(as_of) for as_of in hours])
    kept = verdicts.history(engine, "mail", "quality", hours[1], hours[3])
    assert [one.as_of for one in kept] == hours[1:3]


def test_processes_that_store_at_once_keep_one_verdict_an_hour(store: Store):
    engine = store.engine(Role.APP, pool_size=8)

    def keep(minutes: int) -> None:
        verdicts.store(engine, "mail", [verdict(NINE + minutes * MINUTE)])

    threads = [Thread(target=keep, args=(minutes,)) for minutes in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(verdicts.history(engine, "mail", "quality", *SPAN)) == 1
