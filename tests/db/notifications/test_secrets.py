"""An address is a secret: after everything that can go wrong, only team.channel holds it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.fields import FieldsError
from db.engine import Role, Store
from db.notifications.addresses import problem_of, redacted
from db.notifications.alertmanager import Alertmanager
from db.notifications.apprise_channel import NotDeliveredError, send
from db.notifications.delivery import Deliverer
from db.notifications.hook import Notifier
from db.notifications.outbox import send_test
from db.team.channels import ChannelConflictError, change, channels, create
from tests.db.notifications.alert_rows import MINUTE, NOW, Clock, add_episode
from tests.db.notifications.receiver import Receiver

SECRETS = ("hunter2", "T0KEN", "Bea4er", "0ther")


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """All that reaches the root's handlers at the lowest level, as a log file would hold it."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logging.Formatter().format(record))

    root, keeper = logging.getLogger(), Keeper(0)
    level = root.level
    root.addHandler(keeper)
    root.setLevel(1)
    try:
        yield lines
    finally:
        root.removeHandler(keeper)
        root.setLevel(level)


def leaks(*told: object) -> list[str]:
    return [secret for secret in SECRETS for one in told if secret in f"{one} {one!r}"]


def store_without_channels(engine: Engine) -> str:
    """Every row of the schema team as text, of team.channel all but the address."""
    said = []
    with engine.connect() as connection:
        tables = connection.execute(
            text("select tablename from pg_tables where schemaname = 'team' order by 1")
        ).scalars()
        for table in tables:
            rows = connection.execute(text(f"select to_jsonb(t)::text from team.{table} t"))
            for row in rows.scalars():
                if table == "channel":
                    row = row.replace(ADDRESSES[0], "").replace(ADDRESSES[1], "")  # noqa: PLW2901
                said.append(row)
    return "\n".join(said)


ADDRESSES = ["", ""]


def test_no_log_exception_page_or_column_holds_the_secret(
    store: Store, app: Engine, worker: Engine, receiver: Receiver, clock: Clock
):
    login, query = "me:hunter2@", "+Authorization=Bea4er&rto=0.3"
    ADDRESSES[0] = receiver.address("T0KEN", query, login)
    ADDRESSES[1] = receiver.address("T0KEN/0ther", query, login)
    form = {"channel_id": "ops", "name": "Ops", "address": ADDRESSES[0]}
    told: list[object] = []
    with everything_logged() as logged:
        logging.getLogger("somebody").debug("listens")
        made = create(app, form, by="Анна", at=NOW)
        told += [made, channels(app)]
        with pytest.raises(ChannelConflictError) as conflict:
            create(app, form | {"address": ADDRESSES[1]}, by="Борис", at=NOW)
        told += [conflict.value, conflict.value.stored]
        for wrong in ("nonsense://hunter2", "slack://T0KEN", f"{ADDRESSES[0]} Bea4er"):
            with pytest.raises(FieldsError) as refused:
                create(app, form | {"channel_id": "b", "address": wrong}, by="Анна", at=NOW)
            told.append(refused.value)
        with pytest.raises(DBAPIError) as denied:
            create(store.engine(Role.SERVING), form, by="Анна", at=NOW)
        told += [denied.value, denied.value.params and ""]
        changed = change(app, made, {"address": ADDRESSES[1]}, by="Анна", at=NOW)
        told.append(changed)

        deliverer = Deliverer(worker, send, now=clock, environment={})
        add_episode(worker)
        send_test(app, "ops", by="Анна", at=NOW)
        receiver.answers = [500]
        deliverer.deliver(10)
        clock.move(MINUTE)
        receiver.answering.clear()
        deliverer.deliver(10)
        clock.move(MINUTE)
        receiver.stop()
        deliverer.deliver(10)
        told.append(deliverer)
        for address in (ADDRESSES[0], "json://", "slack://T0KEN"):
            with pytest.raises(NotDeliveredError) as failed:
                send(address, deliverable())
            told.append(failed.value)

        url = f"http://me:hunter2@127.0.0.1:{receiver.port}/T0KEN"
        notifier = Notifier(
            worker, now=clock, environment={}, alertmanager_url=url, budget_seconds=1
        )
        notifier.tick()
        notifier.close()
        told += [notifier.alertmanager_trouble, redacted(url)]
        with pytest.raises(ValueError, match="must be http") as misread:
            Alertmanager("me:hunter2@host/T0KEN")
        told.append(misread.value)
        receiver.start()
    assert "listens" in logged
    assert any("attempt 1" in line for line in logged)
    assert notifier.alertmanager_trouble
    assert leaks(*told) == []
    assert leaks(*logged) == []
    kept = store_without_channels(worker)
    assert "JSON " in kept
    assert '"address": "json://127.0.0.1' in kept  # the log of changes, redacted
    assert leaks(kept) == []


def deliverable():
    from core.alerts.messages import trial_message

    return trial_message("Ops", by="Анна", at=NOW, key="k", base_url="")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("json://host", "json://host/…"),
        ("jsons://u:hunter2@host:80/T0KEN", "jsons://host:80/…"),
        ("json://u:p/hunter2@host/x", "json://…"),
        ("json://u:p?hunter2@host/x", "json://…"),
        ("json://[::1]:8080/T0KEN", "json://[::1]:8080/…"),
        ("mailto://me:hunter2@example.org", "mailto://…"),
        ("discord://T0KEN/hunter2", "discord://…"),
        ("tgram://T0KEN/1", "tgram://…"),
        ("http://me:hunter2@am:9093/T0KEN", "http://am:9093/…"),
        ("JSON://host/T0KEN", "json://host/…"),
        ("env:OPS_HOOK", "env:OPS_HOOK"),
        ("env:OPS hunter2", "…"),
        ("hunter2", "…"),
        ("", "…"),
    ],
)
def test_a_redacted_address_keeps_its_kind_and_nothing_secret(address: str, shown: str):
    assert redacted(address) == shown
    assert leaks(redacted(address)) == []


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("json://localhost:8080/path", ""),
        ("mailto://me:pw@gmail.com", ""),
        ("env:OPS_HOOK", ""),
        ("env:1", "Must be env: and the name of a variable"),
        ("", "Is missing."),
        ("localhost", "Must be an address that apprise knows"),
        ("nonsense://x", "Is not an address that apprise can read"),
        ("https://example.org/hook", "A web hook of one's own is json://"),
        ("json://a\nb", "Must be one line"),
        ("json://" + "a" * 2_000, "Must be one line"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(address: str, problem: str):
    said = problem_of(address)
    assert said.startswith(problem) or problem in said
    assert bool(said) == bool(problem)
