"""The worker: it rolls up what was written, keeps the store in order and evaluates the alerts.

Any number of workers may run; one leads and the others wait for it to go.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from typing import Any, TypeVar

from sqlalchemy import text

from db import day_rollup, lifetimes, rollup, rollup_labels, rollup_scores, schema
from db.alerting import Alerting
from db.dead_man import DeadMan
from db.engine import Role, Store
from db.failures import Failure, classify, reason
from db.leadership import Leadership, own_name
from db.partitions import Retention
from db.steady_clock import SteadyClock
from db.team import report_intake, report_topics
from db.upkeep import Troubles, Upkeep

log = logging.getLogger(__name__)
Found = TypeVar("Found")

#: A long backlog is done in pieces of about this length, newest hours first, so that the hours that
#: people look at keep up while history is filled in.
PIECE = timedelta(seconds=5)
#: A tick that rolled up more hours than this was in the middle of somebody's history: the next one
#: comes at once, and for a while every second, since whoever writes it may wait for room.
BACKLOG_HOURS = 24
STILL_BUSY = timedelta(seconds=20)
LONGEST_WAIT_SECONDS = 30.0


@dataclass(frozen=True)
class Tick:
    """What one tick did.

    Attributes:
        leads: whether this worker leads; if not, it did nothing.
        leader: host:pid of the worker that leads, "" if it has not said yet.
        as_of: when the tick began.
        seconds: how long it took.
        hours_rolled: hours that were rolled up.
        pending: changed hours that are still to be rolled up.
        score_days_rolled: days of scores that were rolled up.
        score_days_pending: changed days of scores that are still to be rolled up.
        label_days_rolled: days of labels that were rolled up.
        label_days_pending: changed days of labels that are still to be rolled up.
        reports_taken: reports of false decisions that were anonymised and put into groups.
        reports_pending: reports that are still to be taken.
        evaluated: services whose alerts were evaluated; 0 too where this minute was done already.
        errors: a sentence for everything that somebody should know; it did not stop the rest.
    """

    leads: bool
    leader: str
    as_of: datetime
    seconds: float = 0.0
    hours_rolled: int = 0
    pending: int = 0
    score_days_rolled: int = 0
    score_days_pending: int = 0
    label_days_rolled: int = 0
    label_days_pending: int = 0
    reports_taken: int = 0
    reports_pending: int = 0
    evaluated: int = 0
    errors: tuple[str, ...] = ()


class Worker:
    """Rolls up, takes reports, evaluates alerts, keeps partitions, and calls its hooks.

    Args:
        store: where; everything is done as greenlight_worker.
        now: the present, UTC.
        tick_seconds: the pause between two ticks.
        retention: how long rows are kept.
        hooks: what else is to be done at each tick, given its time; an exception in one is
            recorded and does not keep the others from running.
        schedule: how far back the rollup looks for changes.
        progress: told how far a rollup has come.
        base_url: where the dashboard is reached, for links in notifications; '' leaves them out.
        dead_man: told of every tick that evaluated all services.
        observer: told of every tick, of a waiting worker's too; for monitoring.
        is_steadied: whether the present is held against the store's clock (`db.steady_clock`).
    """

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], datetime],
        tick_seconds: float = 10.0,
        retention: Retention | None = None,
        hooks: Sequence[Callable[[datetime], None]] = (),
        schedule: rollup.Schedule | None = None,
        progress: Callable[[rollup.Progress], None] | None = None,
        base_url: str = "",
        dead_man: DeadMan | None = None,
        observer: Callable[[Tick], None] = lambda _: None,
        is_steadied: bool = True,
    ) -> None:
        self.name = own_name()
        self._now = now
        self._tick_seconds = tick_seconds
        self._retention = retention or Retention()
        self._hooks = tuple(hooks)
        self._schedule = schedule
        self._progress = progress
        self._engine = store.engine(Role.WORKER)
        self._clock = SteadyClock(now, self._engine) if is_steadied else None
        self._leadership = Leadership(self._engine)
        self._alerting = Alerting(self._engine, base_url=base_url)
        self._dead_man = dead_man
        self._observer = observer
        self._busy_until: datetime | None = None
        self._schema_checked = False
        self._troubles = Troubles()
        self._upkeep = Upkeep(self._engine, self._retention, self._troubles)

    def tick(self, proceed: Callable[[], bool] | None = None) -> Tick:
        """Do once what there is to do, if this worker leads or can lead.

        Args:
            proceed: asked before each piece of a long rollup; when it says no, the rest is left.

        Raises:
            DBAPIError: the store cannot be reached.
            SchemaError: the store's schema is not this code's.
        """
        began = self._now()
        as_of, complaint = self._clock.read() if self._clock else (began, "")
        if not self._schema_checked:
            schema.check(self._engine)
            self._schema_checked = True
        if not self._leadership.hold():
            waiting = Tick(False, self._current_leader(), as_of)
            self._observer(waiting)
            return waiting
        errors: list[str] = [complaint] if complaint else []
        self._attempt("Making partitions", lambda: self._upkeep.ensure(as_of), errors)
        since = as_of - self._retention.lifetimes
        self._attempt("Copying lifetimes", lambda: lifetimes.copy(self._engine, since), errors)
        passed: dict[str, Any] = {"schedule": self._schedule, "proceed": proceed}
        roll = partial(
            rollup.catch_up,
            self._engine,
            minutes_from=as_of - self._retention.rollups,
            progress=self._progress,
            **passed,
        )
        outcome = self._attempt("The rollup", roll, errors) or rollup.Outcome()
        roll_scores = partial(rollup_scores.catch_up, self._engine, **passed)
        scores = self._attempt("The rollup of scores", roll_scores, errors) or day_rollup.Outcome()
        roll_labels = partial(rollup_labels.catch_up, self._engine, **passed)
        labels = self._attempt("The rollup of labels", roll_labels, errors) or day_rollup.Outcome()
        take = partial(report_intake.take, self._engine, as_of, **passed)
        reports = (
            self._attempt("The intake of false reports", take, errors) or report_intake.Outcome()
        )
        if proceed is None or proceed():
            self._attempt(
                "The topics of false reports",
                lambda: report_topics.refresh(self._engine, as_of),
                errors,
            )
        evaluate = partial(self._alerting.evaluate, as_of)
        alerts = self._attempt("The evaluation of alerts", evaluate, errors)
        self._attempt("Retention", lambda: self._upkeep.retain(as_of, outcome, proceed), errors)
        for hook in self._hooks:
            self._attempt(f"Hook {_name(hook)}", partial(hook, as_of), errors)
        errors += rollup.failed_hours(self._engine)
        errors += rollup_scores.failed_days(self._engine)
        errors += rollup_labels.failed_days(self._engine)
        errors += reports.errors
        errors += alerts.errors if alerts else ()
        self._troubles.note("rollup", outcome.delays, as_of)
        self._troubles.note("rollup of scores", scores.delays, as_of)
        self._troubles.note("rollup of labels", labels.delays, as_of)
        self._troubles.note("intake of false reports", reports.delays, as_of)
        errors += self._troubles.lasting(as_of)
        seconds = (self._now() - began).total_seconds()
        tick = Tick(
            leads=True,
            leader=self.name,
            as_of=as_of,
            seconds=seconds,
            hours_rolled=outcome.hours,
            pending=outcome.pending,
            score_days_rolled=scores.days,
            score_days_pending=scores.pending,
            label_days_rolled=labels.days,
            label_days_pending=labels.pending,
            reports_taken=reports.taken,
            reports_pending=reports.pending,
            evaluated=len(alerts.services) if alerts else 0,
            errors=tuple(errors),
        )
        self._record(tick)
        self._observer(tick)
        if self._dead_man is not None and alerts is not None and not alerts.errors:
            self._dead_man.ping()
        return tick

    def run(self, stop: Event) -> None:
        """Tick until told to stop, whatever happens; wait longer and longer for an absent store."""
        wait = 1.0
        leads: bool | None = None
        try:
            while not stop.is_set():
                try:
                    tick = self.tick(self._piece(stop))
                except Exception as error:  # noqa: BLE001 - logged; a worker never ends by itself
                    self._schema_checked = False
                    self._say(error, wait)
                    stop.wait(wait)
                    wait = min(2 * wait, LONGEST_WAIT_SECONDS)
                    continue
                wait = 1.0
                if tick.leads is not leads:
                    leads = tick.leads
                    log.info(
                        "This worker leads." if leads else f"{tick.leader or 'Another'} leads."
                    )
                stop.wait(self._pause(tick))
        finally:
            self.close()

    def _pause(self, tick: Tick) -> float:
        """Seconds until the next tick: none in the middle of a backlog, few soon after one."""
        backlog = tick.hours_rolled and (tick.pending or tick.hours_rolled > BACKLOG_HOURS)
        backlog = backlog or (tick.score_days_rolled and tick.score_days_pending)
        backlog = backlog or (tick.label_days_rolled and tick.label_days_pending)
        if backlog or (tick.reports_taken and tick.reports_pending):
            self._busy_until = self._now() + STILL_BUSY
            return 0.0
        if self._busy_until is not None and self._now() < self._busy_until:
            return min(1.0, self._tick_seconds)
        return self._tick_seconds

    def close(self) -> None:
        """Give up leading, so that another worker takes over at once."""
        self._leadership.release()

    def _piece(self, stop: Event) -> Callable[[], bool]:
        until = self._now() + PIECE
        return lambda: not stop.is_set() and self._now() < until

    def _attempt(self, what: str, work: Callable[[], Found], errors: list[str]) -> Found | None:
        """Do one thing; what goes wrong in it does not keep the next from being done."""
        try:
            return work()
        except Exception as error:
            if classify(error) is Failure.UNREACHABLE and not what.startswith("Hook"):
                raise
            log.exception("%s failed", what)
            errors.append(f"{what} failed: {reason(error)}.")
        return None

    def _current_leader(self) -> str:
        with self._engine.connect() as connection:
            return str(connection.execute(text("select leader from rollup.worker")).scalar_one())

    def _record(self, tick: Tick) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                text(
                    "update rollup.worker set leader = :leader, ticked_at = :as_of, "
                    "seconds = :seconds, hours_rolled = :hours_rolled, error = :error"
                ),
                {
                    "leader": tick.leader,
                    "as_of": tick.as_of,
                    "seconds": tick.seconds,
                    "hours_rolled": tick.hours_rolled,
                    "error": " ".join(tick.errors),
                },
            )

    @staticmethod
    def _say(error: Exception, wait: float) -> None:
        if classify(error) is Failure.UNREACHABLE:
            log.warning(
                "The store does not answer (%s). Next attempt in %d s.", reason(error), wait
            )
        elif isinstance(error, schema.SchemaError):
            log.warning("%s Next attempt in %d s.", error, wait)
        else:
            log.error("The tick failed. Next attempt in %d s.", wait, exc_info=error)


def _name(hook: Callable[[datetime], None]) -> str:
    return getattr(hook, "__qualname__", type(hook).__name__)
