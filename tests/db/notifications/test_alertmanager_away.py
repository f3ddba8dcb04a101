"""An Alertmanager that is away, slow or refuses holds nobody up and is told of in a sentence."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine

from db.notifications.alertmanager import Alertmanager, AlertmanagerError, label_name
from db.notifications.hook import Notifier
from db.team.channels import create
from tests.db.notifications.alert_rows import HOUR, MINUTE, NOW, Clock, add_episode, move, outbox
from tests.db.notifications.alertmanager_process import wait_for
from tests.db.notifications.receiver import Receiver


def test_an_alertmanager_that_is_away_holds_up_nobody_and_hears_the_present_later(
    app: Engine, worker: Engine, receiver: Receiver, clock: Clock
):
    away = Receiver().start()
    away.stop()
    url = f"http://127.0.0.1:{away.port}"
    form = {"channel_id": "ops", "name": "Ops", "address": receiver.address()}
    create(app, form, by="Анна", at=NOW)
    gone = add_episode(worker, NOW, labels={"sli": "gone"})
    stays = add_episode(worker, NOW, labels={"sli": "stays"})
    notifier = Notifier(worker, now=clock, environment={}, alertmanager_url=url)
    assert notifier.tick().sent == 2
    notifier.close()
    refused = "Alertmanager cannot be reached: Connection refused."
    assert notifier.alertmanager_trouble == refused
    assert mirrored(worker) == [
        ("firing", "waiting", 1, refused),
        ("firing", "waiting", 1, refused),
    ]
    move(worker, gone, "resolved", NOW + MINUTE)
    move(worker, stays, "unknown", NOW + MINUTE)
    notifier.tick()  # too early to ask again
    assert [attempts for _, _, attempts, _ in mirrored(worker)] == [1, 1]

    away.start()
    clock.move(HOUR)
    notifier.tick()
    notifier.close()
    assert notifier.alertmanager_trouble == ""
    assert mirrored(worker) == [
        ("firing", "held", 1, "Not sent: it was over before it could be."),
        ("firing", "held", 1, "Not sent: overtaken by a later state."),
        ("unknown", "sent", 1, ""),
    ]
    (request,) = away.requests
    assert [alert["labels"]["sli"] for alert in request.body] == ["stays"]
    away.stop()


def test_an_alertmanager_that_does_not_answer_holds_up_neither_tick_nor_channels(
    app: Engine,
    worker: Engine,
    receiver: Receiver,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
):
    patient = partial(Alertmanager, timeout_seconds=60)
    monkeypatch.setattr("db.notifications.hook.Alertmanager", patient)
    stuck = Receiver().start()
    stuck.answering.clear()
    form = {"channel_id": "ops", "name": "Ops", "address": receiver.address()}
    create(app, form, by="Анна", at=NOW)
    url = f"http://127.0.0.1:{stuck.port}"
    notifier = Notifier(worker, now=clock, environment={}, alertmanager_url=url, budget_seconds=0.3)
    for number in (1, 2):
        add_episode(worker, clock.now)
        wait_for(lambda: notifier.tick() and len(receiver.taken()) == number)  # noqa: B023
        clock.move(MINUTE)
    assert mirrored(worker) == []  # the first request is still under way
    assert stuck.asked == 1  # and there was no second
    stuck.answering.set()
    notifier.close(60)
    assert [row[:2] for row in mirrored(worker)] == [("firing", "sent")] * 2
    assert len(stuck.requests) == 1
    stuck.stop()


def test_name_and_password_go_as_basic_authentication_and_a_path_stays(receiver: Receiver):
    url = f"http://me:p%40ss@127.0.0.1:{receiver.port}/am/"
    Alertmanager(url).post_alerts([])
    (request,) = receiver.requests
    assert request.path == "/am/api/v2/alerts"
    assert request.headers["authorization"] == "Basic bWU6cEBzcw=="


@pytest.mark.parametrize("status", [302, 400, 503])
def test_an_answer_that_is_no_yes_is_an_error_with_its_number(receiver: Receiver, status: int):
    receiver.answers = [status]
    with pytest.raises(AlertmanagerError, match=f"answered {status}") as refused:
        Alertmanager(f"http://127.0.0.1:{receiver.port}").post_alerts([])
    assert refused.value.status == status
    assert len(receiver.requests) == 1


def test_a_slow_answer_is_not_waited_for(receiver: Receiver):
    receiver.answering.clear()
    slow = Alertmanager(f"http://127.0.0.1:{receiver.port}", timeout_seconds=0.2)
    with pytest.raises(AlertmanagerError, match="did not answer in time"):
        slow.post_alerts([])


@pytest.mark.parametrize("url", ["", "localhost:9093", "ftp://host", "http://", "http://h:x/"])
def test_an_address_that_is_none_is_refused(url: str):
    with pytest.raises(ValueError, match="ALERTMANAGER_URL must be"):
        Alertmanager(url)


def test_label_names_become_what_alertmanager_takes():
    names = [label_name(name) for name in ("sli", "версия", "9", "", "a b")]
    assert names == ["sli", "______", "_9", "_", "a_b"]


def mirrored(worker: Engine) -> list[tuple[Any, ...]]:
    columns = ("event", "status", "attempts", "error", "channel_id")
    return [row[:-1] for row in outbox(worker, *columns) if row[-1] == "alertmanager"]
