"""A real PostgreSQL for every test that asks for it: embedded, or the server at DATABASE_URL."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from db import embedded, schema
from db.engine import Role, Store, normalise_url


@pytest.fixture(scope="session")
def server_url() -> Iterator[URL]:
    """The address of a server where tests may create databases."""
    external = os.environ.get("DATABASE_URL")
    if external:
        yield normalise_url(external)
        return
    folder = Path(tempfile.mkdtemp(prefix="greenlight-tests-"))
    folder.chmod(0o755)  # or else root's server, another user, would keep its data elsewhere
    server = embedded.join(folder)
    try:
        # When the machine loses its power, the tests have ended anyway; and their databases are too
        # short-lived to be tidied up.
        for setting in ("fsync", "autovacuum"):
            administer(server.url(), f"alter system set {setting} = off")
        administer(server.url(), "select pg_reload_conf()")
        yield server.url()
    finally:
        server.leave()
        shutil.rmtree(folder, ignore_errors=True)


def administer(url: URL, statement: str) -> None:
    """Run one statement that cannot run inside a transaction (create or drop database)."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def open_store(url: URL) -> Store:
    """A store on one database of the test server."""
    return Store(url.render_as_string(hide_password=False), Path("unused"))


@contextmanager
def new_database(server: URL, template: str = "template1") -> Iterator[URL]:
    """The address of a database of one's own, made as a copy of another and dropped afterwards."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    # Copied as files: the other strategy writes every page of the template to the log as well.
    administer(server, f'create database "{name}" template "{template}" strategy file_copy')
    try:
        yield server.set(database=name)
    finally:
        administer(server, f'drop database "{name}" with (force)')


@pytest.fixture(scope="session")
def migrated(server_url: URL) -> Iterator[str]:
    """The name of a migrated database that tests copy and never touch."""
    with new_database(server_url) as url:
        with open_store(url) as store:
            schema.migrate(store.engine(Role.OWNER))
        yield str(url.database)


@pytest.fixture
def empty_database(server_url: URL) -> Iterator[URL]:
    """The address of a new database without any schema."""
    with new_database(server_url) as url:
        yield url


@pytest.fixture
def database(server_url: URL, migrated: str) -> Iterator[URL]:
    """The address of a migrated database of the test's own."""
    with new_database(server_url, migrated) as url:
        yield url


@pytest.fixture
def store(database: URL) -> Iterator[Store]:
    """A migrated store of the test's own."""
    with open_store(database) as opened:
        yield opened


@pytest.fixture(scope="module")
def kept_database(server_url: URL, migrated: str) -> Iterator[URL]:
    """The address of a migrated database that the tests of a module share."""
    with new_database(server_url, migrated) as url:
        yield url


@pytest.fixture(scope="module")
def kept_store(kept_database: URL) -> Iterator[Store]:
    """A migrated store that the tests of a module share: each says what it leaves behind."""
    with open_store(kept_database) as opened:
        yield opened
