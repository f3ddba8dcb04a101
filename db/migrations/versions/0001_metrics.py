"""The SQL is beside this file, in sql/0001_metrics.sql."""

from db.migrations.script import run

revision = "0001"
down_revision = None


def upgrade() -> None:
    run("0001_metrics.sql")
