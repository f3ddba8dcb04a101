"""Retraining sets as they are stored, for the reader of the area and for who makes and exports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from core.ports.false_reports import RetrainingSet

#: Rows held in memory at once.
CHUNK_ROWS = 2_000

# From the withdrawals, which are few, to the letters by their index.
_SETS = text("""
    with gone as (
        select held.set_id, count(*) as letters
        from team.withdrawal
        join team.retraining_set_letter as held using (service, letter_key)
        where service = :service and withdrawn_at < :as_of
        group by held.set_id)
    select set_id, created_at, created_by, parent, sets.letters, groups, manifest,
        coalesce(gone.letters, 0) as withdrawn
    from team.retraining_set as sets left join gone using (set_id)
    where service = :service and created_at < :as_of
    order by number, correction""")
_FROZEN = text("""
    select split, held.row from team.retraining_set_letter as held
    where service = :service and set_id = :set_id
    order by position""")


def sets(connection: Connection, service: str, as_of: datetime) -> tuple[RetrainingSet, ...]:
    """Every retraining set made before as_of, oldest first, each before its corrections."""
    found = connection.execute(_SETS, {"service": service, "as_of": as_of}).mappings()
    return tuple(RetrainingSet(**{**row, "groups": tuple(row["groups"])}) for row in found)


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
    for split, row in found:
        yield split, row
