"""The demo's classifier: real letters, split, trained and judged without looking ahead."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from core.stats.scores import lower_edge, score_bins
from db.demo import classifier
from db.demo.classifier import Letters, Trained


@pytest.fixture(scope="module")
def letters() -> Letters:
    return classifier.load()


def test_the_data_are_the_unchanged_file_that_its_attribution_names():
    digest = hashlib.sha256(classifier.DATA.read_bytes()).hexdigest()
    assert digest in classifier.DATA.with_name("SPAMBASE.md").read_text()


def test_spambase_has_4601_letters_of_which_1813_are_spam(letters: Letters):
    assert letters.features.shape == (4601, 57)
    assert letters.labels.sum() == 1813


@pytest.mark.parametrize("seed", [0, classifier.SEED])
def test_no_held_out_letter_was_seen_in_training_not_even_as_a_duplicate(
    letters: Letters, seed: int
):
    training, held_out = classifier.halves(letters, seed)
    assert sorted([*training, *held_out]) == list(range(4601))
    seen = {row.tobytes() for row in letters.features[training]}
    assert not any(row.tobytes() in seen for row in letters.features[held_out])
    assert abs(len(training) - len(held_out)) <= 10
    share = [letters.labels[half].mean() for half in (training, held_out)]
    assert share == pytest.approx([0.394, 0.394], abs=0.002)


def test_the_same_seed_trains_the_same_classifier(trained: Trained):
    again = classifier.train()
    assert again.threshold == trained.threshold
    assert np.array_equal(again.letter_ids, trained.letter_ids)
    assert np.array_equal(again.scores(trained.features), trained.scores(trained.features))


def test_another_seed_holds_out_other_letters(letters: Letters):
    (_, one), (_, other) = classifier.halves(letters, 1), classifier.halves(letters, 2)
    assert not np.array_equal(one, other)


def test_training_reads_the_training_half_alone(
    monkeypatch: pytest.MonkeyPatch, letters: Letters, trained: Trained
):
    spoilt = letters.labels.copy()
    spoilt[trained.letter_ids] ^= True
    monkeypatch.setattr(classifier, "load", lambda: Letters(letters.features, spoilt))
    # The split is stratified by label: keep it as it was.
    monkeypatch.setattr(
        classifier, "halves", lambda *_: (trained.training_rows, trained.letter_ids)
    )
    blind = classifier.train()
    assert blind.threshold == trained.threshold
    assert np.array_equal(blind.scores(trained.features), trained.scores(trained.features))
    assert np.array_equal(blind.labels, ~trained.labels)


def test_the_held_out_half_is_classified_about_as_well_as_reported(trained: Trained):
    decided = trained.scores(trained.features) >= trained.threshold
    assert trained.labels[decided].mean() == pytest.approx(0.981, abs=0.01)
    assert decided[trained.labels].mean() == pytest.approx(0.750, abs=0.03)


def test_a_letter_scores_the_same_alone_and_in_a_batch(trained: Trained):
    together = trained.scores(trained.features[:40])
    alone = [trained.scores(trained.features[k : k + 1])[0] for k in range(40)]
    assert together.tolist() == alone


def test_scores_are_the_shrunk_votes_of_scikit_learns_own_forest(trained: Trained):
    prepared = np.log1p(trained.features)
    votes = trained.model.predict_proba(prepared)[:, 1] * classifier.TREES
    expected = (votes + 0.5) / (classifier.TREES + 1)
    assert trained.scores(trained.features) == pytest.approx(expected, abs=1e-12)


def test_scores_are_spread_over_many_bins_and_never_certain(trained: Trained):
    scores = trained.scores(trained.features)
    assert scores.min() > 0
    assert scores.max() < 1
    assert len(np.unique(score_bins(scores))) > 80


def test_the_threshold_is_the_lowest_bin_edge_that_reaches_the_precision():
    scores = np.array([0.2, 0.6, 0.7, 0.9, 0.9])
    labels = np.array([False, True, False, True, True])
    assert classifier.choose_threshold(scores, labels, 0.75) == lower_edge(int(score_bins(0.2)) + 1)
    assert classifier.choose_threshold(scores, labels, 1.0) == lower_edge(int(score_bins(0.7)) + 1)


def test_a_precision_out_of_reach_is_said_and_not_approximated():
    with pytest.raises(ValueError, match=r"precision == 0.9, no threshold reaches it"):
        classifier.choose_threshold(np.array([0.3, 0.8]), np.array([True, False]), 0.9)


def test_class_scores_are_distributions_over_the_bins_and_overlap(trained: Trained):
    found = classifier.smoothed_classes(trained)
    bins = score_bins(trained.scores(trained.features)).astype(int) + 100
    for mass in (found.positive, found.negative):
        assert mass.shape == (200,)
        assert mass.sum() == pytest.approx(1)
        assert mass.min() >= 0
        assert mass[bins.min() : bins.max() + 1].min() > 0


def test_class_scores_decide_like_the_held_out_letters_do(trained: Trained):
    found = classifier.smoothed_classes(trained)
    decided = trained.scores(trained.features) >= trained.threshold
    first = int(score_bins(trained.threshold)) + 100
    assert found.positive[first:].sum() == pytest.approx(decided[trained.labels].mean(), abs=0.02)
    assert found.negative[first:].sum() == pytest.approx(decided[~trained.labels].mean(), abs=0.005)


def test_class_scores_are_those_of_the_seeds_classifier(
    monkeypatch: pytest.MonkeyPatch, trained: Trained
):
    monkeypatch.setattr(classifier, "train", {7: trained}.__getitem__)
    found, expected = classifier.class_scores(7), classifier.smoothed_classes(trained)
    assert np.array_equal(found.positive, expected.positive)
    assert np.array_equal(found.negative, expected.negative)


def test_importing_the_classifier_does_not_import_scikit_learn():
    script = "import sys, db.demo.classifier; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
