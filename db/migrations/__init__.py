"""The schema, as alembic revisions: SQL files with a few lines of Python each."""
