"""What people say about a service's life, in the store: refusals, conflicts, and what stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from core.fields import FieldsError
from core.life_cycle import stages
from core.ports.life_cycle import KeptItem, PassedGate
from db.engine import Role
from db.readers.life_cycle import SqlLifeCycleReader
from db.team.audit import ConflictError, NotNowError
from db.team.life_cycle import keep, pass_gate, take_back, withdraw
from tests.db.team.oncall_rows import DAY, HOUR, NINE, SERVICE, logged

SAVED = ("samples", "raw_data", "score_distributions")
_SHADOW = text("""
    insert into metrics.shadow_hour (service, hour, production_version, candidate_version,
        both_positive, production_only, candidate_only, both_negative, candidate_errors,
        candidate_slow, user_visible)
    select :service, moment, 'bert-3', 'bert-4', 400, 10, 20, 570, 0, 0, :visible
    from generate_series(cast(:start as timestamptz), cast(:end as timestamptz),
        interval '1 hour') as moment""")


@pytest.fixture
def app(oncall_app: Engine, oncall_engines: dict[Role, Engine]) -> Engine:
    with oncall_engines[Role.OWNER].begin() as owner:
        owner.execute(text("delete from metrics.shadow_hour"))
    return oncall_app


def save(app: Engine, item: str, place: str = "hdfs://письма", at: datetime = NINE) -> KeptItem:
    return keep(app, SERVICE, item, None, {"place": place, "note": ""}, by=" Анна ", at=at)


def let(app: Engine, gate: str, version: str = "", **said: Any) -> PassedGate:
    at = said.pop("at", NINE)
    request = said.pop("request_id", f"{gate} {at}")
    given = {"reason": "так решили", "waiver": ""} | said
    return pass_gate(app, SERVICE, gate, version, given, by="Вера", at=at, request_id=request)


def run(oncall_engines: dict[Role, Engine], visible: int = 0) -> None:
    with oncall_engines[Role.OWNER].begin() as owner:
        owner.execute(
            _SHADOW,
            {
                "service": SERVICE,
                "visible": visible,
                "start": NINE - 8 * DAY,
                "end": NINE - DAY,
            },
        )


def items(app: Engine, at: datetime = NINE) -> tuple[KeptItem, ...]:
    return SqlLifeCycleReader(app).items(SERVICE, at)


def gates(app: Engine, at: datetime = NINE) -> tuple[PassedGate, ...]:
    return SqlLifeCycleReader(app).gates(SERVICE, at)


def test_a_switch_off_with_unsaved_samples_is_refused_and_stores_nothing(app: Engine):
    for item in SAVED[1:]:
        save(app, item)
    before = logged(app)
    with pytest.raises(NotNowError, match="Not saved: samples"):
        let(app, stages.SWITCHING_OFF)
    with pytest.raises(NotNowError, match="Not saved: samples"):
        let(app, stages.SWITCHING_OFF, waiver="мы спешим")
    assert gates(app) == ()
    assert logged(app) == before
    one = save(app, "samples")
    off = let(app, stages.SWITCHING_OFF)
    assert gates(app) == (off,)
    assert (off.passed_by, off.reason, off.waived) == ("Вера", "так решили", ())
    assert [(each["key"], each["said"]) for each in off.evidence] == [
        (item, "hdfs://письма") for item in SAVED
    ]
    assert items(app)[-1] == one


def test_the_store_itself_waives_nothing_of_a_switch_off(app: Engine):
    for item in SAVED:
        save(app, item)
    let(app, stages.SWITCHING_OFF)
    with app.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(
            text("update team.life_cycle_gate set waived = '{samples}', waiver = 'because'")
        )


def test_what_a_service_was_switched_off_for_cannot_be_taken_back(app: Engine):
    saved = [save(app, item) for item in SAVED]
    off = let(app, stages.SWITCHING_OFF)
    with pytest.raises(NotNowError, match="Вера has switched the service off"):
        take_back(app, saved[0], by="Анна", at=NINE + HOUR)
    withdraw(app, off, {"why": "рано"}, by="Вера", at=NINE + HOUR)
    gone = take_back(app, saved[0], by="Анна", at=NINE + 2 * HOUR)
    assert gone.removed_by == "Анна"
    assert take_back(app, saved[0], by="Глеб", at=NINE + 3 * HOUR) == gone
    with pytest.raises(NotNowError, match="Not saved: samples"):
        let(app, stages.SWITCHING_OFF, at=NINE + 4 * HOUR)


def test_two_who_switch_off_and_take_back_at_once_cannot_both_have_it(app: Engine):
    for round_ in range(6):
        at = NINE + timedelta(days=round_)
        saved = {one.item: one for one in items(app, at)}
        saved |= {item: save(app, item, at=at) for item in SAVED if item not in saved}

        def off(at: datetime = at, number: int = round_) -> bool:
            try:
                let(app, stages.SWITCHING_OFF, at=at, request_id=f"off {number}")
            except NotNowError:
                return False
            return True

        def back(at: datetime = at, one: KeptItem = saved["samples"]) -> bool:
            try:
                take_back(app, one, by="Анна", at=at)
            except NotNowError:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            done = [future.result() for future in (pool.submit(off), pool.submit(back))]
        assert sum(done) == 1
        for one in gates(app, at):
            withdraw(app, one, {"why": "ещё раз"}, by="Вера", at=at)


def test_a_gate_is_judged_by_what_was_measured(
    app: Engine, oncall_engines: dict[Role, Engine]
) -> None:
    with pytest.raises(FieldsError) as refusal:
        let(app, stages.SHADOW)
    assert list(refusal.value.problems) == ["waiver"]
    run(oncall_engines)
    with pytest.raises(NotNowError, match="about “bert-4” by now"):
        let(app, stages.SHADOW)
    made = let(app, stages.SHADOW, "bert-4")
    assert made.model_version == "bert-4"
    assert [one["state"] for one in made.evidence] == ["there"] * 5


def test_a_shadow_run_that_users_saw_is_waived_by_nobody(
    app: Engine, oncall_engines: dict[Role, Engine]
) -> None:
    run(oncall_engines, visible=1)
    with pytest.raises(NotNowError, match="has failed"):
        let(app, stages.SHADOW, "bert-4", waiver="one hour only")
    assert gates(app) == ()


def test_a_service_that_was_there_before_greenlight_is_taken_over_with_a_reason(app: Engine):
    made = let(app, stages.SHADOW, waiver="до Greenlight")
    assert made.waiver == "до Greenlight"
    assert made.waived == ("users_untouched", "hours", "gaps", "errors", "slow")


def test_a_double_click_passes_once_and_a_second_person_is_told(app: Engine):
    first = let(app, stages.DATA, waiver="x", request_id="click")
    assert let(app, stages.DATA, waiver="x", request_id="click") == first
    with pytest.raises(ConflictError) as conflict:
        let(app, stages.DATA, waiver="x", request_id="another")
    assert conflict.value.stored == first
    assert len(gates(app)) == 1


def test_what_is_taken_back_stays_to_be_read_and_may_be_passed_again(app: Engine):
    first = let(app, stages.DATA, waiver="x")
    with pytest.raises(FieldsError):
        withdraw(app, first, {"why": " "}, by="Вера", at=NINE + HOUR)
    back = withdraw(app, first, {"why": "ошибка"}, by="Вера", at=NINE + HOUR)
    assert withdraw(app, first, {"why": "снова"}, by="Глеб", at=NINE + DAY) == back
    again = let(app, stages.DATA, waiver="x", at=NINE + 2 * HOUR)
    assert gates(app, NINE + DAY) == (back, again)
    assert gates(app, NINE) == (first,)


def test_a_place_is_changed_and_the_second_is_told(app: Engine):
    seen = save(app, "samples")
    assert save(app, "samples") == seen
    given = {"place": "s3://письма", "note": "реплика"}
    first = keep(app, SERVICE, "samples", seen, given, by="Борис", at=NINE + HOUR)
    assert (first.place, first.revision, first.changed_by) == ("s3://письма", 2, "Борис")
    with pytest.raises(ConflictError) as conflict:
        keep(app, SERVICE, "samples", seen, {"place": "tape"}, by="Глеб", at=NINE + HOUR)
    assert conflict.value.stored == first
    with pytest.raises(ConflictError):
        take_back(app, seen, by="Глеб", at=NINE + HOUR)
    assert items(app) == (seen,)
    assert items(app, NINE + HOUR) == (first,)
    assert [(entry.subject, entry.after["revision"]) for entry in logged(app)] == [
        ("kept item", 1),
        ("kept item", 2),
    ]


def test_what_was_taken_back_meanwhile_is_not_changed(app: Engine):
    seen = save(app, "raw_data")
    take_back(app, seen, by="Анна", at=NINE)
    with pytest.raises(ConflictError, match="no such entry any more"):
        keep(app, SERVICE, "raw_data", seen, {"place": "tape"}, by="Глеб", at=NINE)
    assert save(app, "raw_data").item_id != seen.item_id


def test_what_nobody_knows_is_refused(app: Engine):
    with pytest.raises(FieldsError, match="item"):
        save(app, "dreams")
    with pytest.raises(FieldsError, match="gate"):
        let(app, "heaven")
    with pytest.raises(FieldsError, match="place"):
        save(app, "samples", " ")
    with pytest.raises(FieldsError, match="by"):
        keep(app, SERVICE, "samples", None, {"place": "x"}, by=" ", at=NINE)
    assert items(app) == ()
