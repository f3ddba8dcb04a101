"""Episodes as notifications read them, beside columns of other tables."""

from __future__ import annotations

from sqlalchemy import RowMapping

from core.ports.alerts import Episode

#: Of team.alert_episode under the name `episode`; its service is named apart from a channel's.
EPISODE_COLUMNS = (
    "episode.episode_id, episode.service as episode_service, episode.rule_id, "
    "episode.fingerprint, episode.labels, episode.severity, episode.state, episode.sentence, "
    "episode.began_at, episode.fired_at, episode.resolved_at, episode.changed_at, "
    "episode.seen_at, episode.inhibited_by, episode.drill, episode.resolved_by, episode.place"
)


def episode_of(row: RowMapping) -> Episode:
    """An episode from EPISODE_COLUMNS, without what notifications do not tell."""
    return Episode(
        episode_id=row["episode_id"],
        service=row["episode_service"],
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
        inhibited_by=row["inhibited_by"],
        drill=row["drill"],
        resolved_by=row["resolved_by"],
        where=tuple(row["place"]),
    )
