"""The SQL is beside this file, in sql/0011_alerts.sql."""

from db.migrations.script import run

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run("0011_alerts.sql")
