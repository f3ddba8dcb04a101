"""The SQL is beside this file, in sql/0007_labels.sql."""

from db.migrations.script import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run("0007_labels.sql")
