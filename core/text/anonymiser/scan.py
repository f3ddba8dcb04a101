"""All rules over one letter: who wins where they overlap, and who is the same person."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import NamedTuple

from core.text.anonymiser import (
    contacts,
    names,
    numbers,
    papers,
    phones,
    places,
    small_names,
)
from core.text.anonymiser.hit import Hit
from core.text.anonymiser.reading import MASK, PLACEHOLDER, Reading

#: Rounds over a letter. A mask can be the neighbour that makes a name of the next word, so the
#: letter is read again, near what was masked, until nothing is found; then a second run of the
#: whole finds nothing either.
ROUNDS = 12


class Place(NamedTuple):
    """A detail in the original text; `key` is the same for the same value."""

    start: int
    end: int
    kind: str
    key: str


def scan(text: str) -> list[Place]:
    """The personal details of a letter, in order, without overlaps."""
    found: list[Place] = []
    whole = True
    for _ in range(ROUNDS):
        masked, back = _masked(text, found)
        read = Reading(masked)
        if not whole:
            read.narrow()
        new = []
        for hit in _winners(read):
            start, end = read.original(hit.start, hit.end)
            if end > start:
                new.append(Place(back.original(start), back.original(end), hit.kind, hit.key))
        if not new:
            break
        found = sorted([*found, *new])
        # Who is named recurs anywhere, so a name that was found near a mask is looked for in all.
        whole = not whole and any(place.kind == "PERSON" for place in new)
    return found


def _winners(read: Reading) -> list[Hit]:
    """Of overlapping hits the most certain, and of these the longest."""
    hits = [*names.find(read), *small_names.find(read), *contacts.find(read)]
    if read.stretches:
        hits += [*places.find(read), *numbers.find(read), *papers.find(read), *phones.find(read)]
    taken = bytearray(len(read.text))
    place = read.text.find(MASK)
    while place >= 0:
        taken[place] = 1
        place = read.text.find(MASK, place + 1)
    kept = []
    for hit in sorted(hits, key=lambda hit: (-hit.rank, hit.start - hit.end, hit.start)):
        if taken.find(1, hit.start, hit.end) < 0:
            taken[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
            kept.append(hit)
    return kept


class _Back:
    """The way from a masked text to the text that was masked."""

    def __init__(self, found: list[Place], sizes: list[int]) -> None:
        self._found = found
        self._begins: list[int] = []
        shift = 0
        for place, size in zip(found, sizes, strict=True):
            self._begins.append(place.start + shift)
            shift += size - (place.end - place.start)
        self._sizes = sizes

    def original(self, place: int) -> int:
        """A place outside of masks, in the original."""
        index = bisect_right(self._begins, place) - 1
        if index < 0:
            return place
        if place == self._begins[index]:
            return self._found[index].start
        return place - self._begins[index] - self._sizes[index] + self._found[index].end


def _masked(text: str, found: list[Place]) -> tuple[str, _Back]:
    """The text as a reader of the result will see it, with a number that is no other's."""
    pieces: list[str] = []
    sizes: list[int] = []
    done = 0
    for place in found:
        mask = f"[{place.kind}_1]"
        pieces += (text[done : place.start], mask)
        sizes.append(len(mask))
        done = place.end
    pieces.append(text[done:])
    return "".join(pieces), _Back(found, sizes)


def numbered(text: str, found: list[Place]) -> list[str]:
    """The placeholder of each detail, by kind in order of first appearance.

    The same value has the same placeholder; numbers that the text already has are not used again.
    """
    used: dict[str, int] = defaultdict(int)
    for placeholder in PLACEHOLDER.finditer(text):
        used[placeholder[1]] = max(used[placeholder[1]], int(placeholder[2]))
    people = _People()
    given: dict[tuple[str, str], str] = {}
    placeholders = []
    for place in found:
        key = people.key(place.key) if place.kind == "PERSON" else place.key
        if (place.kind, key) not in given:
            used[place.kind] += 1
            given[place.kind, key] = f"[{place.kind}_{used[place.kind]}]"
        placeholders.append(given[place.kind, key])
    return placeholders


class _People:
    """Who is who in one letter: "И. И. Иванов" and "Ивану Ивановичу" may be one person."""

    def __init__(self) -> None:
        self._known: list[tuple[set[str], set[str]]] = []
        self._keys: dict[str, str] = {}

    def key(self, written: str) -> str:
        """The key of the person that lemmas and initials joined by "|" name."""
        if written not in self._keys:
            self._keys[written] = self._find(written)
        return self._keys[written]

    def _find(self, written: str) -> str:
        parts = set(written.split("|"))
        initials = {part for part in parts if part.endswith(".")}
        names = parts - initials
        fits = [
            index for index, known in enumerate(self._known) if _one_person(names, initials, *known)
        ]
        if len(fits) == 1:
            known_names, known_initials = self._known[fits[0]]
            known_names |= names
            known_initials |= initials
            return str(fits[0])
        self._known.append((names, initials))
        return str(len(self._known) - 1)


def _one_person(names: set[str], initials: set[str], others: set[str], more: set[str]) -> bool:
    if not (names <= others or others <= names):
        return False
    for mine, theirs in ((initials, others), (more, names)):
        rest = theirs - (others & names)
        if rest and not all(any(word[0] == sign[0] for word in rest) for sign in mine):
            return False
    return bool(names & others)
