"""What the training report says in words."""

import json
from dataclasses import replace

from core.status import Operator
from core.training import Settings, evidence, sentences
from tests.fakes_training import MILLION, Q1, Q2, on, run, seen

#: 1M letters a day.
EVEN = tuple(run(day, day) for day in (10, 20, 30, 40))


def settled(rows, day: float, settings: Settings | None = None) -> str:
    found = seen(rows, day, settings)
    assert found.nearest is not None
    return sentences.settles(found, found.nearest)


class TestHeadline:
    """How far the target is."""

    def test_before_the_first_model(self):
        assert sentences.headline(seen([], 9)) == "No training run is known"
        running = seen([run(10, 5, "running")], 10)
        assert sentences.headline(running) == "No training run has succeeded yet"

    def test_a_target_that_is_reached(self):
        words = "The newest model is trained on 120M letters, at least 100M were promised"
        assert sentences.headline(seen([run(10, 120)], 20)) == words
        ceiling = replace(Q2, operator=Operator.AT_MOST)
        above = seen([run(10, 120)], 20, Settings((ceiling,), ceiling))
        assert "at most 100M were promised" in sentences.headline(above)

    def test_a_target_ahead_of_its_date(self):
        # The 100th day is 11 April, 80 days before the end of June.
        assert sentences.headline(seen(EVEN, 41)) == (
            "The newest model is trained on 40M of 100M letters: reached 11 weeks early at the "
            "present pace"
        )

    def test_a_late_target_is_told_in_weeks_begun_and_near_ones_in_days(self):
        late = [run(10, 10), run(20, 15), run(30, 20)]  # 160 more days: 10 July
        assert "ten days late" in sentences.headline(seen(late, 31))
        later = [run(10, 10), run(20, 15), run(36, 20)]  # 208 more days: 2 September, 64 late
        assert "10 weeks late" in sentences.headline(seen(later, 37))

    def test_without_a_pace(self):
        words = "The newest model is trained on 10M of 100M letters: no date can be told"
        assert sentences.headline(seen([run(10, 10)], 20)) == words

    def test_without_a_target(self):
        words = "The newest model is trained on 10M letters; no target is set"
        assert sentences.headline(seen([run(10, 10)], 20, Settings())) == words


class TestSettles:
    """When the target is reached, at which pace."""

    def test_it_names_the_pace_and_the_date(self):
        assert settled(EVEN, 41) == (
            "60M letters to go: about 11 April 2026, 11 weeks early, at 30.4M a month over the "
            "last three increases."
        )

    def test_an_uneven_pace_has_bounds(self):
        rows = [run(10, 10), run(20, 40), run(50, 50)]
        nearest = seen(rows, 51).nearest
        assert nearest is not None
        assert sentences.bounds(nearest) == (
            "8 March 2026 at the fastest of these increases, 20 July 2026 at the slowest: what has "
            "been seen, not a confidence interval."
        )

    def test_an_even_pace_and_a_target_that_is_reached_have_no_bounds(self):
        for rows in (EVEN, [run(10, 50), run(20, 100)], [run(10, 10)]):
            nearest = seen(rows, 41).nearest
            assert nearest is not None
            assert sentences.bounds(nearest) == ""

    def test_on_the_very_day(self):
        rows = [run(day, day - 80) for day in (90, 100, 110)]  # 100M on day 180, the 30th of June
        assert "30 June 2026, on the day it is due, at" in settled(rows, 111)

    def test_it_names_a_silence(self):
        assert "over the last three increases and the silence since" in settled(EVEN, 60)

    def test_without_a_pace_it_says_why(self):
        assert settled([run(10, 10)], 20) == (
            "90M letters to go; no date can be told: fewer than two runs have succeeded."
        )

    def test_out_of_sight(self):
        rows = [run(10, 10), run(20, 10.0001)]
        assert settled(rows, 21).startswith("90M letters to go: more than 10 years at ")

    def test_a_target_that_is_reached_needs_nothing(self):
        assert settled([run(10, 100)], 20) == ""

    def test_letters_to_go_are_cut_up(self):
        assert settled([run(10, 99.990001)], 20).startswith("10k letters to go")
        assert settled([run(10, 99.989999)], 20).startswith("10.01k letters to go")


def test_the_verdict_says_what_counts_and_what_does_not():
    found = seen([run(10, 20), run(20, 12), run(30, 1, "running", anonymised=60)], 30)
    assert sentences.verdict_sentence(found) == (
        "The newest model is trained on 12M deduplicated, anonymised letters. An older one had "
        "20M, but it is the newest that counts. A run of up to 60M under way: not counted yet."
    )


def test_names_of_runs_and_models_are_in_no_sentence():
    rows = [run(10, 20, name="*evil*"), run(20, 12, name="*evil* 2"), run(30, 9, "running")]
    found = seen(rows, 30)
    assert found.nearest is not None
    said = [
        sentences.headline(found),
        sentences.verdict_sentence(found),
        sentences.settles(found, found.nearest),
        sentences.losses(found),
    ]
    assert "evil" not in " ".join(said)


def test_losses_are_told_step_by_step():
    found = seen([run(10, 45, raw=56.2, deduplicated=46, anonymised=45.3)], 20)
    assert sentences.losses(found) == (
        "56.2M raw → 46M deduplicated (81.8 %) → 45.3M anonymised (98.4 %) → 45M trained on "
        "(99.3 %)"
    )
    assert sentences.losses(seen([], 20)) == ""


class TestEvidence:
    """The same as plain values."""

    def test_it_holds_runs_targets_pace_and_date(self):
        found = evidence(seen([*EVEN, run(41, 3, "failed", anonymised=50)], 42))
        assert json.loads(json.dumps(found)) == found
        assert (found["counted"], found["counted_run"]) == (40 * MILLION, "run-40")
        assert [one["status"] for one in found["runs"]] == ["succeeded"] * 4 + ["failed"]
        assert [one["counts"] for one in found["runs"]][-2:] == [40 * MILLION, None]
        assert found["runs"][0]["deduplicated_share"] == 0.8
        first, second = found["targets"]
        assert (first["milestone"], first["status"], first["nearest"]) == ("Q1", "ON_TARGET", False)
        assert (second["target"], second["missing"]) == (100 * MILLION, 60 * MILLION)
        assert second["reached_on"] == on(100).date().isoformat()
        assert second["late_days"] == (on(100).date() - Q2.due_on).days
        assert found["pace"]["daily"] == 1_000_000
        assert len(found["pace"]["increases"]) == 3

    def test_what_is_not_known_is_none(self):
        found = evidence(seen([], 42, Settings((Q1,), Q1)))
        assert (found["counted"], found["counted_run"], found["pace"]) == (None, None, None)
        assert found["no_pace"] == "fewer than two runs have succeeded"
        assert found["targets"][0]["reached_on"] is None
        assert (found["status"], found["data_through"]) == ("NO_DATA", None)
