"""A set without withdrawn letters, in the place of one that held them.

The row of a withdrawn letter goes, unless other people's letters carry the same text (white space
and digits aside): then the first of them stands for it, and the row counts them alone.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from core.false_reports.retraining_manifest import Number, corrected
from db.readers.retraining_sets import named
from db.team.retraining_queries import OF_LETTERS, READABLE, Pick, digest, freeze_picks
from db.team.retraining_sets import store

_TOUCHED = text("""
    select sets.set_id, number, correction
    from team.retraining_set_letter as held
    join team.retraining_set as sets using (service, set_id)
    where service = :service and letter_key = any(cast(:keys as text[]))
        and held.row is not null
    group by sets.set_id, number, correction
    order by number, correction""")
# Letters that were there when the set was made; one that came later is for a later set.
_LOST = text(f"""
    with lost as materialized (
        select held.position, held.split, held.group_id, held.row,
            {digest("held.row ->> 'text'")} as digest
        from team.retraining_set_letter as held
        where held.service = :service and held.set_id = :before
            and held.letter_key = any(cast(:keys as text[]))),
    others as (
        select lost.position, letter.report_id,
            count(*) over (partition by lost.position) as reports,
            row_number() over (partition by lost.position
                order by letter.report_id = of_group.exemplar desc, letter.reported_at,
                    letter.report_id collate "C") as rank
        from lost
        join team.report_group as of_group
            on of_group.service = :service and of_group.group_id = lost.group_id
        join {OF_LETTERS}
            on letter.service = of_group.service and letter.group_id = of_group.group_id
        where {READABLE} and {digest("letter.text")} = lost.digest
            and letter.reported_at < (
                select created_at from team.retraining_set
                where service = :service and number = :number and correction = 0))
    select lost.position, lost.split, others.report_id, others.reports,
        cast(lost.row ->> 'reviewers' as integer) as reviewers,
        cast(lost.row ->> 'confirmed_at' as timestamptz) as confirmed_at
    from lost left join others on others.position = lost.position and others.rank = 1
    order by lost.position""")
_COPY = text("""
    insert into team.retraining_set_letter
        (service, set_id, position, split, group_id, report_id, letter_key, row)
    select service, :set_id, place, split, group_id, report_id, letter_key, kept.row
    from (
        select held.*, row_number() over (order by position) as place
        from team.retraining_set_letter as held
        where service = :service and set_id = :before
            and not position = any(cast(:gone as integer[]))) as kept
    where not letter_key = any(cast(:keys as text[]))""")
# Nothing can be exported from a set that was corrected, so it keeps no text.
_FORGET_ROWS = text("""
    update team.retraining_set_letter as held set row = null
    where service = :service and set_id = :set_id and held.row is not null""")


def correct(
    connection: Connection, service: str, keys: Sequence[str], *, by: str, at: datetime
) -> dict[str, str]:
    """Correct every set that stands and holds one of some letters.

    Args:
        connection: inside the transaction that has erased the letters' texts.
        service: whose letters.
        keys: their letter_keys.
        by: who withdrew them.
        at: now.

    Returns:
        The sets that held such a letter, each with the set that takes its place.
    """
    touched = connection.execute(_TOUCHED, {"service": service, "keys": list(keys)}).all()
    return {
        row.set_id: _correct(connection, service, row, list(keys), by=by, at=at) for row in touched
    }


def _correct(
    connection: Connection, service: str, row: Row[Any], keys: list[str], *, by: str, at: datetime
) -> str:
    before = row.set_id
    following = Number(row.number, row.correction + 1)
    set_id = following.of(service)
    asked = {"service": service, "before": before, "keys": keys}
    lost = connection.execute(_LOST, asked | {"number": row.number}).all()
    gone = [one.position for one in lost if one.report_id is None]
    connection.execute(_COPY, asked | {"set_id": set_id, "gone": gone})
    kept = [
        # Rows below it that are gone make it move up.
        Pick(one.position - bisect(gone, one.position), *one[1:])
        for one in lost
        if one.report_id is not None
    ]
    freeze_picks(connection, service, set_id, kept)
    described = corrected(
        named(connection, service, before).manifest,
        number=following,
        by=by,
        at=at,
        withdrawn=len(lost),
        kept=len(kept),
    )
    store(connection, described, number=following, at=at)
    connection.execute(_FORGET_ROWS, {"service": service, "set_id": before})
    return set_id
