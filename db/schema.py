"""Which revision the store is at, and bringing it to the one this code was written for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parent / "migrations"
#: Two processes that migrate at once queue up behind this advisory lock.
MIGRATION_LOCK = 0x677265656E01


class SchemaError(RuntimeError):
    """The store's schema and this code do not fit; the message says which command mends it."""


def _config() -> Config:
    # Alembic is imported where it is needed: a web server asks only when the store refuses it.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


def _stored(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The revision that this code was written for."""
    revision = _scripts().get_current_head()
    if revision is None:
        raise SchemaError(f"no revision found in {MIGRATIONS}")
    return revision


def revision(engine: Engine) -> str | None:
    """The revision that the store is at; None for a store that was never migrated."""
    with engine.connect() as connection:
        return _stored(connection)


def migrate(engine: Engine) -> str:
    """Bring the store to this code's revision, as the role that owns it.

    Several processes may call it at once: one works, the others wait and find nothing to do.

    Returns:
        The revision the store is at afterwards.

    Raises:
        SchemaError: the store is newer than this code.
    """
    with engine.begin() as connection:
        upgrade(connection)
    return head()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring the store to a revision, in the transaction of a connection of the role that owns it.

    Raises:
        SchemaError: the store, or the revision asked for, is newer than this code.
    """
    from alembic import command

    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    _refuse_newer(_stored(connection))
    if to != "head":
        _refuse_newer(to)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def known_revision(engine: Engine) -> str | None:
    """The revision that the store is at; None for a store that was never migrated.

    Raises:
        SchemaError: the store is newer than this code.
    """
    found = revision(engine)
    _refuse_newer(found)
    return found


def check(engine: Engine) -> None:
    """Say in one sentence how to mend a schema that does not fit this code.

    Raises:
        SchemaError: the store is empty, older or newer.
    """
    try:
        found = revision(engine)
    except ProgrammingError as error:
        raise SchemaError(
            "This role may not read the store's schema. Run: python cli.py migrate"
        ) from error
    if found == head():
        return
    _refuse_newer(found)
    state = (
        "has no schema yet" if found is None else f"is at revision {found}, older than this code"
    )
    raise SchemaError(f"The store {state} ({head()} is needed). Run: python cli.py migrate")


def _refuse_newer(found: str | None) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is not None and found not in known:
        raise SchemaError(
            f"The store is at revision {found}, which this code does not know: it is newer. "
            "Update Greenlight: git pull && make run"
        )
