"""The present, as this machine's clock tells it, held against the store's.

A clock that is set wrong for an hour must not do what cannot be undone: drop days of rows as too
old, or call a minute evaluated that is still to come, so that no alert is looked at until then.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, text

#: Clocks differ a little; what the contract allows to writers, too.
TOLERANCE = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
_STORES_CLOCK = text("select clock_timestamp()")


class SteadyClock:
    """A clock that goes neither far ahead of the store's nor far back.

    Args:
        now: this machine's clock.
        engine: the store.
    """

    def __init__(self, now: Callable[[], datetime], engine: Engine) -> None:
        self._now = now
        self._engine = engine
        self._last: datetime | None = None

    def read(self) -> tuple[datetime, str]:
        """The present, and a sentence about this machine's clock; '' where it can be trusted.

        The clock of this machine counts until it is found to be wrong: then the store's does. One
        that is behind is found to be so only if it has gone back under this process.

        Raises:
            DBAPIError: the store cannot be reached.
        """
        own = self._now()
        with self._engine.connect() as connection:
            others: datetime = connection.execute(_STORES_CLOCK).scalar_one()
        ahead = own - others
        has_gone_back = self._last is not None and own < self._last - TOLERANCE
        if ahead <= TOLERANCE and not (has_gone_back and ahead < -TOLERANCE):
            self._last = own if self._last is None else max(self._last, own)
            return own, ""
        self._last = others if self._last is None else max(self._last, others)
        minutes = abs(ahead) // _MINUTE
        where = "ahead of" if ahead > timedelta(0) else "behind"
        return others, (
            f"The clock of this machine is {minutes:,} minutes {where} the store's, which is used "
            "instead: set it right."
        )
