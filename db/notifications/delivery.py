"""Taking notifications out of the outbox and sending them.

An attempt has three steps, and two commits around the sending:

1. claim: a row that is due is locked (skip locked), counted as attempted and put off by LEASE;
   committed. No other process sees it as due now.
2. send, without a transaction.
3. record: sent, or when to try again; committed. It holds only if nobody has claimed the row since.

A process that dies between 2 and 3 leaves a row that becomes due again when its lease ends: it is
sent again, with the same idempotency key. Otherwise each is sent exactly once: a record that the
store did not take is kept and made at the next chance.

Each attempt runs in a thread of its own, one a channel, so that a slow receiver holds up nobody
else. One that has not come back after ATTEMPT_SECONDS counts as timed out. Its thread cannot be
ended; it stops counting against MOST_AT_ONCE, and its channel gets no other one until it returns.
Within one channel, what an alert tells stays in order: nothing overtakes an earlier message.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Condition, Thread

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.alerts.messages import Message, mood_of
from db.failures import reason
from db.notifications.addresses import AddressError, resolved
from db.notifications.apprise_channel import NotDeliveredError
from db.notifications.outbox import GIVE_UP, sweep

LOG = logging.getLogger("greenlight.notifications")
#: After this an attempt counts as timed out; the services' own time-outs are shorter, 4 s mostly.
ATTEMPT_SECONDS = 15.0
#: How long a claimed row is nobody else's: longer than an attempt and a tick of the worker.
LEASE = timedelta(seconds=60)
#: Attempts that run at the same time; receivers that are stuck do not count.
MOST_AT_ONCE = 8
#: Between two attempts: doubles from the first to the longest, spread by a fifth both ways.
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)
SPREAD = 0.2
#: What was retried before may be late by minutes; pages go before tickets.
_CLAIM = text("""
    with due as (
        select notification.notification_id
        from team.notification
            join team.channel using (channel_id)
            left join team.alert_episode using (episode_id)
        where notification.status = 'waiting' and notification.next_attempt_at <= :at
          and notification.channel_id <> all(:busy)
          and not exists (
              select from team.notification earlier
              where earlier.channel_id = notification.channel_id
                and earlier.episode_id = notification.episode_id
                and earlier.status = 'waiting'
                and earlier.notification_id < notification.notification_id)
        order by coalesce(alert_episode.severity, 'page') = 'page' desc,
            notification.next_attempt_at, notification.notification_id
        limit 1
        for update of notification skip locked)
    update team.notification set attempts = attempts + 1, next_attempt_at = :lost_at,
        first_attempt_at = coalesce(first_attempt_at, :at)
    from due, team.channel
    where notification.notification_id = due.notification_id
      and channel.channel_id = notification.channel_id
    returning notification.notification_id, notification.attempts, notification.idempotency_key,
        notification.event, notification.title, notification.body, notification.channel_id,
        notification.first_attempt_at, channel.address""")
_SENT = text("""
    update team.notification set status = 'sent', sent_at = :at, next_attempt_at = null, error = ''
    where notification_id = :notification_id and attempts = :attempts and status = 'waiting'""")
_AGAIN = text("""
    update team.notification set next_attempt_at = :next_attempt_at, error = :error
    where notification_id = :notification_id and attempts = :attempts and status = 'waiting'""")
_FAILED = text("""
    update team.notification set status = 'failed', next_attempt_at = null, error = :error
    where notification_id = :notification_id and attempts = :attempts and status = 'waiting'""")

#: Sends a message to an address once; raises NotDeliveredError.
Send = Callable[[str, Message], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a delivery did within its budget.

    Attributes:
        sent: notifications that arrived.
        failed: attempts that did not succeed and will be repeated.
        given_up: notifications that will not be tried any more.
        running: attempts that are still under way; they record by themselves how they end.
    """

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    running: int = 0


@dataclass(slots=True, eq=False)
class _Attempt:
    notification_id: int
    number: int
    channel_id: str
    message: Message
    address: str
    first_at: datetime
    began: float
    overdue: bool = False


def pause_after(attempts: int, key: str) -> timedelta:
    """How long to wait after a number of attempts that failed.

    The spread is the same for the same notification and number, and differs between notifications:
    what failed together does not come back in the same moment.

    >>> waits = [pause_after(number, "k") / FIRST_PAUSE for number in (1, 2, 3, 99)]
    >>> [0.8 * most <= wait <= 1.2 * most for wait, most in zip(waits, (1, 2, 4, 120))]
    [True, True, True, True]
    """
    doubled = FIRST_PAUSE * (1 << min(attempts - 1, 20))
    factor = random.Random(f"{key} {attempts}").uniform(1 - SPREAD, 1 + SPREAD)  # nosec B311
    return min(doubled, LONGEST_PAUSE) * factor


class Deliverer:
    """Delivers what is due, and remembers between two calls which channels are still busy.

    Args:
        engine: the store, as greenlight_worker.
        send: sends one message, e.g. `db.notifications.apprise_channel.send`.
        now: the present, UTC.
        environment: where addresses of the form env:NAME are looked up.
        attempt_seconds: after which an attempt counts as timed out.
    """

    def __init__(
        self,
        engine: Engine,
        send: Send,
        *,
        now: Callable[[], datetime],
        environment: Mapping[str, str],
        attempt_seconds: float = ATTEMPT_SECONDS,
    ) -> None:
        self._engine = engine
        self._send = send
        self._now = now
        self._environment = dict(environment)
        self._attempt_seconds = attempt_seconds
        self._changed = Condition()
        self._running: dict[str, _Attempt] = {}
        self._unrecorded: list[tuple[_Attempt, str | None]] = []
        self._sent = self._failed = self._given_up = self._finished = 0

    def deliver(self, budget_seconds: float) -> Outcome:
        """Send what is due until nothing is, or until the budget is used up.

        Raises:
            DBAPIError: the store cannot be reached; what was sent is recorded at the next call.
        """
        deadline = time.monotonic() + budget_seconds
        with self._changed:
            self._sent = self._failed = self._given_up = 0
        self._record_leftovers()
        for channel_id in sweep(self._engine, self._now()):
            self._given_up += 1
            LOG.error("A notification to %s was given up: a day has passed.", channel_id)
        while True:
            self._expire()
            with self._changed:
                finished = self._finished
            left = deadline - time.monotonic()
            if left > 0 and self._has_room() and self._start_next():
                continue
            with self._changed:
                if left > 0 and self._finished != finished:
                    continue  # a channel is free again that was busy when rows were looked for
                waits = [
                    attempt.began + self._attempt_seconds - time.monotonic()
                    for attempt in self._running.values()
                    if not attempt.overdue
                ]
                if left <= 0 or not waits:
                    return Outcome(self._sent, self._failed, self._given_up, len(self._running))
                self._changed.wait(max(0.0, min([left, *waits])))

    def close(self, timeout_seconds: float = 5.0) -> bool:
        """Wait for attempts that are under way, so that what was sent is recorded.

        Returns:
            Whether all of them came back.
        """
        with self._changed:
            done = self._changed.wait_for(lambda: not self._running, timeout_seconds)
        self._record_leftovers()
        return done

    def _has_room(self) -> bool:
        with self._changed:
            return sum(not one.overdue for one in self._running.values()) < MOST_AT_ONCE

    def _start_next(self) -> bool:
        """Claim a row and begin to send it; whether there was one."""
        at = self._now()
        with self._changed:
            busy = list(self._running)
        with self._engine.begin() as connection:
            asked = {"at": at, "lost_at": at + LEASE, "busy": busy}
            row = connection.execute(_CLAIM, asked).one_or_none()
        if row is None:
            return False
        attempt = _Attempt(
            row.notification_id,
            row.attempts,
            row.channel_id,
            Message(row.title, row.body, mood_of(row.event), row.idempotency_key),
            row.address,
            row.first_attempt_at,
            time.monotonic(),
        )
        with self._changed:
            self._running[attempt.channel_id] = attempt
        Thread(
            target=self._run, args=(attempt,), name="greenlight-notification", daemon=True
        ).start()
        return True

    def _run(self, attempt: _Attempt) -> None:
        problem: str | None = None
        try:
            self._send(resolved(attempt.address, self._environment), attempt.message)
        except NotDeliveredError as error:
            problem = str(error)
        except AddressError as error:
            problem = f"{error}."
        except Exception as error:  # noqa: BLE001 - recorded; its text could hold the address
            problem = f"Sending failed: {type(error).__name__}."
        try:
            if problem is None or not attempt.overdue:
                self._record(attempt, problem)
        finally:
            with self._changed:
                del self._running[attempt.channel_id]
                self._finished += 1
                self._changed.notify_all()

    def _expire(self) -> None:
        """Count attempts that have not come back in time as failed."""
        now = time.monotonic()
        with self._changed:
            late = [
                attempt
                for attempt in self._running.values()
                if not attempt.overdue and now >= attempt.began + self._attempt_seconds
            ]
            for attempt in late:
                attempt.overdue = True
        for attempt in late:
            problem = f"The receiver did not answer within {self._attempt_seconds:g} s."
            self._record(attempt, problem)

    def _record(self, attempt: _Attempt, problem: str | None) -> None:
        """Write down how an attempt ended, now or, if the store does not answer, later."""
        at = self._now()
        row: dict[str, object] = {
            "notification_id": attempt.notification_id,
            "attempts": attempt.number,
            "at": at,
        }
        statement = _SENT
        if problem is not None:
            given_up = at >= attempt.first_at + GIVE_UP
            statement = _FAILED if given_up else _AGAIN
            row["error"] = f"Given up after a day: {problem}" if given_up else problem
            row["next_attempt_at"] = at + pause_after(attempt.number, attempt.message.key)
        try:
            with self._engine.begin() as connection:
                holds = connection.execute(statement, row).rowcount == 1
        except DBAPIError as error:
            LOG.warning("How a notification ended is recorded later: %s.", reason(error))
            with self._changed:
                self._unrecorded.append((attempt, problem))
            return
        if not holds:
            return  # it was recorded otherwise meanwhile, or another process is at it
        with self._changed:
            self._sent += statement is _SENT
            self._failed += statement is _AGAIN
            self._given_up += statement is _FAILED
        if problem is None:
            LOG.info("Notification %s went to %s.", attempt.message.key, attempt.channel_id)
        else:
            LOG.warning(
                "Notification %s to %s, attempt %d: %s",
                attempt.message.key,
                attempt.channel_id,
                attempt.number,
                problem,
            )

    def _record_leftovers(self) -> None:
        with self._changed:
            leftovers, self._unrecorded = self._unrecorded, []
        for attempt, problem in leftovers:
            self._record(attempt, problem)
