"""The SQL is beside this file, in sql/0013_report_watermark.sql."""

from db.migrations.script import run

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run("0013_report_watermark.sql")
