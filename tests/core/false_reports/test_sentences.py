"""Sentences: what waits first, numbers cut toward the side that flatters less."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.false_reports import FalseReportsReport, report, sentences
from core.false_reports.words import plain, rate_words, topic_name
from core.ports import Topic
from core.timeframe import Window
from tests.core.false_reports.test_report import AS_OF, MONTH, PLAIN, seen, some
from tests.fakes import SERVICE
from tests.fakes_false_reports import (
    FakeFalseReportReader,
    at,
    release,
    reports,
    retraining_set,
    run,
    scored,
    vote,
)


def released(**rest: object) -> FakeFalseReportReader:
    """A retrained model that mended two of three groups; groups outside the set went on."""
    rows = [
        *reports(PLAIN[0], "bert-3", at(0), at(20), 60),
        *reports(PLAIN[1], "bert-3", at(0), at(20), 50),
        *reports(PLAIN[2], "bert-3", at(0), at(20), 40),
        *reports(PLAIN[2], "bert-4", at(20), at(32), 30),
        *reports(PLAIN[3], "bert-3", at(0), at(20), 40),
        *reports(PLAIN[3], "bert-4", at(20), at(32), 26),
    ]
    made = FakeFalseReportReader(
        rows,
        [*scored("bert-3", at(0), at(20), 10_000), *scored("bert-4", at(20), at(34), 10_000)],
        made=[retraining_set("newsletters-1", at(12), PLAIN[:3])],
        deployments=[release("bert-3", at(-9)), release("bert-4", at(20))],
        runs=[run("bert-4", at(15), "newsletters-1")],
        beat_at=at(34),
    )
    return replace(made, **rest)  # type: ignore[arg-type]


def after(reader: FakeFalseReportReader | None = None) -> FalseReportsReport:
    return report(reader or released(), SERVICE, MONTH, at(34))


def test_the_first_sentence_says_how_many_wait_how_long_and_what_hurts_most():
    found = seen(FakeFalseReportReader(some(), beat_at=AS_OF))
    assert sentences.headline(found) == (
        f"Three groups wait, the oldest for 8 days; group {PLAIN[2]} hurts most, three people "
        "reported it"
    )
    alone = seen(FakeFalseReportReader(some(1), beat_at=AS_OF))
    assert sentences.headline(alone) == (
        f"One group has waited for 8 days; group {PLAIN[0]} hurts most, one person reported it"
    )


def test_each_state_has_a_sentence_of_its_own():
    votes = [vote(1, PLAIN[0]), vote(2, PLAIN[1], "reject", reason="wanted")]
    said = [
        sentences.headline(seen(reader))
        for reader in (
            FakeFalseReportReader(beat_at=AS_OF),
            FakeFalseReportReader(untaken=[at(9)], beat_at=AS_OF),
            FakeFalseReportReader(some(2), votes=votes, beat_at=AS_OF),
            FakeFalseReportReader(some(2), votes=votes, beat_at=at(8)),
        )
    ]
    stale = (
        "Nothing is known since 9 Jun 2026 00:00 UTC. Until then: every group of reports is "
        "reviewed: 1 confirmed, 1 rejected"
    )
    assert said == [
        "Nobody has reported a false decision",
        "One report came, and the worker has taken none yet",
        "Every group of reports is reviewed: 1 confirmed, 1 rejected",
        stale,
    ]


def test_a_release_is_told_with_its_set_and_both_rates():
    found = after()
    one = found.after[0]
    assert sentences.after_sentence(one) == (
        "The three groups of newsletters-1 together are fixed since bert-4 (31.2 reports per "
        "million letters before, 10.5 after); alone, two are shown to be fixed and one is still "
        "reported"
    )
    assert sentences.after_title(one) == (
        "The three groups of newsletters-1 together are fixed since bert-4; 1 still reported"
    )
    assert sentences.fate_counts(one.known) == "2 fixed, 1 recurring"


def test_what_may_flatter_a_release_stands_beside_it():
    notes = " ".join(sentences.after_notes(after(), after().after[0]))
    assert "would be reported less by chance alone" in notes
    assert "(8.33 reports per million letters before, 9.03 after)" in notes
    assert "within 48 hours" in notes
    assert "Between the making of the set and the release" in notes
    assert "from week to week they vary like that" in notes


def test_rates_of_a_very_large_service_are_told_per_billion_letters():
    many = [replace(one, letters=100_000 * one.letters) for one in released().scores]
    one = after(released(scores=many)).after[0]
    told = "(0.312 reports per billion letters before, 0.105 after)"
    assert told in sentences.after_sentence(one)


def test_bursts_are_told_by_how_much_they_widen_what_intervals_say():
    burst = [
        row
        for day in (2, 9, 15)
        for row in reports(PLAIN[0], "bert-3", at(day), at(day, 2), 10 + 20 * (day == 9))
    ]
    one = after(released(rows=burst)).after[0]
    assert one.dispersion is not None
    assert one.dispersion > 5
    assert "times as much: think of intervals" in sentences.after_notes(after(), one)[-1]
    few = after(released(rows=burst[:5])).after[0]
    assert few.dispersion is None
    assert "Where they come in bursts" in sentences.after_notes(after(), few)[-1]


def test_a_release_without_a_set_is_told_by_all_groups():
    found = after(released(runs=[], made=[]))
    assert sentences.after_sentence(found.after[0]) == (
        "No retraining set went into bert-4. Groups known before it: 39.5 reports per million "
        "letters before, 19.5 after"
    )


def test_nothing_fixed_is_said_in_words_and_what_cannot_be_told_says_why():
    rows = [
        *reports(PLAIN[0], "bert-3", at(0), at(20), 60),
        *reports(PLAIN[0], "bert-4", at(20), at(32), 36),
    ]
    found = after(released(rows=rows))
    assert sentences.after_sentence(found.after[0]).startswith(
        "The one group of newsletters-1 is not fixed since bert-4 (12.5 reports"
    )
    unscored = after(released(scores=[]))
    assert sentences.after_sentence(unscored.after[0]).startswith(
        "Since bert-4 nothing can be told. No letters of the versions before"
    )


def test_titles_say_what_they_find():
    named = [Topic(3, ("заказ", "курьер"), at(9))]
    found = seen(FakeFalseReportReader(some(topic=3), named=named, beat_at=AS_OF))
    assert sentences.arrivals_title(found) == (
        "Six reports in the last 30 days, 100 % of them false positives"
    )
    assert sentences.topics_title(found) == "Most groups wait in “заказ, курьер”: 3"
    assert sentences.reviewers_title(found) == "Nobody has reviewed a group yet"
    quiet = report(FakeFalseReportReader(), SERVICE, Window.parse("7d"), AS_OF)
    assert sentences.arrivals_title(quiet) == "No report in the last 7 days"
    assert sentences.topics_title(quiet) == "Too few groups to find topics among them"


def test_what_was_masked_and_what_is_likely_left_are_told():
    said = [
        sentences.masked_sentence(seen(FakeFalseReportReader(rows)))
        for rows in ([], some(), some(1, masked={"EMAIL": 1}))
    ]
    assert said[0] == "No report has been anonymised here yet."
    assert said[1] == "Greenlight's own pass found nothing that the producers had left."
    assert said[2].startswith("Greenlight masked one personal detail that the producers had left;")


def test_reviewers_and_how_far_they_agree_are_told():
    votes = [
        vote(1, PLAIN[0], drawn="random", decided_at=at(9)),
        vote(2, PLAIN[1], "unsure", decided_at=AS_OF - timedelta(hours=25)),
        vote(3, PLAIN[1], "reject", "Борис", at(9), stage="second", reason="wanted"),
        vote(4, PLAIN[2], "reject", drawn="random", decided_at=at(9), reason="wanted"),
    ]
    found = seen(FakeFalseReportReader(some(), votes=votes))
    assert sentences.reviewers_title(found) == "Two reviewers cast four votes, none today"
    assert sentences.agreement_sentence(found).startswith(
        "Two reviewers say the same of 0 % of one group"
    )
    assert sentences.precision_sentence(found).startswith("Of groups drawn at random, 50 % (9 to")
    empty = seen(FakeFalseReportReader(some()))
    assert "unknown" in sentences.agreement_sentence(empty)
    assert "unknown" in sentences.precision_sentence(empty)


@pytest.mark.parametrize("word", ["evil\u202edlrow", "a\u2066b\u2069c", "x\x1b[2Jy", "nul\x00l"])
def test_words_from_letters_steer_nothing_around_them(word: str):
    shown = plain(word)
    assert shown.isprintable()
    assert topic_name(3, [word, "  "]) == shown[:24]


def test_a_topic_whose_words_are_all_unseen_still_has_a_name():
    assert topic_name(3, ["\u200b\u202e", "\x00"]) == "topic 3"


def test_a_rate_after_is_cut_up_and_a_rate_before_down():
    assert (rate_words(11.02), rate_words(11.98, up=False)) == ("11.1", "11.9")
    assert rate_words(9.996) == "10"
    assert rate_words(float("nan")) == "unknown"
