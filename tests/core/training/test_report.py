"""What counts of training runs, how far the targets are, and what is odd about the data."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.ports import Criterion
from core.status import Operator, Status
from core.training import HEADERS, Settings, table
from tests.fakes import goal
from tests.fakes_training import CRITERION, MILLION, Q1, Q2, on, run, seen


class TestWhatCounts:
    """The newest model's letters that are trained on, deduplicated and anonymised."""

    def test_it_is_the_succeeded_run_that_ended_last(self):
        found = seen([run(10, 5), run(20, 12), run(30, 8)], 40)
        assert found.newest is not None
        assert (found.newest.run.run_id, found.letters) == ("run-30", 8 * MILLION)

    def test_of_two_runs_at_once_the_one_that_ended_last_is_the_newest(self):
        long = replace(run(10, 5, name="long"), finished_at=on(30))
        found = seen([long, run(20, 12)], 40)
        assert found.letters == 5 * MILLION
        assert [one.run.run_id for one in found.runs] == ["long", "run-20"]

    def test_letters_that_were_not_anonymised_do_not_count(self):
        assert seen([run(10, 100, anonymised=60)], 20).letters == 60 * MILLION

    def test_letters_that_were_not_trained_on_do_not_count(self):
        assert seen([run(10, 3.4, anonymised=100)], 20).letters == 3_400_000

    @pytest.mark.parametrize("status", ["running", "failed"])
    def test_a_run_that_did_not_succeed_is_shown_and_not_counted(self, status: str):
        found = seen([run(10, 5), run(20, 200, status)], 30)
        assert found.letters == 5 * MILLION
        assert [one.status for one in found.runs] == ["succeeded", status]
        assert len(getattr(found, status)) == 1

    def test_a_run_that_ended_after_as_of_was_running_then(self):
        rows = [run(10, 5), run(20, 12)]
        assert seen(rows, 19.5).letters == 5 * MILLION
        assert [one.status for one in seen(rows, 19.5).runs] == ["succeeded", "running"]
        assert seen(rows, 20).letters == 12 * MILLION

    def test_a_run_that_begins_at_as_of_is_not_known_yet(self):
        assert len(seen([run(10, 5), run(20, 12)], 19).runs) == 1

    def test_without_any_run_nothing_is_known(self):
        found = seen([], 20)
        assert (found.letters, found.estimate, found.newest) == (None, None, None)
        assert (found.status, found.data_through) == (Status.NO_DATA, None)

    def test_runs_of_which_none_succeeded_count_nothing_which_is_known(self):
        found = seen([run(10, 50, "failed"), run(20, 50, "running")], 20)
        assert found.letters == 0
        assert found.status is Status.BREACHED

    def test_the_data_reach_to_the_newest_start_or_end(self):
        assert seen([run(10, 5), run(20, 12, "running")], 30).data_through == on(19)
        assert seen([run(10, 5)], 30).data_through == on(10)

    def test_an_end_that_nobody_wrote_is_the_start_and_is_told(self):
        found = seen([run(10, 5, written=False)], 30)
        assert found.letters == 5 * MILLION
        assert found.newest is not None
        assert found.newest.ended_at == on(9)
        assert found.warnings == (
            "Run run-10: has ended and nobody wrote when (finished_at): its start stands for it.",
        )


class TestTargets:
    """Exact counts: met or not, at risk with a reason."""

    @pytest.mark.parametrize(
        ("letters", "status"),
        [(100, Status.ON_TARGET), (99.999999, Status.BREACHED), (45, Status.BREACHED)],
    )
    def test_the_count_is_held_against_the_target_exactly(self, letters: float, status: Status):
        assert seen([run(10, letters)], 20).status is status

    def test_one_letter_too_few_is_missing(self):
        nearest = seen([run(10, 99.999999)], 20).nearest
        assert nearest is not None
        assert nearest.missing == 1

    def test_every_milestones_target_is_held(self):
        found = seen([run(10, 12)], 20)
        assert [(one.target.milestone, one.status) for one in found.reaches] == [
            ("Q1", Status.ON_TARGET),
            ("Q2", Status.BREACHED),
        ]

    def test_a_smaller_run_under_way_puts_a_target_at_risk(self):
        rows = [run(10, 120), run(20, 1, "running", anonymised=99)]
        nearest = seen(rows, 20).nearest
        assert nearest is not None
        assert nearest.status is Status.AT_RISK
        assert nearest.worries[0].startswith("a run under way has fewer letters than the target")

    def test_a_run_under_way_with_enough_letters_is_no_worry(self):
        rows = [run(10, 120), run(20, 1, "running", anonymised=100)]
        assert seen(rows, 20).status is Status.ON_TARGET

    def test_data_in_which_nobody_found_a_duplicate_put_a_target_at_risk(self):
        nearest = seen([run(10, 120, raw=120)], 20).nearest
        assert nearest is not None
        assert nearest.status is Status.AT_RISK
        assert nearest.worries == (
            "of the newest model's run: not one duplicate was found among its raw letters",
        )

    def test_the_oddity_of_an_older_run_is_no_worry(self):
        rows = [run(10, 110), run(20, 110), run(30, 110, raw=110), run(40, 110), run(50, 120)]
        assert seen(rows, 31).status is Status.AT_RISK
        assert seen(rows, 60).status is Status.ON_TARGET

    def test_what_is_usual_takes_three_runs(self):
        odd = run(40, 120, raw=240)
        assert seen([run(20, 110), run(30, 110), odd], 50).warnings == ()
        assert len(seen([run(10, 110), run(20, 110), run(30, 110), odd], 50).warnings) == 1

    def test_a_target_in_parts_of_a_letter_needs_the_whole_letter(self):
        half = replace(Q2, value=Decimal("5000000.5"))
        nearest = seen([run(10, 5)], 20, Settings((half,), half)).nearest
        assert nearest is not None
        assert (nearest.status, nearest.missing) == (Status.BREACHED, 1)

    def test_a_target_that_is_a_ceiling_is_held_as_one(self):
        ceiling = replace(Q2, operator=Operator.AT_MOST)
        assert seen([run(10, 120)], 20, Settings((ceiling,), ceiling)).status is Status.BREACHED
        nearest = seen([run(10, 50)], 20, Settings((ceiling,), ceiling)).nearest
        assert nearest is not None
        assert (nearest.status, nearest.missing) == (Status.ON_TARGET, 0)

    def test_without_targets_there_is_a_count_and_no_verdict(self):
        found = seen([run(10, 12)], 20, Settings())
        assert (found.letters, found.nearest) == (12 * MILLION, None)
        assert found.status is Status.NO_DATA


class TestSettings:
    """10M in the first quarter, 100M in the second."""

    @pytest.mark.parametrize(
        ("today", "nearest"),
        [(date(2026, 3, 31), Q1), (date(2026, 4, 1), Q2), (date(2026, 12, 1), Q2)],
    )
    def test_the_nearest_milestones_target_counts(self, today: date, nearest):
        found = Settings.of_goals([goal(CRITERION)], today)
        assert found.targets == (Q1, Q2)
        assert found.nearest == nearest

    def test_other_areas_and_other_measures_are_not_asked(self):
        strange = replace(Q2, measure="letters_seen")
        criteria = (
            Criterion("other", "other", "quality", (Q1,)),
            Criterion("training", "training", "training", (strange,)),
        )
        assert Settings.of_goals([goal(*criteria)], date(2026, 1, 1)) == Settings()
        assert Settings.of_goals([], date(2026, 1, 1)) == Settings()


class TestFindings:
    """What to know before trusting the counts."""

    usual = (run(10, 10), run(20, 20), run(30, 30))

    def test_data_as_usual_say_nothing(self):
        assert seen(self.usual, 40).warnings == ()

    def test_a_smaller_newest_model_is_told(self):
        (said,) = seen([run(10, 20), run(20, 12)], 30).warnings
        assert said == (
            "The newest model (run run-20) is trained on 12M letters, run run-10 before it on 20M: "
            "the newest model counts."
        )

    @pytest.mark.parametrize(
        ("raw", "warnings"),
        [
            (53.4, ("Run run-40: deduplication left 74.9 % of its raw letters, 80.0 % is usual.",)),
            (53.3, ()),
            (47.1, ()),
            (47.0, ("Run run-40: deduplication left 85.1 % of its raw letters, 80.0 % is usual.",)),
            (40.0, ("Run run-40: not one duplicate was found among its raw letters.",)),
        ],
    )
    def test_deduplication_that_left_an_unusual_share_is_told(
        self, raw: float, warnings: tuple[str, ...]
    ):
        assert seen([*self.usual, run(40, 40, raw=raw)], 50).warnings == warnings

    def test_letters_that_could_not_be_anonymised_are_told(self):
        (said,) = seen([*self.usual, run(40, 36, deduplicated=40)], 50).warnings
        assert said == (
            "Run run-40: only 90.0 % of its deduplicated letters were anonymised, 100.0 % is usual."
        )

    def test_letters_that_were_left_out_are_told_of_models_alone(self):
        rows = [run(10, 5, "failed", anonymised=10), run(20, 9, anonymised=10)]
        (said,) = seen(rows, 30).warnings
        assert said == "Run run-20: 1M anonymised letters were left out of training."

    def test_training_on_more_than_was_anonymised_is_told(self):
        (said,) = seen([run(10, 12, anonymised=10)], 20).warnings
        assert "it trained on 12M letters and 10M were anonymised" in said

    def test_a_handful_of_letters_without_duplicates_is_nothing_odd(self):
        assert seen([run(10, 0.000999, raw=0.000999)], 20).warnings == ()
        assert len(seen([run(10, 0.001, raw=0.001)], 20).warnings) == 1

    def test_a_run_without_letters_has_no_shares(self):
        (one,) = seen([run(10, 0)], 20).runs
        assert (one.deduplicated_share, one.anonymised_share, one.trained_share) == (None,) * 3


def test_the_table_shows_every_run_the_newest_first():
    rows = table(seen([run(10, 5), run(20, 3.4, "failed", anonymised=12)], 30))
    assert [row["run"] for row in rows] == ["run-20", "run-10"]
    assert all(tuple(row) == HEADERS for row in rows)
    assert [row["counts"] for row in rows] == [None, 5 * MILLION]
    assert rows[0]["trained"] == 3_400_000
    assert rows[0]["raw"] == 15 * MILLION
