"""How well letters that belong together are found, on letters written by hand."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import pytest

from core.text.anonymise import anonymise
from core.text.normalise import words
from core.text.signature import THRESHOLD, Signature, jaccard, signatures

LETTERS = json.loads(Path(__file__).with_name("near_duplicates.json").read_text("utf-8"))
HALVES = ("tuned", "fresh", "third")


def grouped(signed: list[Signature]) -> list[int]:
    """The group of each letter, as the intake finds it: by bands, then by the exemplar."""
    exemplars: list[Signature] = []
    found: list[int] = []
    for one in signed:
        likeness, number = max(
            (
                (jaccard(one.shingles, other.shingles), -at)
                for at, other in enumerate(exemplars)
                if (one.bands == other.bands).any()
            ),
            default=(0.0, 0),
        )
        if likeness >= THRESHOLD:
            found.append(-number)
        else:
            found.append(len(exemplars))
            exemplars.append(one)
    return found


def measured(letters: list[dict[str, str]]) -> tuple[float, float]:
    """Pairwise precision and recall."""
    found = grouped(signatures(words(anonymise(letter["text"]).text) for letter in letters))
    pairs = list(combinations(range(len(letters)), 2))
    together = {pair for pair in pairs if found[pair[0]] == found[pair[1]]}
    right = {pair for pair in pairs if letters[pair[0]]["group"] == letters[pair[1]]["group"]}
    return len(together & right) / len(together), len(together & right) / len(right)


@pytest.mark.parametrize("half", HALVES)
def test_letters_that_belong_together_are_found_and_no_others(half: str):
    precision, recall = measured(LETTERS[half])
    assert precision == 1.0
    assert recall >= 0.95


def test_no_letter_of_one_half_joins_one_of_another():
    letters = [letter for half in HALVES for letter in LETTERS[half]]
    precision, recall = measured(letters)
    assert precision == 1.0
    assert recall >= 0.95


def test_there_are_enough_letters_to_speak_of():
    letters = [letter for half in HALVES for letter in LETTERS[half]]
    assert len(letters) >= 60
    assert len({letter["group"] for letter in letters}) >= 30


def test_footers_that_are_left_on_join_what_does_not_belong_together():
    """Why footers are cut: one footer under the letters of one sender makes them alike."""
    footer = " ".join(f"{at}ine" for at in "abcdefghijklmnopqrstuvwxyz")
    texts = [f"Ваш заказ собран и ждёт вас.\n{footer}", f"Мы продлили ваш абонемент.\n{footer}"]
    one, other = signatures(words(text) for text in texts)
    assert jaccard(one.shingles, other.shingles) >= THRESHOLD
    cut = [text.split("\n")[0] + "\n\nС уважением\n" + footer for text in texts]
    one, other = signatures(words(text) for text in cut)
    assert jaccard(one.shingles, other.shingles) == 0
