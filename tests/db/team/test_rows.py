"""What all kinds of rows that people keep have in common."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

import db.team
from core.ports.documentation import ServiceCard
from core.ports.plan import Iteration
from db.readers.audit import SUBJECTS
from db.readers.values import value_of
from db.team import audit
from db.team.audit import ConflictError
from db.team.plan_rows import FRAMES, ITERATIONS
from db.team.rows import Rows
from tests.db.team.oncall_rows import DAY, NINE, SERVICE, logged

TURN: dict[str, Any] = {
    "title": "First",
    "data_slice": "5M letters",
    "model_version": "v2",
    "against_version": "v1",
    "measure": "recall",
    "wanted_delta": 0,
    "starts_on": "2026-06-01",
    "ends_on": "2026-06-15",
    "note": "",
}
CARDS = Rows("card", "card", lambda row: value_of(ServiceCard, row))
ANNA: dict[str, Any] = {"by": " Анна ", "at": NINE}
BORIS: dict[str, Any] = {"by": "Борис", "at": NINE + DAY}


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


@pytest.fixture
def made(app: Engine) -> Iteration:
    with app.begin() as connection:
        return ITERATIONS.add(connection, SERVICE, TURN, **ANNA, request_id=" a ")


def test_every_kind_is_one_that_the_log_keeps():
    kinds = [
        kind
        for module in pkgutil.iter_modules(db.team.__path__, "db.team.")
        for kind in vars(importlib.import_module(module.name)).values()
        if isinstance(kind, Rows)
    ]
    assert len({kind.subject for kind in kinds}) > 15
    assert {kind.subject for kind in kinds} <= SUBJECTS.keys()


def test_what_is_stored_once_is_given_back_to_the_second_click(app: Engine, made: Iteration):
    with app.begin() as connection:
        assert ITERATIONS.of_request(connection, SERVICE, "a ") == [made]
        assert ITERATIONS.of_request(connection, SERVICE, "b") == []
        assert ITERATIONS.of_request(connection, "other", "a") == []


def test_what_says_so_already_is_left_alone_whoever_has_seen_what(app: Engine, made: Iteration):
    with app.begin() as connection:
        changed = ITERATIONS.change(connection, made, {"note": "later"}, **BORIS)
        again = ITERATIONS.change(connection, made, {"note": "later"}, **BORIS)
    assert again == changed
    assert (changed.revision, changed.changed_by, changed.note) == (2, "Борис", "later")
    assert [one.changed_by for one in logged(app)] == ["Анна", "Борис"]


def test_whoever_comes_second_is_told_what_there_is_now(app: Engine, made: Iteration):
    with app.begin() as connection:
        changed = ITERATIONS.change(connection, made, {"note": "later"}, **BORIS)
        for late in (
            lambda: ITERATIONS.change(connection, made, {"note": "never"}, **ANNA),
            lambda: ITERATIONS.remove(connection, made, **ANNA),
        ):
            with pytest.raises(ConflictError, match="Борис has changed this iteration") as told:
                late()
            assert told.value.stored == changed


def test_what_is_taken_out_is_gone_for_who_changes_it_and_taken_out_once(
    app: Engine, made: Iteration
):
    with app.begin() as connection:
        gone = ITERATIONS.remove(connection, made, **BORIS)
        assert ITERATIONS.remove(connection, made, **ANNA) == gone
        with pytest.raises(ConflictError, match="no such iteration any more"):
            ITERATIONS.change(connection, gone, {"note": "later"}, **ANNA)
        row = audit.stored(connection, "iteration", made.iteration_id)
    assert row is not None
    assert (row["removed_by"], row["revision"]) == ("Борис", 2)


def test_a_row_of_another_service_is_not_there(app: Engine, made: Iteration):
    stranger = replace(made, service="other")
    with app.begin() as connection:
        for reach in (
            lambda: ITERATIONS.held(connection, stranger),
            lambda: ITERATIONS.change(connection, stranger, {"note": "later"}, **ANNA),
            lambda: ITERATIONS.remove(connection, stranger, **ANNA),
        ):
            with pytest.raises(ConflictError) as told:
                reach()
            assert told.value.stored is None


def test_the_one_row_of_a_service_is_made_once_and_then_changed(app: Engine):
    with app.begin() as connection:
        first = CARDS.put(connection, SERVICE, None, {"logs": "here"}, **ANNA)
        assert CARDS.put(connection, SERVICE, None, {"logs": "here"}, **BORIS) == first
        with pytest.raises(ConflictError, match="Анна has changed this card"):
            CARDS.put(connection, SERVICE, None, {"logs": "there"}, **BORIS)
        second = CARDS.put(connection, SERVICE, first, {"logs": "there"}, **BORIS)
        assert (second.logs, second.revision) == ("there", 2)
        with pytest.raises(ConflictError, match="no such card any more"):
            CARDS.put(connection, "other", first, {"logs": "there"}, **BORIS)
        unmade = ServiceCard("other")
        assert CARDS.put(connection, "other", unmade, {"logs": "there"}, **BORIS).revision == 1


def test_a_list_is_stored_in_its_order(app: Engine):
    with app.begin() as connection:
        wanted = {"stages": ("b", "a"), "directions": ("ML",)}
        made = FRAMES.add(connection, SERVICE, wanted, **ANNA)
        held = FRAMES.find(connection, SERVICE, made)
        assert held is not None
        assert held.says(wanted)
        assert held.write({"stages": ("a",)}, **BORIS).stages == ("a",)
