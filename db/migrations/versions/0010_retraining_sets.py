"""The SQL is beside this file, in sql/0010_retraining_sets.sql."""

from db.migrations.script import run

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run("0010_retraining_sets.sql")
