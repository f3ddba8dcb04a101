"""Erasing letters on request: their texts, their places in retraining sets, and the log of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from core.false_reports.retraining import SetError
from core.fields import Fields, FieldsError
from core.tables import printable
from core.wording import listing
from db.readers.retraining_sets import lock
from db.team.report_intake.intake import INTAKE_LOCK
from db.team.retraining_corrections import correct

#: So many unknown names are said back.
_SAID_BACK = 5

_WAIT_FOR_INTAKE = text("select pg_advisory_xact_lock(:key)")
_KNOWN = text("""
    select asked.name, coalesce(
        (select letter_key from team.report_letter
         where service = :service and letter_key = asked.name limit 1),
        (select letter_key from team.retraining_set_letter
         where service = :service and letter_key = asked.name limit 1),
        (select letter_key from team.withdrawal
         where service = :service and letter_key = asked.name),
        (select letter_key from team.report_letter
         where service = :service and report_id = asked.name),
        (select letter_key from metrics.false_report
         where service = :service and report_id = asked.name)) as letter_key
    from unnest(cast(:names as text[])) as asked (name)""")
# Not taken by the worker yet. There is no index on letter_key: asked for the rest alone.
_NOT_TAKEN = text("""
    select distinct letter_key from metrics.false_report
    where service = :service and letter_key = any(cast(:names as text[]))""")
_LOG = text("""
    insert into team.withdrawal (service, letter_key, withdrawn_at, withdrawn_by, reason)
    select :service, letter_key, :at, :by, :reason
    from unnest(cast(:keys as text[])) as asked (letter_key)
    on conflict (service, letter_key) do nothing
    returning letter_key""")
_ERASE = text("""
    update team.report_letter
    set text = '', masked = '{}', trouble = '', withdrawn_at = coalesce(withdrawn_at, :at)
    where service = :service and letter_key = any(cast(:keys as text[]))
        and (text <> '' or withdrawn_at is null)""")
# The group goes on under the first of its letters that is left. Its hashes were made from the
# erased text: without them nothing joins by it, and the worker's intake makes those of the new one.
_OTHER_EXEMPLARS = text("""
    update team.report_group as of_group
    set exemplar = coalesce(
            (select report_id from team.report_letter as other
             where other.service = of_group.service and other.group_id = of_group.group_id
                and other.text <> '' and other.withdrawn_at is null
             order by other.report_id = of_group.exemplar desc, reported_at,
                report_id collate "C"
             limit 1),
            of_group.exemplar),
        shingles = '', shingles_of = '', version = version + 1
    from team.report_letter as erased
    where of_group.service = :service and erased.service = :service
        and erased.letter_key = any(cast(:keys as text[]))
        and erased.group_id = of_group.group_id
        and erased.report_id in (of_group.exemplar, of_group.shingles_of)
    returning of_group.group_id""")
_FORGET_BANDS = text("""
    delete from team.report_group_band
    where service = :service and group_id = any(cast(:groups as bigint[]))""")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was erased.

    Attributes:
        letters: letter_keys withdrawn now.
        before: letter_keys that had been withdrawn before.
        reports: reports whose text was erased.
        sets: the sets that held such a letter, each with the set that takes its place.
    """

    letters: tuple[str, ...]
    before: tuple[str, ...]
    reports: int
    sets: Mapping[str, str]


def withdraw(
    engine: Engine,
    service: str,
    letters: str | Sequence[str],
    *,
    by: str,
    at: datetime,
    reason: str,
) -> Withdrawal:
    """Erase letters: all of them, or, where one is unknown, none.

    What the serving stack wrote to metrics.false_report is its own to erase; the worker takes the
    text of a withdrawn letter from there no more.

    Args:
        engine: the store, as greenlight_app.
        service: whose letters.
        letters: one or more, each by its letter_key or by the report_id of a report of it.
        by: who erases them: the log keeps the name.
        at: now.
        reason: why: the log keeps it.

    Raises:
        FieldsError: by or reason is missing or wrong.
        SetError: a letter is unknown, or none is named.
    """
    names = [letters] if isinstance(letters, str) else list(dict.fromkeys(letters))
    log = _log_of(by, at, reason)
    if not names:
        raise SetError("No letter is named.")
    with engine.begin() as connection:
        # The intake must not take a text of it at the same time: afterwards it knows not to.
        connection.execute(_WAIT_FOR_INTAKE, {"key": INTAKE_LOCK})
        lock(connection, service)
        keys = _known(connection, service, names)
        asked = {"service": service, "keys": keys, "at": at}
        new = set(connection.execute(_LOG, asked | log).scalars())
        reports = connection.execute(_ERASE, asked).rowcount
        groups = list(connection.execute(_OTHER_EXEMPLARS, asked).scalars())
        connection.execute(_FORGET_BANDS, {"service": service, "groups": groups})
        corrections = correct(connection, service, keys, by=log["by"], at=at)
    return Withdrawal(
        tuple(key for key in keys if key in new),
        tuple(key for key in keys if key not in new),
        reports,
        corrections,
    )


def _log_of(by: str, at: datetime, reason: str) -> dict[str, str]:
    if at.tzinfo is None:
        raise ValueError(f"at == {at}, must have a time zone")
    given = Fields({"by": by, "reason": reason})
    name, why = given.name("by"), given.text("reason")
    if not why:
        given.refuse("reason", "Is missing: the log says why a letter was erased.")
    if name is None or given.problems:
        raise FieldsError(given.problems)
    return {"by": name, "reason": why}


def _known(connection: Connection, service: str, names: Sequence[str]) -> list[str]:
    """The letter_keys of what was named, each once.

    Raises:
        SetError: nothing goes by such a name, or the report does not say which letter it is of.
    """
    storable = [name for name in names if "\0" not in name and name.isprintable()]
    asked = {"service": service, "names": storable}
    found = {row.name: row.letter_key for row in connection.execute(_KNOWN, asked)}
    rest = [name for name, key in found.items() if key is None]
    if rest:
        keys = connection.execute(_NOT_TAKEN, {"service": service, "names": rest}).scalars()
        found |= {key: key for key in keys}
    unknown = [printable(name) for name in names if found.get(name) is None]
    if unknown:
        said = listing([*unknown[:_SAID_BACK], *(["others"] if unknown[_SAID_BACK:] else [])])
        raise SetError(
            f"No letter and no report of {printable(service)} is called {said}. Nothing was erased."
        )
    nameless = [printable(name) for name in names if not found[name]]
    if nameless:
        raise SetError(
            f"Report {nameless[0]} has no letter_key, by which letters are erased. Nothing was."
        )
    return sorted({key for key in found.values() if key})
