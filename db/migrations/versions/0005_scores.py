"""The SQL is beside this file, in sql/0005_scores.sql."""

from db.migrations.script import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run("0005_scores.sql")
