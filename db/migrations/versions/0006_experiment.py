"""The SQL is beside this file, in sql/0006_experiment.sql."""

from db.migrations.script import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run("0006_experiment.sql")
