"""The SQL is beside this file, in sql/0019_reviews.sql."""

from db.migrations.script import run

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run("0019_reviews.sql")
