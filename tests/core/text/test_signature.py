"""Signatures: the same everywhere, alike where the letters are, and bounded in their errors."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest

from core.text.signature import (
    BANDS,
    ROWS,
    THRESHOLD,
    from_bytes,
    jaccard,
    shingles,
    signature,
    signatures,
    to_bytes,
)

ROOT = Path(__file__).parents[3]
WORDS = [
    "баш",
    "зakaз",
    "#",
    "пepeдah",
    "b",
    "дoctabky",
    "kypьep",
    "[person]",
    "пpиbeзet",
    "eгo",
    "#",
    "yтpom",
]


def alike(size: int, shared: int, rng: random.Random) -> tuple[list[str], list[str]]:
    """Two letters of so many shingles each, of which they share so many."""
    common = [f"c{rng.random()}" for _ in range(shared + 2)]
    return tuple(common + [f"{name}{rng.random()}" for _ in range(size - shared)] for name in "ab")  # type: ignore[return-value]


def test_letters_are_as_alike_as_the_shingles_that_they_share():
    rng = random.Random(1)
    for size, shared in ((40, 40), (40, 30), (40, 10), (40, 0)):
        one, other = (shingles(words) for words in alike(size, shared, rng))
        assert jaccard(one, other) == shared / (2 * size - shared)
        assert jaccard(one, other) == jaccard(other, one)


def test_the_order_of_words_counts_and_repeated_shingles_count_once():
    assert jaccard(shingles(["a", "b", "c"]), shingles(["c", "b", "a"])) == 0
    assert shingles(["a"] * 50).size == 1


@pytest.mark.parametrize("words", [[], ["a"], ["a", "b"]])
def test_a_short_letter_is_like_its_equal_and_nothing_else(words: list[str]):
    others = [[], ["a"], ["b"], ["a", "b"], ["b", "a"], ["a", "b", "c"], ["a b"], ["", "a"]]
    assert shingles(words).size == 1
    for other in others:
        likeness = jaccard(shingles(words), shingles(other))
        assert likeness == float(words == other), other
        shared = signature(words).bands == signature(other).bands
        assert shared.all() if words == other else not shared.any()


def test_nothing_is_like_nothing():
    empty = np.empty(0, dtype=np.uint64)
    assert jaccard(empty, empty) == jaccard(empty, shingles(["a"])) == 0


def test_signatures_are_the_same_in_every_process_and_in_every_batch():
    code = (
        "import json, sys; from core.text.signature import signature;"
        "s = signature(json.load(sys.stdin)); print(json.dumps([s.shingles.tolist(), "
        "s.bands.tolist()]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(WORDS), capture_output=True, text=True, cwd=ROOT, check=True,
        env={"PYTHONHASHSEED": "77"},
    )  # fmt: skip
    own = signature(WORDS)
    assert json.loads(done.stdout) == [own.shingles.tolist(), own.bands.tolist()]
    _, among, _ = signatures([["x"], WORDS, ["y", "z"] * 9])
    assert among.bands.tolist() == own.bands.tolist()


def test_a_shingle_is_hashed_as_it_says():
    """Word hashes by BLAKE2b, summed with a factor by place, and mixed: here in plain integers."""
    factors = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
    words = ("a", "ё", "#")
    mixed = 0
    for word, factor in zip(words, factors, strict=True):
        hashed = int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")
        mixed = (mixed + hashed * factor) % 2**64
    mixed ^= mixed >> 33
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed = mixed * factor % 2**64
        mixed ^= mixed >> 33
    assert shingles(words).tolist() == [mixed]


def test_hashes_come_back_from_bytes_as_they_were():
    own = shingles(WORDS)
    assert from_bytes(to_bytes(own)).tolist() == own.tolist()
    assert from_bytes(memoryview(to_bytes(own))).tolist() == own.tolist()
    assert from_bytes(b"").size == 0
    bands = signature(WORDS).bands
    assert (bands.dtype, bands.shape) == (np.int64, (BANDS,))


@pytest.mark.parametrize(("size", "shared"), [(60, 30), (60, 40), (60, 48), (60, 15)])
def test_letters_become_candidates_as_often_as_the_theory_says(size: int, shared: int):
    rng = random.Random(20261126)
    pairs = 400
    found = signatures(words for _ in range(pairs) for words in alike(size, shared, rng))
    hits = sum(
        bool((one.bands == other.bands).any())
        for one, other in zip(found[::2], found[1::2], strict=True)
    )
    likeness = shared / (2 * size - shared)
    expected = 1 - (1 - likeness**ROWS) ** BANDS
    spread = (expected * (1 - expected) / pairs) ** 0.5
    assert abs(hits / pairs - expected) < 4 * spread + 1e-9
    assert (expected > 0.5) == (likeness >= THRESHOLD)
