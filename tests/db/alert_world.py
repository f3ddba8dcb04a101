"""A service whose minutes are written and whose alerts are evaluated, by the number of the minute.

Minute 0 is some hours ago, so that what is to come can be written too: nothing waits for a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from core.ports.alerts import AlertRule, Episode, Transition
from core.timeframe import MINUTE, floor_to
from db import rollup
from db.alerting import Alerting, Outcome
from db.alerting.evaluation import SETTLE
from db.engine import Role, Store
from db.readers.alerts import SqlAlertReader
from db.team import channels
from db.team.alert_rules import ensure_rules
from tests.db.serving_rows import DAY, HOUR, Row, store_time, write

SERVICE = "mail"
#: Long after everything that happens here, and long before it.
BEFORE, AFTER = 400 * DAY, 400 * DAY


class World:
    """One store with one service that gets 100 letters a minute in one instance.

    Attributes:
        begin: minute 0.
        alerting: the evaluator of a worker that never restarts.
    """

    def __init__(self, store: Store, service: str = SERVICE) -> None:
        self.store = store
        self.service = service
        self.serving = store.engine(Role.SERVING)
        self.worker = store.engine(Role.WORKER)
        self.app = store.engine(Role.APP)
        self.begin = floor_to(store_time(self.app), MINUTE) - 6 * HOUR
        self.alerting = Alerting(self.worker)
        self.reader = SqlAlertReader(self.app)
        with store.engine(Role.OWNER).begin() as connection:
            connection.execute(text("update rollup.worker set ticked_at = now()"))

    def at(self, minute: float) -> datetime:
        """A moment, counted in minutes."""
        return self.begin + minute * MINUTE

    def write(
        self, first: int, end: int, errors: int = 0, service: str = "", datacenter: str = "dc1"
    ) -> None:
        """Write and roll up the minutes of [first, end): 100 letters each, some without answer."""
        rows = [
            Row(
                service or self.service,
                self.at(minute),
                datacenter,
                f"{datacenter}-1",
                cells=((40, 100 - errors),),
                errors=errors,
            )
            for minute in range(first, end)
        ]
        write(self.serving, *rows)
        rollup.catch_up(self.worker)

    def evaluate(self, minute: int, alerting: Alerting | None = None) -> Outcome:
        """Evaluate what happened before a minute, as soon as that is done."""
        outcome = (alerting or self.alerting).evaluate(self.at(minute) + SETTLE)
        assert outcome is not None
        return outcome

    def run(self, minutes: Iterable[int]) -> None:
        """Evaluate one minute after the other, without an error."""
        for minute in minutes:
            outcome = self.evaluate(minute)
            assert (outcome.services, outcome.errors) == ((self.service,), ())

    def keep(self, *rule_ids: str) -> None:
        """Give the service its rules and switch off all but some."""
        ensure_rules(self.worker, [self.service], self.begin)
        with self.app.begin() as connection:
            connection.execute(
                text("update team.alert_rule set enabled = rule_id = any(:kept)"),
                {"kept": list(rule_ids)},
            )

    def rule(self, rule_id: str) -> AlertRule:
        """A rule as it is stored."""
        return next(rule for rule in self.reader.rules(self.service) if rule.rule_id == rule_id)

    def add_channel(self) -> None:
        """A channel that takes everything; nobody delivers."""
        given = {"channel_id": "ops", "name": "Ops", "address": "json://localhost/x"}
        given |= {"severities": ["page", "ticket"], "drills": True, "enabled": True}
        channels.create(self.app, given, by="Анна", at=self.begin)

    def episodes(self, *rule_ids: str) -> tuple[Episode, ...]:
        """Every episode of the service or of some of its rules, as it is now; the oldest first."""
        found = self.reader.episodes(self.service, self.begin - BEFORE, self.begin + AFTER)
        chosen = [one for one in found if not rule_ids or one.rule_id in rule_ids]
        return tuple(sorted(chosen, key=lambda one: one.episode_id))

    def moves(self, name: str) -> list[tuple[int, str]]:
        """When which state of one alert began: of a policy, or of what is watched or counted."""
        named = {
            one.episode_id
            for one in self.episodes()
            if name in {one.labels.get(label) for label in ("policy", "watch", "count")}
        }
        return [
            ((one.at - self.begin) // MINUTE, one.after)
            for one in self.transitions()
            if one.episode_id in named
        ]

    def transitions(self) -> tuple[Transition, ...]:
        """Every change of state, oldest first."""
        return self.reader.transitions(self.service, self.begin - BEFORE, self.begin + AFTER)

    def table(self, query: str, **asked: Any) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with self.app.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), asked)]

    def outbox(self) -> list[tuple[str, int, str]]:
        """What was queued: event, minute, status; in this order."""
        found = self.table(
            "select event, created_at, status from team.notification order by notification_id"
        )
        return [
            (event, (created - self.begin) // MINUTE, status) for event, created, status in found
        ]


def states(episodes: Sequence[Episode]) -> list[tuple[str, str]]:
    """Rule and state of episodes."""
    return [(one.rule_id, one.state) for one in episodes]


def minutes(number: float) -> timedelta:
    """So many minutes."""
    return number * MINUTE
