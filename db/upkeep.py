"""When the worker makes partitions and enforces retention, and when it complains about them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from db import partitions, rollup
from db.partitions import DAY, DAYS_AHEAD, Retention

log = logging.getLogger(__name__)

#: Partitions and retention change by the day; they are looked at this often.
EVERY = timedelta(hours=1)
#: What stood in the way (somebody's open transaction) may be gone by then.
AGAIN = timedelta(minutes=1)
#: People are told of what stands in the way for longer than this; most of it goes by itself.
PATIENCE = timedelta(minutes=2)


@dataclass(frozen=True)
class _Trouble:
    since: datetime
    sentences: tuple[str, ...]


class Troubles:
    """What did not work and may work the next time: told only when it lasts."""

    def __init__(self) -> None:
        self._by_subject: dict[str, _Trouble] = {}

    def note(self, subject: str, sentences: Sequence[str], as_of: datetime) -> None:
        """Remember how the latest attempt at something went; no sentences mean well."""
        if not sentences:
            self._by_subject.pop(subject, None)
            return
        for sentence in sentences:
            log.info("%s", sentence)
        before = self._by_subject.get(subject)
        self._by_subject[subject] = _Trouble(before.since if before else as_of, tuple(sentences))

    def lasting(self, as_of: datetime) -> list[str]:
        """The sentences of everything that has not worked for a while."""
        return [
            sentence
            for trouble in self._by_subject.values()
            if as_of - trouble.since >= PATIENCE
            for sentence in trouble.sentences
        ]


class Upkeep:
    """Makes partitions and enforces retention when they are due."""

    def __init__(self, engine: Engine, retention: Retention, troubles: Troubles) -> None:
        self._engine = engine
        self._retention = retention
        self._troubles = troubles
        self._ensured_for: datetime | None = None
        self._ensure_at: datetime | None = None
        self._retain_at: datetime | None = None

    def ensure(self, as_of: datetime) -> None:
        """Make partitions: every hour, and when a day begins."""
        today = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
        if self._ensured_for == today and self._ensure_at and as_of < self._ensure_at:
            return
        self._ensured_for, self._ensure_at = today, as_of + AGAIN
        ensured = partitions.ensure(
            self._engine, self._retention.first_day(as_of), (as_of + DAYS_AHEAD * DAY).date()
        )
        self._troubles.note("partitions", ensured.errors, as_of)
        if not ensured.errors:
            self._ensure_at = as_of + EVERY

    def retain(
        self, as_of: datetime, outcome: rollup.Outcome, proceed: Callable[[], bool] | None
    ) -> None:
        """Enforce retention: every hour, and when history was rolled up that is not kept."""
        first_day = self._retention.first_day(as_of)
        history = outcome.oldest is not None and outcome.oldest.date() < first_day
        if self._retain_at and as_of < self._retain_at and not history:
            return
        self._retain_at = as_of + AGAIN
        retained = partitions.retain(
            self._engine, as_of, self._retention, roll=not outcome.pending, proceed=proceed
        )
        self._troubles.note("retention", retained.errors, as_of)
        if not retained.errors and not outcome.pending:
            self._retain_at = as_of + EVERY
