"""The SQL is beside this file, in sql/0014_audit.sql."""

from db.migrations.script import run

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run("0014_audit.sql")
