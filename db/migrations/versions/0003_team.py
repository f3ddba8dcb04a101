"""The SQL is beside this file, in sql/0003_team.sql."""

from db.migrations.script import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run("0003_team.sql")
