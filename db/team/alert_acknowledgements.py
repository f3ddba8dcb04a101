"""Taking an alert in hand: one person at a time, until a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, TextClause, text

from core import wording
from core.fields import Fields, FieldsError
from core.ports.alerts import Acknowledgement
from core.timeframe import DAY
from db.notifications.outbox import enqueue
from db.team.alert_episodes import held, refuse_over
from db.team.audit import acting

#: Nobody has one alert in hand for longer than this without saying so again.
LONGEST: timedelta = 7 * DAY
_INSERT = text("""
    insert into team.alert_acknowledgement
        (service, episode_id, by, at, note, until, request_id)
    values (:service, :episode_id, :by, :at, :note, :until, :request_id)""")
_OF_REQUEST = text("""
    select episode_id, by, at, note, until from team.alert_acknowledgement
    where request_id = :request_id""")
_HOLDING = text("""
    select episode_id, by, at, note, until from team.alert_acknowledgement
    where episode_id = :episode_id and at <= :at and until > :at
    order by at desc, acknowledgement_id desc limit 1""")


class AlreadyAcknowledgedError(RuntimeError):
    """Somebody else has the alert in hand; nothing was stored.

    Attributes:
        theirs: who, since when, with which note, until when.
    """

    def __init__(self, theirs: Acknowledgement) -> None:
        super().__init__(
            f"{theirs.by} has this alert in hand since {wording.clock(theirs.at)}, until "
            f"{wording.clock(theirs.until, theirs.at)}."
        )
        self.theirs = theirs


def acknowledge(
    engine: Engine,
    episode_id: int,
    *,
    by: str,
    at: datetime,
    note: str = "",
    until: datetime,
    request_id: str,
    base_url: str = "",
) -> Acknowledgement:
    """Take an alert in hand. Of two who do at once, one does, and the other is told who.

    Whoever has it in hand already may say so again, with another note or a later end.

    Args:
        engine: the store, as greenlight_app.
        episode_id: which.
        by: who takes it.
        at: now.
        note: what the others should know; '' is allowed at three in the morning.
        until: when it is nobody's again, if it still runs: at most LONGEST ahead.
        request_id: one a click; its second arrival gives back what the first has stored.
        base_url: where the dashboard is reached; '' leaves links out of the notifications.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        NoSuchEpisodeError: there is no such episode.
        EpisodeOverError: it is over already.
        AlreadyAcknowledgedError: somebody else has it in hand.
    """
    said = _checked(by, note, at, until)
    with acting(engine, by, at, request_id) as connection:
        episode = held(connection, episode_id)
        before = _one(connection, _OF_REQUEST, {"request_id": request_id.strip()})
        if before is not None:
            return before
        refuse_over(episode)
        theirs = _one(connection, _HOLDING, {"episode_id": episode_id, "at": at})
        who = by.strip()
        if theirs is not None and theirs.by != who:
            raise AlreadyAcknowledgedError(theirs)
        row = {
            "service": episode.service,
            "episode_id": episode_id,
            "by": who,
            "at": at,
            "note": said,
            "until": until,
            "request_id": request_id.strip(),
        }
        connection.execute(_INSERT, row)
        enqueue(connection, episode, "acknowledged", at=at, base_url=base_url, by=who, note=said)
        return Acknowledgement(episode_id, who, at, said, until)


def _checked(by: str, note: str, at: datetime, until: datetime) -> str:
    form = Fields({"by": by, "note": note})
    form.name("by")
    said = form.text("note")
    if until.tzinfo is None:
        form.refuse("until", "Must have a time zone.")
    elif not at < until <= at + LONGEST:
        form.refuse("until", f"Must lie ahead, by at most {LONGEST.days} days.")
    if form.problems:
        raise FieldsError(form.problems)
    return said


def _one(
    connection: Connection, statement: TextClause, asked: dict[str, object]
) -> Acknowledgement | None:
    row = connection.execute(statement, asked).one_or_none()
    return None if row is None else Acknowledgement(*row)
