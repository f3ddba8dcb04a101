"""A migrated store for a bench, gone with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db import embedded, schema
from db.engine import Role, Store


@contextmanager
def database(folder: Path) -> Iterator[Store]:
    """An embedded store in a folder."""
    server = embedded.join(folder / "data")
    try:
        with Store(server.url().render_as_string(hide_password=False), folder) as store:
            schema.migrate(store.engine(Role.OWNER))
            yield store
    finally:
        server.leave()
