"""What the story's incidents raised: the default rules, looked at again minute by minute.

The rules and the machine are those that the worker uses; what they say is kept as the worker would
have kept it. All of it is written in one transaction and nothing in it is left open, so that a
worker that evaluates the present meanwhile finds nothing of it to go on with. Nobody is notified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import perf_counter

from sqlalchemy import Connection, Engine, text

from core.alerts.default_rules import defaults
from core.alerts.evaluation import evaluate, recorded
from core.alerts.inputs import Inputs
from core.alerts.machine import advance
from core.alerts.moves import REOPEN_WITHIN
from core.alerts.rules import needs
from core.alerts.serving import serving
from core.ports.alerts import Acknowledgement, AlertRule, Episode, Evaluation, Transition
from core.timeframe import HOUR, MINUTE
from db.alerting.storing import KEEP_EVALUATIONS
from db.demo.newsletters import story
from db.demo.newsletters.simulated_minutes import SimulatedMinutes
from db.demo.newsletters.story import SERVICE, Event, Scenario
from db.readers.alert_rows import row_of
from db.team.alert_episodes import move

#: Rules are looked at from so long before an event, and until everything that it raised is over:
#: the longest short window of a policy, six hours, is then past it.
BEFORE, LONGEST_AFTER = 5 * MINUTE, 7 * HOUR
#: Nothing that ended less than this ago counts as quiet: it might begin again.
QUIET_AFTER = REOPEN_WITHIN + MINUTE
#: Tickets wait until the pages are dealt with.
TICKETS_AFTER = timedelta(minutes=40)
#: Somebody has an alert in hand for so long.
IN_HAND = 4 * HOUR

#: What a simulated click is called; a second fill finds it.
_CLICK = "simulated alert "
_WRITTEN = text("""
    select exists (select from team.alert_acknowledgement
        where service = :service and starts_with(request_id, :click))""")
_EPISODE = text("""
    insert into team.alert_episode (service, rule_id, fingerprint, labels, severity, state,
        sentence, began_at, fired_at, resolved_at, changed_at, seen_at, quiet_since, flaps,
        inhibited_by, value, evidence, place)
    values (:service, :rule_id, :fingerprint, :labels, :severity, :state, :sentence, :began_at,
        :fired_at, :resolved_at, :changed_at, :seen_at, :quiet_since, :flaps, :inhibited_by,
        :value, :evidence, :place)
    returning episode_id""")
_ACKNOWLEDGEMENT = text("""
    insert into team.alert_acknowledgement
        (service, episode_id, by, at, note, until, request_id)
    values (:service, :episode_id, :by, :at, :note, :until, :request_id)""")
_EVALUATION = text("""
    insert into team.alert_evaluation (service, at, seconds, rules, active, unknown, errors)
    values (:service, :at, :seconds, :rules, :active, :unknown, :errors)
    on conflict (service, at) do nothing""")


@dataclass(frozen=True, slots=True)
class Watched:
    """An event, and how whoever was on call took what it raised.

    Attributes:
        reacts: from a page to its acknowledgement; None where nobody woke up.
        note: what they said.
    """

    event: Event
    reacts: timedelta | None
    note: str


WATCHED = (
    Watched(
        story.SLOW_DISK, timedelta(minutes=5),
        "simulated: reads of the feature store are slow; its neighbour is being moved",
    ),
    Watched(
        story.CANARY_SLOW, timedelta(minutes=9),
        "simulated: it is the canary in dc1; taking it back",
    ),
    Watched(
        story.DATACENTER_LOST, timedelta(minutes=3),
        "simulated: dc2 cannot be reached; the balancer has moved its letters",
    ),
    Watched(story.GAP, None, ""),
)  # fmt: skip


@dataclass(slots=True)
class History:
    """What a stretch of minutes raised.

    Attributes:
        episodes: by a number of their own, as they are at its end.
        moves: every change of state with the episode as it was after it, oldest first.
        evaluations: every look at the rules.
    """

    episodes: dict[int, Episode] = field(default_factory=dict)
    moves: list[tuple[Episode, Transition]] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether nothing is open."""
        return all(one.resolved_at is not None for one in self.episodes.values())


def rules() -> tuple[AlertRule, ...]:
    """The default rules that need nothing but serving minutes."""
    return tuple(rule for rule in defaults(SERVICE) if needs(rule) == {"serving"})


def replay(reader: SimulatedMinutes, scenario: Scenario, event: Event) -> History:
    """Look at the rules in every minute from shortly before an event until all of it is over."""
    found = History()
    moment, ends = scenario.starts(event) - BEFORE, scenario.ends(event)
    while moment < ends + LONGEST_AFTER:
        _look(found, reader, moment)
        moment += MINUTE
        if found.over and moment > _last_end(found, ends) + QUIET_AFTER:
            break
    return found


def _last_end(found: History, ends: datetime) -> datetime:
    return max([ends, *(one.resolved_at for one in found.episodes.values() if one.resolved_at)])


def _look(found: History, reader: SimulatedMinutes, at: datetime) -> None:
    """One evaluation, as the worker makes one every minute."""
    began = perf_counter()
    watched = rules()
    evaluations = evaluate(watched, Inputs(SERVICE, at, serving=serving(reader, SERVICE, at)))
    recent = [
        one
        for one in found.episodes.values()
        if one.resolved_at is None or at - one.resolved_at <= REOPEN_WITHIN
    ]
    for change in advance(watched, evaluations, recent, at).changes:
        episode = change.episode
        if change.begins:
            episode = replace(episode, episode_id=len(found.episodes) + 1)
        found.episodes[episode.episode_id] = episode
        found.moves += [(episode, moved) for moved in change.transitions]
    found.evaluations.append(recorded(SERVICE, at, perf_counter() - began, evaluations))


def acknowledgements(
    watched: Watched, found: History, on_call: Callable[[datetime], str]
) -> tuple[Acknowledgement, ...]:
    """Who had which episode in hand: what was over before anybody came is nobody's.

    Args:
        watched: the event.
        found: what it raised.
        on_call: who was on call at a moment.
    """
    if watched.reacts is None:
        return ()
    made = []
    for number, episode in found.episodes.items():
        if episode.fired_at is None or episode.resolved_at is None:
            continue
        page = episode.severity == "page"
        at = episode.fired_at + (watched.reacts if page else TICKETS_AFTER)
        if at < episode.resolved_at:
            made.append(Acknowledgement(number, on_call(at), at, watched.note, at + IN_HAND))
    return tuple(made)


def write(
    app: Engine,
    scenario: Scenario,
    reader: SimulatedMinutes,
    on_call: Callable[[datetime], str],
) -> None:
    """Write what the events of a history raised, all at once, unless it is written.

    Args:
        app: the store, as greenlight_app.
        scenario: whose history; events before it raised nothing.
        reader: its minutes.
        on_call: who was on call at a moment.
    """
    with app.connect() as connection:
        if connection.execute(_WRITTEN, {"service": SERVICE, "click": _CLICK}).scalar_one():
            return
    told = []
    # The newest first: the fill has just drawn the newest hours for their letters.
    for watched in reversed(WATCHED):
        if scenario.has(watched.event):
            found = replay(reader, scenario, watched.event)
            told.append((watched.event, found, acknowledgements(watched, found, on_call)))
    with app.begin() as connection:
        for event, found, made in reversed(told):
            _store(connection, event, found, made)
            _store_evaluations(connection, found.evaluations, scenario.anchor - KEEP_EVALUATIONS)


def _store(
    connection: Connection, event: Event, found: History, made: Sequence[Acknowledgement]
) -> None:
    known = {
        number: int(connection.execute(_EPISODE, row_of(episode)).scalar_one())
        for number, episode in found.episodes.items()
    }
    for episode, moved in found.moves:
        number = known[episode.episode_id]
        move(connection, replace(episode, episode_id=number), replace(moved, episode_id=number))
    for one in made:
        row = {
            "service": SERVICE,
            "episode_id": known[one.episode_id],
            "by": one.by,
            "at": one.at,
            "note": one.note,
            "until": one.until,
            "request_id": f"{_CLICK}{event.name} {one.episode_id}",
        }
        connection.execute(_ACKNOWLEDGEMENT, row)


def _store_evaluations(
    connection: Connection, looked: Iterable[Evaluation], since: datetime
) -> None:
    """Those that a worker would still keep."""
    rows = [
        {
            "service": one.service,
            "at": one.at,
            "seconds": one.seconds,
            "rules": one.rules,
            "active": one.active,
            "unknown": one.unknown,
            "errors": list(one.errors),
        }
        for one in looked
        if one.at >= since
    ]
    if rows:
        connection.execute(_EVALUATION, rows)
