"""The SQL is beside this file, in sql/0021_scale.sql."""

from db.migrations.script import run

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run("0021_scale.sql")
