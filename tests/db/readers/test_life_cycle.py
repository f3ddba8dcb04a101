"""Shadow runs and the rest of a service's life as the reader gives them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from core.life_cycle import stages
from core.ports.life_cycle import Activity, JudgedLetters, LifeCycleReader
from core.timeframe import DAY, HOUR, Span
from db.engine import Role, Store
from db.readers.life_cycle import SqlLifeCycleReader
from db.readers.watermark import watermark
from db.reports import life_cycle_report
from db.team.life_cycle import keep, pass_gate
from tests.db.readers import serving
from tests.db.readers.serving import execute

AT = datetime(2025, 3, 10, tzinfo=UTC)
SHADOW = """
    insert into metrics.shadow_hour values (:service, :hour, 'bert-3', 'bert-4', :segment, 400, 10,
        20, 570, 1, 2, :visible)"""
LABEL = """
    insert into metrics.labelled_letter (service, model_version, letter_id, predicted_at,
        labelled_at, segment, score, decision, label, inclusion_probability)
    values (:service, :version, :letter, :at, :labelled, 'ru', 0.5, :decision, :label, 0.01)"""


@pytest.fixture
def reader(store: Store) -> LifeCycleReader:
    """The reader on an empty store."""
    return SqlLifeCycleReader(store.engine(Role.APP))


def shadow(store: Store, hour: datetime, segment: str = "all", **other: Any) -> None:
    values = {"service": "mail", "visible": 0} | other
    execute(store.engine(Role.SERVING), SHADOW, hour=hour, segment=segment, **values)


def label(store: Store, version: str, letter: str, **other: Any) -> None:
    values = {"service": "mail", "at": AT, "labelled": AT + HOUR, "label": True} | other
    execute(store.engine(Role.SERVING), LABEL, version=version, letter=letter, **values)


def test_rows_come_back_as_columns_by_hour(store: Store, reader: LifeCycleReader):
    shadow(store, AT + HOUR, "ru", visible=7)
    shadow(store, AT)
    shadow(store, AT + 2 * HOUR)  # not in the span any more
    shadow(store, AT, service="other")
    found = reader.shadow_hours("mail", AT, AT + 2 * HOUR)
    assert found.segment.tolist() == ["all", "ru"]
    assert found.hour.tolist() == [
        datetime(2025, 3, 10),  # noqa: DTZ001
        datetime(2025, 3, 10, 1),  # noqa: DTZ001
    ]
    assert found.cells.tolist() == [[400, 10, 20, 570]] * 2
    assert (found.errors.tolist(), found.slow.tolist()) == ([1, 1], [2, 2])
    assert found.user_visible.tolist() == [0, 7]


def test_an_empty_store_has_columns_without_rows(reader: LifeCycleReader):
    found = reader.shadow_hours("mail", AT, AT + DAY)
    assert found.cells.shape == (0, 4)
    assert found.hour.dtype == np.dtype("datetime64[s]")
    assert reader.items("mail", AT) == ()
    assert reader.gates("mail", AT) == ()
    assert reader.last_served("mail", AT) is None
    assert set(reader.activities("mail", AT, AT + DAY).values()) == {Activity(None, 0)}


def test_letters_with_labels_of_both_are_counted_by_what_both_decided(
    store: Store, reader: LifeCycleReader
):
    for number in range(3):
        label(store, "bert-3", f"a{number}", decision=True, label=False)
        label(store, "bert-4", f"a{number}", decision=False, label=False)
    label(store, "bert-3", "alike", decision=True)
    label(store, "bert-4", "alike", decision=True)
    label(store, "bert-3", "alone", decision=True)
    label(store, "bert-3", "late", decision=True)
    label(store, "bert-4", "late", decision=False, labelled=AT + 5 * HOUR)
    label(store, "bert-3", "older", decision=True, at=AT - HOUR)
    label(store, "bert-4", "older", decision=False, at=AT - HOUR)
    found = reader.judged_twice("mail", "bert-3", "bert-4", Span(AT, AT + HOUR), AT + 2 * HOUR)
    assert found == (
        JudgedLetters(True, False, False, 0.01, 3),
        JudgedLetters(True, True, True, 0.01, 1),
    )


def test_production_is_told_by_hour_and_version(store: Store, reader: LifeCycleReader):
    first = serving.BEGIN
    rows = [serving.row(first + at * serving.MINUTE) for at in range(90)]
    serving.write(store, rows)
    serving.tick(store)
    version = rows[0].version
    found = reader.served("mail", version, first, first + 2 * HOUR)
    assert [one.hour for one in found] == [first, first + HOUR]
    assert sum(one.letters for one in found) == sum(row.letters for row in rows)
    assert sum(one.slow for one in found) == sum(row.slow for row in rows)
    assert reader.served("mail", "none such", first, first + HOUR) == ()
    assert reader.last_served("mail", first + DAY) == first + HOUR


def test_what_people_say_changes_the_token_of_caches_and_the_report(store: Store):
    app = store.engine(Role.APP)
    shadow(store, AT)
    at = AT + DAY
    tokens = [watermark(app, "mail")]
    keep(app, "mail", "data", None, {"place": "hdfs://x"}, by="Анна", at=at)
    tokens.append(watermark(app, "mail"))
    given = {"reason": "", "waiver": ""}
    pass_gate(app, "mail", stages.DATA, "", given, by="Анна", at=at, request_id="r")
    tokens.append(watermark(app, "mail"))
    assert len(set(tokens)) == 3
    found = life_cycle_report(app, "mail", at)
    assert found.standing.gates[stages.DATA].passed is not None
    assert found.standing.run is not None
    assert found.standing.run.letters == 1_000
    assert found.bounds is None  # nothing is labelled
