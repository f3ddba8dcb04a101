"""Who is right where two versions differ: estimates from labels of both, bounds from one's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.life_cycle import sentences
from core.life_cycle.right import Bounds, bounds, judged
from core.life_cycle.settings import Settings
from core.life_cycle.shadow import runs_of
from core.ports.life_cycle import JudgedLetters
from core.status import Estimate
from tests.fakes_life_cycle import MONDAY, Row, columns, later


def letters(production: bool, candidate: bool, label: bool, number: int, p: float = 0.01) -> Any:
    return JudgedLetters(production, candidate, label, p, number)


def quality(precision: Estimate, recall: Estimate, labels: int = 100) -> Any:
    measures = {"precision": precision, "recall": recall}
    return SimpleNamespace(
        whole=SimpleNamespace(measures=measures), labels=SimpleNamespace(count=labels)
    )


def run() -> Any:
    rows = columns([Row(MONDAY, (400_000, 10_000, 20_000, 570_000))])
    return runs_of(rows, (), later(0.1), Settings())[0]


def test_labels_of_both_tell_who_is_right():
    found = judged(
        [
            letters(True, True, True, 500),
            letters(True, False, False, 60),
            letters(True, False, True, 10),
            letters(False, True, True, 40),
            letters(False, True, False, 15),
        ]
    )
    assert (found.letters, found.differing) == (625, 125)
    assert found.right is not None
    assert found.right.value == pytest.approx(100 / 125)
    assert found.production_only is not None
    assert found.production_only.value == pytest.approx(60 / 70)
    assert found.candidate_only is not None
    assert found.candidate_only.value == pytest.approx(40 / 55)
    assert found.better == "candidate"


def test_letters_count_for_those_that_they_stand_for():
    found = judged([letters(True, False, False, 10, 0.001), letters(False, True, False, 10, 0.1)])
    assert found.right is not None
    assert found.right.value == pytest.approx(10_000 / 10_100)


def test_few_letters_tell_nothing_apart():
    found = judged([letters(True, False, False, 29)])
    assert found.right is not None
    assert found.right.low > 0.5
    assert found.better == ""


def test_production_may_be_right_and_a_draw_is_a_draw():
    assert judged([letters(False, True, False, 50)]).better == "production"
    even = [letters(True, False, False, 50), letters(True, False, True, 50)]
    assert judged(even).better == ""


def test_letters_decided_alike_tell_nothing():
    found = judged([letters(True, True, False, 400)])
    assert (found.differing, found.right, found.better) == (0, None, "")
    said = " ".join(sentences.right(found, None))
    assert "nothing bounds it" in said
    assert "letter_id" in said  # what the serving stack has to write


def test_production_bounds_what_the_candidate_can_be_right_about():
    # 410,000 positive decisions, at most 1 % of them wrong; at most 41,000 missed.
    found = bounds(run(), quality(Estimate(0.995, 0.99, 1.0, 50), Estimate(0.95, 10 / 11, 1, 50)))
    assert found == Bounds(100, 10_000, 4_100, 20_000, 20_000)
    assert found.wrong_at_least == 5_900
    assert "at least 5.9k" in sentences.right_title(None, found)


def test_the_bounds_hold_for_every_truth_that_the_counts_allow():
    """Any labelling of a small table, with production's own precision and recall known."""
    draw = np.random.default_rng(7)
    made = run()
    for _ in range(200):
        true = [int(draw.integers(0, size + 1)) for size in (400_000, 10_000, 20_000, 570_000)]
        hit, missed = true[0] + true[1], true[2] + true[3]
        if not hit:
            continue
        precision, recall = hit / 410_000, hit / (hit + missed)
        exact = [Estimate(value, value, value, 9) for value in (precision, recall)]
        found = bounds(made, quality(*exact))
        assert found is not None
        assert 10_000 - true[1] <= found.right_on_them
        assert found.right_on_those is not None
        assert true[2] <= found.right_on_those + 1  # rounding of the recall


def test_without_labels_or_recall_nothing_is_made_up():
    unknown = Estimate(None, None, None, 0)
    assert bounds(run(), None) is None
    assert bounds(run(), quality(unknown, unknown)) is None
    assert bounds(run(), quality(Estimate(1, 0.9, 1, 9), unknown, labels=0)) is None
    found = bounds(run(), quality(Estimate(1, 0.999, 1, 9), Estimate(0.5, 0.0, 1, 9)))
    assert found is not None
    assert found.right_on_those is None
    assert "nothing bounds on how many" in " ".join(sentences.right(None, found))
