"""The SQL is beside this file, in sql/0020_members.sql."""

from db.migrations.script import run

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run("0020_members.sql")
