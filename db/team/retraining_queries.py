"""What a retraining set is chosen from, and freezing what was chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, pairwise

from sqlalchemy import Connection, text

from core.false_reports.retraining import (
    Chosen,
    Confirmation,
    DistinctText,
    GroupLetters,
    SetError,
)
from core.text.signature import THRESHOLD, from_bytes, jaccard

#: Texts that differ in these alone are one: white space of all kinds, and digits. They are named
#: one by one, and letters' case is left alone: classes and case depend on the locale.
ASIDE = " \t\n\v\f\r\u00a0\u2007\u2009\u202f\u200b\ufeff0123456789"
#: Rows frozen by one statement.
_FREEZE_ROWS = 5_000
#: Groups of a band of which every pair is compared; of more, each with the next alone.
_PAIRS_OF = 30


def digest(column: str) -> str:
    """SQL whose value is the same for texts that are one.

    Sign by sign: a regular expression takes 1.4 times as long, and translate() four times.
    """
    for sign in ASIDE:
        column = f"replace({column}, chr({ord(sign)}), '')"
    return f"md5({column})"


READABLE = "letter.text <> '' and letter.withdrawn_at is null and gone.letter_key is null"
OF_LETTERS = """
    team.report_letter as letter
    left join team.withdrawal as gone
        on gone.service = letter.service and gone.letter_key = letter.letter_key"""
_GROUPS = text(f"""
    select group_id, min(kind) as kind, count(*) as reports, count(distinct digest) as texts,
        count(*) filter (where withdrawn) as withdrawn,
        count(*) filter (where not readable and not withdrawn) as unreadable
    from (
        select letter.group_id, letter.kind,
            letter.withdrawn_at is not null or gone.letter_key is not null as withdrawn,
            {READABLE} as readable,
            case when {READABLE} and not letter.group_id = any(cast(:but as bigint[]))
                then {digest("letter.text")} end as digest
        from {OF_LETTERS}
        where letter.service = :service and letter.reported_at < :at) as letters
    group by group_id
    order by group_id""")
# Window functions alone: a join with a list of such letters is quadratic to a planner that takes a
# table filled a moment ago for an empty one. Materialized: texts are told apart before the windows
# sort, which would otherwise carry them along. And it is the groups that are asked for by number:
# an index of letters sorts the whole list of numbers again for every group that it looks up.
_TEXTS = text(f"""
    with letters as materialized (
        select letter.group_id, letter.kind, letter.report_id, letter.letter_key, letter.language,
            letter.reported_at, {digest("letter.text")} as digest,
            letter.report_id = of_group.exemplar as exemplar
        from {OF_LETTERS}
        join team.report_group as of_group
            on of_group.service = letter.service and of_group.group_id = letter.group_id
        where of_group.service = :service and of_group.group_id = any(cast(:groups as bigint[]))
            and letter.reported_at < :at and {READABLE}),
    named as (
        select letters.*, letter_key <> ''
            and min(kind) over same_letter <> max(kind) over same_letter as of_both_kinds
        from letters window same_letter as (partition by letter_key)),
    ranked as (
        select named.*, row_number() over (
                partition by group_id, digest
                order by exemplar desc, reported_at, report_id collate "C") as rank,
            count(*) over same_text as reports, bool_or(of_both_kinds) over same_text as contested
        from named window same_text as (partition by group_id, digest))
    select group_id, kind, digest, report_id, letter_key, language, reports, exemplar, contested
    from ranked where rank = 1""")
_EARLIER = text("""
    select distinct group_id, split from team.retraining_set_letter where service = :service""")
_SAME_LETTER = text("""
    select array_agg(distinct group_id) from team.report_letter
    where service = :service and group_id = any(cast(:groups as bigint[])) and letter_key <> ''
    group by letter_key having count(distinct group_id) > 1""")
_SAME_BAND = text("""
    select array_agg(distinct group_id) from team.report_group_band
    where service = :service and group_id = any(cast(:groups as bigint[]))
    group by band, hash having count(distinct group_id) > 1""")
_SHINGLES = text("""
    select group_id, shingles from team.report_group
    where service = :service and group_id = any(cast(:groups as bigint[]))""")
# A threshold may be any number to the store, and JSON knows finite ones alone.
_FREEZE = text(f"""
    insert into team.retraining_set_letter
        (service, set_id, position, split, group_id, report_id, letter_key, row)
    select letter.service, :set_id, picked.position, picked.split, letter.group_id,
        letter.report_id, letter.letter_key,
        jsonb_build_object(
            'report_id', letter.report_id, 'text', letter.text,
            'label', letter.kind = 'false_negative', 'kind', letter.kind,
            'group_id', letter.group_id, 'reports', picked.reports,
            'reviewers', picked.reviewers, 'confirmed_at', picked.confirmed_at,
            'language', letter.language, 'segment', letter.segment, 'source', letter.source,
            'model_version', letter.model_version, 'score', letter.score,
            'threshold', case when letter.threshold between -1e308 and 1e308
                then letter.threshold end,
            'predicted_at', letter.predicted_at, 'reported_at', letter.reported_at,
            'anonymiser', letter.anonymiser)
    from unnest(
        cast(:positions as integer[]), cast(:splits as text[]), cast(:report_ids as text[]),
        cast(:reports as bigint[]), cast(:reviewers as integer[]),
        cast(:confirmed_at as timestamptz[])
    ) as picked (position, split, report_id, reports, reviewers, confirmed_at)
    join {OF_LETTERS} on letter.service = :service and letter.report_id = picked.report_id
    where {READABLE}""")


def groups_of(
    connection: Connection, service: str, texts: Iterable[DistinctText], at: datetime
) -> tuple[GroupLetters, ...]:
    """Every group of the service, counted.

    Args:
        connection: inside a transaction.
        service: whose groups.
        texts: those of groups whose texts are known, so that they need not be told apart again.
        at: reports made before are counted.
    """
    known = Counter(text.group_id for text in texts)
    asked = {"service": service, "at": at, "but": list(known)}
    found = connection.execute(_GROUPS, asked).mappings()
    return tuple(
        GroupLetters(**{**row, "texts": row["texts"] + known[row["group_id"]]}) for row in found
    )


def texts_of(
    connection: Connection, service: str, groups: Sequence[int], at: datetime
) -> tuple[DistinctText, ...]:
    """The distinct texts of groups, each with the report that stands for it.

    The exemplar stands for its text; for another, the first report of it.
    """
    asked = {"service": service, "groups": list(groups), "at": at}
    return tuple(DistinctText(*row) for row in connection.execute(_TEXTS, asked).all())


def earlier_splits(connection: Connection, service: str) -> dict[int, str]:
    """The split of every group that was ever exported."""
    found = connection.execute(_EARLIER, {"service": service})
    return dict(found.all())


def links(connection: Connection, service: str, groups: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Groups that hold the same letter, and groups whose exemplars are near-duplicates.

    Groups of one kind are near each other by chance alone; those of two kinds are whenever the same
    mailing was called a newsletter here and none there.
    """
    asked = {"service": service, "groups": list(groups)}
    for (found,) in connection.execute(_SAME_LETTER, asked):
        yield tuple(found)
    candidates: set[tuple[int, int]] = set()
    for (found,) in connection.execute(_SAME_BAND, asked):
        together = sorted(found)
        pairs = combinations(together, 2) if len(together) <= _PAIRS_OF else pairwise(together)
        candidates.update(pairs)
    concerned = sorted({group_id for pair in candidates for group_id in pair})
    rows = connection.execute(_SHINGLES, asked | {"groups": concerned})
    shingles = {group_id: from_bytes(found) for group_id, found in rows}
    for one, other in sorted(candidates):
        if jaccard(shingles[one], shingles[other]) >= THRESHOLD:
            yield one, other


@dataclass(frozen=True, slots=True)
class Pick:
    """A row to freeze: its place in the files, and what its letter does not tell.

    Attributes:
        position: from 1.
        reports: how many carry its text.
        reviewers: people who confirmed the group.
    """

    position: int
    split: str
    report_id: str
    reports: int
    reviewers: int
    confirmed_at: datetime


def freeze(
    connection: Connection,
    service: str,
    set_id: str,
    chosen: Iterable[Chosen],
    confirmed: Mapping[int, Confirmation],
) -> None:
    """Write the rows of a set as its files will hold them.

    Raises:
        SetError: a text has been changed or erased since it was chosen.
    """
    picks = []
    for position, row in enumerate(chosen, 1):
        by = confirmed[row.text.group_id]
        picks.append(
            Pick(
                position,
                row.split,
                row.text.report_id,
                row.text.reports,
                len(by.reviewers),
                by.confirmed_at,
            )
        )
    freeze_picks(connection, service, set_id, picks)


def freeze_picks(connection: Connection, service: str, set_id: str, picks: Sequence[Pick]) -> None:
    """Write rows of a set, so many by one statement.

    Raises:
        SetError: a text has been changed or erased since it was chosen.
    """
    for start in range(0, len(picks), _FREEZE_ROWS):
        part = picks[start : start + _FREEZE_ROWS]
        frozen = connection.execute(
            _FREEZE,
            {
                "service": service,
                "set_id": set_id,
                "positions": [pick.position for pick in part],
                "splits": [pick.split for pick in part],
                "report_ids": [pick.report_id for pick in part],
                "reports": [pick.reports for pick in part],
                "reviewers": [pick.reviewers for pick in part],
                "confirmed_at": [pick.confirmed_at for pick in part],
            },
        )
        if frozen.rowcount != len(part):
            raise SetError(
                "Letters were withdrawn or regrouped while the set was made: make it again."
            )
