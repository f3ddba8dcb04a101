"""Silences: everything is required, what one would hide is shown, and it can be ended."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from core.fields import FieldsError
from core.ports.alerts import Silence
from db.engine import Role, Store
from db.readers.alerts import SqlAlertReader
from db.team.alert_silences import (
    LONGEST,
    MOST_MATCHERS,
    NoSuchSilenceError,
    end_silence,
    silence,
    would_hide,
)
from tests.db.team.oncall_rows import DAY, HOUR, NINE, SERVICE, fire

FORM: dict[str, Any] = {
    "matchers": {"service": SERVICE, "segment": ""},
    "reason": "переезд dc2; '100 %'",
    "ends_at": NINE + HOUR,
}


@pytest.fixture
def app(store: Store) -> Engine:
    return store.engine(Role.APP)


def make(app: Engine, by: str = "Анна", request_id: str = "1", **changed: Any) -> Silence:
    return silence(app, FORM | changed, by=by, at=NINE, request_id=request_id)


def stored(app: Engine) -> tuple[Silence, ...]:
    return SqlAlertReader(app).silences(NINE)


def test_a_silence_comes_back_as_it_was_made(app: Engine):
    made = make(app, by=" Анна ")
    assert made == Silence(
        made.silence_id, FORM["matchers"], FORM["reason"], "Анна", NINE, NINE + HOUR
    )
    assert stored(app) == (made,)


def test_a_double_click_makes_one(app: Engine):
    assert make(app) == make(app)
    assert len(stored(app)) == 1


@pytest.mark.parametrize("missing", ["matchers", "reason", "ends_at"])
def test_everything_is_required(app: Engine, missing: str):
    form = {name: value for name, value in FORM.items() if name != missing}
    with pytest.raises(FieldsError) as refusal:
        silence(app, form, by="", at=NINE, request_id="1")
    assert refusal.value.problems == {missing: "Is missing.", "by": "Is missing."}
    assert stored(app) == ()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"matchers": {}}, "matchers"),
        ({"matchers": "service=mail"}, "matchers"),
        ({"matchers": {" ": "x"}}, "matchers"),
        ({"matchers": {"service": 3}}, "matchers.service"),
        ({"matchers": {"service": "two\nlines"}}, "matchers.service"),
        ({"matchers": {f"l{n}": "x" for n in range(MOST_MATCHERS + 1)}}, "matchers"),
        ({"reason": "  "}, "reason"),
        ({"ends_at": NINE}, "ends_at"),
        ({"ends_at": NINE + LONGEST + timedelta(seconds=1)}, "ends_at"),
        ({"ends_at": datetime(2026, 6, 1, 10)}, "ends_at"),  # noqa: DTZ001
        ({"ends_at": "10:00"}, "ends_at"),
        ({"starts_at": NINE + 2 * HOUR}, "ends_at"),
        ({"starts_at": NINE + 2 * LONGEST, "ends_at": NINE + 2 * LONGEST + HOUR}, "starts_at"),
        ({"regex": ".*"}, "regex"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_silenced(
    app: Engine, wrong: dict[str, Any], field: str
):
    with pytest.raises(FieldsError) as refusal:
        make(app, **wrong)
    assert set(refusal.value.problems) == {field}
    with pytest.raises(FieldsError):
        would_hide(app, FORM | wrong, by="Анна", at=NINE)
    assert stored(app) == ()


def test_what_it_would_hide_is_shown_before(app: Engine):
    """Of every service; whether it begins later does not matter."""
    with app.begin() as connection:
        for number, labels in enumerate(({"sli": "latency"}, {"sli": "availability"})):
            episode_id = fire(app, NINE + number * timedelta(minutes=1), f"s{number}")
            connection.execute(
                text("update team.alert_episode set labels = :labels where episode_id = :id"),
                {"labels": json.dumps(labels), "id": episode_id},
            )

    def hidden(**matchers: str) -> list[str]:
        form = {**FORM, "matchers": matchers, "starts_at": NINE + DAY, "ends_at": NINE + 2 * DAY}
        found = would_hide(app, form, by="Анна", at=NINE + HOUR)
        return [one.service for one in found]

    assert hidden(severity="page") == ["s0", "s1"]
    assert hidden(sli="latency") == ["s0"]
    assert hidden(sli="latency", service="s1") == []
    assert hidden(rule="slo", service="s1") == ["s1"]
    assert stored(app) == ()


def test_it_is_ended_early_once(app: Engine):
    made = make(app)
    ended = end_silence(app, made.silence_id, by=" Борис ", at=NINE + HOUR / 2)
    assert ended == replace(made, ended_at=NINE + HOUR / 2, ended_by="Борис")
    assert end_silence(app, made.silence_id, by="Вера", at=NINE + HOUR * 0.7) == ended
    assert SqlAlertReader(app).silences(NINE + HOUR / 2) == ()


def test_what_is_over_is_not_ended_again(app: Engine):
    made = make(app)
    assert end_silence(app, made.silence_id, by="Вера", at=NINE + HOUR) == made


def test_a_silence_that_has_not_begun_can_be_taken_back(app: Engine):
    made = make(app, starts_at=NINE + HOUR, ends_at=NINE + 2 * HOUR)
    end_silence(app, made.silence_id, by="Вера", at=NINE)
    assert stored(app) == ()


def test_somebody_ends_it_and_it_has_to_be_there(app: Engine):
    made = make(app)
    with pytest.raises(FieldsError, match="by: Is missing"):
        end_silence(app, made.silence_id, by="", at=NINE)
    with pytest.raises(NoSuchSilenceError):
        end_silence(app, 4_711, by="Вера", at=NINE)
