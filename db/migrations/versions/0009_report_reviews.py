"""The SQL is beside this file, in sql/0009_report_reviews.sql."""

from db.migrations.script import run

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run("0009_report_reviews.sql")
