"""The report of alerts: one frozen value for triage page, terminal and export."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.alerts.grouping import in_order
from core.alerts.history import Acts, History, history
from core.alerts.rules import ConfigurationError, configuration_errors
from core.alerts.silences import runs, silence_of
from core.ports.alerts import (
    Acknowledgement,
    Act,
    AlertReader,
    AlertRule,
    Delivery,
    Episode,
    Evaluation,
    Silence,
    Transition,
)
from core.timeframe import DAY, MINUTE, Span, Window, span_of

#: Rules are evaluated every minute; an evaluation that is older than this is late.
LATE_AFTER = 3 * MINUTE
#: What history looks at where nobody says otherwise.
HISTORY = Window(30 * DAY)


@dataclass(frozen=True, slots=True)
class Shown:
    """An open alert with what people did about it.

    Attributes:
        rule: None where it was deleted.
        acknowledgement: the one that holds at as_of; None where nobody has it in hand.
        silence: the one that covers it at as_of.
        inhibited_by: the page that says the same; None where it calls by itself.
        deliveries: its notifications of the report's span, the newest first.
        acts: notes, escalations and the like since it began, oldest first.
    """

    episode: Episode
    rule: AlertRule | None
    acknowledgement: Acknowledgement | None
    silence: Silence | None
    inhibited_by: Episode | None
    deliveries: tuple[Delivery, ...]
    acts: tuple[Act, ...] = ()

    @property
    def calls(self) -> bool:
        """Whether it calls somebody now."""
        return (
            self.episode.state != "pending"
            and self.silence is None
            and self.inhibited_by is None
            and self.acknowledgement is None
        )


@dataclass(frozen=True, slots=True)
class Health:
    """Whether alerts are evaluated at all: if not, that nothing fires says nothing.

    Attributes:
        last: the newest evaluation; None without any.
        age: since then; None without any.
        late: the newest evaluation is older than LATE_AFTER, or there is none.
        slowest: seconds, of the newest evaluations; None without any.
        errors: of the newest evaluation, as sentences.
    """

    last: Evaluation | None
    age: timedelta | None
    late: bool
    slowest: float | None
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertsReport:
    """Everything that is shown of a service's alerts.

    Attributes:
        span: of the history.
        open: every open alert in the order in which somebody should look at them.
        silences: that run at as_of or begin later, of any service.
        transitions: of the span, the newest first.
        episodes: that ran in the span, the newest first.
        acknowledgements: made in the span, and of open alerts before it, oldest first.
        deliveries: notifications made in the span, the newest first.
        errors: rules that are wrong, without owner or without runbook.
    """

    service: str
    as_of: datetime
    span: Span
    rules: tuple[AlertRule, ...]
    open: tuple[Shown, ...]
    silences: tuple[Silence, ...]
    errors: tuple[ConfigurationError, ...]
    health: Health
    history: History
    transitions: tuple[Transition, ...]
    episodes: tuple[Episode, ...]
    acknowledgements: tuple[Acknowledgement, ...]
    deliveries: tuple[Delivery, ...]

    def deliveries_of(self, episode_id: int) -> tuple[Delivery, ...]:
        """The notifications of one alert, the newest first."""
        return tuple(one for one in self.deliveries if one.episode_id == episode_id)

    def in_state(self, *states: str) -> tuple[Shown, ...]:
        """Open alerts in one of some states, in their order."""
        return tuple(one for one in self.open if one.episode.state in states)

    @property
    def firing(self) -> tuple[Shown, ...]:
        """What fires now."""
        return self.in_state("firing")

    @property
    def unknown(self) -> tuple[Shown, ...]:
        """What fired and cannot be judged: data are missing."""
        return self.in_state("unknown")

    @property
    def pending(self) -> tuple[Shown, ...]:
        """What will fire if it lasts."""
        return self.in_state("pending")

    @property
    def calling(self) -> tuple[Shown, ...]:
        """What calls somebody now: nobody has it in hand, nothing keeps it quiet."""
        return tuple(one for one in self.open if one.calls)


def report(
    reader: AlertReader,
    service: str,
    as_of: datetime,
    window: Window = HISTORY,
    runbooks: Collection[str] | None = None,
) -> AlertsReport:
    """Put together how a service's alerts stand at a moment.

    Args:
        reader: the store.
        service: whose alerts.
        as_of: the moment.
        window: of the history.
        runbooks: ids of the runbooks that exist; None where they are not known.

    Raises:
        ValueError: as_of has no zone.
    """
    span = span_of(window, as_of)
    rules = reader.rules(service)
    episodes = reader.episodes(service, span.start, as_of)
    still_open = reader.open_episodes(service, as_of)
    since = _earliest(still_open, span)
    made = reader.acknowledgements(service, since, as_of)
    done = reader.acts(service, since, as_of)
    silences = reader.silences(as_of)
    acts = Acts(
        made,
        reader.silences_between(span.start, as_of),
        reader.handled(service, span.start, as_of),
    )
    deliveries: dict[int, list[Delivery]] = {}
    made_known = reader.deliveries(service, span.start, as_of)
    for delivery in made_known:
        deliveries.setdefault(delivery.episode_id, []).append(delivery)
    named = {rule.rule_id: rule for rule in rules}
    return AlertsReport(
        service=service,
        as_of=as_of,
        span=span,
        rules=rules,
        open=tuple(
            Shown(
                episode=one,
                rule=named.get(one.rule_id),
                acknowledgement=_held(one, made, as_of),
                silence=silence_of(silences, one, as_of),
                inhibited_by=_inhibitor(one, still_open),
                deliveries=tuple(deliveries.get(one.episode_id, ())),
                acts=tuple(act for act in done if act.episode_id == one.episode_id),
            )
            for one in in_order(still_open)
        ),
        silences=tuple(one for one in silences if runs(one, as_of) or one.starts_at > as_of),
        errors=configuration_errors(rules, runbooks),
        health=_health(reader.evaluations(service, as_of), as_of),
        history=history(episodes, rules, acts, as_of),
        transitions=tuple(reversed(reader.transitions(service, span.start, as_of))),
        episodes=episodes,
        acknowledgements=made,
        deliveries=made_known,
    )


def _earliest(still_open: Sequence[Episode], span: Span) -> datetime:
    """An alert may be older than the span, and so may be who has it in hand."""
    return min([span.start, *(one.began_at for one in still_open)])


def _held(
    episode: Episode, made: Sequence[Acknowledgement], as_of: datetime
) -> Acknowledgement | None:
    """The newest acknowledgement that holds."""
    holding = [
        one for one in made if one.episode_id == episode.episode_id and one.at <= as_of < one.until
    ]
    return max(holding, key=lambda one: one.at, default=None)


def _inhibitor(episode: Episode, still_open: Sequence[Episode]) -> Episode | None:
    by: Mapping[str, Episode] = {one.fingerprint: one for one in still_open}
    return by.get(episode.inhibited_by)


def _health(newest: Sequence[Evaluation], as_of: datetime) -> Health:
    if not newest:
        return Health(None, None, late=True, slowest=None, errors=())
    last = newest[0]
    age = as_of - last.at
    slowest = max(one.seconds for one in newest)
    return Health(last, age, age > LATE_AFTER, slowest, last.errors)
