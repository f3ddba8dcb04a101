"""What one signal makes of one episode; the rules of it stand in `core.alerts.machine`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.ports.alerts import AlertRule, Episode, Signal
from core.timeframe import MINUTE

#: An alert that begins again this soon after its end goes on as the same episode.
REOPEN_WITHIN = 15 * MINUTE
#: From so many flaps on, an alert is kept firing until it was quiet for QUIET_FOR.
FLAPS = 3
QUIET_FOR = 30 * MINUTE


@dataclass(frozen=True, slots=True)
class Damping:
    """How flapping is damped, see REOPEN_WITHIN, FLAPS and QUIET_FOR."""

    reopen_within: timedelta = REOPEN_WITHIN
    flaps: int = FLAPS
    quiet_for: timedelta = QUIET_FOR


@dataclass(frozen=True, slots=True)
class Look:
    """One evaluation of one rule."""

    rule: AlertRule
    at: datetime
    damping: Damping


def after(look: Look, before: Episode, signal: Signal) -> Episode:
    """An open episode after a signal."""
    at, damping = look.at, look.damping
    if signal.active is None:
        return unknown(before, at)
    if signal.active:
        return _held(look, before, signal)
    if before.state == "pending" or before.flaps < damping.flaps:
        return resolved(before, at)
    quiet_since = before.quiet_since or at
    if at - quiet_since >= damping.quiet_for:
        return resolved(before, at)
    return _to(replace(before, quiet_since=quiet_since, seen_at=at), "firing", at)


def goes_on(look: Look, before: Episode) -> bool:
    """Whether a resolved episode goes on where its condition holds again."""
    if before.resolved_at is None or before.fired_at is None or before.resolved_by:
        return False
    return look.at - before.resolved_at <= look.damping.reopen_within


def reopened(look: Look, before: Episode, signal: Signal) -> Episode:
    """A resolved episode whose condition holds again; it has to hold for the wait again."""
    began = _began(look, signal, before.resolved_at)
    opened = replace(before, state="pending", resolved_at=None, changed_at=began, quiet_since=None)
    return _held(look, opened, signal)


def fresh(look: Look, signal: Signal, known_by: str, ended: datetime | None) -> Episode:
    """A new episode of an alert; the last one, if there was one, ended at a moment."""
    began = _began(look, signal, ended)
    episode = Episode(
        episode_id=0,
        service=look.rule.service,
        rule_id=look.rule.rule_id,
        fingerprint=known_by,
        labels=dict(signal.labels),
        severity=signal.severity,
        state="pending",
        sentence=signal.sentence,
        began_at=began,
        fired_at=None,
        resolved_at=None,
        changed_at=began,
        seen_at=look.at,
    )
    return _held(look, episode, signal)


def _began(look: Look, signal: Signal, ended: datetime | None) -> datetime:
    """When the condition began to hold; what held before the last end was dealt with by it."""
    since = look.at if signal.since is None else signal.since
    return min(since if ended is None else max(since, ended), look.at)


def _held(look: Look, before: Episode, signal: Signal) -> Episode:
    """An open episode whose condition holds. A pending one began to hold at `changed_at`."""
    at = look.at
    told = replace(
        before,
        severity=signal.severity,
        sentence=signal.sentence,
        value=signal.value,
        evidence=dict(signal.evidence),
        where=signal.where,
        seen_at=at,
        quiet_since=None,
    )
    if before.state != "pending":
        return _to(told, "firing", at)
    if at - before.changed_at < look.rule.wait:
        return told
    again = before.fired_at is not None
    return replace(
        told,
        state="firing",
        changed_at=at,
        fired_at=before.fired_at or at,
        flaps=before.flaps + again,
    )


def unknown(before: Episode, at: datetime) -> Episode:
    """An open episode of whose condition nothing is known."""
    seen = replace(before, seen_at=at, quiet_since=None)
    return seen if before.state == "pending" else _to(seen, "unknown", at)


def resolved(before: Episode, at: datetime) -> Episode:
    """An open episode that ends; nothing inhibits what is over."""
    return replace(
        before, state="resolved", resolved_at=at, changed_at=at, seen_at=at, inhibited_by=""
    )


def _to(episode: Episode, state: str, at: datetime) -> Episode:
    return episode if episode.state == state else replace(episode, state=state, changed_at=at)
