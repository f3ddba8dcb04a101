"""Groups, votes and the retraining set of the simulated history, as the real code sees them."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import URL, Engine, text

from core.contract_checks.false_reports import FALSE_REPORTS
from core.false_reports.queue import queue
from core.false_reports.report import FalseReportsReport, report
from core.false_reports.reviews import Seen
from core.false_reports.votes import State
from core.text.anonymise import ANONYMISER
from core.text.residual import left_candidates
from core.timeframe import Window
from db.demo import fill as filling
from db.demo.fill import fill
from db.demo.newsletters import feedback, relay, reviewing, story, truth
from db.demo.newsletters.story import BERT_4, SERVICE, Scenario
from db.demo.newsletters.texts import LEARNT, TOPICS
from db.engine import Role, Store
from db.readers.contract import SqlContractReader
from db.readers.false_reports import SqlFalseReportReader
from db.team.report_reviews import claim_next, decide
from db.writer import MetricWriter
from tests.conftest import new_database, open_store
from tests.db.demo.bells import Bell

DAY = timedelta(days=1)
#: Long past, so that no clock of a machine is behind it.
ANCHOR = datetime(2025, 6, 3, 12, 40, tzinfo=UTC)
SCENARIO = Scenario(ANCHOR, days=61)


@pytest.fixture(scope="module")
def filled(
    server_url: URL, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A whole history but for what costs most and tells nothing here."""
    with (
        new_database(server_url, migrated) as url,
        open_store(url) as store,
        pytest.MonkeyPatch.context() as patch,
    ):
        for left_out in ("_serving", "_labels", "_experiment", "_shadow", "_alerts", "_incident"):
            patch.setattr(filling._Fill, left_out, lambda *_: None)
        buffer = tmp_path_factory.mktemp("buffer")
        with MetricWriter(store, service=SERVICE, buffer=buffer) as writer:
            fill(store, ANCHOR, writer=writer, days=SCENARIO.days, scores=Bell)
        yield store


@pytest.fixture(scope="module")
def app(filled: Store) -> Engine:
    return filled.engine(Role.APP)


@pytest.fixture(scope="module")
def found(app: Engine) -> FalseReportsReport:
    """What the area's report makes of it at the end of the history."""
    return report(SqlFalseReportReader(app), SERVICE, Window(30 * DAY), ANCHOR)


def rows(engine: Engine, question: str, **values: Any) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(question), values)]


def test_a_group_holds_letters_of_one_topic_and_a_topic_makes_several(app: Engine) -> None:
    of_group = rows(
        app, "select group_id, array_agg(distinct sender_domain) from team.report_letter group by 1"
    )
    assert all(len(senders) == 1 for _, senders in of_group)
    groups = Counter(senders[0] for _, senders in of_group)
    assert len(groups) == len(TOPICS)
    assert min(groups.values()) >= 8


def test_most_old_groups_are_reviewed_and_new_ones_wait(found: FalseReportsReport) -> None:
    old = found.groups.first_reported.astype("datetime64[s]") < SCENARIO.midnight(10).replace(
        tzinfo=None
    )
    states = found.standings.states
    decided = states.are(State.CONFIRMED, State.REJECTED)
    assert decided[old].mean() > 0.85
    assert decided[~old].sum() == 0
    assert found.standings.counts[State.WAITING] > 10


def test_reviewers_who_do_not_exist_disagree_now_and_then_as_people_do(
    app: Engine, found: FalseReportsReport
) -> None:
    names = {one.reviewer for one in found.standings.progress}
    assert names == {one.name for one in reviewing.REVIEWERS}
    assert all(name.startswith("simulated: ") for name in names)
    agreed = found.agreement.every
    assert agreed.n > 20
    assert agreed.raw is not None
    assert 0.6 < agreed.raw < 1
    stages = dict(rows(app, "select stage, count(*) from team.report_review group by stage"))
    assert stages["first"] > stages["second"] > stages["adjudication"] > 0


def test_most_reports_are_right_and_what_was_drawn_at_random_says_so(
    app: Engine, found: FalseReportsReport
) -> None:
    by_group = found.precision.by_group
    assert by_group is not None
    right = [topic for topic in TOPICS if not topic.mistaken]
    assert by_group.low < len(right) / len(TOPICS) < by_group.high
    rejected = rows(
        app,
        "select sender_domain from team.report_group held join team.report_letter letter "
        "on letter.report_id = held.exemplar where held.group_id = any(:ids)",
        ids=found.groups.group_ids[found.standings.states.are(State.REJECTED)].tolist(),
    )
    mistaken = {topic.sender_domain for topic in TOPICS if topic.mistaken}
    assert sum(sender in mistaken for (sender,) in rejected) > 2 / 3 * len(rejected)


def test_nobody_votes_on_a_report_that_was_not_made_yet(app: Engine) -> None:
    early = rows(
        app,
        "select count(*) from team.report_review review join team.report_letter letter "
        "on letter.report_id = review.exemplar where letter.reported_at >= review.decided_at",
    )
    assert early == [(0,)]


def test_the_set_holds_what_was_confirmed_by_then_of_the_topics_that_bert_4_learnt(
    app: Engine, found: FalseReportsReport
) -> None:
    (made,) = found.sets
    assert (made.set_id, made.created_at) == (
        story.RETRAINING_SET,
        feedback.set_made_at(SCENARIO),
    )
    assert made.letters > 100
    senders = rows(
        app,
        "select distinct sender_domain from team.retraining_set_letter "
        "join team.report_letter using (service, report_id)",
    )
    learnt = {topic.sender_domain for topic in TOPICS if topic.name in LEARNT}
    assert {sender for (sender,) in senders} == learnt
    late = rows(
        app,
        "select count(*) from team.retraining_set_letter frozen join team.report_letter letter "
        "using (service, report_id) where letter.reported_at >= :at",
        at=made.created_at,
    )
    assert late == [(0,)]


def test_after_the_release_the_sets_groups_are_fixed_and_others_go_on(
    found: FalseReportsReport,
) -> None:
    retrained = found.retrained
    assert retrained is not None
    assert (retrained.version, retrained.set_id) == (BERT_4, story.RETRAINING_SET)
    assert retrained.missing == ""
    assert retrained.whole.fates.of(0).word == "fixed"
    assert retrained.whole_others.fates.of(0).word != "fixed"
    ratio = retrained.whole.fates.ratio
    learnt = [topic for topic in TOPICS if topic.name in LEARNT]
    true = sum(topic.weight[1] for topic in learnt) / sum(topic.weight[0] for topic in learnt)
    # Old mailings give way to new ones, so the set's groups lose some reports whatever is released.
    assert ratio.low[0] < true
    assert retrained.dispersion is not None
    assert retrained.dispersion > 1


def test_the_true_ratios_are_told(app: Engine) -> None:
    told = dict(rows(app, "select quantity, value from team.simulated_truth"))
    for topic in TOPICS:
        ratio = told[f"report_ratio:{BERT_4}:{topic.name}"]
        assert ratio == pytest.approx(topic.weight[1] / topic.weight[0])
    names = [name for name, _, _ in truth._reports()]
    assert set(names) <= told.keys()


def test_doing_it_again_changes_nothing(filled: Store, app: Engine) -> None:
    every = "select * from team.report_review order by review_id"
    asked = "select * from team.report_second_opinion order by ask_id"
    before = rows(app, every), rows(app, asked), rows(app, "select * from team.retraining_set")
    feedback.review(app, filled.engine(Role.WORKER), SCENARIO)
    feedback.retrain(app, SCENARIO)
    after = rows(app, every), rows(app, asked), rows(app, "select * from team.retraining_set")
    assert after == before


def test_people_go_on_where_the_simulated_reviewers_stopped(
    app: Engine, found: FalseReportsReport
) -> None:
    order = queue(found.groups, found.standings, ANCHOR)
    claim = claim_next(app, SERVICE, "Анна", order=order, at=ANCHOR)
    assert claim is not None
    seen = Seen(claim.group_id, claim.group_version, claim.exemplar, claim.stage)
    stored = decide(app, SERVICE, seen, "confirm", reviewer="Анна", at=ANCHOR, request_id="a click")
    assert stored.stage == claim.stage
    assert stored.reviewer == "Анна"


def test_what_the_older_stack_left_is_masked_before_anybody_sees_it_and_the_check_says_so(
    app: Engine,
) -> None:
    written = dict(rows(app, "select anonymiser, count(*) from metrics.false_report group by 1"))
    assert set(written) == {relay.ANONYMISER, ANONYMISER}
    assert 0.1 < written[relay.ANONYMISER] / sum(written.values()) < 0.3
    masked = rows(
        app,
        "select written.text, seen.text from metrics.false_report written "
        "join team.report_letter seen using (service, report_id) "
        "where written.anonymiser = :relay and seen.masked <> '{}'",
        relay=relay.ANONYMISER,
    )
    assert len(masked) > 0.5 * written[relay.ANONYMISER]
    assert all(before != after for before, after in masked)
    telephones = [text for _, text in masked if [c for c in left_candidates(text) if "-" in c]]
    assert telephones == []
    broken = {
        check.name: SqlContractReader(app).contradictions(
            check.name,
            SERVICE,
            ANCHOR - check.back,
            ANCHOR,
            settings=check.settings,
            examples=10,
        )
        for check in FALSE_REPORTS
    }
    hints = broken.pop("report_left_personal_details")
    assert {row["anonymiser"] for row in hints.examples} == {relay.ANONYMISER}
    assert {"PERSON", "PHONE"} <= {row["detail"] for row in hints.examples}
    assert {name: one.total for name, one in broken.items() if one.total} == {}
