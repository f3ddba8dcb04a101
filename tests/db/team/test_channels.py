"""Adding, changing and switching off channels: what is kept, what is refused, who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from core.alerts.routing import Channel, QuietHours
from core.fields import FieldsError
from db.engine import Role, Store
from db.team.channel_form import read
from db.team.channels import (
    ChannelConflictError,
    ChannelRefusedError,
    StoredChannel,
    change,
    channels,
    create,
    set_enabled,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FORM: dict[str, object] = {
    "channel_id": "дежурные",
    "name": "Дежурные",
    "address": "json://hooks.example.org/T0KEN",
    "service": "newsletters",
    "severities": ["ticket", "page"],
    "quiet_from": "22:00",
    "quiet_until": "08:00",
    "zone": "Europe/Moscow",
    "drills": False,
}


@pytest.fixture
def app(store: Store) -> Engine:
    return store.engine(Role.APP)


def logged(app: Engine) -> list[tuple[Any, ...]]:
    with app.connect() as connection:
        rows = connection.execute(
            text(
                "select subject, subject_id, service, changed_by, before, after "
                "from team.audit order by change_id"
            )
        )
        return [tuple(row) for row in rows]


def address(app: Engine) -> str:
    with app.connect() as connection:
        return str(connection.execute(text("select address from team.channel")).scalar_one())


def test_a_channel_comes_back_as_it_was_made_but_for_its_address(app: Engine):
    made = create(app, FORM, by=" Анна ", at=NOW)
    night = QuietHours(time(22), time(8), "Europe/Moscow")
    channel = Channel(
        "дежурные", "Дежурные", "newsletters", ("page", "ticket"), night, drills=False
    )
    assert made == StoredChannel(channel, "json://hooks.example.org/…", 1, "Анна", NOW)
    assert channels(app) == (made,)
    assert address(app) == FORM["address"]
    ((*who, before, after),) = logged(app)
    assert who == ["channel", "дежурные", "newsletters", "Анна"]
    assert before == {}
    assert after["address"] == "json://hooks.example.org/…"


def test_the_shortest_form_is_a_channel_for_everything(app: Engine):
    made = create(
        app, {"channel_id": "all", "name": "All", "address": "env:HOOK"}, by="Анна", at=NOW
    )
    assert made.channel == Channel("all", "All")
    assert made.address == "env:HOOK"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"channel_id": ""}, "channel_id"),
        ({"channel_id": "alertmanager"}, "channel_id"),
        ({"name": "two\nlines"}, "name"),
        ({"address": ""}, "address"),
        ({"address": 7}, "address"),
        ({"address": "nonsense://x"}, "address"),
        ({"severities": []}, "severities"),
        ({"severities": ["page", "whisper"]}, "severities"),
        ({"severities": "page"}, "severities"),
        ({"quiet_from": "25:00"}, "quiet_from"),
        ({"quiet_from": "22:00:30"}, "quiet_from"),
        ({"quiet_until": None}, "quiet_until"),
        ({"quiet_until": "22:00"}, "quiet_until"),
        ({"zone": "Moscow"}, "zone"),
        ({"zone": "../etc/passwd"}, "zone"),
        ({"drills": "yes"}, "drills"),
        ({"adress": "x"}, "adress"),
    ],
)
def test_a_wrong_field_is_named(wrong: dict[str, object], field: str):
    with pytest.raises(FieldsError) as refused:
        read(FORM | wrong, "Анна", address_needed=True)
    assert list(refused.value.problems) == [field]


def test_a_form_with_wrong_fields_stores_nothing(app: Engine):
    with pytest.raises(FieldsError) as refused:
        create(app, FORM | {"zone": "Moscow", "name": ""}, by=" ", at=NOW)
    assert set(refused.value.problems) == {"by", "zone", "name"}
    made = create(app, FORM, by="Анна", at=NOW)
    with pytest.raises(FieldsError):
        change(app, made, {"severities": []}, by="Анна", at=LATER)
    assert channels(app) == (made,)
    assert len(logged(app)) == 1


def test_a_change_keeps_what_it_does_not_name_the_address_too(app: Engine):
    made = create(app, FORM, by="Анна", at=NOW)
    changed = change(app, made, {"name": "Ночные", "address": ""}, by="Борис", at=LATER)
    assert changed.channel == replace(made.channel, name="Ночные")
    assert (changed.revision, changed.changed_by, changed.changed_at) == (2, "Борис", LATER)
    assert address(app) == FORM["address"]
    *_, (*_, before, after) = logged(app)
    assert {name for name in after if after[name] != before[name]} == {"name"}
    bare = change(app, changed, {"quiet_from": None, "quiet_until": None}, by="Борис", at=LATER)
    assert bare.channel.quiet is None


def test_a_new_address_that_looks_the_same_is_logged_as_a_change(app: Engine):
    made = create(app, FORM, by="Анна", at=NOW)
    changed = change(app, made, {"address": "json://hooks.example.org/0THER"}, by="Анна", at=LATER)
    assert changed.address == made.address
    assert changed.revision == 2
    *_, (*_, before, after) = logged(app)
    assert after == before | {"address_changed": True}


def test_the_second_of_two_is_told_and_a_button_pressed_twice_changes_once(app: Engine):
    seen = create(app, FORM, by="Анна", at=NOW)
    assert create(app, FORM, by="Анна", at=LATER) == seen
    first = set_enabled(app, seen, False, by="Борис", at=LATER)
    assert set_enabled(app, seen, False, by="Борис", at=LATER) == first
    with pytest.raises(ChannelConflictError, match="Борис has changed") as conflict:
        change(app, seen, {"name": "Мои"}, by="Вера", at=LATER)
    assert conflict.value.stored == first
    with pytest.raises(ChannelConflictError, match="Борис has changed"):
        create(app, FORM, by="Вера", at=LATER)
    gone = replace(seen, channel=replace(seen.channel, channel_id="gone"))
    with pytest.raises(ChannelConflictError, match="no such channel"):
        change(app, gone, {}, by="Вера", at=LATER)
    assert len(logged(app)) == 2


def test_what_the_store_refuses_is_said_without_its_values(
    app: Engine, monkeypatch: pytest.MonkeyPatch
):
    row = FORM | {"severities": [], "quiet_from": None, "quiet_until": None, "enabled": True}
    monkeypatch.setattr("db.team.channels.read", lambda *_, **__: dict(row))
    with pytest.raises(ChannelRefusedError, match="violates check constraint") as refused:
        create(app, FORM, by="Анна", at=NOW)
    assert "T0KEN" not in str(refused.value)
