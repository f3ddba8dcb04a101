"""Which group a letter belongs to.

A letter joins the group whose exemplar it is most alike, if it is at least half alike; ties go to
the oldest group. Only the exemplar counts, so that a group never drifts by chains of letters that
are each alike to the last. Otherwise the letter makes a group of its own.

Letters are placed one after another, whatever the size of the batch that they come in: groups made
for earlier letters of a batch are candidates for later ones, as if they had been stored.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count, repeat

from psycopg2.extras import execute_values
from sqlalchemy import Connection, text

from core.text.signature import THRESHOLD, Hashes, Signature, from_bytes, jaccard, to_bytes
from db.team.report_intake.letters import Clean, copy, cursor, escaped

#: Groups that share a band of one hash: more than these, the oldest, are not looked at. Letters by
#: the hundred that are nearly half alike share a footer that no rule cuts; a look-up must stay
#: quick.
BAND_GROUPS = 100
#: Groups that are verified for one letter: those that share the most bands with it.
VERIFIED = 32

#: One band of a letter of a kind: (kind, number, hash).
_Band = tuple[str, int, int]

#: In one query, since each costs more on its way than in the store: groups that share a band with
#: one of the letters (place of the kind in :kinds, band, hash, group), and groups of other reports
#: of the same letters (letter_key, kind, group).
_SHARING = text("""
    select asked.place, asked.band, asked.hash, '' as letter_key, '' as kind, sharing.group_id
    from unnest(
        cast(:places as smallint[]), cast(:bands as smallint[]), cast(:hashes as bigint[])
    ) as asked (place, band, hash)
    cross join lateral (
        select group_id from team.report_group_band stored
        where stored.service = :service and stored.kind = (cast(:kinds as text[]))[asked.place]
            and stored.band = asked.band and stored.hash = asked.hash
        order by group_id limit :most) as sharing
    union all
    select 0, 0, 0, letter_key, kind, min(group_id) from team.report_letter
    where service = :service and letter_key = any(:letter_keys) and report_id <> all(:report_ids)
    group by letter_key, kind
    order by group_id""")
_SHINGLES = text("""
    select group_id, kind, shingles from team.report_group
    where service = :service and group_id = any(:group_ids)""")
_NUMBERS = text("""
    select nextval(pg_get_serial_sequence('team.report_group', 'group_id'))
    from generate_series(1, :count)""")
_MAKE = """
    insert into team.report_group (service, group_id, kind, exemplar, shingles, shingles_of,
        version, created_at)
    overriding system value values %s"""
_GROW = text("""
    update team.report_group held set version = version + joined.letters
    from unnest(cast(:group_ids as bigint[]), cast(:letters as bigint[]))
        as joined (group_id, letters)
    where held.service = :service and held.group_id = joined.group_id""")


@dataclass(slots=True)
class _Made:
    """A group made for a letter of this batch."""

    kind: str
    exemplar: str
    signature: Signature | None


class Placing:
    """Places letters of one service into groups, in one transaction.

    Args:
        connection: which holds the intake's lock: nobody else makes groups meanwhile.
        service: whose letters these are.
        letters: all that will be placed.
    """

    def __init__(self, connection: Connection, service: str, letters: Sequence[Clean]) -> None:
        self._connection = connection
        self._service = service
        self._sharing: defaultdict[_Band, list[int]] = defaultdict(list)
        self._bands: dict[str, list[_Band]] = {}
        self._shingles: dict[int, Hashes] = {}
        self._groups_of: dict[tuple[str, str], int] = {}
        self._made: dict[int, _Made] = {}
        self._joined: Counter[int] = Counter()
        self._numbers = self._new_numbers()
        self._load(letters)

    def place(self, letter: Clean) -> int:
        """The number of the group that the letter joins, made for it if need be."""
        group_id = self._found(letter)
        if group_id is None:
            group_id = next(self._numbers)
            self._make(group_id, letter)
        else:
            self._joined[group_id] += 1
        came = letter.arrival
        if came.letter_key:
            key = (came.letter_key, came.kind)
            self._groups_of[key] = min(group_id, self._groups_of.get(key, group_id))
        return group_id

    def store(self, at: datetime) -> int:
        """Store the groups that were made, and what joined which. Returns how many were made."""
        rows = [
            (
                self._service, group_id, made.kind, made.exemplar,
                to_bytes(made.signature.shingles) if made.signature else b"",
                made.exemplar if made.signature else "",
                1 + self._joined.pop(group_id, 0), at,
            )
            for group_id, made in self._made.items()
        ]  # fmt: skip
        if rows:
            with cursor(self._connection) as writing:
                execute_values(writing, _MAKE, rows, page_size=500)
            store_bands(
                self._connection,
                self._service,
                [
                    (group_id, made.kind, made.signature)
                    for group_id, made in self._made.items()
                    if made.signature
                ],
            )
        if self._joined:
            group_ids = sorted(self._joined)
            letters = [self._joined[group_id] for group_id in group_ids]
            asked = {"service": self._service, "group_ids": group_ids, "letters": letters}
            self._connection.execute(_GROW, asked)
        return len(rows)

    def _found(self, letter: Clean) -> int | None:
        of_letter = self._groups_of.get((letter.arrival.letter_key, letter.arrival.kind))
        signature = letter.signature
        if signature is None:
            # Its text tells nothing; another report of the same letter may.
            return of_letter
        if of_letter is not None and self._alike(signature, of_letter) >= THRESHOLD:
            return of_letter
        likeness, group_id = max(
            ((self._alike(signature, at), -at) for at in self._candidates(letter)),
            default=(0.0, 0),
        )
        return -group_id if likeness >= THRESHOLD else None

    def _candidates(self, letter: Clean) -> list[int]:
        """Groups that share bands with the letter: those that share the most, the oldest first."""
        sharing = map(self._sharing.get, self._bands_of(letter))
        shared = Counter(chain.from_iterable(filter(None, sharing)))
        if len(shared) <= VERIFIED:
            return list(shared)
        ranked = sorted(shared.items(), key=lambda one: (-one[1], one[0]))
        return [group_id for group_id, _ in ranked[:VERIFIED]]

    def _alike(self, signature: Signature, group_id: int) -> float:
        exemplar = self._shingles.get(group_id)
        return 0.0 if exemplar is None else jaccard(signature.shingles, exemplar)

    def _make(self, group_id: int, letter: Clean) -> None:
        signature = letter.signature
        self._made[group_id] = _Made(letter.arrival.kind, letter.arrival.report_id, signature)
        if signature is None:
            return
        self._shingles[group_id] = signature.shingles
        for band in self._bands_of(letter):
            if len(self._sharing[band]) < BAND_GROUPS:
                self._sharing[band].append(group_id)

    def _load(self, letters: Sequence[Clean]) -> None:
        bands = sorted(set(chain.from_iterable(map(self._bands_of, letters))))
        kinds = sorted({kind for kind, _, _ in bands})
        rows = self._connection.execute(
            _SHARING,
            {
                "service": self._service,
                "kinds": kinds,
                "places": _array([kinds.index(kind) + 1 for kind, _, _ in bands]),
                "bands": _array([band for _, band, _ in bands]),
                "hashes": _array([value for _, _, value in bands]),
                "most": BAND_GROUPS,
                "letter_keys": sorted({letter.arrival.letter_key for letter in letters} - {""}),
                "report_ids": [letter.arrival.report_id for letter in letters],
            },
        ).all()
        for place, band, value, key, kind, group_id in rows:
            if place:
                self._sharing[kinds[place - 1], band, value].append(group_id)
            else:
                self._groups_of[key, kind] = group_id
        wanted = set(self._groups_of.values())
        for letter in letters:
            wanted.update(self._candidates(letter))
        self._shingles = load_shingles(self._connection, self._service, wanted)

    def _bands_of(self, letter: Clean) -> list[_Band]:
        report_id = letter.arrival.report_id
        if report_id not in self._bands:
            self._bands[report_id] = _bands(letter)
        return self._bands[report_id]

    def _new_numbers(self) -> Iterator[int]:
        while True:
            yield from sorted(self._connection.execute(_NUMBERS, {"count": 64}).scalars())


def load_shingles(
    connection: Connection, service: str, group_ids: Iterable[int]
) -> dict[int, Hashes]:
    """The shingles of groups' exemplars by group_id, without those that have none."""
    asked = {"service": service, "group_ids": sorted(group_ids)}
    return {
        row.group_id: from_bytes(row.shingles)
        for row in connection.execute(_SHINGLES, asked)
        if len(row.shingles)
    }


def store_bands(
    connection: Connection, service: str, groups: Iterable[tuple[int, str, Signature]]
) -> None:
    """Store the bands of exemplars, given as (group_id, kind, signature), by COPY."""
    of = escaped(service)
    copy(
        connection,
        "copy team.report_group_band (service, kind, band, hash, group_id) from stdin",
        (
            f"{of}\t{kind}\t{band}\t{value}\t{group_id}"
            for group_id, kind, signature in groups
            for band, value in enumerate(signature.bands.tolist())
        ),
    )


def _bands(letter: Clean) -> list[_Band]:
    if letter.signature is None:
        return []
    hashes: list[int] = letter.signature.bands.tolist()
    return list(zip(repeat(letter.arrival.kind), count(), hashes, strict=False))


def _array(numbers: Iterable[int]) -> str:
    """Numbers as PostgreSQL reads an array: one text is bound more quickly than each of them."""
    return f"{{{','.join(map(str, numbers))}}}"
