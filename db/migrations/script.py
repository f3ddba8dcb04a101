"""Runs one revision's SQL file."""

from contextlib import closing
from pathlib import Path

from alembic import op

SQL_FOLDER = Path(__file__).parent / "sql"


def run(name: str) -> None:
    """Execute a whole SQL file as it stands, in the revision's transaction.

    The text goes to the driver untouched, so that a colon or percent sign in it means itself.
    """
    connection = op.get_bind().connection
    with closing(connection.cursor()) as cursor:
        cursor.execute((SQL_FOLDER / name).read_text(encoding="utf-8"))
