"""What went quiet: rows, instances, metric tables, the worker.

Silence is the signal here: nothing in this module is unknown because nothing was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from core import wording
from core.alerts.checks.answer import Answer, present
from core.alerts.inputs import Inputs
from core.alerts.parameters import Quiet, Tables
from core.ports.alerts import AlertRule, Signal
from core.reliability.lives import Life, lives, newest_beat
from core.timeframe import MINUTE

#: The components whose instances write serving minutes.
_WRITES_MINUTES = "inference"


def rows(rule: AlertRule, asked: Quiet, inputs: Inputs) -> Answer:
    """Nobody writes serving minutes though somebody should.

    Somebody should as long as not every instance has been stopped in order; without any heartbeats,
    for ever after the first row. A service that never wrote has not begun.
    """
    serving = present(inputs.serving)
    stopped = bool(serving.lives) and all(life.ended_at is not None for life in serving.lives)
    if serving.newest is None or stopped:
        sentence = f"Nobody is expected to write rows of {serving.service}"
        return Answer((_signal(rule, {"watch": "rows"}, None, serving.end, sentence),))
    since = serving.newest + MINUTE
    quiet = serving.end - since
    sentence = f"No row of {serving.service} since {wording.clock(since, serving.end)}"
    if quiet > asked.after:
        sentence += ": nothing is known of it"
    active = since if quiet > asked.after else None
    labels = {"watch": "rows"}
    return Answer((_signal(rule, labels, active, serving.end, sentence, after=asked.after),))


def heartbeat(rule: AlertRule, asked: Quiet, inputs: Inputs) -> Answer:
    """One signal an instance of any component that has not been stopped in order.

    It is active where the heart has not beaten for too long, or where an instance that should write
    serving minutes beats and writes none. An instance whose heart stopped a day ago while others
    beat is taken to be gone, as in the coverage, and is not watched any longer.
    """
    serving, beats = present(inputs.serving), present(inputs.heartbeats)
    silent = {(found.datacenter, found.instance): found.since for found in serving.covered.silent}
    signals = []
    for component in sorted({life.component for life in beats}):
        of_component = [life for life in beats if life.component == component]
        writes = component == _WRITES_MINUTES
        unheard = silent if writes else {}
        known = lives(of_component, serving.last_minutes if writes else {}, serving.end)
        newest = newest_beat(known)
        signals += [
            _beat(rule, asked, component, life, silent=unheard, end=serving.end)
            for life in known
            if life.expected_until(newest) is None
        ]
    return Answer(tuple(signals))


def tables(rule: AlertRule, asked: Tables, inputs: Inputs) -> Answer:
    """One signal a metric table that has ever had a row and has a rhythm to be held to."""
    states = present(inputs.tables)
    chosen = [
        state
        for state in states
        if state.table.newest is not None
        and state.word != "events"
        and (not asked.names or state.table.table in asked.names)
    ]
    signals = []
    for state in chosen:
        newest = present(state.table.newest)
        ended = newest + state.table.step
        sentence = (
            f"Table {state.table.table} of {inputs.service} ends at "
            f"{wording.clock(ended, inputs.as_of)}"
        )
        labels = {"watch": "table", "table": state.table.table}
        active = ended if state.stale else None
        signals.append(_signal(rule, labels, active, inputs.as_of, sentence))
    return Answer(tuple(signals))


def worker(rule: AlertRule, asked: Quiet, inputs: Inputs) -> Answer:
    """The worker that rolls up and evaluates: when it last ticked, and what went wrong in it.

    A worker that is dead evaluates nothing, this check included; whoever looks at the report of
    alerts is told by the age of the last evaluation. This finds a rollup that fails or hangs while
    alerts are evaluated.
    """
    pulse = present(inputs.worker)
    at, labels = inputs.as_of, {"watch": "worker"}
    if pulse.ticked_at is None:
        return Answer((_signal(rule, labels, at, at, "The worker has never finished a tick"),))
    if at - pulse.ticked_at > asked.after:
        since = wording.clock(pulse.ticked_at, at)
        sentence = f"The worker has finished no tick since {since}: numbers stand still"
        return Answer((_signal(rule, labels, pulse.ticked_at, at, sentence),))
    if pulse.error:
        sentence = f"The worker's last tick had errors: {_first(pulse.error)}"
        return Answer((_signal(rule, labels, pulse.ticked_at, at, sentence),))
    return Answer((_signal(rule, labels, None, at, "The worker ticks"),))


def _beat(
    rule: AlertRule,
    asked: Quiet,
    component: str,
    life: Life,
    *,
    silent: Mapping[tuple[str, str], datetime],
    end: datetime,
) -> Signal:
    place = f"{life.datacenter}/{life.instance}" if life.datacenter else life.instance
    labels = {
        "watch": "instance",
        "component": component,
        "datacenter": life.datacenter,
        "instance": life.instance,
    }
    who = f"{component} {place} of {rule.service}"
    if end - life.beat_at > asked.after:
        sentence = f"{who} has not beaten since {wording.clock(life.beat_at, end)}"
        return _signal(rule, labels, life.beat_at, end, sentence, place=place, after=asked.after)
    since = silent.get(life.key)
    if since is not None:
        sentence = f"{who} beats, but has written no row since {wording.clock(since, end)}"
        return _signal(rule, labels, since, end, sentence, place=place)
    return _signal(rule, labels, None, end, f"{who} beats", place=place)


def _signal(
    rule: AlertRule,
    labels: Mapping[str, str],
    quiet_since: datetime | None,
    at: datetime,
    sentence: str,
    *,
    place: str = "",
    after: timedelta | None = None,
) -> Signal:
    """A signal that is active if something has been quiet since a moment.

    Its condition began to hold when the silence became too long, not when it began.
    """
    since = None if quiet_since is None or after is None else quiet_since + after
    return Signal(
        rule_id=rule.rule_id,
        labels=labels,
        active=quiet_since is not None,
        severity=rule.severity,
        sentence=sentence,
        since=since,
        value=None if quiet_since is None else (at - quiet_since) / MINUTE,
        evidence={} if quiet_since is None else {"quiet_since": quiet_since.isoformat()},
        where=(place,) if place else (),
    )


def _first(errors: str) -> str:
    """The beginning of an error: the rest is on the worker's own page and log."""
    return errors if len(errors) <= 200 else errors[:199] + "…"
