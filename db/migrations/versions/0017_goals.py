"""The SQL is beside this file, in sql/0017_goals.sql."""

from db.migrations.script import run

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run("0017_goals.sql")
