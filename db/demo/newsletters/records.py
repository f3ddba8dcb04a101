"""The small tables of the simulated service: releases, training runs, maintenance, heartbeats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from db.demo.newsletters import story
from db.demo.newsletters.columns import Columns
from db.demo.newsletters.population import Population
from db.demo.newsletters.story import BERT_3, BERT_4, INSTANCES, SERVICE, Event, Scenario


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A row of team.maintenance."""

    starts_at: datetime
    ends_at: datetime
    datacenter: str
    note: str


def maintenance(scenario: Scenario) -> Maintenance:
    """The one planned maintenance of the story."""
    event = story.MAINTENANCE
    return Maintenance(scenario.starts(event), scenario.ends(event), "dc1", event.note)


def deployments(scenario: Scenario, population: Population) -> Columns:
    """Rows of metrics.deployment."""
    first = Event("first", story.HISTORY_DAYS, time(0, 0), 1, "")
    retired = Event("retired", 10, time(12, 0), 1, "")
    shadow, slow, fixed = story.SHADOW, story.CANARY_SLOW, story.CANARY_FIXED
    rows = [
        (scenario.starts(first), BERT_3, "", "production",
         "simulated: in production before this history begins"),
        (scenario.starts(shadow), BERT_4, "", "shadow", shadow.note),
        (scenario.starts(slow), BERT_4, "dc1", "canary", slow.note),
        (scenario.ends(slow), BERT_4, "dc1", "rolled_back",
         "simulated: p99.99 above 20 ms for 40 minutes; back to bert-3"),
        (scenario.starts(fixed), BERT_4, "dc1", "canary", fixed.note),
        *(
            (scenario.starts(event), BERT_4, datacenter, "production", event.note)
            for event, datacenter in zip(story.RELEASES, story.DATACENTERS, strict=True)
        ),
        (scenario.starts(retired), BERT_3, "", "retired",
         "simulated: switched off; samples and score histograms kept"),
    ]  # fmt: skip
    return {
        "service": SERVICE,
        "deployment_id": _texts(f"newsletters-{number:03}" for number in range(1, len(rows) + 1)),
        "deployed_at": _moments(row[0] for row in rows),
        "model_version": _texts(row[1] for row in rows),
        "datacenter": _texts(row[2] for row in rows),
        "stage": _texts(row[3] for row in rows),
        "threshold": np.full(len(rows), population.threshold),
        "note": _texts(row[4] for row in rows),
    }


@dataclass(frozen=True, slots=True)
class _Run:
    """A training run; letters in thousands: raw, deduplicated, anonymised, trained."""

    days_ago: int
    hours: int
    version: str
    parent: str
    letters: tuple[int, int, int, int]
    note: str
    failed: bool = False
    retraining_set: str = ""


_RUNS = (
    _Run(119, 9, "bert-3", "", (5_900, 5_010, 5_000, 5_000),
         "simulated: the first slice, 5M of the 100M letters; 1.0 % better than the model before"),
    _Run(98, 15, "bert-3b", "bert-3", (10_100, 8_300, 8_240, 8_200),
         "simulated: more letters, same model; 0.4 % better, not worth a release"),
    _Run(83, 4, "bert-4-rc1", "bert-3", (14_800, 12_150, 12_100, 3_400),
         "simulated: ran out of GPU memory at 3.4M letters", failed=True),
    _Run(81, 22, "bert-4-rc1", "bert-3", (14_800, 12_150, 12_100, 12_000),
         "simulated: half the batch; 0.9 % better than bert-3"),
    _Run(64, 30, "bert-4-rc2", "bert-4-rc1", (25_500, 20_900, 20_640, 20_600),
         "simulated: with letters of two more months"),
    _Run(43, 41, "bert-4", "bert-4-rc2", (38_900, 31_700, 31_200, 31_000),
         "simulated: the candidate that went into the shadow run"),
    _Run(20, 6, "bert-4", "bert-4", (38_900, 31_700, 31_200, 31_000),
         "simulated: bert-4 trained on with a retraining set, and exported with a bounded cache",
         retraining_set=story.RETRAINING_SET),
    _Run(8, 52, "bert-4-large", "bert-4", (56_200, 46_000, 45_300, 45_000),
         "simulated: larger model; 0.5 % better, 30 % slower"),
    _Run(1, 70, "bert-4-60m", "bert-4", (74_800, 61_300, 60_400, 60_000),
         "simulated: 60M letters"),
)  # fmt: skip


def training_runs(scenario: Scenario, at: datetime) -> Columns:
    """Rows of metrics.training_run as they stood at a moment: what had begun by then."""
    begun = []
    for number, run in enumerate(_RUNS, start=1):
        started = scenario.midnight(run.days_ago) - timedelta(hours=3)
        if started <= at:
            begun.append((number, run, started, started + timedelta(hours=run.hours)))
    done = [finished <= at for _, _, _, finished in begun]
    runs = [run for _, run, _, _ in begun]
    letters = np.array([run.letters for run in runs], dtype=np.int64) * 1000
    shares = [
        1.0 if finished <= at else (at - started) / (finished - started)
        for _, _, started, finished in begun
    ]
    return {
        "service": SERVICE,
        "run_id": _texts(f"run-{number:03}" for number, _, _, _ in begun),
        "started_at": _moments(started for _, _, started, _ in begun),
        "finished_at": np.where(
            done, _moments(finished for _, _, _, finished in begun), np.datetime64("NaT")
        ),
        "status": _texts(
            ("failed" if run.failed else "succeeded") if over else "running"
            for run, over in zip(runs, done, strict=True)
        ),
        "model_version": _texts(run.version for run in runs),
        "parent_version": _texts(run.parent for run in runs),
        "letters_raw": letters[:, 0],
        "letters_deduplicated": letters[:, 1],
        "letters_anonymised": letters[:, 2],
        "letters_trained": np.rint(letters[:, 3] * np.array(shares)).astype(np.int64),
        "retraining_set": _texts(
            run.retraining_set if scenario.has_reviews else "" for run in runs
        ),
        "note": _texts(run.note for run in runs),
    }


#: Components that write something other than serving rows, one instance each.
OTHER_COMPONENTS = ("labelling", "feedback", "training", "product")
#: Time after the experiment's last day until its last sums are in.
EXPERIMENT_CLOSES = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Life:
    """How long a component was there; stopped_at only after an orderly stop."""

    component: str
    instance: str
    datacenter: str
    started_at: datetime
    stopped_at: datetime | None = None


def lives(scenario: Scenario, at: datetime, since: datetime | None = None) -> tuple[Life, ...]:
    """Every component that is there at a moment, and those that came and went in the history.

    Args:
        scenario: whose.
        at: the moment.
        since: when the living were started anew; by default, as the story tells.
    """
    return tuple(
        life if since is None or life.stopped_at else replace(life, started_at=since)
        for life in _lives(scenario, at)
    )


def _lives(scenario: Scenario, at: datetime) -> Iterator[Life]:
    begin = scenario.first_moment
    doubled = max(begin, scenario.midnight(story.FLEET_DOUBLED_DAYS_AGO))
    canaries = {story.FIRST_CANARY: story.CANARY_SLOW, story.SECOND_CANARY: story.CANARY_FIXED}
    for instance in INSTANCES:
        datacenter = story.DATACENTERS[instance.datacenter]
        event = canaries.get(instance.name)
        if event is None:
            start = doubled if instance.name.endswith("-b") else begin
            yield Life("inference", instance.name, datacenter, start)
        elif scenario.starts(event) >= begin:
            start, end = scenario.starts(event), scenario.ends(event)
            yield Life("inference", instance.name, datacenter, start, end)
    for component in OTHER_COMPONENTS:
        yield Life(component, component, "", begin)
    over = scenario.midnight(story.EXPERIMENT_DAYS_AGO - story.EXPERIMENT_DAYS) + EXPERIMENT_CLOSES
    started = max(begin, scenario.midnight(story.EXPERIMENT_DAYS_AGO))
    yield Life("experiment", "experiment", "", started, over if over <= at else None)


def heartbeats(lives_now: tuple[Life, ...], beat_at: datetime) -> Columns:
    """Rows of metrics.heartbeat: the living beat now, the others beat last when they stopped."""
    stopped = _moments(life.stopped_at for life in lives_now)
    beats = np.where(np.isnat(stopped), _moments([beat_at]), stopped)
    return {
        "service": SERVICE,
        "component": _texts(life.component for life in lives_now),
        "instance": _texts(life.instance for life in lives_now),
        "datacenter": _texts(life.datacenter for life in lives_now),
        "started_at": _moments(life.started_at for life in lives_now),
        "beat_at": beats,
        "stopped_at": stopped,
    }


def _texts(values: Iterable[str]) -> NDArray[np.object_]:
    return np.array(list(values), dtype=object)


def _moments(values: Iterable[datetime | None]) -> NDArray[np.datetime64]:
    naive = [None if value is None else value.replace(tzinfo=None) for value in values]
    return np.array(naive, dtype="datetime64[us]")
