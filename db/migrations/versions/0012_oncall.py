"""The SQL is beside this file, in sql/0012_oncall.sql."""

from db.migrations.script import run

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run("0012_oncall.sql")
