"""The simulated service going on live: minute by minute, hour by hour, day by day.

Where each table goes on is read from the table itself: from the newest row there is, that row
included. Rows depend on their time and on the models released by then alone, and every write is an
upsert, so whatever was cut off by kill -9 is written again, and comes out the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine, text

from core.timeframe import DAY, HOUR, MINUTE, floor_to
from db.demo.newsletters import (
    experiment,
    labels,
    product,
    records,
    relay,
    reports,
    retraining,
    serving,
    story,
)
from db.demo.newsletters.columns import Columns
from db.demo.newsletters.retrained import Retrained
from db.demo.newsletters.simulation import Simulation
from db.demo.newsletters.story import SERVICE
from db.writer import MetricWriter

BEAT = timedelta(seconds=15)
#: A minute's rows, an hour's scores and a day's sums are written this long after it is over.
MINUTE_LAG, HOUR_LAG, DAY_LAG = timedelta(seconds=3), timedelta(minutes=2), timedelta(minutes=20)
#: New retraining sets are looked for this often.
LOOK = timedelta(seconds=5)
#: Labels and reports are collected this often.
COLLECT = timedelta(minutes=5)
#: After a pause, simulated traffic of this long is made up for; what lies before stays a gap.
CATCH_UP = timedelta(days=7)
#: Serving minutes that are made up for at once.
AT_ONCE = timedelta(hours=6)
#: How long a write waits for a store that is away, in seconds; the next tick tries again.
PATIENCE_S = 5.0


@dataclass(kw_only=True)
class _Series:
    """A table that goes on, and how far it is written.

    Attributes:
        write: writes [start, end), whole steps.
        begins: where live begins.
        step: how often there is something to write.
        lag: how long after its end a step is written.
        most: the longest stretch of one write.
        newest: asks the store for the newest time of live rows, null before the first. Without it
            everything since the beginning is written again at each start.
        through: up to where it is written; None until the store has told.
    """

    write: Callable[[datetime, datetime], None]
    begins: datetime
    step: timedelta
    lag: timedelta = timedelta(0)
    most: timedelta = CATCH_UP
    newest: str | None = None
    through: datetime | None = None


class Live:
    """One run of the simulated service: it writes whatever has become due.

    Args:
        simulation: what happens.
        writer: the service's metric writer.
        engine: the store, as greenlight_serving, for reading where to go on.
        app: the store, as greenlight_app, for reading which retraining sets there are.
        training: how long a training on one of them takes.
    """

    def __init__(
        self,
        simulation: Simulation,
        writer: MetricWriter,
        engine: Engine,
        app: Engine,
        *,
        training: timedelta = retraining.TRAINING,
    ) -> None:
        self._simulation = simulation
        self._scenario = simulation.scenario
        self._writer = writer
        self._engine = engine
        self._app = app
        self._training_takes = training
        self._looked_at: datetime | None = None
        self._models: tuple[Retrained, ...] = ()
        self._told: tuple[tuple[str, int], ...] = ()
        self._beat_at: datetime | None = None
        self._since: datetime | None = None
        self._series = tuple(self._all_series())

    def _all_series(self) -> tuple[_Series, ...]:
        anchor, today = self._scenario.anchor, self._scenario.midnight(0)
        hour = floor_to(anchor, HOUR)
        return (
            _Series(
                newest=_newest("serving_minute", "minute"),
                write=self._minutes,
                begins=anchor,
                step=MINUTE,
                lag=MINUTE_LAG,
                most=AT_ONCE,
            ),
            _Series(
                newest=_newest("score_hour", "hour"),
                write=self._hours,
                begins=hour,
                step=HOUR,
                lag=HOUR_LAG,
                most=DAY,
            ),
            _Series(
                newest=_newest("labelled_letter", "labelled_at"),
                write=self._labels,
                begins=anchor,
                step=COLLECT,
            ),
            _Series(
                newest=f"{_newest('false_report', 'reported_at')} and anonymiser <> :relay",
                write=self._reports,
                begins=anchor,
                step=COLLECT,
            ),
            _Series(
                newest=_newest_day("product_day"),
                write=self._product,
                begins=today,
                step=DAY,
                lag=DAY_LAG,
            ),
            _Series(
                newest=_newest_day("experiment_bucket_day"),
                write=self._experiment,
                begins=today,
                step=DAY,
                lag=DAY_LAG,
                most=DAY,
            ),
            _Series(write=self._training, begins=hour, step=HOUR),
        )

    def tick(self, at: datetime) -> bool:
        """Beat if it is time, and write the next stretch of every table that is behind.

        Args:
            at: the present, aware.

        Returns:
            Whether some table is still behind: then the next tick should follow at once.

        Raises:
            StoreUnreachableError, SchemaError, DBAPIError: the store took no more; the next goes
                on.
        """
        if self._beat_at is None:
            self._since = self._started_anew(at)
        if self._beat_at is None or not timedelta(0) <= at - self._beat_at < BEAT:
            self._load("heartbeat", records.heartbeats(self._lives(at), at))
            self._beat_at = at
        if self._looked_at is None or not timedelta(0) <= at - self._looked_at < LOOK:
            self._retrain(at)
            self._looked_at = at
        behind = [self._advance(series, at) for series in self._series]
        return any(behind)

    def stop(self, at: datetime) -> None:
        """Say that everyone has stopped in order: no rows are expected until the next start."""
        stopped = tuple(
            life if life.stopped_at else replace(life, stopped_at=at) for life in self._lives(at)
        )
        self._load("heartbeat", records.heartbeats(stopped, at))

    def _retrain(self, at: datetime) -> None:
        """Train on new sets and release what is trained, before any letter of it is written."""
        self._models = retraining.models(self._app, self._scenario.anchor, at, self._training_takes)
        state = retraining.state(self._models, at)
        if state != self._told:
            population = self._simulation.population
            self._load("training_run", retraining.training_runs(self._models, at))
            self._load("deployment", retraining.deployments(self._models, population, at))
            self._told = state

    def _lives(self, at: datetime) -> tuple[records.Life, ...]:
        return records.lives(self._scenario, at, self._since)

    def _started_anew(self, at: datetime) -> datetime | None:
        """When the components last began a new life; None if they live since the story's beginning.

        A pause that is made up for is none: simulated traffic went on. After a longer one they
        begin anew, so that after an orderly stop no rows are expected from the time before that.
        """
        with self._engine.connect() as connection:
            started, beat = connection.execute(
                text(
                    "select max(started_at), max(beat_at) from metrics.heartbeat "
                    "where service = :service and component = 'inference'"
                ),
                {"service": SERVICE},
            ).one()
        if beat is not None and at - beat > CATCH_UP:
            return floor_to(at - CATCH_UP, MINUTE)
        return started if started is not None and started > self._scenario.anchor else None

    def _advance(self, series: _Series, at: datetime) -> bool:
        if series.through is None:
            series.through = self._written_through(series)
        start = max(series.through, floor_to(at - CATCH_UP, series.step))
        end = floor_to(at - series.lag, series.step)
        if start >= end:
            return False
        until = min(end, floor_to(start + series.most, series.step))
        series.write(start, until)
        series.through = until
        return until < end

    def _written_through(self, series: _Series) -> datetime:
        """Where to go on: at the newest row's own step, which may not be there in full."""
        if series.newest is None:
            return series.begins
        with self._engine.connect() as connection:
            newest = connection.execute(
                text(series.newest),
                {"service": SERVICE, "begins": series.begins, "relay": relay.ANONYMISER},
            ).scalar()
        return (
            series.begins if newest is None else max(series.begins, floor_to(newest, series.step))
        )

    def _load(self, table: str, rows: Columns | None) -> None:
        if rows is not None:
            self._writer.load(table, rows, patience_seconds=PATIENCE_S)

    def _minutes(self, start: datetime, end: datetime) -> None:
        self._load("serving_minute", serving.minutes(self._scenario, start, end, self._models))

    def _hours(self, start: datetime, end: datetime) -> None:
        population = self._simulation.population
        rows = serving.score_hours(self._scenario, population, start, end, self._models)
        self._load("score_hour", rows)

    def _labels(self, start: datetime, end: datetime) -> None:
        population = self._simulation.population
        rows = labels.between(self._scenario, population, start, end, self._models)
        self._load("labelled_letter", rows)

    def _reports(self, start: datetime, end: datetime) -> None:
        population = self._simulation.population
        rows = reports.between(self._scenario, population, start, end, self._models)
        if rows is not None:
            # First those of the older stack: where to go on is told by the others.
            relay.write(self._engine, rows)
            self._load("false_report", relay.without(rows))

    def _product(self, start: datetime, end: datetime) -> None:
        today = self._scenario.midnight(0)
        first, last = (today - start) // DAY, (today - end) // DAY + 1
        self._load("product_day", product.days(self._scenario, first, last))

    def _experiment(self, start: datetime, _end: datetime) -> None:
        number = (start - self._scenario.midnight(story.EXPERIMENT_DAYS_AGO)) // DAY
        if number < story.EXPERIMENT_DAYS:
            self._load("experiment_bucket_day", experiment.day(self._scenario, number))

    def _training(self, _start: datetime, end: datetime) -> None:
        self._load("training_run", records.training_runs(self._scenario, end))


def _newest(table: str, column: str) -> str:
    return (
        f"select max({column}) from metrics.{table} "
        f"where service = :service and {column} >= cast(:begins as timestamptz)"
    )


def _newest_day(table: str) -> str:
    """The same for a date, as its midnight in UTC."""
    return (
        f"select max(day)::timestamp at time zone 'UTC' from metrics.{table} where service "
        "= :service and day >= (cast(:begins as timestamptz) at time zone 'UTC')::date"
    )
