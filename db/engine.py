"""Connections: where the store is, and under which role a process works on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg2
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from db import embedded
from db.patience import Patience, watched_by

#: How long a connection may take to come about, s.
CONNECT_SECONDS = 5
#: Of watched engines: how long a statement may take before somebody asks whether the server is
#: there at all, and what nobody in front of a page waits for, however much it has to do, s.
SILENT_SECONDS = 8.0
LONGEST_SECONDS = 120.0

_UNREADABLE = (
    "DATABASE_URL cannot be read: it must be postgresql://user:password@host:port/database, with "
    "signs such as @, : and / in a password written as %40, %3A and %2F."
)


class Role(StrEnum):
    """The database role of a process: OWNER owns, the others are granted what they need."""

    OWNER = "owner"
    SERVING = "greenlight_serving"
    APP = "greenlight_app"
    WORKER = "greenlight_worker"


class StoreUnreachableError(RuntimeError):
    """The store does not answer; the message says which one and why."""


def normalise_url(url: str) -> URL:
    """Set the driver to psycopg2, whichever form of PostgreSQL address is given.

    SQLAlchemy 2.1 takes a bare ``postgresql://`` for psycopg 3, and hosting providers hand out
    ``postgres://``.

    Raises:
        ValueError: the address is not one of PostgreSQL. The message never repeats its password.

    >>> str(normalise_url("postgres://localhost/greenlight"))
    'postgresql+psycopg2://localhost/greenlight'
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError(_UNREADABLE) from None
    if "@" in (parsed.host or ""):  # what stands before it is the rest of a password
        raise ValueError(_UNREADABLE)
    if parsed.drivername.split("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError(
            f"DATABASE_URL names {parsed.drivername!r}; Greenlight works on PostgreSQL 15 or newer"
        )
    return parsed.set(drivername="postgresql+psycopg2")


class Store:
    """One PostgreSQL, external by address or embedded by folder, and engines on it by role.

    A process makes one Store and closes it when it ends: with the embedded server, that gives up
    its share, and the last share stops the server.
    """

    def __init__(self, database_url: str | None, folder: Path) -> None:
        self._server: embedded.EmbeddedServer | None = None
        self._url: URL | None = None
        if database_url:
            self._url = normalise_url(database_url)
        else:
            self._server = embedded.join(folder)
        self._engines: list[Engine] = []

    @property
    def is_embedded(self) -> bool:
        """Whether this store runs the PostgreSQL that comes with Greenlight."""
        return self._server is not None

    def url(self, role: Role = Role.OWNER) -> URL:
        """The address for a role: on the embedded server it logs in, elsewhere it sets the role."""
        if self._server is not None:
            return self._server.url() if role is Role.OWNER else self._server.url(user=role.value)
        assert self._url is not None
        return self._url

    def engine(self, role: Role, *, watched: bool = False, **options: Any) -> Engine:
        """An engine whose every connection works under the role, in UTC.

        With the embedded server, a connection that fails because the server was killed starts it
        again.

        Args:
            role: the role.
            watched: whether a connection whose server has fallen silent is cut (`db.patience`), as
                it must be where people wait; otherwise it is waited for.
            **options: of SQLAlchemy's engine.
        """
        url = self.url(role)
        arguments = url.translate_connect_args(username="user", database="dbname") | dict(url.query)
        arguments |= {
            "connect_timeout": str(CONNECT_SECONDS),
            "application_name": f"greenlight {role.value}",
        }
        if watched:
            probe = dict(arguments)
            patience = Patience(
                lambda: _answers(probe),
                silent_seconds=SILENT_SECONDS,
                longest_seconds=LONGEST_SECONDS,
            )
            arguments["connection_factory"] = watched_by(patience)
        engine = create_engine(
            url, creator=self._creator(arguments), pool_pre_ping=True, future=True, **options
        )
        event.listen(engine, "connect", _on_connect(None if self._server else role))
        self._engines.append(engine)
        return engine

    def _creator(self, arguments: dict[str, Any]) -> Callable[[], Any]:
        def connect() -> Any:
            try:
                return psycopg2.connect(**arguments)
            except psycopg2.OperationalError:
                if self._server is None:
                    raise
                self._server.ensure()
                return psycopg2.connect(**arguments)

        return connect

    def close(self) -> None:
        """Close every connection and give up the share of the embedded server."""
        for engine in self._engines:
            engine.dispose()
        if self._server is not None:
            self._server.leave()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _answers(arguments: dict[str, Any]) -> bool:
    """Whether the server answers a new connection in time, be it with a refusal."""
    began = time.monotonic()
    with suppress(psycopg2.OperationalError):
        psycopg2.connect(**arguments).close()
    return time.monotonic() - began < CONNECT_SECONDS


def _on_connect(role: Role | None) -> Callable[[Any, Any], None]:
    def prepare(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("set time zone 'UTC'")
            if role is not None and role is not Role.OWNER:
                cursor.execute(f'set role "{role.value}"')
        connection.commit()

    return prepare
