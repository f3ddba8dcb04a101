"""Rows of alerts as values: rules, episodes and silences, for reading and for changing them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping

from core.ports.alerts import AlertRule, Episode, Silence

#: The columns of team.alert_rule that a rule holds.
RULE_COLUMNS = """
    service, rule_id, name, kind, "check", parameters, severity, wait_seconds, owner, runbook_id,
    enabled, revision"""
#: The columns of team.alert_episode under the name `episode`.
EPISODE_COLUMNS = """
    episode.episode_id, episode.service, episode.rule_id, episode.fingerprint, episode.labels,
    episode.severity, episode.state, episode.sentence, episode.began_at, episode.fired_at,
    episode.resolved_at, episode.changed_at, episode.seen_at, episode.quiet_since, episode.flaps,
    episode.inhibited_by, episode.drill, episode.resolved_by, episode.value, episode.evidence,
    episode.place"""
#: The columns of team.alert_silence that a silence holds.
SILENCE_COLUMNS = """
    silence_id, matchers, reason, author, starts_at, ends_at, ended_at, ended_by"""


def rule_of(row: Mapping[str, Any] | RowMapping) -> AlertRule:
    """The rule that a row of RULE_COLUMNS holds."""
    return AlertRule(
        service=row["service"],
        rule_id=row["rule_id"],
        name=row["name"],
        kind=row["kind"],
        check=row["check"],
        parameters=row["parameters"],
        severity=row["severity"],
        wait=timedelta(seconds=row["wait_seconds"]),
        owner=row["owner"],
        runbook_id=row["runbook_id"],
        enabled=row["enabled"],
        revision=row["revision"],
    )


def episode_of(row: RowMapping, service: str = "service") -> Episode:
    """The episode that a row of EPISODE_COLUMNS holds, as it is stored.

    Args:
        row: of team.alert_episode.
        service: the name of its service's column, where that stands beside another's.
    """
    return Episode(
        episode_id=row["episode_id"],
        service=row[service],
        rule_id=row["rule_id"],
        fingerprint=row["fingerprint"],
        labels=row["labels"],
        severity=row["severity"],
        state=row["state"],
        sentence=row["sentence"],
        began_at=row["began_at"],
        fired_at=row["fired_at"],
        resolved_at=row["resolved_at"],
        changed_at=row["changed_at"],
        seen_at=row["seen_at"],
        quiet_since=row["quiet_since"],
        flaps=row["flaps"],
        inhibited_by=row["inhibited_by"],
        drill=row["drill"],
        resolved_by=row["resolved_by"],
        value=row["value"],
        evidence=row["evidence"],
        where=tuple(row["place"]),
    )


def row_of(episode: Episode) -> dict[str, object]:
    """The row of team.alert_episode that an episode becomes, with its number and without drill."""
    return {
        "episode_id": episode.episode_id,
        "service": episode.service,
        "rule_id": episode.rule_id,
        "fingerprint": episode.fingerprint,
        "labels": json.dumps(dict(episode.labels), ensure_ascii=False),
        "severity": episode.severity,
        "state": episode.state,
        "sentence": episode.sentence,
        "began_at": episode.began_at,
        "fired_at": episode.fired_at,
        "resolved_at": episode.resolved_at,
        "changed_at": episode.changed_at,
        "seen_at": episode.seen_at,
        "quiet_since": episode.quiet_since,
        "flaps": episode.flaps,
        "inhibited_by": episode.inhibited_by,
        "resolved_by": episode.resolved_by,
        "value": episode.value,
        "evidence": json.dumps(dict(episode.evidence), ensure_ascii=False),
        "place": list(episode.where),
    }


def silence_of(row: RowMapping) -> Silence:
    """The silence that a row of SILENCE_COLUMNS holds, as it is stored."""
    return Silence(**row)
