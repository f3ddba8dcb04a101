"""What `core.alerts` asks of a store, and the plain values of rules, episodes and silences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from core.ports.reliability import Lifetime

#: What a rule watches.
RULE_KINDS = ("slo_burn", "liveness", "counter", "quality", "product", "plan")
#: 'page' calls somebody now, 'ticket' is for working hours.
SEVERITIES = ("page", "ticket")
#: The states of an episode; 'unknown' is a firing one whose data is missing.
STATES = ("pending", "firing", "unknown", "resolved")


@dataclass(frozen=True, slots=True)
class AlertRule:
    """When somebody is called (team.alert_rule).

    Attributes:
        rule_id: unique in its service, e.g. 'slo-availability'.
        kind: one of RULE_KINDS.
        check: what of its kind is evaluated, e.g. 'burn', 'heartbeat', 'traffic_vanished'.
        parameters: of the check, e.g. {"sli": "availability", "policies": [...]}.
        severity: of its alerts, where the check does not say ('page_fast' pages, whatever this is).
        wait: how long the condition has to hold before a pending alert fires.
        owner: who answers for it; '' is a configuration error.
        runbook_id: what to do; '' is a configuration error.
        revision: grows with every change, for optimistic locking.
    """

    service: str
    rule_id: str
    name: str
    kind: str
    check: str
    parameters: Mapping[str, Any]
    severity: str
    wait: timedelta
    owner: str
    runbook_id: str
    enabled: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Signal:
    """What one rule says of one thing that it watches, at one evaluation.

    Attributes:
        labels: what it is about, e.g. {"sli": "availability", "policy": "page_fast"}; together with
            service and rule they make the fingerprint.
        active: whether the condition holds; None is unknown, because data is missing.
        severity: 'page' or 'ticket'.
        sentence: what is the matter, for whoever is woken by it.
        since: when the condition began to hold, as far as the data tell.
        value: the number that was compared; None where there is none.
        threshold: what it was compared with.
        evidence: figures behind it, as JSON knows them.
        where: narrower places that carry it, e.g. ('dc2',); empty for everywhere or unknown.
    """

    rule_id: str
    labels: Mapping[str, str]
    active: bool | None
    severity: str
    sentence: str
    since: datetime | None = None
    value: float | None = None
    threshold: float | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Episode:
    """One run of an alert from pending to resolved (team.alert_episode).

    Attributes:
        episode_id: the store's number; 0 for one that is not stored yet.
        fingerprint: of service, rule and labels.
        state: one of STATES.
        began_at: when it became pending.
        fired_at: when it fired; None while it never has.
        resolved_at: when it ended; None while it runs.
        changed_at: when the state last changed.
        seen_at: the last evaluation that looked at it; its rule may be looked at less often than
            every minute.
        quiet_since: since when its condition has not held while it is kept firing by damping.
        flaps: how often it fired again soon after it had been resolved.
        inhibited_by: fingerprint of the page that makes this ticket superfluous; '' for none.
        drill: raised by a drill: does not count against anything.
        resolved_by: who resolved it by hand; '' where the data did.
        sentence: of the last signal that was active.
    """

    episode_id: int
    service: str
    rule_id: str
    fingerprint: str
    labels: Mapping[str, str]
    severity: str
    state: str
    sentence: str
    began_at: datetime
    fired_at: datetime | None
    resolved_at: datetime | None
    changed_at: datetime
    seen_at: datetime
    quiet_since: datetime | None = None
    flaps: int = 0
    inhibited_by: str = ""
    drill: bool = False
    resolved_by: str = ""
    value: float | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of an episode's state; kept for ever (team.alert_transition).

    Attributes:
        episode_id: 0 for an episode that is not stored yet.
        before: '' where the episode begins with it.
    """

    episode_id: int
    at: datetime
    before: str
    after: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody has an episode in hand, until a time (team.alert_acknowledgement)."""

    episode_id: int
    by: str
    at: datetime
    note: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """What was said or done about an episode beside taking it in hand (team.alert_act).

    Attributes:
        kind: 'note', 'escalated' or 'resolved' (by hand).
        by: who did; '' for an escalation that fell due because nobody had acknowledged.
        text: the note, the reason, or what is told; data, never markdown.
        escalate_to: whom an escalation calls; '' for whoever the alert concerns, and for others.
    """

    episode_id: int
    kind: str
    by: str
    at: datetime
    text: str
    escalate_to: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts that call nobody for a while (team.alert_silence).

    Attributes:
        matchers: label -> value that has to be equal; the labels 'service', 'rule' and 'severity'
            count as well. All have to match; never empty.
        ended_at: when it was ended early; None otherwise.
    """

    silence_id: int
    matchers: Mapping[str, str]
    reason: str
    author: str
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One look of the worker at a service's rules (team.alert_evaluation)."""

    service: str
    at: datetime
    seconds: float
    rules: int
    active: int
    unknown: int
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notification on its way (team.notification).

    Attributes:
        status: 'waiting', 'sent', 'failed' (given up) or 'held' (quiet hours, silence, inhibition).
        error: why the last attempt failed, without secrets.
    """

    notification_id: int
    episode_id: int
    channel: str
    event: str
    status: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    next_attempt_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class ShadowRun:
    """What a candidate beside production did in a span (metrics.shadow_hour).

    Attributes:
        first_hour: the first hour with a row.
        last_hour: the last hour with a row.
        letters: that both decided.
        user_visible: letters whose handling the candidate changed; must be 0.
    """

    production_version: str
    candidate_version: str
    first_hour: datetime
    last_hour: datetime
    letters: int
    user_visible: int


class WatchReader(Protocol):
    """What alerts look at that no other area's reader tells."""

    def heartbeats(self, service: str) -> tuple[Lifetime, ...]:
        """The newest life of each instance of every component of a service."""

    def shadow_runs(self, service: str, start: datetime, end: datetime) -> tuple[ShadowRun, ...]:
        """Shadow runs with rows in a span, summed over segments, by candidate and production."""


class AlertReader(Protocol):
    """What `core.alerts` asks. Everything is as it was known at as_of."""

    def rules(self, service: str) -> tuple[AlertRule, ...]:
        """Every rule of a service, by rule_id."""

    def open_episodes(self, service: str, as_of: datetime) -> tuple[Episode, ...]:
        """Episodes that were not resolved at as_of, the oldest first."""

    def episodes(self, service: str, start: datetime, end: datetime) -> tuple[Episode, ...]:
        """Episodes that ran in a span, as they were at its end; the newest first."""

    def transitions(self, service: str, start: datetime, end: datetime) -> tuple[Transition, ...]:
        """Changes of state in a span, oldest first."""

    def acknowledgements(
        self, service: str, start: datetime, end: datetime
    ) -> tuple[Acknowledgement, ...]:
        """Acknowledgements made in a span, oldest first."""

    def acts(self, service: str, start: datetime, end: datetime) -> tuple[Act, ...]:
        """What else was said and done about alerts in a span, oldest first."""

    def silences(self, as_of: datetime) -> tuple[Silence, ...]:
        """Silences that run at as_of or begin later."""

    def silences_between(self, start: datetime, end: datetime) -> tuple[Silence, ...]:
        """Silences that ran at some time of a span, whether they still do or not."""

    def handled(self, service: str, start: datetime, end: datetime) -> frozenset[int]:
        """Ids of a span's episodes that were escalated or added to an incident."""

    def evaluations(self, service: str, as_of: datetime) -> tuple[Evaluation, ...]:
        """The newest evaluations before as_of, the newest first; at most 60."""

    def deliveries(self, service: str, start: datetime, end: datetime) -> tuple[Delivery, ...]:
        """Notifications made in a span, the newest first."""
