"""A history of a few days, what the store must hold of it, and waiting for that."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from db.demo.newsletters import experiment, labels, population, product, records, reports, serving
from db.demo.newsletters.story import Scenario
from tests.db.demo.bells import Bell
from tests.db.demo.newsletters_process import DAYS
from tests.db.demo.stored_rows import anonymised, expected, stored

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: Long past, so that no clock of a machine is behind it; early in the day, so that there is little.
ANCHOR = datetime(2025, 6, 3, 1, 40, tzinfo=UTC)
SCENARIO = Scenario(ANCHOR, days=DAYS)
LETTERS = population.build(Bell())


def scalar(engine: Engine, question: str, **values: Any) -> Any:
    with engine.connect() as connection:
        return connection.execute(text(question), values).scalar()


def until(what: Callable[[], bool], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


def all_expected(at: datetime) -> dict[str, list[tuple[Any, ...]]]:
    """Every metric table but the heartbeats, as it must be when live has come to a moment."""
    scenario, start = SCENARIO, SCENARIO.first_moment
    return {
        "serving_minute": expected("serving_minute", serving.minutes(scenario, start, at)),
        "score_hour": expected(
            "score_hour", serving.score_hours(scenario, LETTERS, start, at.replace(minute=0))
        ),
        "labelled_letter": expected(
            "labelled_letter", labels.between(scenario, LETTERS, start, at)
        ),
        "false_report": expected(
            "false_report", anonymised(reports.between(scenario, LETTERS, start, at))
        ),
        "product_day": expected("product_day", product.days(scenario, DAYS, 1)),
        "experiment_bucket_day": expected("experiment_bucket_day", experiment.day(scenario, 18)),
        "experiment_bucket_before": expected(
            "experiment_bucket_before", experiment.before(scenario)
        ),
        "deployment": expected("deployment", records.deployments(scenario, LETTERS)),
        "training_run": expected(
            "training_run", records.training_runs(scenario, max(ANCHOR, at.replace(minute=0)))
        ),
    }


def assert_stored(reader: Engine, at: datetime) -> None:
    for table, rows in all_expected(at).items():
        assert rows, f"{table} is part of the comparison"
        assert stored(reader, table) == rows, table
