"""What the worker does about notifications at each tick, after alerts were evaluated."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Thread

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from db.failures import reason
from db.notifications.alertmanager import Alertmanager, AlertmanagerError
from db.notifications.apprise_channel import send as send_by_apprise
from db.notifications.delivery import Deliverer, Outcome, Send
from db.notifications.mirror import mirror

LOG = logging.getLogger("greenlight.notifications")
#: What one tick may spend on sending; what is still under way then goes on beside the worker.
BUDGET_SECONDS = 4.0
#: How long an Alertmanager that does not answer is left alone: doubles up to the longest.
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=1)


class Notifier:
    """A hook of the worker: sends what is due and keeps Alertmanager informed.

    Both happen beside each other and neither waits for the other. Alertmanager's part runs in a
    thread: however slow it is, the tick goes on, and the next one starts no second thread.

    Args:
        engine: the store, as greenlight_worker.
        now: the present, UTC.
        environment: of the process; addresses of the form env:NAME are looked up in it.
        base_url: where the dashboard is reached; '' leaves links out.
        alertmanager_url: '' for none.
        send: sends one message.
        budget_seconds: what one call may take.

    Raises:
        ValueError: alertmanager_url is no address; the message does not repeat it.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], datetime],
        environment: Mapping[str, str],
        base_url: str = "",
        alertmanager_url: str = "",
        send: Send = send_by_apprise,
        budget_seconds: float = BUDGET_SECONDS,
    ) -> None:
        self._engine = engine
        self._now = now
        self._base_url = base_url
        self._budget = budget_seconds
        self._deliverer = Deliverer(engine, send, now=now, environment=environment)
        self._alertmanager = Alertmanager(alertmanager_url) if alertmanager_url else None
        self._mirroring: Thread | None = None
        self._pause = timedelta(0)
        self._not_before: datetime | None = None
        #: Why Alertmanager does not know everything; '' while it does.
        self.alertmanager_trouble = ""

    def __call__(self, at: datetime) -> None:
        """Do what is due. The time of the tick is not used: sending takes time, so now is asked.

        Raises:
            DBAPIError: the store cannot be reached.
        """
        self.tick()

    def tick(self) -> Outcome:
        """Do what is due, within the budget.

        Raises:
            DBAPIError: the store cannot be reached.
        """
        began = time.monotonic()
        self._start_mirroring()
        outcome = self._deliverer.deliver(self._budget)
        if self._mirroring is not None:
            self._mirroring.join(max(0.0, self._budget - (time.monotonic() - began)))
        return outcome

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Wait for what is under way, so that what was sent is recorded as sent."""
        self._deliverer.close(timeout_seconds)
        if self._mirroring is not None:
            self._mirroring.join(timeout_seconds)

    def _start_mirroring(self) -> None:
        if self._alertmanager is None or (self._mirroring and self._mirroring.is_alive()):
            return
        if self._not_before is not None and self._now() < self._not_before:
            return
        self._mirroring = Thread(target=self._mirror, name="greenlight-alertmanager", daemon=True)
        self._mirroring.start()

    def _mirror(self) -> None:
        assert self._alertmanager is not None
        at = self._now()
        try:
            mirror(self._engine, self._alertmanager, at, base_url=self._base_url)
        except AlertmanagerError as error:
            self._fail(str(error), at)
        except DBAPIError as error:
            self._fail(f"The store did not answer: {reason(error)}.", at)
        except Exception as error:
            LOG.exception("Alertmanager could not be told")
            self._fail(f"An error of our own: {type(error).__name__}.", at)
        else:
            if self.alertmanager_trouble:
                LOG.info("Alertmanager knows all alerts again.")
            self.alertmanager_trouble, self._pause, self._not_before = "", timedelta(0), None

    def _fail(self, trouble: str, at: datetime) -> None:
        if trouble != self.alertmanager_trouble:
            LOG.warning("Alertmanager does not know all alerts: %s", trouble)
        self.alertmanager_trouble = trouble
        self._pause = min(max(FIRST_PAUSE, 2 * self._pause), LONGEST_PAUSE)
        self._not_before = at + self._pause
