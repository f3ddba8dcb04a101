"""Episodes as notifications read them, beside columns of other tables."""

from __future__ import annotations

from sqlalchemy import RowMapping

from core.ports.alerts import Episode
from db.readers import alert_rows

#: Of team.alert_episode under the name `episode`; its service is named apart from a channel's.
EPISODE_COLUMNS = alert_rows.EPISODE_COLUMNS.replace(
    "episode.service,", "episode.service as episode_service,"
)


def episode_of(row: RowMapping) -> Episode:
    """An episode from EPISODE_COLUMNS."""
    return alert_rows.episode_of(row, "episode_service")
