"""A real Alertmanager hears of alerts, silences, inhibition and the end, and tells its own hook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from db.notifications.alertmanager import KEEP, Alertmanager, AlertmanagerError
from db.notifications.mirror import RESEND, mirror
from db.team.channels import create
from tests.db.notifications.alert_rows import (
    BASE_URL,
    HOUR,
    MINUTE,
    NOW,
    add_episode,
    add_rule,
    add_silence,
    end_silence,
    move,
    outbox,
)
from tests.db.notifications.alertmanager_process import RunningAlertmanager, alertmanager, wait_for
from tests.db.notifications.receiver import Receiver
from tests.debian import needed


@pytest.fixture(scope="module")
def hook() -> Iterator[Receiver]:
    """Whom Alertmanager notifies."""
    opened = Receiver().start()
    yield opened
    opened.stop()


@pytest.fixture(scope="module")
def real(hook: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAlertmanager]:
    folder: Path = tmp_path_factory.mktemp("alertmanager")
    with alertmanager(needed("alertmanager"), folder, hook.port) as running:
        yield running


@pytest.fixture
def present() -> datetime:
    """Alertmanager has a clock of its own, which cannot be set."""
    return datetime.now(UTC).replace(microsecond=0)


def notified(hook: Receiver, **labels: str) -> list[str]:
    """What Alertmanager told its hook about alerts of these labels: 'firing' and 'resolved'."""
    return [
        alert["status"]
        for request in list(hook.requests)
        for alert in request.body["alerts"]
        if labels.items() <= alert["labels"].items()
    ]


def told(real: RunningAlertmanager, worker: Engine, at: datetime) -> int:
    return mirror(worker, Alertmanager(real.url), at, base_url=BASE_URL)


def test_an_alert_arrives_is_kept_firing_and_resolves(
    real: RunningAlertmanager, hook: Receiver, worker: Engine, present: datetime
):
    add_rule(worker)
    began = present - timedelta(minutes=10)
    labels = {"sli": "first", "model-version": "v1 «один»"}
    episode = add_episode(worker, began, labels=labels, event=None)
    add_episode(worker, began, labels={"sli": "waits"}, state="pending", fired_at=None, event=None)

    assert told(real, worker, present) == 1
    assert told(real, worker, present + timedelta(seconds=59)) == 0
    (alert,) = real.alerts(sli="first")
    assert alert["labels"] == {
        "alertname": "slo-availability",
        "rule": "slo-availability",
        "service": "newsletters",
        "severity": "page",
        "sli": "first",
        "model_version": "v1 «один»",
    }
    assert alert["annotations"] == {
        "summary": episode.sentence,
        "owner": "Анна",
        "runbook_url": f"{BASE_URL}/alerts?service=newsletters&runbook=runbook-slo-burn",
        "where": "dc2",
    }
    opened = f"{BASE_URL}/alerts?service=newsletters&episode={episode.episode_id}"
    assert alert["generatorURL"] == opened
    assert moment(alert["startsAt"]) == began
    assert moment(alert["endsAt"]) == present + KEEP
    assert real.alerts(sli="waits") == []
    wait_for(lambda: notified(hook, sli="first") == ["firing"])

    later = present + RESEND
    assert told(real, worker, later) == 1
    assert moment(real.alerts(sli="first")[0]["endsAt"]) == later + KEEP

    unknown = move(worker, episode, "unknown", present)
    told(real, worker, later)
    (alert,) = real.alerts(sli="first")
    assert alert["annotations"]["state"] == "unknown: its data are missing"

    move(worker, unknown, "resolved", present)
    assert told(real, worker, later) == 1
    assert told(real, worker, later + 2 * RESEND) == 0
    wait_for(lambda: notified(hook, sli="first") == ["firing", "resolved"])
    assert real.alerts(sli="first") == []
    assert outbox(worker, "channel_id", "event", "status") == [
        ("alertmanager", event, "sent") for event in ("firing", "unknown", "resolved")
    ]


def test_an_alert_that_fires_again_is_told_again(
    real: RunningAlertmanager, hook: Receiver, worker: Engine, present: datetime
):
    episode = add_episode(worker, present - MINUTE, labels={"sli": "again"}, event=None)
    for state in ("resolved", "firing"):
        told(real, worker, present)
        episode = move(worker, episode, state, present)
    told(real, worker, present)
    wait_for(lambda: real.alerts(sli="again"))


def test_a_silence_arrives_before_the_alert_follows_its_changes_and_ends(
    real: RunningAlertmanager, hook: Receiver, worker: Engine, present: datetime
):
    labels = {"sli": "silenced"}
    silence = add_silence(worker, present - MINUTE, present + HOUR, service="newsletters", **labels)
    add_episode(worker, present - MINUTE, labels=labels, event=None)
    add_episode(worker, present - MINUTE, labels={"sli": "heard"}, event=None)
    assert told(real, worker, present) == 3

    ours = our_silence(real, silence)
    assert ours["status"]["state"] == "active"
    assert ours["createdBy"] == "Борис"
    assert moment(ours["endsAt"]) == present + HOUR
    wait_for(lambda: real.alerts(**labels)[0]["status"]["silencedBy"] == [ours["id"]])
    wait_for(lambda: notified(hook, sli="heard") == ["firing"])
    assert notified(hook, **labels) == []

    with worker.begin() as connection:
        connection.execute(
            text("update team.alert_silence set ends_at = :at"), {"at": present + 2 * HOUR}
        )
    assert told(real, worker, present) == 1
    assert moment(our_silence(real, silence)["endsAt"]) == present + 2 * HOUR

    with worker.begin() as connection:  # as after a death between telling and recording
        connection.execute(text("delete from team.mirrored_silence"))
    assert told(real, worker, present) == 1
    our_silence(real, silence)

    end_silence(worker, silence, present)
    assert told(real, worker, present) == 1
    assert told(real, worker, present) == 0
    assert not [one for one in silences(real) if one["comment"].endswith(f"silence {silence})")]
    wait_for(lambda: notified(hook, **labels) == ["firing"])


def test_a_silence_that_is_changed_and_ended_there_is_changed_and_ended_here(
    real: RunningAlertmanager, worker: Engine, present: datetime
):
    silence = add_silence(worker, present - MINUTE, present + HOUR, sli="both ways")
    told(real, worker, present)
    remote = our_silence(real, silence)
    there = Alertmanager(real.url)
    there.post_silence(remote | {"endsAt": (present + 3 * HOUR).isoformat()})
    assert told(real, worker, present) == 0
    assert stored_silence(worker, sli="both ways") == ("Борис", present + 3 * HOUR, None, "")
    assert told(real, worker, present) == 0
    assert moment(our_silence(real, silence)["endsAt"]) == present + 3 * HOUR

    there.expire_silence(our_silence(real, silence)["id"])
    for at in (present + MINUTE, present + 2 * MINUTE):
        assert told(real, worker, at) == 0
    expected = ("Борис", present + 3 * HOUR, present + MINUTE, "Alertmanager")
    assert stored_silence(worker, sli="both ways") == expected


def test_a_silence_that_is_made_there_holds_calls_here_and_can_be_ended_here(
    app: Engine, real: RunningAlertmanager, worker: Engine, present: datetime
):
    matchers = [
        {"name": "alertname", "value": "slo-availability", "isRegex": False},
        {"name": "sli", "value": "theirs", "isRegex": False},
    ]
    made = {
        "startsAt": present.isoformat(),
        "endsAt": (present + HOUR).isoformat(),
        "createdBy": "Вера",
        "comment": "a move of theirs",
        "matchers": matchers,
    }
    there = Alertmanager(real.url)
    remote_id = there.post_silence(made)
    wider = [{"name": "sli", "value": "the.*", "isRegex": True}]
    regular = there.post_silence(made | {"matchers": wider})
    for _ in range(2):
        assert told(real, worker, present) == 0
    found = stored_silence(worker, rule="slo-availability", sli="theirs")
    assert found == ("Вера (Alertmanager)", present + HOUR, None, "")
    with worker.connect() as connection:
        reasons = connection.execute(
            text("select reason from team.alert_silence where author like 'Вера%'")
        )
        assert list(reasons.scalars()) == ["a move of theirs"]

    create(app, {"channel_id": "a", "name": "A", "address": "env:A"}, by="Анна", at=NOW)
    later = present + MINUTE
    add_episode(worker, later, labels={"sli": "theirs"})
    ((status, error),) = outbox(worker, "status", "error")
    assert status == "held"
    assert error.endswith("silenced by Вера (Alertmanager).")

    with worker.begin() as connection:
        connection.execute(
            text(
                "update team.alert_silence set ended_at = :at, ended_by = 'Анна' "
                "where author like 'Вера%'"
            ),
            {"at": later},
        )
    told(real, worker, later)
    assert remote_id not in [one["id"] for one in silences(real)]
    there.expire_silence(regular)


def test_a_silence_that_alertmanager_has_lost_is_told_again(
    real: RunningAlertmanager, worker: Engine, present: datetime
):
    silence = add_silence(worker, present, present + HOUR, sli="lost")
    told(real, worker, present)
    first = our_silence(real, silence)

    class Forgetful(Alertmanager):
        def silences(self) -> list[dict[str, Any]]:
            return [one for one in super().silences() if one["id"] != first["id"]]

    assert mirror(worker, Forgetful(real.url), present) == 1
    with worker.connect() as connection:
        (kept,) = connection.execute(
            text("select remote_id from team.mirrored_silence where silence_id = :id"),
            {"id": silence},
        ).scalars()
    assert kept != first["id"]
    assert {first["id"], kept} <= {one["id"] for one in silences(real)}
    end_silence(worker, silence, present)
    told(real, worker, present)
    Alertmanager(real.url).expire_silence(first["id"])


def test_a_page_inhibits_the_ticket_of_the_same_sli(
    real: RunningAlertmanager, hook: Receiver, worker: Engine, present: datetime
):
    began = present - MINUTE
    add_episode(worker, began, labels={"sli": "both", "policy": "fast"}, event=None)
    told(real, worker, present)
    add_episode(
        worker, began, severity="ticket", labels={"sli": "both", "policy": "slow"}, event=None
    )
    add_episode(worker, began, severity="ticket", labels={"sli": "alone"}, event=None)
    told(real, worker, present)
    wait_for(lambda: notified(hook, sli="alone") == ["firing"])
    wait_for(lambda: notified(hook, sli="both", severity="page") == ["firing"])
    (page,) = real.alerts(sli="both", severity="page")
    (ticket,) = real.alerts(sli="both", severity="ticket")
    assert ticket["status"]["inhibitedBy"] == [page["fingerprint"]]
    assert notified(hook, sli="both", severity="ticket") == []


def test_one_alert_that_is_not_taken_does_not_keep_the_others_back(
    real: RunningAlertmanager, worker: Engine, present: datetime
):
    for number in range(3):
        labels = {"sli": f"taken {number}"}
        add_episode(worker, present, labels=labels, event=None)
    add_episode(worker, present, rule_id="broken", labels={"sli": "broken"}, event=None)

    class Picky(Alertmanager):
        def post_alerts(self, alerts: Any) -> None:
            given = list(alerts)
            if any(alert["labels"]["rule"] == "broken" for alert in given):
                raise AlertmanagerError("Alertmanager answered 400.", 400)
            super().post_alerts(given)

    with pytest.raises(AlertmanagerError, match="answered 400"):
        mirror(worker, Picky(real.url), present)
    assert len(real.alerts(rule="slo-availability", service="newsletters")) >= 3
    listed = outbox(worker, "title", "status", "error")
    assert sorted(listed) == [
        ("broken is firing", "waiting", "Alertmanager answered 400."),
        *[("slo-availability is firing", "sent", "")] * 3,
    ]


def stored_silence(worker: Engine, **matchers: str) -> tuple[Any, ...]:
    with worker.connect() as connection:
        found = connection.execute(
            text(
                "select author, ends_at, ended_at, ended_by from team.alert_silence "
                "where matchers = cast(:matchers as jsonb)"
            ),
            {"matchers": json.dumps(matchers)},
        )
        return tuple(found.one())


def silences(real: RunningAlertmanager) -> list[dict[str, Any]]:
    """Those that run."""
    return [one for one in real.get("/api/v2/silences") if one["status"]["state"] == "active"]


def our_silence(real: RunningAlertmanager, silence_id: int) -> dict[str, Any]:
    (found,) = [
        one
        for one in silences(real)
        if one["comment"] == f"a planned move (Greenlight's silence {silence_id})"
    ]
    return found


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written)
