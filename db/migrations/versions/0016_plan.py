"""The SQL is beside this file, in sql/0016_plan.sql."""

from db.migrations.script import run

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run("0016_plan.sql")
