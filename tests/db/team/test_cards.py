"""The card of a service in the store."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from core.ports.documentation import ServiceCard
from db.readers.documentation import SqlDocumentationReader
from db.team.audit import ConflictError
from db.team.cards import save_card
from tests.db.team.oncall_rows import DAY, HOUR, NINE, SERVICE, logged


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def test_a_card_is_filled_in_bit_by_bit_and_read_as_it_was(app: Engine):
    first = save_card(app, SERVICE, None, {"logs": "/var/log"}, by="Анна", at=NINE)
    given = {"logs": "/var/log", "knobs": "потоки: 8"}
    second = save_card(app, SERVICE, first, given, by="Борис", at=NINE + DAY)
    reader = SqlDocumentationReader(app)
    assert reader.card(SERVICE, NINE - HOUR) is None
    assert reader.card(SERVICE, NINE) == first
    assert reader.card(SERVICE, NINE + DAY) == second
    assert (second.knobs, second.revision, second.changed_by) == ("потоки: 8", 2, "Борис")
    assert [entry.after["knobs"] for entry in logged(app)] == ["", "потоки: 8"]


def test_the_second_of_two_is_told_and_nothing_is_overwritten(app: Engine):
    empty = ServiceCard(SERVICE)
    first = save_card(app, SERVICE, empty, {"logs": "a"}, by="Анна", at=NINE)
    with pytest.raises(ConflictError) as conflict:
        save_card(app, SERVICE, empty, {"logs": "b"}, by="Борис", at=NINE)
    assert conflict.value.stored == first
    assert SqlDocumentationReader(app).card(SERVICE, NINE) == first


def test_a_button_pressed_twice_changes_once(app: Engine):
    first = save_card(app, SERVICE, None, {"logs": "a"}, by="Анна", at=NINE)
    assert save_card(app, SERVICE, None, {"logs": "a"}, by="Анна", at=NINE + HOUR) == first
    assert len(logged(app)) == 1


def test_what_is_gone_cannot_be_changed(app: Engine):
    with pytest.raises(ConflictError, match="no such card"):
        save_card(app, SERVICE, ServiceCard(SERVICE, revision=3), {"logs": "a"}, by="Анна", at=NINE)
