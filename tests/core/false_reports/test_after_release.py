"""What became of reports after a release: by version, at equal follow-up."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from core.false_reports.fate import Fate
from core.false_reports.serving_spans import history
from core.false_reports.settings import Settings
from core.stats.poisson import ratio
from core.timeframe import Span
from tests.core.false_reports.released import (
    AS_OF,
    DEPLOYED,
    LETTERS,
    NEW,
    OLD,
    RELEASED,
    RUNS,
    compared,
    every,
    fate_of,
)
from tests.fakes_false_reports import (
    FakeFalseReportReader,
    ReportRow,
    at,
    release,
    reports,
    retraining_set,
    run,
    scored,
)


def test_a_group_that_is_no_longer_reported_is_fixed_and_one_that_goes_on_is_recurring():
    found = compared(
        [
            *reports(1, OLD, at(0), RELEASED, 60),
            *reports(2, OLD, at(0), RELEASED, 60),
            *reports(2, NEW, RELEASED, at(31), 40),
        ],
        [1, 2],
    )
    assert fate_of(found, 1) is Fate.FIXED
    assert fate_of(found, 2) is Fate.RECURRING
    assert found.replaced == (OLD,)
    assert (found.run_id, found.set_id) == ("run-bert-4", "newsletters-1")


def test_rates_are_reports_per_million_letters_of_the_version_that_decided():
    found = compared(
        [*reports(1, OLD, at(0), RELEASED, 48), *reports(1, NEW, RELEASED, at(32), 12)], [1]
    )
    # 20 days of 240,000 letters before; 12 days after, the last two are too young.
    assert found.whole.sides.all_letters.before == 4_800_000
    assert found.whole.sides.all_letters.after == 2_880_000
    assert float(found.whole.before.value[0]) == pytest.approx(10.0)
    assert float(found.whole.after.value[0]) == pytest.approx(12 / 2.88)


def test_letters_that_are_too_young_and_reports_that_came_too_late_do_not_count():
    late = replace(reports(1, OLD, at(3), at(4), 1)[0], report_id="late", reported_at=at(9))
    young = reports(1, NEW, at(33), at(33.5), 9)
    found = compared([*reports(1, OLD, at(0), RELEASED, 20), late, *young], [1])
    assert int(found.whole.sides.before[0]) == 20
    assert int(found.whole.sides.after[0]) == 0
    assert found.through == at(32)


def test_both_sides_are_watched_equally_long_whatever_the_lag_of_reports():
    """Reports that come for weeks would make any release look good if all of them counted."""
    rng = np.random.default_rng(20260601)
    rows = [
        ReportRow(f"r{number}", 1, made, made + timedelta(days=float(lag)), model_version=version)
        for version, start, days in ((OLD, 0, 20), (NEW, 20, 14))
        for number, (place, lag) in enumerate(
            zip(rng.uniform(0, days, days * 40), rng.exponential(6.0, days * 40), strict=True)
        )
        for made in [at(start + float(place))]
    ]
    rows = [replace(row, report_id=f"{row.model_version}-{row.report_id}") for row in rows]
    found = compared(rows, [1])
    assert float(found.whole.fates.ratio.low[0]) < 1 < float(found.whole.fates.ratio.high[0])
    known = [row for row in rows if row.reported_at < AS_OF]
    by_version = [sum(row.model_version == version for row in known) for version in (OLD, NEW)]
    naive = ratio(by_version[0], 20, by_version[1], 14)
    assert float(naive.high) < 1  # what counting everything would have called an improvement


def test_a_staged_release_is_counted_by_version_and_not_by_the_calendar():
    deployed = [
        release(OLD, at(-30)),
        release(NEW, RELEASED, datacenter="dc1"),
        release(NEW, at(24), datacenter="dc2"),
    ]
    scores = [
        *scored(OLD, at(0), RELEASED, 10_000),
        *scored(OLD, RELEASED, at(24), 5_000),
        *scored(NEW, RELEASED, at(24), 5_000),
        *scored(NEW, at(24), AS_OF, 10_000),
    ]
    rows = [*reports(1, OLD, at(0), at(24), 44), *reports(1, NEW, RELEASED, at(32), 2)]
    found = compared(rows, [1], scores=scores, deployed=deployed)
    assert int(found.whole.sides.before[0]) == 44
    assert found.whole.sides.all_letters.before == 20 * 240_000 + 4 * 120_000
    assert found.whole.sides.all_letters.after == 4 * 120_000 + 8 * 240_000
    assert found.released_at == RELEASED


def test_a_shadow_run_is_no_exposure_and_what_is_reported_of_it_no_report():
    deployed = [release(OLD, at(-30)), release(NEW, at(5), "shadow"), release(NEW, RELEASED)]
    scores = [*LETTERS, *scored(NEW, at(5), RELEASED, 10_000)]
    rows = [
        *reports(1, OLD, at(0), RELEASED, 30),
        *reports(1, NEW, at(5), RELEASED, 25, source="shadow"),
        *reports(1, NEW, RELEASED, at(31), 3, source="shadow"),
    ]
    found = compared(rows, [1], scores=scores, deployed=deployed)
    assert found.whole.sides.all_letters.after == 12 * 240_000
    assert int(found.whole.sides.after[0]) == 0


def test_a_canary_that_was_rolled_back_counts_for_its_version_and_the_old_one_goes_on():
    deployed = [
        release(OLD, at(-30)),
        release(NEW, at(8), "canary", "dc1"),
        release(NEW, at(9), "rolled_back", "dc1"),
        release(NEW, RELEASED),
        release(OLD, at(21), "retired"),
    ]
    lives = history(deployed, AS_OF)
    assert lives.spans[NEW] == (Span(at(8), at(9)), Span(RELEASED, AS_OF))
    assert lives.spans[OLD] == (Span(at(-30), RELEASED),)
    assert lives.before[NEW] == (OLD,)
    assert lives.released[NEW] == RELEASED


def test_after_a_rollback_the_version_before_decides_again_though_nobody_deploys_it():
    lives = history(
        [release(OLD, at(0)), release(NEW, at(3)), release(NEW, at(4), "rolled_back")], at(6)
    )
    assert lives.spans[OLD] == (Span(at(0), at(3)), Span(at(4), at(6)))
    assert lives.spans[NEW] == (Span(at(3), at(4)),)


def test_groups_outside_the_set_show_how_much_is_regression_to_the_mean():
    """Nothing changes with the release; the set holds those that chance had reported most."""
    rng = np.random.default_rng(20260603)
    rows = []
    for group in range(1, 201):
        rows += reports(group, OLD, at(0), at(12), int(rng.poisson(4)))
        rows += reports(group, OLD, at(12.01), RELEASED, int(rng.poisson(4 * 8 / 12)))
        rows += reports(group, NEW, RELEASED, at(32), int(rng.poisson(4)))
    first = {
        group: sum(row.group == group and row.predicted_at < at(12) for row in rows)
        for group in range(1, 201)
    }
    chosen = sorted(first, key=lambda group: -first[group])[:40]
    found = compared(rows, chosen)
    assert float(found.whole.fates.ratio.value[0]) < 0.9
    assert float(found.whole_others.fates.ratio.value[0]) > 1.0
    assert found.since_set is not None
    reported, letters = found.since_set
    unflattered = ratio(
        reported, letters, int(found.whole.sides.after[0]), found.whole.sides.all_letters.after
    )
    assert float(unflattered.low) < 1 < float(unflattered.high)


def test_groups_outside_the_set_are_those_that_were_known_before_and_new_ones_are_told_apart():
    found = compared(
        [
            *reports(1, OLD, at(0), RELEASED, 30),
            *reports(2, OLD, at(0), RELEASED, 30),
            *reports(3, NEW, RELEASED, at(31), 5),
        ],
        [1],
    )
    assert found.others.ids.tolist() == [2]
    assert found.new == 1
    assert found.others.fates.confidence == found.known.fates.confidence


def test_a_release_without_a_set_is_compared_all_the_same():
    found = every(
        FakeFalseReportReader(reports(1, OLD, at(0), RELEASED, 30), LETTERS, deployments=DEPLOYED)
    )[0]
    assert (found.set_id, found.run_id, found.missing) == ("", "", "")
    assert found.known.ids.size == 0
    assert found.others.ids.tolist() == [1]
    assert found.since_set is None


def test_a_set_that_nobody_knows_is_said_to_be_unknown():
    reader = FakeFalseReportReader(
        reports(1, OLD, at(0), RELEASED, 30), LETTERS, deployments=DEPLOYED, runs=RUNS
    )
    assert "newsletters-1" in every(reader)[0].missing


def test_a_run_that_failed_made_no_release():
    reader = FakeFalseReportReader(
        reports(1, OLD, at(0), RELEASED, 30),
        LETTERS,
        made=[retraining_set("newsletters-1", at(12), [1])],
        deployments=DEPLOYED,
        runs=[replace(RUNS[0], status="failed")],
    )
    assert every(reader)[0].known.ids.size == 0


def test_a_run_that_ended_after_the_release_did_not_make_what_was_released():
    again = replace(run(NEW, at(25), "newsletters-2"), run_id="again")
    reader = FakeFalseReportReader(
        reports(1, OLD, at(0), RELEASED, 30),
        LETTERS,
        made=[
            retraining_set("newsletters-1", at(12), [1]),
            retraining_set("newsletters-2", at(22), []),
        ],
        deployments=DEPLOYED,
        runs=[*RUNS, again],
    )
    assert every(reader)[0].set_id == "newsletters-1"


def test_topics_are_their_groups_as_one():
    found = compared(
        [
            *reports(1, OLD, at(0), RELEASED, 30, topic=7),
            *reports(2, OLD, at(0), RELEASED, 20, topic=7),
            *reports(3, OLD, at(0), RELEASED, 10),
            *reports(2, NEW, RELEASED, at(31), 4, topic=7),
        ],
        [1],
    )
    assert found.topics.ids.tolist() == [7]
    assert int(found.topics.sides.before[0]) == 50
    assert int(found.topics.sides.after[0]) == 4


def test_reports_of_before_letters_were_counted_are_held_against_nothing():
    found = compared(
        [*reports(1, OLD, at(-20), at(0), 500), *reports(1, OLD, at(0), RELEASED, 24)], [1]
    )
    assert int(found.whole.sides.before[0]) == 24
    assert found.since == at(0)


def test_the_first_version_and_a_store_without_deployments_have_nothing_to_compare():
    rows = reports(1, OLD, at(0), RELEASED, 5)
    assert every(FakeFalseReportReader(rows, LETTERS)) == ()
    assert every(FakeFalseReportReader(rows, LETTERS, deployments=DEPLOYED[:1])) == ()


def test_without_counted_letters_nothing_is_told():
    found = compared(reports(1, OLD, at(0), RELEASED, 30), [1], scores=[])
    assert "nothing to compare" in found.missing
    assert math.isnan(float(found.whole.before.value[0]))
    assert found.known.fates.of(0) is not Fate.FIXED


def test_the_newest_releases_come_first_and_only_so_many():
    versions = [f"bert-{number}" for number in range(1, 9)]
    deployed = [release(one, at(3 * number)) for number, one in enumerate(versions)]
    reader = FakeFalseReportReader(
        reports(1, "bert-1", at(0), at(3), 5),
        [one for name in versions for one in scored(name, at(0), AS_OF, 10)],
        deployments=deployed,
    )
    assert [one.version for one in every(reader)] == versions[::-1][: Settings().most_releases]
