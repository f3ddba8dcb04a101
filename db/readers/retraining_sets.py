"""Retraining sets as they are stored, for the reader of the area and for who makes and exports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from core.false_reports.retraining import SetError
from core.false_reports.retraining_manifest import successor
from core.ports.false_reports import RetrainingSet
from core.tables import printable
from core.wording import listing

#: Rows held in memory at once.
CHUNK_ROWS = 2_000
#: So many names are said to who asks for one that there is not.
_NAMED = 10

# From the withdrawals, which are few, to the letters by their index.
_SETS = text("""
    with gone as (
        select held.set_id, count(*) as letters
        from team.withdrawal
        join team.retraining_set_letter as held using (service, letter_key)
        where service = :service and withdrawn_at < cast(:as_of as timestamptz)
        group by held.set_id)
    select set_id, created_at, created_by, parent, sets.letters, groups, manifest,
        coalesce(gone.letters, 0) as withdrawn
    from team.retraining_set as sets left join gone using (set_id)
    where service = :service and created_at < cast(:as_of as timestamptz)
    order by number, correction""")
# Nobody waits for long: making or correcting a set of 100,000 letters takes seconds.
_LOCK, _LOCK_SHARED = (
    text(f"select {name}(hashtextextended('retraining sets of ' || :service, 0))")
    for name in ("pg_advisory_xact_lock", "pg_advisory_xact_lock_shared")
)
_FROZEN = text("""
    select split, held.row from team.retraining_set_letter as held
    where service = :service and set_id = :set_id
    order by position""")


def lock(connection: Connection, service: str, *, shared: bool = False) -> None:
    """Keep others from making or correcting sets of the service until the transaction ends.

    Args:
        connection: inside a transaction.
        service: whose sets.
        shared: let others hold it too who change nothing.
    """
    connection.execute(_LOCK_SHARED if shared else _LOCK, {"service": service})


def sets(connection: Connection, service: str, as_of: datetime) -> tuple[RetrainingSet, ...]:
    """Every retraining set made before as_of, oldest first, each before its corrections."""
    return _sets(connection, service, as_of)


def _sets(connection: Connection, service: str, as_of: datetime | str) -> tuple[RetrainingSet, ...]:
    found = connection.execute(_SETS, {"service": service, "as_of": as_of}).mappings()
    return tuple(RetrainingSet(**{**row, "groups": tuple(row["groups"])}) for row in found)


def named(connection: Connection, service: str, set_id: str) -> RetrainingSet:
    """A set by its name.

    Raises:
        SetError: there is none of that name; the message names those that there are.
    """
    every = _sets(connection, service, "infinity")
    for found in every:
        if found.set_id == set_id:
            return found
    names = listing([printable(found.set_id) for found in every[-_NAMED:]])
    there = f"The latest are: {names}." if names else "None has been made."
    raise SetError(f"There is no set {printable(set_id)} of {printable(service)}. {there}")


def current_name(connection: Connection, service: str, set_id: str) -> str:
    """The newest correction of a set; its own name while it stands."""
    every = _sets(connection, service, "infinity")
    return successor(every, set_id) or set_id


def frozen_rows(
    connection: Connection, service: str, set_id: str
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """The split and the row of every letter of a set, in the order of its files.

    A row is None where it was erased. Few rows are held in memory at once.
    """
    found = connection.execute(
        _FROZEN,
        {"service": service, "set_id": set_id},
        execution_options={"stream_results": True, "yield_per": CHUNK_ROWS},
    )
    return ((split, row) for part in found.partitions(CHUNK_ROWS) for split, row in part)
