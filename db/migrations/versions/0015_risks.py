"""The SQL is beside this file, in sql/0015_risks.sql."""

from db.migrations.script import run

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run("0015_risks.sql")
