"""Pages that nobody has acknowledged, told to whom the rota names next; each step once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from core.oncall.escalation import Escalation, steps
from core.ports.alerts import Acknowledgement, Act, Episode
from db.notifications.outbox import enqueue
from db.readers.alert_rows import EPISODE_COLUMNS, SILENCE_COLUMNS, episode_of, silence_of
from db.readers.oncall import SqlOnCallReader
from db.team.alert_episodes import add_act

_PAGES = text(f"""
    select {EPISODE_COLUMNS} from team.alert_episode episode
    where service = :service and resolved_at is null and severity = 'page'
        and fired_at is not null and inhibited_by = ''
    order by episode_id
    for update""")
_ACKNOWLEDGEMENTS = text("""
    select episode_id, by, at, note, until from team.alert_acknowledgement
    where service = :service and episode_id = any(:episode_ids)""")
_SILENCES = text(f"""
    select {SILENCE_COLUMNS} from team.alert_silence where ends_at > :since""")


def escalate_what_is_due(
    connection: Connection, service: str, at: datetime, base_url: str
) -> tuple[Escalation, ...]:
    """Call the next of the rota for every page that has waited too long; drills included.

    Args:
        connection: with the transaction of the evaluation.
        service: whose pages.
        at: now. A step that fell due while no worker ran is told late rather than never.
        base_url: where the dashboard is reached; '' leaves links out of the notifications.

    Returns:
        The steps that were told now.
    """
    pages = [episode_of(row) for row in connection.execute(_PAGES, {"service": service}).mappings()]
    if not pages:
        return ()
    reader = SqlOnCallReader(connection)
    rota = reader.rota(service, at)
    if rota is None:
        return ()
    overrides = reader.overrides(service, at)
    asked = {"service": service, "episode_ids": [page.episode_id for page in pages]}
    taken = [Acknowledgement(*row) for row in connection.execute(_ACKNOWLEDGEMENTS, asked)]
    since = min(page.began_at for page in pages)
    silences = [
        silence_of(row) for row in connection.execute(_SILENCES, {"since": since}).mappings()
    ]
    return tuple(
        step
        for page in pages
        for step in steps(page, taken, rota, at, overrides=overrides, silences=silences)
        if _tell(connection, page, step, base_url)
    )


def _tell(connection: Connection, page: Episode, step: Escalation, base_url: str) -> bool:
    """Tell a step, unless it was told before."""
    act = Act(page.episode_id, "escalated", "", step.at, step.sentence, step.to)
    if not add_act(connection, page, act, step.key):
        return False
    enqueue(connection, page, "escalated", at=step.at, base_url=base_url, escalate_to=step.to)
    return True
