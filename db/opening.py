"""Opening a store: whatever keeps it from working becomes one sentence for its user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool
from sqlalchemy.exc import DBAPIError

from db import schema
from db.embedded import EmbeddedError
from db.engine import Role, Store, StoreUnreachableError
from db.failures import Failure, classify, reason


@contextmanager
def opened(database_url: str | None, folder: Path, *, migrated: bool = True) -> Iterator[Store]:
    """A store for the length of a block.

    Args:
        database_url: the address of an external PostgreSQL; None for the embedded one.
        folder: where the embedded one is.
        migrated: refuse a store whose schema does not fit this code.

    Raises:
        StoreUnreachableError: it does not answer or refuses this login, now or within the block.
        SchemaError: its schema does not fit this code.
    """
    try:
        with _store(database_url, folder) as store:
            # As the login itself: before the first migration there are no other roles.
            if migrated:
                schema.check(store.engine(Role.OWNER, poolclass=NullPool))
            yield store
    except EmbeddedError as error:
        raise StoreUnreachableError(str(error)) from error
    except DBAPIError as error:
        raise StoreUnreachableError(_sentence(error)) from error


def _store(database_url: str | None, folder: Path) -> Store:
    try:
        return Store(database_url, folder)
    except ValueError as error:  # an address that cannot be read
        raise StoreUnreachableError(str(error)) from error


def _sentence(error: DBAPIError) -> str:
    if classify(error) is Failure.UNREACHABLE:
        return f"The store does not answer: {reason(error)}."
    return f"The store refuses: {reason(error)}."
