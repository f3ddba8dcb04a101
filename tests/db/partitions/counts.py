"""How many instance rows there are, and how many of them wait for their day."""

from sqlalchemy import Engine, text

from db.partitions import Retention

RETENTION = Retention()


def in_catch_all(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(
            connection.execute(
                text("select count(*) from metrics.serving_minute_default")
            ).scalar_one()
        )


def instance_rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(
            connection.execute(text("select count(*) from metrics.serving_minute")).scalar_one()
        )
