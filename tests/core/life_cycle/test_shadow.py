"""Shadow runs: what is counted, what is missing, and how far two versions agree."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from core.life_cycle import Settings, ShadowRun
from core.life_cycle.shadow import runs_of
from core.ports import Release
from core.timeframe import HOUR, MINUTE
from tests.fakes_life_cycle import CELLS, MONDAY, NEW, Row, columns, later, release, week


def runs(
    rows: list[Row], *deployed: Release, days: float = 8, settings: Settings | None = None
) -> tuple[ShadowRun, ...]:
    return runs_of(columns(rows), deployed, later(days), settings or Settings())


def test_letters_are_counted_exactly():
    (run,) = runs(week())
    matrix = run.whole.matrix
    assert run.letters == 168_000
    assert matrix.agreement == Fraction(97, 100)
    assert matrix.production_rate == Fraction(41, 100)
    assert matrix.candidate_rate == Fraction(42, 100)
    assert (run.whole.alike.value, run.whole.alike.blocks) == (0.97, 7)
    assert run.blocks == "days"


def test_a_run_of_hours_takes_hours_for_independent():
    (run,) = runs(week(30), days=1.25)
    assert (run.blocks, run.whole.alike.blocks) == ("hours", 30)


def test_no_rows_are_no_run():
    assert runs([]) == ()


def test_all_is_counted_and_not_added_to_its_segments():
    rows = week(24)
    rows += [Row(one.hour, (300, 5, 10, 385), "ru") for one in rows]
    rows += [Row(one.hour, (100, 5, 10, 185), "en") for one in week(24)]
    (run,) = runs(rows, days=2)
    assert run.letters == 24_000
    assert [part.segment for part in run.segments] == ["en", "ru"]
    assert [part.matrix.letters for part in run.segments] == [7_200, 16_800]
    assert run.unequal_hours == 0


def test_segments_add_up_where_nobody_wrote_all():
    rows = [Row(MONDAY, (1, 2, 3, 4), segment) for segment in ("en", "ru")]
    (run,) = runs(rows, days=0.1)
    assert run.letters == 20
    assert run.unequal_hours == 0


def test_a_whole_that_is_not_the_sum_of_its_segments_is_told():
    rows = [Row(MONDAY), Row(MONDAY, (1, 2, 3, 4), "en")]
    (run,) = runs(rows, days=0.1)
    assert (run.letters, run.unequal_hours) == (1_000, 1)


@pytest.mark.parametrize("segment", ["all", "ru"])
def test_a_letter_that_users_saw_is_seen_whoever_wrote_it(segment: str):
    rows = [Row(MONDAY), Row(MONDAY, segment="ru")]
    rows = [
        Row(one.hour, one.cells, one.segment, user_visible=3 * (one.segment == segment))
        for one in rows
    ]
    (run,) = runs(rows, days=0.1)
    assert run.user_visible == 3
    assert run.visible_hours == (MONDAY,)


def test_missing_hours_are_not_good_hours():
    rows = week()
    del rows[10:13], rows[0]
    (run,) = runs(rows, release(MONDAY, "shadow"))
    assert run.span.start == MONDAY
    assert len(run.hours) == 164
    assert run.expected_hours == 168
    assert [(gap.start, gap.end) for gap in run.missing] == [
        (MONDAY, MONDAY + HOUR),
        (MONDAY + 10 * HOUR, MONDAY + 13 * HOUR),
    ]
    assert run.gap_share == Fraction(4, 168)


def test_the_hour_in_which_a_candidate_was_deployed_need_not_have_a_row():
    (run,) = runs(week()[1:], release(MONDAY + 20 * MINUTE, "shadow"))
    assert run.span.start == MONDAY + HOUR
    assert run.missing == ()


def test_days_without_a_row_part_two_runs_and_the_newest_comes_first():
    rows = week(24) + [Row(later(5) + at * HOUR) for at in range(3)]
    newest, first = runs(rows, days=6)
    assert (first.span.start, first.span.end) == (MONDAY, later(1))
    assert (newest.span.start, newest.expected_hours) == (later(5), 3)


def test_two_candidates_are_two_runs():
    rows = [*week(5), *week(4, candidate="bert-5")]
    assert [(run.candidate, len(run.hours)) for run in runs(rows)] == [(NEW, 5), ("bert-5", 4)]


def test_a_run_goes_on_until_a_deployment_ends_it_or_rows_stop():
    assert runs(week(), days=7)[0].running
    (ended,) = runs(week(), release(later(7), "canary"), days=7.05)
    assert (ended.running, ended.ended_by) == (False, "canary")
    (silent,) = runs(week(), days=7.5)
    assert (silent.running, silent.ended_by) == (False, "")


def test_hours_that_differ_show_in_the_dispersion():
    draw = np.random.default_rng(5)

    def hour(at: int, share: float) -> Row:
        differing = int(draw.binomial(1_000, share))
        return Row(MONDAY + at * HOUR, (0, differing, 0, 1_000 - differing))

    calm = [hour(at, 0.4) for at in range(168)]
    wild = [hour(at, 0.3 + 0.2 * (at % 2)) for at in range(168)]
    (quiet,), (loud,) = runs(calm), runs(wild)
    assert quiet.dispersion == pytest.approx(1, abs=0.3)
    assert loud.dispersion is not None
    assert loud.dispersion > 5


def test_a_run_without_a_letter_has_no_share():
    (run,) = runs([Row(MONDAY, (0, 0, 0, 0))], days=0.1)
    assert run.letters == 0
    assert (run.error_share, run.whole.matrix.agreement, run.whole.alike.value) == (
        None,
        None,
        None,
    )


def test_cells_are_in_the_contracts_order():
    (run,) = runs([Row(MONDAY)], days=0.1)
    matrix = run.whole.matrix
    assert (
        matrix.both_positive,
        matrix.production_only,
        matrix.candidate_only,
        matrix.both_negative,
    ) == CELLS
