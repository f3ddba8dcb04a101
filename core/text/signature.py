"""Near-duplicates: how alike two letters are, and how to find the alike without comparing all.

A letter is the set of its word 3-shingles. MinHash (Broder, "On the resemblance and containment of
documents", 1997) keeps 128 numbers of it; the probability that two sets agree on one of them is
their Jaccard similarity J. Cut into 25 bands of 4, two letters share a band with probability
1 - (1 - J^4)^25: 0.80 at J = 0.5, 0.97 at 0.6, 0.999 at 0.7, 0.09 at 0.25 (Leskovec, Rajaraman,
Ullman, "Mining of Massive Datasets", 3.4). Bands of 5 would find 0.55 and 0.87 of the first two.
Whoever shares a band is a candidate, and is verified by Jaccard on the shingles themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

#: Letters at least this alike are of one group.
THRESHOLD = 0.5
SHINGLE_WORDS = 3
PERMUTATIONS = 128
BANDS = 25
ROWS = 4
SEED = 20261126

Hashes = NDArray[np.uint64]
Bands = NDArray[np.int64]

_CACHED_WORDS = 1 << 16
#: Odd multipliers of the golden ratio and of MurmurHash3's finalizer; sums modulo 2^64.
_PLACES = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_MIX = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
_HALF = np.uint64(33)
_ROW_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93],
    dtype=np.uint64,
)
_BAND_FACTOR = np.uint64(0xA0761D6478BD642F)


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """What is kept of a letter's words.

    Attributes:
        shingles: 64-bit hashes of its shingles, sorted, each once; shape (k,), k at least 1.
        bands: hashes of its bands, signed as PostgreSQL's bigint; shape (25,).
    """

    shingles: Hashes
    bands: Bands


def shingles(words: Sequence[str]) -> Hashes:
    """Hashes of a letter's word 3-shingles, the same in every process and on every machine.

    A letter of fewer words is one shingle as a whole, and so is one without any: it is like another
    only if that is equal.

    Args:
        words: as `core.text.normalise.words` gives them.

    Returns:
        Sorted, each once; shape (k,), k at least 1.
    """
    return _shingle_sets([words])[0]


def signatures(letters: Iterable[Sequence[str]]) -> list[Signature]:
    """The signatures of many letters, in their order; together they take a fifth of the time.

    >>> one, other = signatures([["a", "b", "c", "d"], ["a", "b", "c"]])
    >>> jaccard(one.shingles, other.shingles), one.bands.shape
    (0.5, (25,))
    """
    sets = _shingle_sets(list(letters))
    if not sets:
        return []
    offsets = np.cumsum([0, *map(len, sets)]).astype(np.uint64)
    flat = np.concatenate(sets)
    rows = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, PERMUTATIONS, SEED)
    digests = np.fromiter(
        chain.from_iterable(rows.to_rows()), dtype=np.uint64, count=len(sets) * PERMUTATIONS
    ).reshape(len(sets), PERMUTATIONS)
    bands = _bands(digests)
    return [Signature(own, bands[at]) for at, own in enumerate(sets)]


def signature(words: Sequence[str]) -> Signature:
    """The signature of one letter."""
    return signatures([words])[0]


def jaccard(one: Hashes, other: Hashes) -> float:
    """How alike two sets of shingles are: the share of all their shingles that both have.

    Args:
        one: sorted, each once; shape (k,).
        other: the same; shape (l,).

    Returns:
        0 to 1; 0 for two empty sets, of which nothing is known.
    """
    if not (one.size and other.size):
        return 0.0
    places = np.minimum(np.searchsorted(one, other), one.size - 1)
    shared = int(np.count_nonzero(one[places] == other))
    return shared / (one.size + other.size - shared)


def to_bytes(hashes: Hashes) -> bytes:
    """Hashes as they are stored: little-endian, 8 bytes each."""
    return hashes.astype("<u8").tobytes()


def from_bytes(stored: bytes | memoryview) -> Hashes:
    """What `to_bytes` stored.

    >>> from_bytes(to_bytes(np.array([1, 2**64 - 1], dtype=np.uint64))).tolist()
    [1, 18446744073709551615]
    """
    return np.frombuffer(stored, dtype="<u8").astype(np.uint64)


@lru_cache(maxsize=_CACHED_WORDS)
def _hash(word: str) -> int:
    return int.from_bytes(
        blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )


def _shingle_sets(letters: Sequence[Sequence[str]]) -> list[Hashes]:
    """The shingles of many letters.

    All are hashed at once, also those from one letter into the next, which are left out.
    """
    lengths = [len(words) for words in letters]
    hashed = np.fromiter(
        map(_hash, chain.from_iterable(letters)), dtype=np.uint64, count=sum(lengths)
    )
    count = max(0, hashed.size - SHINGLE_WORDS + 1)
    mixed = np.zeros(count, dtype=np.uint64)
    for place in range(SHINGLE_WORDS):
        mixed += hashed[place : place + count] * _PLACES[place]
    mixed = _finalized(mixed)
    found: list[Hashes] = []
    start = 0
    for words, length in zip(letters, lengths, strict=True):
        if length < SHINGLE_WORDS:
            whole = _hash(f"{length} {' '.join(words)}")
            found.append(np.array([whole], dtype=np.uint64))
        else:
            own = mixed[start : start + length - SHINGLE_WORDS + 1]
            own.sort()
            found.append(_each_once(own))
        start += length
    return found


def _each_once(ordered: Hashes) -> Hashes:
    """Sorted hashes without repetitions; a copy."""
    first = np.empty(ordered.size, dtype=np.bool_)
    first[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def _finalized(values: Hashes) -> Hashes:
    """MurmurHash3's finalizer: every bit of the input tells on every bit of the output."""
    mixed = values ^ (values >> _HALF)
    for factor in _MIX:
        mixed = mixed * factor
        mixed ^= mixed >> _HALF
    return mixed


def _bands(digests: Hashes) -> Bands:
    """Band hashes of digests of shape (n, 128), as (n, 25)."""
    cut = digests[:, : BANDS * ROWS].reshape(len(digests), BANDS, ROWS)
    mixed = np.zeros(cut.shape[:2], dtype=np.uint64)
    for row in range(ROWS):
        mixed = _finalized(mixed + cut[:, :, row] * _ROW_FACTORS[row])
    numbers = np.arange(1, BANDS + 1, dtype=np.uint64) * _BAND_FACTOR
    return _finalized(mixed + numbers).view(np.int64)
