"""What tests of alerts are made from: minutes in arrays, alerts in memory, a replay by the minute.

Times are minutes from `BEGIN`, as in `tests.fakes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from core.alerts.default_rules import defaults
from core.alerts.evaluation import Evaluated, evaluate
from core.alerts.inputs import Inputs
from core.alerts.machine import advance, fingerprint
from core.alerts.moves import REOPEN_WITHIN
from core.alerts.serving import serving
from core.ports import Counts, Lifetime, Maintenance, Minutes, Release, Slice
from core.ports.alerts import (
    Acknowledgement,
    Act,
    AlertRule,
    Delivery,
    Episode,
    Evaluation,
    Signal,
    Silence,
    Transition,
)
from core.stats.histogram import CELLS
from core.timeframe import MINUTE
from tests.fakes import SERVICE, at

NO_CELLS = np.zeros(CELLS, np.int64)


@dataclass(frozen=True, eq=False)
class GridReader:
    """Fulfils `core.ports.ServingReader` from arrays: one instance 'a' a datacenter.

    Attributes:
        first: the minute of the first column.
        letters: shape (datacenters, minutes), as are the others.
        written: False where a row is missing.
    """

    first: int
    letters: Counts
    errors: Counts
    slow: Counts
    written: np.ndarray
    lives: Sequence[Lifetime] = ()
    deployed: Sequence[Release] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The datacenters."""
        return tuple(f"dc{number + 1}" for number in range(len(self.letters)))

    def without(self, start: int, end: int) -> GridReader:
        """No rows from anyone in [start, end)."""
        written = self.written.copy()
        written[:, start - self.first : end - self.first] = False
        return replace(self, written=written)

    def _cut(self, counts: np.ndarray, start: datetime, end: datetime) -> Counts:
        """The counts of a span; 0 where nothing was written, and outside of what there is."""
        begin = (start - at(self.first)) // MINUTE
        length = (end - start) // MINUTE
        found = np.zeros((len(self.letters), length), np.int64)
        kept = np.where(self.written, counts, 0)[:, max(begin, 0) : max(begin + length, 0)]
        offset = max(-begin, 0)
        found[:, offset : offset + kept.shape[1]] = kept
        return found

    def minutes(self, service: str, start: datetime, end: datetime) -> Minutes:
        """Counts of every minute by datacenter."""
        ones = np.ones_like(self.letters)
        counts = (ones, self.letters, self.errors, self.slow)
        return Minutes(start, self.names, *(self._cut(each, start, end) for each in counts))

    def slices(self, service: str, start: datetime, end: datetime, by: str) -> tuple[Slice, ...]:
        """Totals by datacenter or instance; every letter is of version 'v1'."""
        sums = [
            self._cut(counts, start, end).sum(axis=1)
            for counts in (self.letters, self.errors, self.slow)
        ]
        if by == "model_version":
            return (Slice("v1", *(int(each.sum()) for each in sums), NO_CELLS),)
        keys = [f"{name}/a" if by == "instance" else name for name in self.names]
        return tuple(
            Slice(key, *(int(each[number]) for each in sums), NO_CELLS)
            for number, key in enumerate(keys)
        )

    def last_minutes(self, service: str, before: datetime) -> dict[tuple[str, str], datetime]:
        """The newest minute before a moment of each datacenter's instance."""
        until = max((before - at(self.first)) // MINUTE, 0)
        return {
            (name, "a"): at(self.first + int(np.flatnonzero(seen)[-1]))
            for name, seen in zip(self.names, self.written[:, :until], strict=True)
            if seen.any()
        }

    def lifetimes(self, service: str) -> tuple[Lifetime, ...]:
        """Every known life."""
        return tuple(self.lives)

    def releases(self, service: str, start: datetime, end: datetime) -> tuple[Release, ...]:
        """Deployments of a span."""
        return tuple(one for one in self.deployed if start <= one.deployed_at < end)

    def maintenance(self, service: str, start: datetime, end: datetime) -> tuple[Maintenance, ...]:
        """None was planned."""
        return ()


def steady_grid(first: int, end: int, letters: int = 1_000, datacenters: int = 1) -> GridReader:
    """The same letters every minute of [first, end), all of them well."""
    shape = (datacenters, end - first)
    nothing = np.zeros(shape, np.int64)
    return GridReader(
        first,
        np.full(shape, letters, np.int64),
        nothing,
        nothing,
        np.ones(shape, np.bool_),
    )


def failing(
    grid: GridReader, start: int, end: int, errors: int, datacenter: int = -1
) -> GridReader:
    """So many letters of each minute of [start, end) fail, in one datacenter or in each."""
    counts = grid.errors.copy()
    rows = slice(None) if datacenter < 0 else datacenter
    counts[rows, start - grid.first : end - grid.first] = errors
    return replace(grid, errors=counts)


def rule_named(rule_id: str, **changes: Any) -> AlertRule:
    """One of the default rules, with changes."""
    found = next(rule for rule in defaults(SERVICE) if rule.rule_id == rule_id)
    return replace(found, **changes)


def signal(active: bool | None, labels: Mapping[str, str] | None = None, **more: Any) -> Signal:
    """What a rule 'r' says."""
    told: dict[str, Any] = {"severity": "page", "sentence": f"active: {active}"} | more
    return Signal("r", labels or {"of": "it"}, active, **told)


def rule(wait: int = 0, rule_id: str = "r", **changes: Any) -> AlertRule:
    """A rule of any kind, with a wait in minutes."""
    return replace(rule_named("rows"), rule_id=rule_id, wait=wait * MINUTE, **changes)


def evaluated(*signals: Signal, wait: int = 0, complete: bool = True, why: str = "") -> Evaluated:
    """What the rule 'r' says at a moment."""
    return Evaluated(rule(wait), signals, complete, why)


def episode(number: int = 1, state: str = "firing", **changes: Any) -> Episode:
    """An alert that fired at minute 0; a resolved one ended at minute 10."""
    labels: Mapping[str, str] = changes.get("labels", {"of": str(number)})
    rule_id = changes.get("rule_id", "r")
    fields: dict[str, Any] = {
        "episode_id": number,
        "service": SERVICE,
        "rule_id": rule_id,
        "fingerprint": fingerprint(SERVICE, rule_id, labels),
        "labels": labels,
        "severity": "page",
        "state": state,
        "sentence": f"Alert {number}",
        "began_at": at(0),
        "fired_at": None if state == "pending" else at(0),
        "resolved_at": at(10) if state == "resolved" else None,
        "changed_at": at(0),
        "seen_at": at(0),
    }
    return Episode(**fields | changes)


@dataclass
class Replay:
    """Rules evaluated minute by minute, as the worker does, with the episodes kept in memory.

    Attributes:
        rules: of the service.
        inputs: what is read at a moment.
        history: episodes that ended longer ago than damping looks back.
        log: (minute, rule_id, policy or what is watched, state before, state after).
    """

    rules: Sequence[AlertRule]
    inputs: Callable[[datetime], Inputs]
    episodes: tuple[Episode, ...] = ()
    history: list[Episode] = field(default_factory=list)
    log: list[tuple[int, str, str, str, str]] = field(default_factory=list)

    def minute(self, minute: int) -> None:
        """Evaluate at one minute."""
        moment = at(minute)
        found = advance(
            self.rules, evaluate(self.rules, self.inputs(moment)), self.episodes, moment
        )
        for change in found.changes:
            told = change.episode.labels
            name = told.get("policy") or told.get("watch") or ""
            self.log += [
                (minute, change.episode.rule_id, name, moved.before, moved.after)
                for moved in change.transitions
            ]
        kept = []
        for one in found.episodes:
            over = one.resolved_at is not None and moment - one.resolved_at > REOPEN_WITHIN
            (self.history if over else kept).append(one)
        self.episodes = tuple(kept)

    def run(self, first: int, end: int) -> Replay:
        """Evaluate at every minute of [first, end)."""
        for minute in range(first, end):
            self.minute(minute)
        return self

    def moves(self, rule_id: str, name: str) -> list[tuple[int, str]]:
        """When which state began."""
        return [
            (minute, after)
            for minute, rid, told, _, after in self.log
            if (rid, told) == (rule_id, name)
        ]


def replay_of(grid: GridReader, *rule_ids: str) -> Replay:
    """Replay a grid of minutes by some of the default rules, all of which need serving alone."""
    return Replay(
        [rule_named(rule_id) for rule_id in rule_ids],
        lambda moment: Inputs(SERVICE, moment, serving=serving(grid, SERVICE, moment)),
    )


@dataclass(frozen=True)
class FakeAlertReader:
    """Fulfils `core.ports.alerts.AlertReader` from what a test kept, all of one service."""

    kept_rules: Sequence[AlertRule] = ()
    kept: Sequence[Episode] = ()
    moved: Sequence[Transition] = ()
    made: Sequence[Acknowledgement] = ()
    quiet: Sequence[Silence] = ()
    looked: Sequence[Evaluation] = ()
    sent: Sequence[Delivery] = ()
    in_incidents: frozenset[int] = frozenset()
    done: Sequence[Act] = ()

    def rules(self, service: str) -> tuple[AlertRule, ...]:
        """Every rule, by rule_id."""
        return tuple(sorted(self.kept_rules, key=lambda one: one.rule_id))

    def open_episodes(self, service: str, as_of: datetime) -> tuple[Episode, ...]:
        """Episodes that are open, the oldest first."""
        found = [one for one in self.kept if one.resolved_at is None and one.began_at <= as_of]
        return tuple(sorted(found, key=lambda one: one.began_at))

    def episodes(self, service: str, start: datetime, end: datetime) -> tuple[Episode, ...]:
        """Episodes that ran in a span, the newest first."""
        found = [
            one
            for one in self.kept
            if one.began_at < end and (one.resolved_at is None or one.resolved_at >= start)
        ]
        return tuple(sorted(found, key=lambda one: one.began_at, reverse=True))

    def transitions(self, service: str, start: datetime, end: datetime) -> tuple[Transition, ...]:
        """Changes of state in a span, oldest first."""
        return tuple(one for one in self.moved if start <= one.at < end)

    def acknowledgements(
        self, service: str, start: datetime, end: datetime
    ) -> tuple[Acknowledgement, ...]:
        """Acknowledgements made in a span, oldest first."""
        return tuple(one for one in self.made if start <= one.at < end)

    def acts(self, service: str, start: datetime, end: datetime) -> tuple[Act, ...]:
        """What else was done in a span, oldest first."""
        return tuple(one for one in self.done if start <= one.at <= end)

    def silences(self, as_of: datetime) -> tuple[Silence, ...]:
        """Silences that run or begin later."""
        return tuple(one for one in self.quiet if (one.ended_at or one.ends_at) > as_of)

    def silences_between(self, start: datetime, end: datetime) -> tuple[Silence, ...]:
        """Silences that ran at some time of a span."""
        return tuple(
            one
            for one in self.quiet
            if one.starts_at < end and (one.ended_at or one.ends_at) > start
        )

    def handled(self, service: str, start: datetime, end: datetime) -> frozenset[int]:
        """Episodes that were escalated or added to an incident."""
        return self.in_incidents

    def evaluations(self, service: str, as_of: datetime) -> tuple[Evaluation, ...]:
        """The newest evaluations, the newest first."""
        found = [one for one in self.looked if one.at <= as_of]
        return tuple(sorted(found, key=lambda one: one.at, reverse=True)[:60])

    def deliveries(self, service: str, start: datetime, end: datetime) -> tuple[Delivery, ...]:
        """Notifications made in a span, the newest first."""
        found = [one for one in self.sent if start <= one.created_at < end]
        return tuple(sorted(found, key=lambda one: one.created_at, reverse=True))
