"""What an evaluation makes of a service's alerts, stored in one transaction with what it tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from core.alerts.evaluation import Evaluated
from core.alerts.machine import Change, advance
from core.alerts.moves import REOPEN_WITHIN
from core.alerts.routing import event_of
from core.ports.alerts import AlertRule, Evaluation
from core.risks.watch import Watched
from core.timeframe import DAY
from db.alerting.escalations import escalate_what_is_due
from db.notifications.outbox import enqueue
from db.readers.alert_rows import EPISODE_COLUMNS, episode_of, row_of
from db.team.alert_episodes import move
from db.team.risks import open_plans_b

#: Evaluations are kept for as long as reports of alerts look back.
KEEP_EVALUATIONS: timedelta = 30 * DAY
_BEGIN = text("""
    insert into team.alert_evaluation (service, at, seconds, rules, active, unknown, errors)
    select :service, :at, :seconds, :rules, :active, :unknown, :errors
    where not exists (
        select from team.alert_evaluation where service = :service and at >= :at)
    on conflict (service, at) do nothing""")
_PRUNE = text("""
    delete from team.alert_evaluation where service = :service and at < :before""")
# The alerts of drills have no rule: they begin and end by hand.
_EPISODES = text(f"""
    select {EPISODE_COLUMNS} from team.alert_episode episode
    where service = :service and not drill
        and (resolved_at is null or resolved_at >= :since)
    order by episode_id
    for update""")
_INSERT = text("""
    insert into team.alert_episode (service, rule_id, fingerprint, labels, severity, state,
        sentence, began_at, fired_at, resolved_at, changed_at, seen_at, quiet_since, flaps,
        inhibited_by, resolved_by, value, evidence, place)
    values (:service, :rule_id, :fingerprint, :labels, :severity, :state, :sentence, :began_at,
        :fired_at, :resolved_at, :changed_at, :seen_at, :quiet_since, :flaps, :inhibited_by,
        :resolved_by, :value, :evidence, :place)
    returning episode_id""")
_UPDATE = text("""
    update team.alert_episode set severity = :severity, state = :state, sentence = :sentence,
        began_at = :began_at, fired_at = :fired_at, resolved_at = :resolved_at,
        changed_at = :changed_at, seen_at = :seen_at, quiet_since = :quiet_since, flaps = :flaps,
        inhibited_by = :inhibited_by, resolved_by = :resolved_by, value = :value,
        evidence = :evidence, place = :place
    where episode_id = :episode_id""")


@dataclass(frozen=True, slots=True)
class Said:
    """What all rules of a service said at one moment.

    Attributes:
        rules: all of the service, those that are switched off too.
        evaluated: of those that were evaluated.
        seconds: how long reading and evaluating took.
        red_lines: of its risks, where they were looked at: what is crossed opens plan B.
    """

    service: str
    rules: Sequence[AlertRule]
    evaluated: Sequence[Evaluated]
    seconds: float
    red_lines: Sequence[Watched] = ()

    def evaluation(self, at: datetime) -> Evaluation:
        """The evaluation as it is shown; a rule that cannot be evaluated is unknown too."""
        signals = [signal for one in self.evaluated for signal in one.signals]
        dark = sum(not one.complete for one in self.evaluated)
        return Evaluation(
            service=self.service,
            at=at,
            seconds=self.seconds,
            rules=len(self.evaluated),
            active=sum(signal.active is True for signal in signals),
            unknown=sum(signal.active is None for signal in signals) + dark,
            errors=tuple(one.error for one in self.evaluated if one.error),
        )


def store(engine: Engine, said: Said, *, at: datetime, now: datetime, base_url: str) -> int | None:
    """Bring a service's alerts up to an evaluation.

    Args:
        engine: the store, as greenlight_worker.
        said: what its rules say.
        at: the minute that is evaluated.
        now: the present, which acknowledgements and silences are held against.
        base_url: where the dashboard is reached; '' leaves links out of the notifications.

    Returns:
        How many alerts changed their state; None where this minute or a later one was evaluated
        already: then nothing is stored.
    """
    with engine.begin() as connection:
        if not _begin(connection, said.evaluation(at)):
            return None
        before = at - KEEP_EVALUATIONS
        connection.execute(_PRUNE, {"service": said.service, "before": before})
        asked = {"service": said.service, "since": at - REOPEN_WITHIN}
        rows = connection.execute(_EPISODES, asked).mappings()
        steps = advance(said.rules, said.evaluated, [episode_of(row) for row in rows], at)
        _store(connection, steps.changes, at, base_url)
        open_plans_b(connection, said.red_lines, at)
        escalate_what_is_due(connection, said.service, now, base_url)
    return len(steps.transitions)


def _begin(connection: Connection, evaluation: Evaluation) -> bool:
    """Claim the minute; a second worker waits here, and then finds it taken."""
    row = {
        "service": evaluation.service,
        "at": evaluation.at,
        "seconds": evaluation.seconds,
        "rules": evaluation.rules,
        "active": evaluation.active,
        "unknown": evaluation.unknown,
        "errors": list(evaluation.errors),
    }
    return connection.execute(_BEGIN, row).rowcount == 1


def _store(connection: Connection, changes: Iterable[Change], at: datetime, base_url: str) -> None:
    """Store what changed: what ends before what begins, so that an alert runs once at a time."""
    every = sorted(changes, key=lambda change: change.begins)
    same = [row_of(change.episode) for change in every if not change.begins]
    if same:
        connection.execute(_UPDATE, same)
    for change in every:
        episode = change.episode
        if change.begins:
            number = connection.execute(_INSERT, row_of(episode)).scalar_one()
            episode = replace(episode, episode_id=number)
        for moved in change.transitions:
            move(connection, episode, replace(moved, episode_id=episode.episode_id))
            event = event_of(moved.before, moved.after)
            if event is not None:
                enqueue(connection, episode, event, at=at, base_url=base_url)
