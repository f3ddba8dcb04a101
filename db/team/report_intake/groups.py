"""Groups that lose their exemplar: it was corrected, or its erasure was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from core.text.normalise import words
from core.text.signature import (
    THRESHOLD,
    Hashes,
    Signature,
    from_bytes,
    jaccard,
    signatures,
    to_bytes,
)
from db.team.report_intake.letters import Clean, Kept
from db.team.report_intake.placing import Placing, store_bands

#: Members that may follow an exemplar, the oldest: the one that is most like it does.
HEIRS = 100

_HELD = text("""
    select group_id, kind, exemplar, shingles, shingles_of from team.report_group
    where service = :service and group_id = any(:group_ids) order by group_id for update""")
_HEIRS = text("""
    select report_id, text from team.report_letter
    where service = :service and group_id = :group_id and report_id <> :but
        and withdrawn_at is null and trouble = ''
    order by reported_at, report_id collate "C" limit :most""")
_OTHER = text("""
    select report_id from team.report_letter
    where service = :service and group_id = :group_id and report_id <> :but
    order by reported_at, report_id collate "C" limit 1""")
_FORGET_BANDS = text("""
    delete from team.report_group_band where service = :service and group_id = :group_id""")
_STAND = text("""
    update team.report_group set exemplar = :exemplar, shingles = :shingles,
        shingles_of = :shingles_of, version = version + 1
    where service = :service and group_id = :group_id""")
_CHANGE = text("""
    update team.report_group set version = version + 1
    where service = :service and group_id = :group_id""")
_ERASE = text("""
    update team.report_letter letter
    set text = '', masked = '{}', trouble = '', withdrawn_at = asked.withdrawn_at
    from team.withdrawal asked
    where letter.service = :service and asked.service = :service
        and asked.letter_key = letter.letter_key and letter.withdrawn_at is null
    returning letter.report_id, letter.group_id""")
_TO_MEND = text("""
    select held.group_id from team.report_group held
    left join team.report_letter exemplar
        on exemplar.service = :service and exemplar.report_id = held.exemplar
    where held.service = :service and held.shingles_of <> held.exemplar
        and (octet_length(held.shingles) > 0
            or (exemplar.withdrawn_at is null and exemplar.trouble = ''))""")


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it is stored, held until the transaction ends."""

    group_id: int
    kind: str
    exemplar: str
    shingles: Hashes
    shingles_of: str

    def fits(self, signature: Signature | None, kind: str) -> bool:
        """Whether a report that is in the group may stay; one whose text is unknown may."""
        if kind != self.kind:
            return False
        return signature is None or jaccard(signature.shingles, self.shingles) >= THRESHOLD


class Groups:
    """Changes groups of one service, in one transaction that holds the intake's lock."""

    def __init__(self, connection: Connection, service: str) -> None:
        self._connection = connection
        self._service = service

    def settle(self, letter: Clean, before: Kept) -> tuple[int, Placing | None]:
        """Find the group of a report that is taken again.

        It stays where it fits. Where it was its group's exemplar and its words have changed,
        another member becomes the exemplar first, and it stays if it fits that one.

        Returns:
            The group's number, and what is to be stored if it left for another.
        """
        (group,) = self._held([before.group_id])
        stood_for_it = letter.arrival.report_id in {group.exemplar, group.shingles_of}
        if stood_for_it and not self._is_unchanged(letter, group):
            group = self._succeed(group, letter)
        if group.fits(letter.signature, letter.arrival.kind):
            if before.source_written_at != letter.arrival.written_at:
                self._connection.execute(_CHANGE, self._of(group.group_id))
            return group.group_id, None
        self._connection.execute(_CHANGE, self._of(group.group_id))
        placing = Placing(self._connection, self._service, [letter])
        return placing.place(letter), placing

    def erase(self) -> int:
        """Erase the texts of letters whose erasure was asked for. Returns how many reports."""
        rows = self._connection.execute(_ERASE, {"service": self._service}).all()
        erased = {row.report_id for row in rows}
        for group in self._held(sorted({row.group_id for row in rows})):
            if {group.exemplar, group.shingles_of} & erased:
                self._mend(group, erased)
            else:
                self._connection.execute(_CHANGE, self._of(group.group_id))
        return len(rows)

    def mend(self) -> None:
        """Make the hashes of groups whose exemplar was changed elsewhere."""
        found = self._connection.execute(_TO_MEND, {"service": self._service}).scalars().all()
        for group in self._held(sorted(found)):
            self._mend(group, set())

    def _is_unchanged(self, letter: Clean, group: Group) -> bool:
        """Whether the exemplar's words are those that its group was made with."""
        if letter.arrival.kind != group.kind or group.shingles_of != group.exemplar:
            return False
        signature = letter.signature
        return signature is not None and to_bytes(signature.shingles) == to_bytes(group.shingles)

    def _succeed(self, group: Group, letter: Clean) -> Group:
        """The group after its exemplar was taken again with other words."""
        report_id, signature = letter.arrival.report_id, letter.signature
        if heir := self._heir(group, but=report_id):
            return self._stand(group, *heir)
        # The others, if any, are letters whose texts nobody may see.
        other = self._connection.execute(
            _OTHER, {**self._of(group.group_id), "but": report_id}
        ).scalar()
        if group.fits(signature, letter.arrival.kind):
            return self._stand(group, report_id, signature)
        return self._stand(group, other or "", None)

    def _mend(self, group: Group, erased: set[str]) -> None:
        members = self._members(group, but="")
        by_id = dict(members)
        if group.exemplar in by_id and group.exemplar not in erased:
            (signature,) = signatures([words(by_id[group.exemplar])])
            self._stand(group, group.exemplar, signature)
        elif heir := self._heir(group, but=""):
            self._stand(group, *heir)
        else:
            self._stand(group, group.exemplar, None)

    def _heir(self, group: Group, *, but: str) -> tuple[str, Signature] | None:
        """The member that is most like what the group stood for; the oldest of several."""
        members = self._members(group, but=but)
        signed = signatures(words(said) for _, said in members)
        best: tuple[float, str, Signature] | None = None
        for (report_id, _), signature in zip(members, signed, strict=True):
            likeness = jaccard(signature.shingles, group.shingles)
            if best is None or likeness > best[0]:
                best = (likeness, report_id, signature)
        return None if best is None else best[1:]

    def _stand(self, group: Group, exemplar: str, signature: Signature | None) -> Group:
        """Let a report stand for the group from now on; without a signature, in name only."""
        self._connection.execute(_FORGET_BANDS, self._of(group.group_id))
        shingles = b"" if signature is None else to_bytes(signature.shingles)
        self._connection.execute(
            _STAND,
            {
                **self._of(group.group_id),
                "exemplar": exemplar,
                "shingles": shingles,
                "shingles_of": "" if signature is None else exemplar,
            },
        )
        if signature is not None:
            store_bands(self._connection, self._service, [(group.group_id, group.kind, signature)])
        return Group(
            group.group_id,
            group.kind,
            exemplar,
            from_bytes(shingles),
            "" if signature is None else exemplar,
        )

    def _members(self, group: Group, *, but: str) -> list[tuple[str, str]]:
        asked = {**self._of(group.group_id), "but": but, "most": HEIRS}
        return [(row.report_id, row.text) for row in self._connection.execute(_HEIRS, asked)]

    def _held(self, group_ids: Sequence[int]) -> list[Group]:
        asked = {"service": self._service, "group_ids": list(group_ids)}
        return [
            Group(row.group_id, row.kind, row.exemplar, from_bytes(row.shingles), row.shingles_of)
            for row in self._connection.execute(_HELD, asked)
        ]

    def _of(self, group_id: int) -> dict[str, object]:
        return {"service": self._service, "group_id": group_id}
