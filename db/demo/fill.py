"""Filling an empty store with the history of the simulated service newsletters.

The newest days come first, so that a page has something to show within seconds. Every unit of work
is an upsert and is noted in team.demo_fill when it is stored: a fill that was killed goes on where
it was, and writes the unit that it was in again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from db.demo.cards import seed_cards
from db.demo.goals import seed_goals
from db.demo.newsletters import (
    alert_history,
    drills,
    experiment,
    feedback,
    incident,
    labels,
    life_cycle,
    product,
    progress,
    records,
    relay,
    reports,
    serving,
    shadow,
    story,
    truth,
)
from db.demo.newsletters.columns import Columns
from db.demo.newsletters.decisions import seed_decisions
from db.demo.newsletters.partitioning import days_to_roll_up, make_room
from db.demo.newsletters.plan import seed_plan
from db.demo.newsletters.population import ClassScores
from db.demo.newsletters.risks import seed_risks
from db.demo.newsletters.simulated_minutes import SimulatedMinutes
from db.demo.newsletters.simulation import Simulation, real_scores
from db.demo.newsletters.story import Scenario
from db.demo.on_call import on_call, seed_channel, seed_rotas
from db.engine import Role, Store
from db.writer import MetricWriter

#: A load of this length is one transaction of the writer, and whole hours: retention may take a day
#: away as soon as it is rolled up, and must not find half an hour of it.
PIECE = timedelta(hours=12)
#: Days of score histograms and of labels that are written at once.
SCORE_DAYS_AT_ONCE, LABEL_DAYS_AT_ONCE = 5, 15
#: Old days that may wait for the worker, how often to look whether they still do, in seconds, and
#: how many looks without room it takes to go on all the same.
MOST_OLD_DAYS, LOOK_S, PATIENCE = 25, 0.2, 150
#: The step that takes longest.
SERVING = "serving days"
#: Old days that are written before the reports are reviewed: a worker has grouped them by then.
DAYS_BEFORE_REVIEWS = 10
#: Newest days that are written before anything else of bulk.
FIRST_DAYS = 3


@dataclass(frozen=True)
class Unit:
    """A piece of the fill: some rows of one step."""

    step: str
    index: int
    write: Callable[[], None]


def fill(
    store: Store,
    anchor: datetime,
    *,
    writer: MetricWriter,
    days: int = story.HISTORY_DAYS,
    seed: int = story.SEED,
    scores: Callable[[], ClassScores] = real_scores,
    between: Callable[[Simulation], bool] = lambda _: True,
) -> Simulation:
    """Fill a store with history up to an anchor, or go on with a fill that was cut off.

    Anchor, days and seed count for the first call only: the store remembers them.

    Args:
        store: a migrated store.
        anchor: where history ends, a whole minute, UTC.
        writer: the service's metric writer, as greenlight_serving.
        days: days of history before the anchor's own.
        seed: what chance follows from.
        scores: the score distributions of a real classifier.
        between: called after every unit; when it says no, the fill stops there.

    Returns:
        The simulation of this store, for live to go on with.

    Raises:
        StoreUnreachableError, SchemaError, DBAPIError: the store took no more; call again.
    """
    app, worker, serving_as = (store.engine(role) for role in (Role.APP, Role.WORKER, Role.SERVING))
    try:
        return fill_as(
            app,
            worker,
            serving_as,
            writer,
            Scenario(anchor, seed, days),
            scores=scores,
            between=between,
        )
    finally:
        for engine in (app, worker, serving_as):
            engine.dispose()


def fill_as(
    app: Engine,
    worker: Engine,
    serving_as: Engine,
    writer: MetricWriter,
    wanted: Scenario,
    *,
    scores: Callable[[], ClassScores],
    between: Callable[[Simulation], bool],
) -> Simulation:
    """The same, on engines that the caller keeps.

    They are of greenlight_app, greenlight_worker and greenlight_serving.
    """
    simulation = Simulation(progress.settle(app, wanted), scores)
    work = _Fill(simulation, writer, app, worker, serving_as)
    units = list(work.units())
    known = progress.done(app)
    left = [unit for unit in units if unit.index >= known.get(unit.step, 0)]
    if left:
        progress.plan(app, Counter(unit.step for unit in units))
    for unit in left:
        if not work.has_room(unit, lambda: between(simulation)):
            break
        unit.write()
        progress.advance(app, unit.step, unit.index + 1)
        if not between(simulation):
            break
    return simulation


class _Fill:
    """The units of a fill, in the order in which they are worth most to whoever is looking."""

    def __init__(
        self,
        simulation: Simulation,
        writer: MetricWriter,
        app: Engine,
        worker: Engine,
        serving_as: Engine,
    ) -> None:
        self._simulation = simulation
        self._scenario = simulation.scenario
        self._writer = writer
        self._app = app
        self._worker = worker
        self._serving_as = serving_as
        self._patience = PATIENCE

    def units(self) -> Iterator[Unit]:
        """Every unit; those of a step are in the order of their indices."""
        days = [
            Unit(SERVING, ago, partial(self._serving, ago))
            for ago in range(self._scenario.days + 1)
        ]
        recent = max(story.FLEET_DOUBLED_DAYS_AGO + 1, FIRST_DAYS)
        yield days[0]
        yield Unit("goals", 0, self._goals)
        yield Unit("on-call and cards", 0, self._on_call)
        yield Unit("business metrics", 0, self._business)
        yield from days[1:FIRST_DAYS]
        # After the first minutes have been rolled up: who beats and writes no row is an alert.
        yield Unit("heartbeats", 0, self._heartbeats)
        yield Unit("releases and truth", 0, self._releases)
        yield from days[FIRST_DAYS:recent]
        yield from self._spans(
            "score histograms", self._scores, story.SCORE_DAYS, SCORE_DAYS_AT_ONCE
        )
        yield Unit("experiment", 0, self._experiment)
        yield from self._spans("labels", self._labels, story.LABEL_DAYS, LABEL_DAYS_AT_ONCE)
        yield from self._spans("false reports", self._reports, story.REPORT_DAYS, story.REPORT_DAYS)
        yield Unit("alerts and incident", 0, self._alerts)
        yield Unit("alerts and incident", 1, self._incident)
        if self._scenario.has(story.SHADOW):
            yield Unit("shadow run", 0, self._shadow)
        yield Unit("life cycle", 0, self._life_cycle)
        yield from days[recent : recent + DAYS_BEFORE_REVIEWS]
        if self._scenario.has_reviews:
            yield Unit("reviews of reports", 0, self._reviews)
            yield Unit("reviews of reports", 1, self._retraining_set)
        yield from days[recent + DAYS_BEFORE_REVIEWS :]

    def _spans(
        self, step: str, write: Callable[[datetime, datetime], None], days: int, at_once: int
    ) -> Iterator[Unit]:
        """The last days before the anchor in spans; what lies before the history is left out.

        Oldest first, which keeps their index half as large.
        """
        scenario = self._scenario
        oldest = min(days, scenario.days)
        for index, ago in enumerate(range(oldest, -1, -at_once)):
            start = scenario.midnight(ago)
            end = min(scenario.midnight(ago - at_once), scenario.anchor)
            yield Unit(step, index, partial(write, start, end))

    def has_room(self, unit: Unit, go_on: Callable[[], bool]) -> bool:
        """Wait before an old day until the worker has dropped enough of those filled before.

        Instance rows of old days are there to be rolled up only: more of them at a time take disk
            that
        a demo should not need. Where no worker works, or is stuck, nobody waits.

        Returns:
            False if told to stop meanwhile.
        """
        if unit.step != SERVING or unit.index <= story.FLEET_DOUBLED_DAYS_AGO:
            return True
        kept = self._scenario.midnight(story.FLEET_DOUBLED_DAYS_AGO).date()
        for _ in range(self._patience):
            if days_to_roll_up(self._worker, kept) < MOST_OLD_DAYS:
                return True
            if not go_on():
                return False
            time.sleep(LOOK_S)
        self._patience = 0
        return True

    def _load(self, table: str, rows: Columns | None) -> None:
        if rows is not None:
            self._writer.load(table, rows)

    def _goals(self) -> None:
        seed_goals(self._app, self._scenario.anchor)
        seed_risks(self._app, self._scenario)
        seed_plan(self._app, self._scenario.anchor)
        seed_decisions(self._app, self._scenario)
        progress.write_maintenance(self._app, records.maintenance(self._scenario))

    def _on_call(self) -> None:
        # The held drill before the rotas, see there.
        drills.seed_drills(self._app, self._scenario, self._whoever_was_on_call)
        seed_rotas(self._app, self._scenario)
        seed_cards(self._app, self._scenario)
        seed_channel(self._app, self._scenario)

    def _alerts(self) -> None:
        reader = SimulatedMinutes(self._scenario, self._simulation.population)
        alert_history.write(self._app, self._scenario, reader, self._whoever_was_on_call)

    def _incident(self) -> None:
        reader = SimulatedMinutes(self._scenario, self._simulation.population)
        incident.seed_incident(self._app, self._scenario, reader, self._whoever_was_on_call)

    def _whoever_was_on_call(self, moment: datetime) -> str:
        return on_call(self._scenario, moment)

    def _business(self) -> None:
        scenario = self._scenario
        if scenario.days:
            self._load("product_day", product.days(scenario, scenario.days, 1))
        self._load("training_run", records.training_runs(scenario, scenario.anchor))

    def _releases(self) -> None:
        scenario, population = self._scenario, self._simulation.population
        self._load("deployment", records.deployments(scenario, population))
        progress.write_truth(self._app, truth.all_quantities(scenario, population))

    def _heartbeats(self) -> None:
        at = self._scenario.anchor
        self._load("heartbeat", records.heartbeats(records.lives(self._scenario, at), at))

    def _serving(self, ago: int) -> None:
        """A day of instance rows, into a partition of its own."""
        scenario = self._scenario
        start = scenario.midnight(ago)
        end = min(start + timedelta(days=1), scenario.anchor)
        day, oldest = start.date(), scenario.first_moment.date()
        make_room(self._worker, day, oldest)
        pieces = []
        while start < end:
            pieces.append((start, min(start + PIECE, end)))
            start = pieces[-1][1]
        # The newest first: alerts are evaluated meanwhile, and old rows alone are a service that
        # went quiet.
        for first, until in reversed(pieces):
            self._load("serving_minute", serving.minutes(scenario, first, until))
        make_room(self._worker, day, oldest)

    def _scores(self, start: datetime, end: datetime) -> None:
        whole = end.replace(minute=0)
        if start < whole:
            rows = serving.score_hours(self._scenario, self._simulation.population, start, whole)
            self._load("score_hour", rows)

    def _experiment(self) -> None:
        first = max(0, story.EXPERIMENT_DAYS_AGO - self._scenario.days)
        self._load("experiment_bucket_before", experiment.before(self._scenario))
        if first < story.EXPERIMENT_DAYS_AGO:
            days = range(first, story.EXPERIMENT_DAYS_AGO)
            self._load("experiment_bucket_day", experiment.history(self._scenario, days))

    def _labels(self, start: datetime, end: datetime) -> None:
        rows = labels.between(self._scenario, self._simulation.population, start, end)
        self._load("labelled_letter", rows)

    def _reports(self, start: datetime, end: datetime) -> None:
        rows = reports.between(self._scenario, self._simulation.population, start, end)
        if rows is not None:
            self._load("false_report", relay.without(rows))
            relay.write(self._serving_as, rows)

    def _reviews(self) -> None:
        feedback.review(self._app, self._worker, self._scenario)

    def _retraining_set(self) -> None:
        feedback.retrain(self._app, self._scenario)

    def _life_cycle(self) -> None:
        life_cycle.seed_life_cycle(self._app, self._scenario)

    def _shadow(self) -> None:
        self._load("shadow_hour", shadow.hours(self._scenario, self._simulation.population))
