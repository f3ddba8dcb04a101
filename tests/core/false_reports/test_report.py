"""The report of the area: what waits, where topics stand, how fresh it is, and as of when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.false_reports import FalseReportsReport, Stage, evidence, overview, report
from core.false_reports.votes import State, in_second_share
from core.ports import Claim, Topic
from core.timeframe import Window
from tests.core.seeded import seeded_few
from tests.fakes import SERVICE
from tests.fakes_false_reports import (
    FakeFalseReportReader,
    ReportRow,
    at,
    release,
    reports,
    retraining_set,
    run,
    scored,
    vote,
)

AS_OF = at(10)
MONTH = Window.parse("30d")
#: Groups that need no second opinion by the lot.
PLAIN = [int(one) for one in np.flatnonzero(~in_second_share(np.arange(200))) if one > 0]


def seen(reader: FakeFalseReportReader, as_of: datetime = AS_OF) -> FalseReportsReport:
    return report(reader, SERVICE, MONTH, as_of)


def some(groups: int = 3, **rest: object) -> list[ReportRow]:
    """Group n has n reports, all of its own day."""
    return [
        row
        for number, group in enumerate(PLAIN[:groups], 1)
        for row in reports(group, "bert-3", at(number), at(number, 12), number, **rest)
    ]


def test_a_service_without_reports_says_so_and_never_that_all_is_reviewed():
    found = seen(FakeFalseReportReader())
    assert found.stage is Stage.NO_REPORTS
    assert found.freshness.data_through is None
    assert found.waiting.worst is None
    assert evidence(found)["reports"] == 0


def test_reports_that_the_worker_has_not_taken_are_told_apart_from_none():
    found = seen(FakeFalseReportReader(untaken=[at(9), at(9.5)]))
    assert found.stage is Stage.UNTAKEN
    assert found.pulse.waiting == 2
    assert any("wait for the worker" in said for said in found.notices)


def test_what_has_just_come_is_no_reason_for_a_notice():
    found = seen(FakeFalseReportReader(some(), untaken=[AS_OF - timedelta(minutes=2)]))
    assert not any("wait for the worker" in said for said in found.notices)


def test_the_group_that_hurts_most_people_is_named_and_the_oldest_told():
    found = seen(FakeFalseReportReader(some()))
    assert found.stage is Stage.WAITING
    assert (found.waiting.groups, found.waiting.reports) == (3, 6)
    assert found.waiting.worst is not None
    assert found.waiting.worst.group_id == PLAIN[2]
    assert found.waiting.worst.reporters == 3
    assert found.waiting.oldest == min(row.reported_at for row in some())


def test_one_who_reports_a_hundred_times_counts_for_less_than_two():
    many = reports(PLAIN[0], "bert-3", at(1), at(2), 99, reporter_key="always the same")
    two = reports(PLAIN[1], "bert-3", at(1), at(2), 2)
    found = seen(FakeFalseReportReader(many + two))
    assert found.waiting.worst is not None
    assert found.waiting.worst.group_id == PLAIN[1]


def test_reviewed_groups_wait_no_more():
    votes = [vote(number, group) for number, group in enumerate(PLAIN[:2], 1)]
    found = seen(FakeFalseReportReader(some(), votes=votes))
    assert found.waiting.groups == 1
    assert found.standings.counts[State.CONFIRMED] == 2
    all_of_them = [*votes, vote(9, PLAIN[2], "reject", reason="wanted")]
    done = seen(FakeFalseReportReader(some(), votes=all_of_them))
    assert done.stage is Stage.REVIEWED
    assert done.standings.counts[State.REJECTED] == 1


def test_a_vote_that_was_taken_back_after_as_of_still_stood_then():
    cast = vote(1, PLAIN[0], decided_at=at(5), undone_at=at(8))
    reader = FakeFalseReportReader(some(1), votes=[cast])
    assert seen(reader, at(7)).stage is Stage.REVIEWED
    assert seen(reader, at(9)).stage is Stage.WAITING
    assert seen(reader, at(4)).stage is Stage.WAITING


def test_topics_stand_by_their_reports_and_what_has_no_topic_comes_last():
    rows = [
        *reports(PLAIN[0], "bert-3", at(1), at(2), 2, topic=4),
        *reports(PLAIN[1], "bert-3", at(1), at(2), 3, topic=4),
        *reports(PLAIN[2], "bert-3", at(1), at(3), 4, topic=9),
        *reports(PLAIN[3], "bert-3", at(1), at(2), 50),
    ]
    named = [Topic(4, ("заказ", "курьер"), at(9)), Topic(9, ("invoice",), at(9))]
    votes = [vote(1, PLAIN[0]), vote(2, PLAIN[1], "reject", reason="wanted")]
    found = seen(FakeFalseReportReader(rows, named=named, votes=votes))
    assert [topic.topic_id for topic in found.topics] == [4, 9, 0]
    first = found.topics[0]
    assert (first.groups, first.reports, first.waiting) == (2, 5, 0)
    assert (first.confirmed, first.rejected) == (1, 1)
    assert first.words == ("заказ", "курьер")
    assert sum(topic.reports for topic in found.topics) == found.intake.taken


def test_a_silent_collector_makes_the_reports_stale_and_a_quiet_one_does_not():
    quiet = seen(FakeFalseReportReader(some(), beat_at=AS_OF))
    assert not quiet.freshness.stale
    silent = seen(FakeFalseReportReader(some(), beat_at=AS_OF - timedelta(hours=3)))
    assert silent.freshness.stale
    assert any("silent" in said for said in silent.notices)
    unknown = seen(FakeFalseReportReader(some()))
    assert unknown.freshness.stale  # the newest report is a week old, and nobody's heart beats
    assert any("heartbeat" in said for said in unknown.notices)


def test_a_collector_that_stopped_in_good_order_is_judged_by_its_reports():
    found = seen(FakeFalseReportReader(some(), beat_at=at(1), stopped=True), at(3.6))
    assert found.freshness.data_through == max(
        row.reported_at for row in some() if row.reported_at < at(3.6)
    )
    assert not found.freshness.stale


def test_arrivals_are_of_the_window_and_by_kind():
    rows = [*some(), *reports(77, "bert-3", at(8), at(9), 5, kind="false_negative")]
    found = report(FakeFalseReportReader(rows), SERVICE, Window.parse("3d"), AS_OF)
    assert found.arrivals.days[0] == at(7).date()
    assert len(found.arrivals.days) == 3
    assert int(found.arrivals.false_negatives.sum()) == 5
    assert int(found.arrivals.false_positives.sum()) == 0


def test_claims_are_those_that_run():
    lease = Claim(PLAIN[0], "Анна", at(9.9), at(10.1), "order")
    reader = FakeFalseReportReader(some(), leases=[lease])
    assert seen(reader).claims == (lease,)
    assert seen(reader, at(11)).claims == ()


def test_a_withdrawal_from_a_set_that_a_model_was_trained_on_is_told():
    rows = reports(PLAIN[0], "bert-3", at(0), at(5), 30)
    made = replace(retraining_set("newsletters-1", at(3), [PLAIN[0]]), withdrawn=2)
    found = seen(
        FakeFalseReportReader(
            rows,
            [*scored("bert-3", at(0), at(5), 100), *scored("bert-4", at(5), at(10), 100)],
            made=[made],
            deployments=[release("bert-3", at(-9)), release("bert-4", at(5))],
            runs=[run("bert-4", at(4), "newsletters-1")],
        )
    )
    assert found.retrained is not None
    assert any("Two letters of newsletters-1 were withdrawn" in said for said in found.notices)


def test_the_overview_says_what_waits_and_what_the_newest_set_mended():
    rows = reports(PLAIN[0], "bert-3", at(0), at(5), 60)
    found = seen(
        FakeFalseReportReader(
            rows,
            [*scored("bert-3", at(0), at(5), 100), *scored("bert-4", at(5), at(10), 100)],
            made=[retraining_set("newsletters-1", at(3), [PLAIN[0]])],
            deployments=[release("bert-3", at(-9)), release("bert-4", at(5))],
            runs=[run("bert-4", at(4), "newsletters-1")],
        )
    )
    line = overview(found)
    assert (line.fixed, line.groups, line.waiting) == (1, 1, 1)
    assert "bert-4" in line.after
    empty = overview(seen(FakeFalseReportReader()))
    assert (empty.fixed, empty.groups, empty.after) == (None, None, "")


def test_an_as_of_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        report(FakeFalseReportReader(), SERVICE, MONTH, datetime(2026, 6, 1))  # noqa: DTZ001


@seeded_few
@given(
    st.lists(
        st.tuples(
            st.sampled_from(PLAIN[:6]),
            st.sampled_from(["bert-3", "bert-4", "bert-5"]),
            st.floats(0, 20),
            st.floats(0, 100),
            st.sampled_from(["false_positive", "false_negative"]),
            st.sampled_from(["user", "assessor", "shadow"]),
        ),
        max_size=60,
    ),
    st.lists(
        st.tuples(
            st.sampled_from(["bert-3", "bert-4", "bert-5"]),
            st.floats(-5, 20),
            st.sampled_from(["shadow", "canary", "production", "rolled_back", "retired"]),
            st.sampled_from(["", "dc1", "dc2"]),
        ),
        max_size=12,
    ),
    st.integers(-2, 30),
)
def test_whatever_rows_and_deployments_come_the_report_is_made_and_its_counts_agree(
    made: list[tuple[int, str, float, float, str, str]],
    deployed: list[tuple[str, float, str, str]],
    days: int,
):
    rows = [
        ReportRow(
            f"r{place}", group, at(start), at(start, lag), kind, model_version=version,
            source=source, topic=group % 3,
        )
        for place, (group, version, start, lag, kind, source) in enumerate(made)
    ]  # fmt: skip
    reader = FakeFalseReportReader(
        rows,
        [one for name in ("bert-3", "bert-4") for one in scored(name, at(0), at(12), 5)],
        made=[retraining_set("newsletters-1", at(6), PLAIN[:3])],
        deployments=[release(name, at(day), stage, place) for name, day, stage, place in deployed],
        runs=[run("bert-4", at(1), "newsletters-1"), run("bert-5", at(2), "lost")],
    )
    found = seen(reader, at(days))
    assert int(found.groups.reports.sum()) == found.intake.taken
    assert sum(found.standings.counts.values()) == found.intake.groups
    assert sum(topic.reports for topic in found.topics) == found.intake.taken
    for one in found.after:
        assert int(one.known.sides.after.sum()) <= found.intake.taken
        assert one.version not in one.replaced
    assert evidence(found)["groups"] == found.intake.groups
