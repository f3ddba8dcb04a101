"""What people do about an alert: taking it in hand, resolving, escalating, saying something."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from core.fields import FieldsError
from core.ports.alerts import Acknowledgement, Act, Episode, Transition
from db.engine import Role, Store
from db.readers.alerts import SqlAlertReader
from db.team import channels
from db.team.alert_acknowledgements import LONGEST, AlreadyAcknowledgedError, acknowledge
from db.team.alert_episodes import (
    EpisodeOverError,
    NoSuchEpisodeError,
    add_note,
    escalate,
    resolve_by_hand,
)
from tests.db.team.oncall_rows import HOUR, MINUTE, NINE, SERVICE, fire


@pytest.fixture
def app(store: Store) -> Engine:
    engine = store.engine(Role.APP)
    given = {"channel_id": "ops", "name": "Ops", "address": "json://localhost/x"}
    given |= {"severities": ["page", "ticket"], "drills": True, "enabled": True}
    channels.create(engine, given, by="Анна", at=NINE)
    return engine


@pytest.fixture
def page(app: Engine) -> int:
    """A page that fires and of which the channel was told."""
    episode_id = fire(app)
    with app.begin() as connection:
        connection.execute(
            text(
                "insert into team.notification (idempotency_key, service, episode_id, channel_id, "
                "event, title, body, status, created_at, sent_at) values ('k', :service, "
                ":episode_id, 'ops', 'firing', '', '', 'sent', :at, :at)"
            ),
            {"service": SERVICE, "episode_id": episode_id, "at": NINE},
        )
    return episode_id


def take(app: Engine, page: int, by: str = "Анна", **changed: Any) -> Acknowledgement:
    asked: dict[str, Any] = {
        "at": NINE + MINUTE,
        "until": NINE + HOUR,
        "note": "смотрю",
        "request_id": f"{by} takes",
    }
    return acknowledge(app, page, by=by, **asked | changed)


def resolve(app: Engine, page: int, by: str = "Анна", **changed: Any) -> Episode:
    asked: dict[str, Any] = {
        "at": NINE + 5 * MINUTE,
        "reason": "ложная тревога",
        "request_id": f"{by} resolves",
    }
    return resolve_by_hand(app, page, by=by, **asked | changed)


def found(app: Engine) -> Any:
    return SqlAlertReader(app)


def outbox(app: Engine) -> list[tuple[Any, ...]]:
    with app.connect() as connection:
        rows = connection.execute(
            text(
                "select event, escalate_to, status from team.notification "
                "where idempotency_key <> 'k' order by notification_id"
            )
        )
        return [tuple(row) for row in rows]


# Taking it in hand


def test_who_takes_an_alert_is_named_until_a_time(app: Engine, page: int):
    taken = take(app, page, by=" Анна ")
    assert taken == Acknowledgement(page, "Анна", NINE + MINUTE, "смотрю", NINE + HOUR)
    assert found(app).acknowledgements(SERVICE, NINE, NINE + HOUR) == (taken,)
    assert outbox(app) == [("acknowledged", "", "waiting")]


def test_a_double_click_takes_it_once(app: Engine, page: int):
    taken = take(app, page)
    assert take(app, page, at=NINE + 2 * MINUTE) == taken
    assert len(outbox(app)) == 1


def test_the_second_is_told_who_has_it(app: Engine, page: int):
    taken = take(app, page)
    with pytest.raises(AlreadyAcknowledgedError) as refusal:
        take(app, page, by="Борис")
    assert refusal.value.theirs == taken
    assert str(refusal.value) == (
        "Анна has this alert in hand since 1 Jun 2026 09:01 UTC, until 10:00 UTC."
    )
    assert found(app).acknowledgements(SERVICE, NINE, NINE + HOUR) == (taken,)


def test_of_two_at_once_one_wins_and_the_other_sees_who(app: Engine, page: int):
    people = ("Анна", "Борис", "Вера", "Глеб")
    together, outcomes = Barrier(len(people)), {}

    def click(by: str) -> None:
        together.wait()
        try:
            outcomes[by] = take(app, page, by=by).by
        except AlreadyAcknowledgedError as refusal:
            outcomes[by] = refusal.theirs.by

    threads = [Thread(target=click, args=(by,)) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = set(outcomes.values())
    assert set(outcomes) == set(people)
    (stored,) = found(app).acknowledgements(SERVICE, NINE, NINE + HOUR)
    assert stored.by == winner


def test_whoever_has_it_may_keep_it_longer(app: Engine, page: int):
    take(app, page)
    longer = take(app, page, at=NINE + 2 * MINUTE, until=NINE + 3 * HOUR, request_id="again")
    assert found(app).acknowledgements(SERVICE, NINE, NINE + HOUR)[-1] == longer


def test_what_has_expired_is_free_to_be_taken(app: Engine, page: int):
    take(app, page)
    late = take(app, page, by="Борис", at=NINE + HOUR, until=NINE + 2 * HOUR)
    assert late.by == "Борис"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"by": " "}, "by"),
        ({"until": NINE}, "until"),
        ({"until": NINE + MINUTE + LONGEST + timedelta(seconds=1)}, "until"),
        ({"until": datetime(2026, 6, 1, 10)}, "until"),  # noqa: DTZ001
        ({"note": "x" * 10_001}, "note"),
        ({"request_id": ""}, "request_id"),
    ],
)
def test_what_is_wrong_is_named_and_nobody_has_it(
    app: Engine, page: int, wrong: dict[str, Any], field: str
):
    with pytest.raises(FieldsError) as refusal:
        take(app, page, **wrong)
    assert set(refusal.value.problems) == {field}
    assert found(app).acknowledgements(SERVICE, NINE, NINE + HOUR) == ()


def test_a_note_is_not_needed(app: Engine, page: int):
    assert take(app, page, note="").note == ""


def test_what_is_not_there_cannot_be_taken(app: Engine):
    with pytest.raises(NoSuchEpisodeError):
        take(app, 4_711)


# Resolving it by hand


def test_an_alert_is_resolved_by_hand_with_a_reason(app: Engine, page: int):
    over = resolve(app, page, by=" Анна ")
    at = NINE + 5 * MINUTE
    assert (over.state, over.resolved_at, over.resolved_by) == ("resolved", at, "Анна")
    reader = found(app)
    assert reader.episodes(SERVICE, NINE, at) == (over,)
    assert reader.transitions(SERVICE, at, at) == (
        Transition(page, at, "firing", "resolved", "Resolved by hand: ложная тревога"),
    )
    assert reader.acts(SERVICE, at, at) == (Act(page, "resolved", "Анна", at, "ложная тревога"),)
    assert outbox(app) == [("resolved", "", "waiting")]


def test_a_double_click_resolves_it_once(app: Engine, page: int):
    over = resolve(app, page)
    assert resolve(app, page, at=NINE + 6 * MINUTE) == over
    assert len(outbox(app)) == 1
    assert len(found(app).transitions(SERVICE, NINE, NINE + HOUR)) == 2


def test_the_second_is_told_who_has_resolved_it(app: Engine, page: int):
    over = resolve(app, page)
    for act in (resolve, take):
        with pytest.raises(EpisodeOverError, match="was resolved by Анна") as refusal:
            act(app, page, by="Борис")
        assert refusal.value.episode == over


def test_a_reason_is_needed(app: Engine, page: int):
    with pytest.raises(FieldsError) as refusal:
        resolve(app, page, reason=" \n", by="")
    assert set(refusal.value.problems) == {"by", "reason"}
    (still,) = found(app).open_episodes(SERVICE, NINE + HOUR)
    assert still.state == "firing"


def test_a_pending_alert_that_is_resolved_tells_nobody(app: Engine, page: int):
    with app.begin() as connection:
        connection.execute(text("update team.alert_episode set state = 'pending', fired_at = null"))
    resolve(app, page)
    assert outbox(app) == []


# Escalating it


def test_somebody_else_is_called(app: Engine, page: int):
    asked: dict[str, Any] = {"by": "Анна", "at": NINE + MINUTE, "to": "Борис", "note": "не я"}
    act = escalate(app, page, **asked, request_id="1")
    assert act == Act(page, "escalated", "Анна", NINE + MINUTE, "не я", "Борис")
    assert escalate(app, page, **asked, request_id="1") == act
    assert outbox(app) == [("escalated", "Борис", "waiting")]
    assert found(app).handled(SERVICE, NINE, NINE + HOUR) == {page}


@pytest.mark.parametrize("missing", ["by", "to", "request_id"])
def test_whom_to_call_and_who_calls_is_needed(app: Engine, page: int, missing: str):
    asked: dict[str, Any] = {"by": "Анна", "at": NINE, "to": "Борис", "request_id": "1"}
    with pytest.raises(FieldsError) as refusal:
        escalate(app, page, **asked | {missing: ""})
    assert set(refusal.value.problems) == {missing}
    assert outbox(app) == []


def test_what_is_over_cannot_be_escalated(app: Engine, page: int):
    resolve(app, page)
    with pytest.raises(EpisodeOverError):
        escalate(app, page, by="Анна", at=NINE + HOUR, to="Борис", request_id="1")


# Notes


def test_notes_are_kept_in_their_order_even_of_what_is_over(app: Engine, page: int):
    resolve(app, page)
    asked: dict[str, Any] = {"by": "Анна", "note": "<b>**dc2**</b>"}
    first = add_note(app, page, at=NINE + MINUTE, request_id="1", **asked)
    second = add_note(app, page, at=NINE + HOUR, request_id="2", **asked)
    assert add_note(app, page, at=NINE + HOUR, request_id="2", **asked) == second
    notes = [one for one in found(app).acts(SERVICE, NINE, NINE + HOUR) if one.kind == "note"]
    assert notes == [first, second]
    assert first == replace(second, at=NINE + MINUTE)
    with pytest.raises(FieldsError):
        add_note(app, page, by="Анна", at=NINE, note=" ", request_id="3")


def test_what_was_done_cannot_be_undone(app: Engine, page: int):
    take(app, page)
    resolve(app, page)
    for table in ("alert_act", "alert_acknowledgement", "alert_transition"):
        for statement in (f"delete from team.{table}", f"update team.{table} set episode_id = 1"):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                app.begin() as connection,
            ):
                connection.execute(text(statement))
