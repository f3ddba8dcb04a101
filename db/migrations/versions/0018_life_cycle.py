"""The SQL is beside this file, in sql/0018_life_cycle.sql."""

from db.migrations.script import run

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run("0018_life_cycle.sql")
