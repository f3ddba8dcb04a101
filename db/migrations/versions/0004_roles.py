"""The SQL is beside this file, in sql/0004_roles.sql."""

from db.migrations.script import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run("0004_roles.sql")
