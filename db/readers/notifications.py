"""Test notifications and what became of them: no alert leads to them."""

from __future__ import annotations

from sqlalchemy import text

from core.ports.alerts import Delivery
from db.readers.snapshot import Source, snapshot

#: How many of the newest tests are told.
NEWEST_TESTS = 10
_TESTS = text("""
    select notification_id, 0, channel_id, event, status, attempts, created_at, sent_at,
        next_attempt_at, error
    from team.notification
    where episode_id is null
    order by notification_id desc limit :most""")


def newest_tests(source: Source) -> tuple[Delivery, ...]:
    """The newest test notifications of every channel, the newest first; of no episode: 0."""
    with snapshot(source) as connection:
        return tuple(Delivery(*row) for row in connection.execute(_TESTS, {"most": NEWEST_TESTS}))
