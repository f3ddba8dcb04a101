"""Up to when rows are rolled up, and a schedule that compares all of them at each turn."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, text

from db.rollup import Schedule

ALWAYS_COMPARE = Schedule(compare_every=timedelta(0))


def watermark_of(engine: Engine, column: str = "watermark") -> datetime | None:
    """Up to when rows were written that are rolled up: of serving, scores or labels."""
    with engine.connect() as connection:
        found: datetime | None = connection.execute(
            text(f"select {column} from rollup.worker")
        ).scalar_one()
        return found


def execute(engine: Engine, statement: str, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), values)
