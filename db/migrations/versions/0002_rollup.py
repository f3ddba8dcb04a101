"""The SQL is beside this file, in sql/0002_rollup.sql."""

from db.migrations.script import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run("0002_rollup.sql")
