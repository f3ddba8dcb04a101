"""Rotas, overrides and swaps in the store: kept, told, and read as they were."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine

from core import oncall
from core.fields import FieldsError
from core.oncall import Shift
from core.ports.oncall import Rota
from db.engine import Role
from db.readers.oncall import SqlOnCallReader
from db.team.audit import ConflictError
from db.team.rotas import add_override, cancel_override, save_rota, swap
from tests.db.team.oncall_rows import DAY, HOUR, MINUTE, NINE, SERVICE, logged

FORM: dict[str, Any] = {
    "zone": "Europe/Moscow",
    "handover_weekday": 0,
    "handover_time": "10:00",
    "starts_on": "2026-06-01",
    "members": ["Анна", "Борис", "Вера"],
    "departed": [],
    "escalate_after_minutes": 15,
    "escalate_to": "",
}
WEEK = 7 * DAY


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def made(app: Engine, **changed: Any) -> Rota:
    return save_rota(app, SERVICE, None, {**FORM, **changed}, by=" Анна ", at=NINE)


def reader(app: Engine) -> SqlOnCallReader:
    return SqlOnCallReader(app)


def first_two(app: Engine, at: datetime = NINE) -> tuple[Shift, Shift]:
    found = oncall.on_duty(reader(app), SERVICE, at).shifts
    return found[0], found[1]


def test_a_rota_comes_back_as_it_was_made(app: Engine):
    rota = made(app)
    assert rota == reader(app).rota(SERVICE, NINE)
    assert (rota.members, rota.revision) == (("Анна", "Борис", "Вера"), 1)
    assert (rota.changed_by, rota.changed_at) == ("Анна", NINE)
    assert reader(app).rota("other", NINE) is None


def test_a_form_with_wrong_fields_stores_nothing(app: Engine):
    with pytest.raises(FieldsError) as refusal:
        made(app, zone="Mars")
    assert list(refusal.value.problems) == ["zone"]
    with pytest.raises(FieldsError) as refusal:
        save_rota(app, SERVICE, None, FORM, by=" ", at=NINE)
    assert list(refusal.value.problems) == ["by"]
    with pytest.raises(ValueError, match="must have a time zone"):
        save_rota(app, SERVICE, None, FORM, by="Анна", at=NINE.replace(tzinfo=None))
    assert reader(app).rota(SERVICE, NINE) is None


def test_the_second_of_two_is_told_what_the_first_has_stored(app: Engine):
    seen = made(app)
    first = save_rota(
        app, SERVICE, seen, {**FORM, "escalate_to": "lead"}, by="Борис", at=NINE + HOUR
    )
    with pytest.raises(ConflictError) as conflict:
        save_rota(app, SERVICE, seen, {**FORM, "zone": "UTC"}, by="Вера", at=NINE + HOUR)
    assert conflict.value.stored == first == reader(app).rota(SERVICE, NINE + HOUR)
    assert str(conflict.value) == "Борис has changed this rota meanwhile."
    assert (conflict.value.changed_by, conflict.value.changed_at) == ("Борис", NINE + HOUR)
    with pytest.raises(ConflictError):
        save_rota(app, SERVICE, None, {**FORM, "zone": "UTC"}, by="Вера", at=NINE + HOUR)


def test_a_button_pressed_twice_changes_once(app: Engine):
    seen = made(app)
    assert made(app) == seen
    changed = {**FORM, "members": ["Глеб", *FORM["members"]]}
    once = save_rota(app, SERVICE, seen, changed, by="Анна", at=NINE + DAY)
    assert save_rota(app, SERVICE, seen, changed, by="Анна", at=NINE + DAY) == once
    assert once.revision == 2
    assert [entry.after["revision"] for entry in logged(app)] == [1, 2]


def test_somebody_who_joins_leaves_this_week_with_whoever_has_it(app: Engine):
    seen = made(app)
    at = NINE + WEEK + DAY
    before, _ = first_two(app, at)
    save_rota(app, SERVICE, seen, {**FORM, "members": ["Глеб", *FORM["members"]]}, by="A", at=at)
    after, _ = first_two(app, at)
    assert before.member == after.member == "Борис"


def test_every_change_is_logged_whole_and_an_earlier_time_reads_what_was_then(app: Engine):
    first = made(app)
    second = save_rota(
        app, SERVICE, first, {**FORM, "members": ["Вера"]}, by="Борис", at=NINE + DAY
    )
    assert reader(app).rota(SERVICE, NINE - MINUTE) is None
    assert reader(app).rota(SERVICE, NINE + HOUR) == first
    assert reader(app).rota(SERVICE, NINE + DAY) == second
    _, entry = logged(app)
    assert (entry.subject, entry.subject_id, entry.changed_by) == ("rota", SERVICE, "Борис")
    assert (entry.before["members"], entry.after["members"]) == (FORM["members"], ["Вера"])


def test_an_override_holds_from_when_it_was_made_until_it_is_cancelled(app: Engine):
    made(app)
    given = {"member": "Глеб", "starts_at": NINE, "ends_at": NINE + DAY, "reason": "flu"}
    one = add_override(app, SERVICE, given, by="Анна", at=NINE + HOUR, request_id="a")
    assert first_two(app, NINE + HOUR)[0].member == "Глеб"
    cancelled = cancel_override(app, one, by="Борис", at=NINE + 2 * HOUR)
    assert cancel_override(app, one, by="Вера", at=NINE + 3 * HOUR) == cancelled
    assert (cancelled[0].cancelled_by, cancelled[0].cancelled_at) == ("Борис", NINE + 2 * HOUR)
    assert first_two(app, NINE + 2 * HOUR)[0].member == "Анна"
    assert reader(app).overrides(SERVICE, NINE + HOUR) == (one,)
    assert reader(app).overrides(SERVICE, NINE) == ()


def test_an_override_asked_for_twice_is_made_once(app: Engine):
    made(app)
    given = {"member": "Глеб", "starts_at": NINE, "ends_at": NINE + DAY}
    one = add_override(app, SERVICE, given, by="Анна", at=NINE, request_id="a")
    assert add_override(app, SERVICE, given, by="Анна", at=NINE + MINUTE, request_id="a") == one
    other = add_override(app, SERVICE, given, by="Анна", at=NINE, request_id="b")
    assert other.override_id != one.override_id


def test_a_service_without_a_rota_takes_no_override(app: Engine):
    given = {"member": "Глеб", "starts_at": NINE, "ends_at": NINE + DAY}
    with pytest.raises(FieldsError) as refusal:
        add_override(app, SERVICE, given, by="Анна", at=NINE, request_id="a")
    assert list(refusal.value.problems) == ["service"]
    with pytest.raises(FieldsError) as refusal:
        add_override(app, SERVICE, given, by="Анна", at=NINE, request_id="")
    assert list(refusal.value.problems) == ["request_id"]


def test_a_swap_exchanges_two_shifts_in_one_action(app: Engine):
    made(app)
    first, second = first_two(app)
    halves = swap(app, SERVICE, first, second, by="Анна", at=NINE, request_id="s", reason="exam")
    assert [(one.member, one.reason) for one in halves] == [("Борис", "exam"), ("Анна", "exam")]
    now, then = first_two(app)
    assert (now.member, then.member) == ("Борис", "Анна")
    again = swap(app, SERVICE, first, second, by="Анна", at=NINE + MINUTE, request_id="s")
    assert again == halves
    assert len(cancel_override(app, halves[1], by="Анна", at=NINE + HOUR)) == 2
    assert [shift.member for shift in first_two(app, NINE + HOUR)] == ["Анна", "Борис"]


def test_a_swap_of_a_shift_that_is_somebody_elses_by_now_is_refused_whole(app: Engine):
    made(app)
    first, second = first_two(app)
    given = {"member": "Глеб", "starts_at": second.start, "ends_at": second.end}
    add_override(app, SERVICE, given, by="Борис", at=NINE, request_id="a")
    with pytest.raises(ConflictError):
        swap(app, SERVICE, first, second, by="Анна", at=NINE, request_id="s")
    assert len(reader(app).overrides(SERVICE, NINE)) == 1


def test_of_many_swaps_at_once_one_succeeds(oncall_engines: dict[Role, Engine]):
    engine = oncall_engines[Role.APP]
    made(engine)
    first, second = first_two(engine)
    outcomes: list[str] = []
    together = Barrier(4)

    def exchange(number: int) -> None:
        together.wait()
        try:
            swap(engine, SERVICE, first, second, by="Анна", at=NINE, request_id=f"{number}")
            outcomes.append("swapped")
        except ConflictError:
            outcomes.append("told")

    threads = [Thread(target=exchange, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["swapped", "told", "told", "told"]


def test_an_override_that_was_never_made_cannot_be_cancelled(app: Engine):
    made(app)
    given = {"member": "Глеб", "starts_at": NINE, "ends_at": NINE + DAY}
    one = add_override(app, SERVICE, given, by="Анна", at=NINE, request_id="a")
    stranger = type(one)(
        999, SERVICE, "x", NINE, NINE + DAY, "", "", "Анна", datetime(2026, 6, 1, tzinfo=UTC)
    )
    with pytest.raises(ConflictError, match="no such override"):
        cancel_override(app, stranger, by="Анна", at=NINE)
