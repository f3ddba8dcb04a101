"""`cli.py backup` and `cli.py restore`: the whole store in one file, and back."""

from __future__ import annotations

from pathlib import Path

import click

from db.terminal.printing import Refused
from db.terminal.surroundings import Surroundings

_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)


@click.command()
@click.pass_obj
@_FILE
def backup(around: Surroundings, file: Path) -> None:
    """Write every row of the store into FILE, while everybody goes on working."""
    from sqlalchemy import NullPool

    from db.backup import BackupError, take
    from db.engine import Role
    from db.schema import SchemaError

    with around.open_store(migrated=False) as store:
        try:
            found = take(store.engine(Role.OWNER, poolclass=NullPool), file, _say)
        except (BackupError, SchemaError) as error:
            raise Refused(str(error)) from error
    click.echo(
        f"{file} holds {found.total} rows of {len(found.tables)} tables as they were at "
        f"{found.taken_at}, at revision {found.revision}."
    )


@click.command()
@click.pass_obj
@_FILE
def restore(around: Surroundings, file: Path) -> None:
    """Make the store that FILE was taken from, in an empty database."""
    from sqlalchemy import NullPool

    from db import backup as backups
    from db import schema
    from db.engine import Role

    with around.open_store(migrated=False) as store:
        try:
            found = backups.restore(store.engine(Role.OWNER, poolclass=NullPool), file, _say)
        except (backups.BackupError, schema.SchemaError) as error:
            raise Refused(str(error)) from error
    click.echo(
        f"Restored {found.total} rows as they were at {found.taken_at}; the store is at revision "
        f"{schema.head()}."
    )
