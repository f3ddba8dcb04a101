"""Which of several workers leads: the one whose connection holds an advisory lock.

The lock belongs to a session of the server, so it goes the moment its worker is killed. It needs a
direct connection: a pooler that hands sessions around would hand the lock around with them.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

#: "green" and a number; 01 is for migrations (db/schema.py), 03 and 04 for sql/0004_roles.sql.
LEADER_LOCK = 0x677265656E02
#: A worker that is alone with its lock between two ticks is not idle; one whose machine has gone is
#: noticed after 10 s + 3 * 5 s instead of two hours.
_SESSION = """
    select set_config('idle_session_timeout', '0', false),
           set_config('tcp_keepalives_idle', '10', false),
           set_config('tcp_keepalives_interval', '5', false),
           set_config('tcp_keepalives_count', '3', false)
"""


def own_name() -> str:
    """This process, as it is shown to people: host:pid."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Leadership:
    """One worker's claim to lead, held on a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._backend: int | None = None
        self._held = False

    def hold(self) -> bool:
        """Whether this worker leads now: still, or from now on.

        A connection that was lost has lost the lock too, whatever this process believed; the lock
        is then asked for again.

        Raises:
            DBAPIError: the store cannot be reached.
        """
        if self._connection is not None and not self._same_session():
            self.release()
        if self._connection is None:
            self._open()
        assert self._connection is not None
        if not self._held:
            self._held = bool(
                self._connection.execute(
                    text("select pg_try_advisory_lock(:key)"), {"key": LEADER_LOCK}
                ).scalar_one()
            )
        return self._held

    def release(self) -> None:
        """Give up the lock and its connection."""
        connection, held = self._connection, self._held
        self._connection, self._backend, self._held = None, None, False
        if connection is None:
            return
        if held and not connection.invalidated:
            # Closing frees it too, a moment later; where the connection is gone, so is the lock.
            with suppress(DBAPIError):
                connection.execute(text("select pg_advisory_unlock_all()"))
        connection.invalidate()  # not back to the pool: the lock might live on there
        connection.close()

    def _open(self) -> None:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            connection.execute(text(_SESSION))
            self._backend = connection.execute(text("select pg_backend_pid()")).scalar_one()
        except DBAPIError:
            connection.close()
            raise
        self._connection = connection

    def _same_session(self) -> bool:
        assert self._connection is not None
        try:
            found = self._connection.execute(text("select pg_backend_pid()")).scalar_one()
        except DBAPIError:
            return False
        return bool(found == self._backend)
