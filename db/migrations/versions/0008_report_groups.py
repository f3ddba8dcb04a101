"""The SQL is beside this file, in sql/0008_report_groups.sql."""

from db.migrations.script import run

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run("0008_report_groups.sql")
