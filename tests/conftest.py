"""A real PostgreSQL for every test that asks for it: embedded, or the server at DATABASE_URL."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
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


@pytest.fixture(scope="session")
def migrated(server_url: URL) -> Iterator[str]:
    """The name of a migrated database that tests copy and never touch."""
    name = f"greenlight_template_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}"')
    with open_store(server_url.set(database=name)) as store:
        schema.migrate(store.engine(Role.OWNER))
    yield name
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture
def empty_database(server_url: URL) -> Iterator[URL]:
    """The address of a new database without any schema."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}"')
    yield server_url.set(database=name)
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture
def database(server_url: URL, migrated: str) -> Iterator[URL]:
    """The address of a migrated database of the test's own."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    yield server_url.set(database=name)
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture
def store(database: URL) -> Iterator[Store]:
    """A migrated store of the test's own."""
    with open_store(database) as opened:
        yield opened
