"""Reviewing reported groups: who gets which, what a vote needs, what undo restores."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from subprocess import PIPE
from threading import Barrier, Thread
from typing import Any

import numpy as np
import pytest
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from core.false_reports.queue import Queue, draw, generator
from core.false_reports.reviews import Seen
from core.false_reports.votes import BIG_GROUP, State, in_second_share
from core.fields import FieldsError
from core.ports import Claim, Review, SecondOpinion
from db.engine import Role, Store
from db.readers import report_reviews as reader
from db.readers.retraining_sets import lock
from db.team.report_reviews import (
    LEASE,
    ReviewConflictError,
    ask_second_opinion,
    claim,
    claim_next,
    decide,
    decide_many,
    extend,
    release,
    undo,
)
from db.team.report_reviews.locking import Group, groups
from tests.conftest import administer, open_store
from tests.db.team.report_rows import Report, put_reports
from tests.db.team.review_queue import queue_of

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 90.0
SERVICE = "newsletters"
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
#: Enough for some groups of the share that two people look at.
MANY = 40
_NUMBERS = np.arange(1, MANY + 1)
SINGLE: list[int] = _NUMBERS[~in_second_share(_NUMBERS)].tolist()
DOUBLE: list[int] = _NUMBERS[in_second_share(_NUMBERS)].tolist()
ANOTHER_TEXT = "Another text stands for this group since you opened it: read it before you decide."
ONE, TWO = SINGLE[0], DOUBLE[0]


@pytest.fixture(scope="module")
def reviewed(server_url: URL, migrated: str) -> Iterator[Store]:
    """One store for all of these tests, which take seconds together and a database each took 60."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    with open_store(server_url.set(database=name)) as opened:
        yield opened
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture(scope="module")
def engines(reviewed: Store) -> dict[Role, Engine]:
    return {role: reviewed.engine(role) for role in (Role.OWNER, Role.APP, Role.WORKER)}


@pytest.fixture
def app(engines: dict[Role, Engine]) -> Engine:
    """Forty groups of one report each, numbered from 1, and no votes."""
    with engines[Role.OWNER].begin() as connection:
        connection.execute(
            text("truncate team.report_group, team.report_letter restart identity cascade")
        )
        connection.execute(text("alter sequence team.report_draw restart"))
        connection.execute(text("truncate team.retraining_set cascade"))
        made = put_reports(connection, SERVICE, (Report(f"r{number}") for number in _NUMBERS))
    assert list(made.values()) == _NUMBERS.tolist()
    return engines[Role.APP]


@pytest.fixture
def worker(engines: dict[Role, Engine]) -> Engine:
    return engines[Role.WORKER]


def group(app: Engine, group_id: int) -> Group:
    with app.connect() as connection:
        return groups(connection, SERVICE, [group_id])[group_id]


def seen(app: Engine, group_id: int) -> Seen:
    found = group(app, group_id)
    return Seen(group_id, found.version, found.exemplar, found.state.stage or "first")


def votes(app: Engine, as_of: datetime = NOW + timedelta(days=9)) -> tuple[Review, ...]:
    with app.connect() as connection:
        return reader.reviews(connection, SERVICE, as_of)


def vote(app: Engine, group_id: int, verdict: str, reviewer: str, **given: Any) -> Review:
    """A vote on the group as it is now."""
    defaults: dict[str, Any] = {
        "at": NOW,
        "request_id": f"{reviewer} {group_id} {len(votes(app))}",
        "reason": "too_little_text" if verdict == "reject" else "",
    }
    return decide(app, SERVICE, seen(app, group_id), verdict, reviewer=reviewer, **defaults | given)


def handed(app: Engine, reviewer: str, order: Queue | None = None, **given: Any) -> Claim:
    found = claim_next(
        app, SERVICE, reviewer, order=order or queue_of(app, SERVICE), **{"at": NOW} | given
    )
    assert found is not None
    return found


def only(*group_ids: int) -> Queue:
    """An order of some groups."""
    size = len(group_ids)
    return Queue(np.array(group_ids), np.linspace(1, 0, size), np.zeros(size, np.int64))


def claims(app: Engine, at: datetime = NOW) -> tuple[Claim, ...]:
    with app.connect() as connection:
        return reader.claims(connection, SERVICE, at)


def test_two_reviewers_get_two_groups_and_each_gets_the_same_again(app: Engine):
    order = only(7, 3)
    first, second = handed(app, " Анна ", order), handed(app, "Борис", order)
    assert {first.group_id, second.group_id} == {7, 3}
    assert first.reviewer == "Анна"
    assert (first.claimed_at, first.leased_until) == (NOW, NOW + LEASE)
    assert (first.stage, first.exemplar, first.group_version) == (
        "first",
        f"r{first.group_id}",
        1,
    )
    assert handed(app, "Анна", order, at=NOW + MINUTE) == first
    assert claim_next(app, SERVICE, "Вера", order=order, at=NOW) is None
    assert claims(app) == tuple(sorted((first, second), key=lambda one: one.group_id))


def test_the_best_of_the_order_comes_first_unless_the_draw_is_random(app: Engine):
    order = queue_of(app, SERVICE)
    order = replace(order, group_ids=order.group_ids[::-1])
    found = [handed(app, f"reviewer {number}", order) for number in range(MANY)]
    assert sorted(one.group_id for one in found) == _NUMBERS.tolist()
    # The draws are numbered from 1, and core says what becomes of each.
    left = order.group_ids.tolist()
    for number, one in enumerate(found, start=1):
        expected = draw(order, generator(SERVICE, number))
        free = [group_id for group_id in expected.group_ids.tolist() if group_id in left]
        assert (one.group_id, one.drawn) == (free[0], expected.drawn)
        left.remove(one.group_id)
    assert {one.drawn for one in found} == {"order", "random"}


def test_a_lease_that_has_ended_frees_the_group(app: Engine):
    order = only(5)
    handed(app, "Анна", order)
    assert claim_next(app, SERVICE, "Борис", order=order, at=NOW + LEASE - SECOND) is None
    assert handed(app, "Борис", order, at=NOW + LEASE).group_id == 5
    assert claim_next(app, SERVICE, "Анна", order=order, at=NOW + LEASE) is None
    with pytest.raises(ReviewConflictError, match=r"^Борис is looking at this group until 12:20"):
        extend(app, SERVICE, 5, "Анна", at=NOW + LEASE)


def test_a_lease_can_be_made_longer_and_never_shorter(app: Engine):
    order = only(5)
    handed(app, "Анна", order)
    assert extend(app, SERVICE, 5, "Анна", at=NOW + MINUTE).leased_until == NOW + LEASE + MINUTE
    assert extend(app, SERVICE, 5, "Анна", at=NOW).leased_until == NOW + LEASE + MINUTE
    late = extend(app, SERVICE, 5, "Анна", at=NOW + 3 * LEASE)  # nobody else took it
    assert late.leased_until == NOW + 4 * LEASE


def test_what_is_given_back_is_free_at_once(app: Engine):
    order = only(5)
    handed(app, "Анна", order)
    assert not release(app, SERVICE, 5, "Борис")
    assert release(app, SERVICE, 5, " Анна ")
    assert not release(app, SERVICE, 5, "Анна")
    assert handed(app, "Борис", order).group_id == 5
    with pytest.raises(ReviewConflictError, match="Борис is looking"):
        extend(app, SERVICE, 5, "Анна", at=NOW)
    release(app, SERVICE, 5, "Борис")
    with pytest.raises(ReviewConflictError, match="do not hold"):
        extend(app, SERVICE, 5, "Анна", at=NOW)
    with pytest.raises(ReviewConflictError, match="does not exist"):
        extend(app, SERVICE, 999, "Анна", at=NOW)


def test_a_group_from_a_list_is_refused_while_somebody_else_has_it(app: Engine):
    held = claim(app, SERVICE, 5, "Анна", at=NOW)
    assert (held.group_id, held.drawn) == (5, "order")
    again = claim(app, SERVICE, 5, "Анна", at=NOW + MINUTE)
    assert again == replace(held, leased_until=NOW + MINUTE + LEASE)
    with pytest.raises(ReviewConflictError) as refusal:
        claim(app, SERVICE, 5, "Борис", at=NOW + MINUTE)
    assert str(refusal.value) == "Анна is looking at this group until 12:11 UTC."
    assert (refusal.value.group_id, refusal.value.by) == (5, "Анна")
    with pytest.raises(ReviewConflictError, match="does not exist"):
        claim(app, SERVICE, 999, "Борис", at=NOW)


def test_a_group_that_needs_no_vote_is_not_claimed(app: Engine):
    vote(app, ONE, "confirm", "Анна", at=NOW)
    with pytest.raises(ReviewConflictError) as refusal:
        claim(app, SERVICE, ONE, "Борис", at=NOW + MINUTE)
    assert str(refusal.value) == "Анна has confirmed this group at 12:00 UTC."
    with pytest.raises(ReviewConflictError, match="You have confirmed this group already"):
        claim(app, SERVICE, ONE, "Анна", at=NOW)


def test_a_group_without_a_text_is_not_handed_out(app: Engine, worker: Engine):
    with worker.begin() as connection:
        connection.execute(text("update team.report_letter set withdrawn_at = now()"))
    assert claim_next(app, SERVICE, "Анна", order=only(1, 2, 3), at=NOW) is None
    with pytest.raises(ReviewConflictError, match="were withdrawn"):
        claim(app, SERVICE, 1, "Анна", at=NOW)


def test_a_claim_shows_the_group_as_it_is_now(app: Engine, worker: Engine):
    first = handed(app, "Анна", only(5))
    join(worker, 5)
    with worker.begin() as connection:
        connection.execute(
            text("update team.report_group set exemplar = 'late' where group_id = 5")
        )
    assert handed(app, "Анна", only(5), at=NOW + MINUTE) == replace(
        first, exemplar="late", group_version=2
    )


def join(worker: Engine, group_id: int, reports: int = 1) -> None:
    """Reports that are near-identical arrive."""
    put_reports(
        worker,
        SERVICE,
        [Report(f"late {number}", group_id) for number in range(reports)],
    )


def test_a_second_opinion_goes_to_somebody_else(app: Engine):
    order = only(TWO)
    vote(app, TWO, "confirm", "Анна")
    assert claim_next(app, SERVICE, "Анна", order=order, at=NOW) is None
    found = handed(app, "Борис", order)
    assert (found.group_id, found.stage) == (TWO, "second")


def test_an_adjudication_goes_to_a_third(app: Engine):
    order = only(TWO)
    vote(app, TWO, "confirm", "Анна")
    vote(app, TWO, "reject", "Борис")
    for reviewer in ("Анна", "Борис"):
        assert claim_next(app, SERVICE, reviewer, order=order, at=NOW) is None
        with pytest.raises(ReviewConflictError, match="already"):
            vote(app, TWO, "confirm", reviewer)
    assert handed(app, "Вера", order).stage == "adjudication"
    third = vote(app, TWO, "confirm", "Вера")
    assert (third.stage, third.blind) == ("adjudication", False)
    assert group(app, TWO).state.state is State.CONFIRMED


def test_an_order_of_some_minutes_ago_hands_out_nothing_that_is_decided(app: Engine):
    order = queue_of(app, SERVICE)
    for group_id in SINGLE[:30]:
        vote(app, group_id, "confirm", "Анна")
    found = {handed(app, f"reviewer {number}", order).group_id for number in range(MANY - 30)}
    assert found == set(_NUMBERS.tolist()) - set(SINGLE[:30])


def test_a_vote_is_kept_with_what_was_seen(app: Engine, worker: Engine):
    held = claim(app, SERVICE, ONE, "Анна", at=NOW)
    join(worker, ONE, reports=3)
    what = Seen(ONE, held.group_version, held.exemplar, held.stage)
    stored = decide(
        app,
        SERVICE,
        what,
        "reject",
        reviewer=" Анна ",
        at=NOW + MINUTE,
        request_id="a click",
        reason="other",
        note=" *ad* <b>\n'; -- ",
    )
    assert stored == Review(
        review_id=stored.review_id,
        group_id=ONE,
        reviewer="Анна",
        verdict="reject",
        reason="other",
        stage="first",
        blind=True,
        drawn="order",
        decided_at=NOW + MINUTE,
        undone_at=None,
        group_version=1,
        exemplar=f"r{ONE}",
        reports=4,
        note="*ad* <b>\n'; --",
    )
    assert votes(app) == (stored,)
    assert claims(app, NOW + MINUTE) == ()
    assert group(app, ONE).state.decided_version == 1


def test_a_random_draw_is_kept_with_the_vote(app: Engine):
    order = queue_of(app, SERVICE)
    found = handed(app, "Анна", order)
    while found.drawn != "random":
        release(app, SERVICE, found.group_id, "Анна")
        found = handed(app, "Анна", order)
    assert vote(app, found.group_id, "confirm", "Анна").drawn == "random"
    other = next(one for one in SINGLE if one != found.group_id)
    assert vote(app, other, "confirm", "Анна").drawn == "order"


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"verdict": "maybe"}, {"verdict"}),
        ({"verdict": "reject"}, {"reason"}),
        ({"verdict": "reject", "reason": "because"}, {"reason"}),
        ({"verdict": "reject", "reason": "other", "note": " "}, {"note"}),
        ({"reason": "wanted"}, {"reason"}),
        ({"reviewer": " ", "request_id": ""}, {"reviewer", "request_id"}),
        ({"reviewer": "x" * 81, "note": "a\0b"}, {"reviewer", "note"}),
        ({"reviewer": "two\nlines"}, {"reviewer"}),
        ({"stage": "third"}, {"stage"}),
    ],
)
def test_a_vote_with_wrong_fields_names_them_and_stores_nothing(
    app: Engine, given: dict[str, Any], fields: set[str]
):
    asked = {"verdict": "confirm", "reviewer": "Анна", "request_id": "one", "at": NOW} | given
    what = Seen(ONE, 1, f"r{ONE}", asked.pop("stage", "first"))
    with pytest.raises(FieldsError) as refusal:
        decide(app, SERVICE, what, asked.pop("verdict"), **asked)
    assert set(refusal.value.problems) == fields
    assert votes(app) == ()


def test_a_name_of_eighty_characters_is_taken_and_a_time_of_no_zone_is_not(app: Engine):
    assert vote(app, ONE, "confirm", "Ё" * 80).reviewer == "Ё" * 80
    naive = NOW.replace(tzinfo=None)
    for wrong in (
        lambda: vote(app, TWO, "confirm", "Анна", at=naive),
        lambda: claim_next(app, SERVICE, "Анна", order=only(1), at=naive),
        lambda: undo(app, SERVICE, 1, reviewer="Анна", at=naive),
        lambda: ask_second_opinion(app, SERVICE, 1, by="Анна", at=naive, reason="why?"),
    ):
        with pytest.raises(ValueError, match="time zone"):
            wrong()
    for nameless in (
        lambda: claim(app, SERVICE, 1, "", at=NOW),
        lambda: undo(app, SERVICE, 1, reviewer="x" * 81, at=NOW),
        lambda: ask_second_opinion(app, SERVICE, 1, by="", at=NOW, reason=""),
    ):
        with pytest.raises(FieldsError):
            nameless()


def test_a_double_click_counts_once(app: Engine):
    what = seen(app, ONE)
    given: dict[str, Any] = {"reviewer": "Анна", "request_id": "one"}
    once = decide(app, SERVICE, what, "confirm", at=NOW, **given)
    assert decide(app, SERVICE, what, "confirm", at=NOW + SECOND, **given) == once
    assert votes(app) == (once,)


def test_two_clicks_that_arrive_at_once_count_once(app: Engine):
    what, found = seen(app, ONE), []
    together = Barrier(4)

    def click() -> None:
        together.wait()
        found.append(
            decide(app, SERVICE, what, "confirm", reviewer="Анна", at=NOW, request_id="one")
        )

    run(*[click] * 4)
    assert len(found) == 4
    assert set(found) == set(votes(app))
    assert len(votes(app)) == 1


def run(*actions: Any) -> None:
    """Each in a thread of its own, to the end."""
    threads = [Thread(target=action) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_two_who_decide_at_once_the_second_is_told_who_and_what(app: Engine):
    what, stored, told = seen(app, ONE), [], []
    together = Barrier(2)

    def decides(reviewer: str) -> None:
        together.wait()
        try:
            stored.append(
                decide(
                    app, SERVICE, what, "confirm", reviewer=reviewer, at=NOW, request_id=reviewer
                )
            )
        except ReviewConflictError as error:
            told.append(error)

    run(lambda: decides("Анна"), lambda: decides("Борис"))
    (first,), (conflict,) = stored, told
    assert votes(app) == (first,)
    assert str(conflict) == f"{first.reviewer} has confirmed this group at 12:00 UTC."
    assert conflict.by == first.reviewer


def test_who_is_asked_next_is_not_told_what_the_first_has_said(app: Engine):
    early = seen(app, TWO)
    vote(app, TWO, "reject", "Анна")
    with pytest.raises(ReviewConflictError) as refusal:
        decide(app, SERVICE, early, "confirm", reviewer="Борис", at=NOW, request_id="one")
    assert str(refusal.value) == (
        "Анна has voted on this group at 12:00 UTC: it now waits for a second opinion."
    )
    vote(app, TWO, "confirm", "Борис")
    with pytest.raises(ReviewConflictError, match=r"waits for an adjudication\.$"):
        decide(app, SERVICE, early, "confirm", reviewer="Вера", at=NOW, request_id="two")
    assert len(votes(app)) == 2


def test_a_vote_that_was_taken_back_meanwhile_stops_nobody(app: Engine):
    first = vote(app, TWO, "confirm", "Анна")
    held = handed(app, "Борис", only(TWO))
    undo(app, SERVICE, first.review_id, reviewer="Анна", at=NOW)
    what = Seen(TWO, held.group_version, held.exemplar, held.stage)
    stored = decide(
        app, SERVICE, what, "reject", reviewer="Борис", at=NOW, request_id="one", reason="wanted"
    )
    assert (what.stage, stored.stage, stored.blind) == ("second", "first", True)
    assert group(app, TWO).state.stage == "second"


def test_another_text_stops_a_vote_and_joining_reports_do_not(app: Engine, worker: Engine):
    early = seen(app, ONE)
    join(worker, ONE, reports=BIG_GROUP)
    assert group(app, ONE).version == 1 + BIG_GROUP
    assert decide(
        app, SERVICE, early, "confirm", reviewer="Анна", at=NOW, request_id="one"
    ).reports == (1 + BIG_GROUP)
    # It had grown big before it was decided: somebody else looks, too.
    assert group(app, ONE).state.stage == "second"
    early = seen(app, TWO)
    with worker.begin() as connection:
        connection.execute(text("update team.report_group set exemplar = 'another'"))
    with pytest.raises(ReviewConflictError, match=r"^Another text stands for this group"):
        decide(app, SERVICE, early, "confirm", reviewer="Анна", at=NOW, request_id="two")
    # The vote on the former text does not count any more.
    assert group(app, ONE).state.state is State.WAITING


def test_a_group_that_somebody_else_looks_at_is_not_decided(app: Engine):
    what = seen(app, ONE)
    claim(app, SERVICE, ONE, "Анна", at=NOW)
    with pytest.raises(ReviewConflictError, match=r"^Анна is looking at this group until 12:10"):
        decide(app, SERVICE, what, "confirm", reviewer="Борис", at=NOW, request_id="one")
    late = decide(app, SERVICE, what, "confirm", reviewer="Борис", at=NOW + LEASE, request_id="two")
    assert late.reviewer == "Борис"
    with pytest.raises(ReviewConflictError, match="Борис has confirmed"):
        decide(app, SERVICE, what, "confirm", reviewer="Анна", at=NOW + LEASE, request_id="three")


def test_after_the_lease_a_vote_still_counts_if_nobody_took_the_group(app: Engine):
    claim(app, SERVICE, ONE, "Анна", at=NOW)
    assert vote(app, ONE, "confirm", "Анна", at=NOW + 5 * LEASE).reviewer == "Анна"


def test_an_unknown_group_is_not_voted_on(app: Engine):
    with pytest.raises(ReviewConflictError, match="does not exist"):
        decide(
            app, SERVICE, Seen(999, 1, "r"), "confirm", reviewer="Анна", at=NOW, request_id="one"
        )


def many(app: Engine, what: Sequence[Seen], **given: Any) -> Any:
    defaults: dict[str, Any] = {
        "verdict": "reject",
        "reviewer": "Анна",
        "at": NOW,
        "request_id": "bulk",
        "reason": "wanted",
    }
    return decide_many(app, SERVICE, what, **defaults | given)


def test_a_bulk_decision_takes_what_it_can_and_lists_the_rest(app: Engine):
    screen = [seen(app, number) for number in [*SINGLE[:5], TWO]]
    claim(app, SERVICE, SINGLE[1], "Борис", at=NOW)
    vote(app, SINGLE[2], "confirm", "Борис")
    screen[3] = replace(screen[3], exemplar="another")
    found = many(app, [Seen(999, 1, "r"), *screen[::-1]])
    assert [one.group_id for one in found.stored] == sorted([SINGLE[0], SINGLE[4], TWO])
    assert {one.reason for one in found.stored} == {"wanted"}
    assert {one.group_id: one.sentence for one in found.refused} == {
        SINGLE[1]: "Борис is looking at this group until 12:10 UTC.",
        SINGLE[2]: "Борис has confirmed this group at 12:00 UTC.",
        SINGLE[3]: ANOTHER_TEXT,
        999: "This group does not exist.",
    }
    assert group(app, TWO).state.state is State.SECOND_OPINION


def test_a_bulk_decision_that_is_sent_twice_counts_once(app: Engine):
    screen = [seen(app, number) for number in SINGLE[:9]]
    once = many(app, screen)
    assert many(app, screen, at=NOW + SECOND) == once
    assert votes(app) == once.stored
    with pytest.raises(ValueError, match="twice"):
        many(app, [screen[0], screen[0]])
    assert many(app, [], request_id="nothing").stored == ()


def test_two_bulk_decisions_at_once_share_the_groups_out(app: Engine):
    screen = [seen(app, number) for number in SINGLE]
    found = []
    together = Barrier(2)

    def decides(reviewer: str, groups_: list[Seen]) -> None:
        together.wait()
        found.append(many(app, groups_, reviewer=reviewer, request_id=reviewer))

    run(lambda: decides("Анна", screen), lambda: decides("Борис", screen[::-1]))
    stored = [one.group_id for bulk in found for one in bulk.stored]
    assert sorted(stored) == SINGLE
    assert sorted(one.group_id for bulk in found for one in bulk.refused) == SINGLE


def test_undo_restores_exactly_what_was_before(app: Engine):
    chance = random.Random(11)
    people = ["Анна", "Борис", "Вера", "Глеб"]
    undone = 0
    for _ in range(60):
        group_id = chance.choice([*SINGLE[:2], *DOUBLE[:3]])
        before = group(app, group_id)
        reviewer = chance.choice(people)
        try:
            stored = vote(app, group_id, chance.choice(["confirm", "reject", "unsure"]), reviewer)
        except ReviewConflictError:
            assert group(app, group_id) == before
            continue
        if chance.random() < 0.5:
            taken = undo(app, SERVICE, stored.review_id, reviewer=reviewer, at=NOW + MINUTE)
            assert taken == replace(stored, undone_at=NOW + MINUTE)
            after = group(app, group_id)
            assert (after.state, after.counting) == (before.state, before.counting)
            assert after.votes == (*before.votes, taken)
            undone += 1
    assert undone > 10


def test_a_double_undo_counts_once(app: Engine):
    stored = vote(app, ONE, "confirm", "Анна")
    once = undo(app, SERVICE, stored.review_id, reviewer=" Анна ", at=NOW + MINUTE)
    assert undo(app, SERVICE, stored.review_id, reviewer="Анна", at=NOW + 2 * MINUTE) == once
    # Who has taken a vote back may vote again.
    assert vote(app, ONE, "reject", "Анна").review_id != stored.review_id


def test_only_the_last_vote_is_taken_back_and_only_by_who_gave_it(app: Engine):
    first = vote(app, TWO, "confirm", "Анна")
    with pytest.raises(ReviewConflictError, match=r"^Only Анна can take this vote back"):
        undo(app, SERVICE, first.review_id, reviewer="Борис", at=NOW)
    second = vote(app, TWO, "reject", "Борис")
    with pytest.raises(ReviewConflictError, match=r"^Борис has voted on this group since"):
        undo(app, SERVICE, first.review_id, reviewer="Анна", at=NOW)
    third = vote(app, TWO, "reject", "Вера")
    for stored in (third, second, first):
        undo(app, SERVICE, stored.review_id, reviewer=stored.reviewer, at=NOW)
    assert group(app, TWO).state.state is State.WAITING
    with pytest.raises(ReviewConflictError, match="no such vote"):
        undo(app, SERVICE, 999, reviewer="Анна", at=NOW)


def test_a_vote_that_was_trained_on_stays(app: Engine, engines: dict[Role, Engine]):
    stored = vote(app, ONE, "confirm", "Анна")
    with engines[Role.OWNER].begin() as connection:
        make_set(connection, ONE)
    with pytest.raises(ReviewConflictError) as refusal:
        undo(app, SERVICE, stored.review_id, reviewer="Анна", at=NOW)
    assert str(refusal.value) == (
        "This group is in retraining set newsletters-1, which was made from this vote: it stays. "
        "Ask for a second opinion instead."
    )
    assert group(app, ONE).state.state is State.CONFIRMED
    ask_second_opinion(app, SERVICE, ONE, by="Анна", at=NOW, reason="a slip")
    assert group(app, ONE).state.stage == "second"


def make_set(connection: Connection, group_id: int) -> None:
    """A retraining set with one letter of a group."""
    for statement in (
        """insert into team.retraining_set (service, set_id, number, created_at, created_by,
            letters, groups, manifest)
        values (:service, 'newsletters-1', 1, now(), 'Вера', 1, array[:group_id], '{}')""",
        """insert into team.retraining_set_letter (service, set_id, position, split, group_id,
            report_id, letter_key, row)
        values (:service, 'newsletters-1', 1, 'train', :group_id, 'r', 'r', '{}')""",
    ):
        connection.execute(text(statement), {"service": SERVICE, "group_id": group_id})


def test_a_vote_is_not_taken_back_while_a_set_is_made_of_it(
    app: Engine, engines: dict[Role, Engine]
):
    stored, told = vote(app, ONE, "confirm", "Анна"), []

    def take_back() -> None:
        try:
            undo(app, SERVICE, stored.review_id, reviewer="Анна", at=NOW)
        except ReviewConflictError as error:
            told.append(str(error))

    taking = Thread(target=take_back)
    with engines[Role.OWNER].begin() as making:
        lock(making, SERVICE)
        taking.start()
        waiting = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        while not making.execute(waiting).scalar_one():
            assert taking.is_alive()
        make_set(making, ONE)
    taking.join()
    assert len(told) == 1
    assert group(app, ONE).state.state is State.CONFIRMED


def test_asking_for_a_second_opinion_opens_a_decided_group(app: Engine):
    vote(app, ONE, "confirm", "Анна")
    asked = ask_second_opinion(app, SERVICE, ONE, by=" Вера ", at=NOW, reason=" really? ")
    assert asked == SecondOpinion(ONE, "Вера", NOW, "really?")
    again = ask_second_opinion(app, SERVICE, ONE, by="Глеб", at=NOW + MINUTE, reason="me too")
    assert again == asked
    with app.connect() as connection:
        assert reader.second_opinions(connection, SERVICE, NOW) == ()
        assert reader.second_opinions(connection, SERVICE, NOW + SECOND) == (asked,)
    assert handed(app, "Борис", only(ONE)).stage == "second"
    vote(app, ONE, "confirm", "Борис")
    with pytest.raises(ReviewConflictError, match=r"^Анна and Борис have both looked"):
        ask_second_opinion(app, SERVICE, ONE, by="Вера", at=NOW, reason="again")
    with pytest.raises(ReviewConflictError, match="does not exist"):
        ask_second_opinion(app, SERVICE, 999, by="Вера", at=NOW, reason="again")


def test_votes_are_read_as_they_were_known(app: Engine):
    stored = vote(app, ONE, "confirm", "Анна", at=NOW)
    taken = undo(app, SERVICE, stored.review_id, reviewer="Анна", at=NOW + MINUTE)
    assert votes(app, NOW) == ()
    assert votes(app, NOW + MINUTE) == (stored,)
    assert votes(app, NOW + MINUTE + SECOND) == (taken,)
    held = claim(app, SERVICE, TWO, "Анна", at=NOW)
    assert claims(app, NOW - SECOND) == ()
    assert claims(app, NOW) == claims(app, NOW + LEASE - SECOND) == (held,)
    assert claims(app, NOW + LEASE) == ()


def test_services_are_apart(app: Engine):
    with pytest.raises(ReviewConflictError, match="does not exist"):
        claim(app, "folders", ONE, "Анна", at=NOW)
    stored = vote(app, ONE, "confirm", "Анна")
    with pytest.raises(ReviewConflictError, match="no such vote"):
        undo(app, "folders", stored.review_id, reviewer="Анна", at=NOW)
    with app.connect() as connection:
        assert reader.reviews(connection, "folders", NOW + MINUTE) == ()


@pytest.mark.parametrize("role", [Role.APP, Role.WORKER])
@pytest.mark.parametrize("table", ["report_review", "report_review_undo", "report_second_opinion"])
def test_nobody_rewrites_the_log(app: Engine, engines: dict[Role, Engine], table: str, role: Role):
    stored = vote(app, ONE, "confirm", "Анна")
    ask_second_opinion(app, SERVICE, ONE, by="Вера", at=NOW, reason="why?")
    undo(app, SERVICE, stored.review_id, reviewer="Анна", at=NOW)
    for statement in (f"update team.{table} set service = 'x'", f"delete from team.{table}"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            engines[role].begin() as connection,
        ):
            connection.execute(text(statement))


def test_the_store_itself_refuses_a_rejection_without_a_reason(app: Engine):
    with pytest.raises(IntegrityError), app.begin() as connection:
        connection.execute(
            text("""
                insert into team.report_review (service, group_id, reviewer, verdict, stage, blind,
                    drawn, group_version, exemplar, reports, request_id, decided_at)
                values (:service, 1, 'x', 'reject', 'first', true, 'order', 1, 'r1', 1,
                    'one', now())
            """),
            {"service": SERVICE},
        )


def test_eight_reviewers_at_once_lose_nothing_and_never_look_at_the_same(
    app: Engine, reviewed: Store
):
    put_reports(app, SERVICE, (Report(f"r{number}") for number in range(MANY + 1, 221)))
    with reviewers(
        reviewed, *[(f"Reviewer {number}", str(number), "6") for number in range(8)]
    ) as all_:
        for one in all_:
            assert said(one)["did"] == "ready"
        for one in all_:
            go_on(one)
        done = [finished(one) for one in all_]
    held = sorted(
        (one["group"], one["since"], one["until"])
        for lines in done
        for one in lines
        if one["did"] == "held"
    )
    for (group_id, _, until), (next_id, since, _) in pairwise(held):
        assert group_id != next_id or until <= since
    told = [one["review"] for lines in done for one in lines if one["did"] == "voted"]
    undone = {one["review"] for lines in done for one in lines if one["did"] == "undone"}
    stored = votes(app, datetime.max.replace(tzinfo=UTC))
    assert sorted(told) == [one.review_id for one in stored]
    assert len(told) == len(held) > 220
    assert undone == {one.review_id for one in stored if one.undone_at is not None}
    assert len(undone) > 8
    # Everybody took part, every group is decided, and nobody has voted twice on a group.
    assert len({one.reviewer for one in stored}) == 8
    standing = [(one.group_id, one.reviewer) for one in stored if one.undone_at is None]
    assert len(standing) == len(set(standing))
    with app.connect() as connection:
        found = groups(connection, SERVICE, range(1, 221))
    assert {one.state.stage for one in found.values()} == {None}
    assert {one.drawn for one in stored} == {"order", "random"}
    assert claims(app, datetime.now(UTC)) == ()


def test_a_reviewer_who_is_killed_loses_the_group_when_the_lease_ends(app: Engine, reviewed: Store):
    with reviewers(reviewed, ("Анна", "hold", "0")) as (one,):
        assert said(one)["did"] == "ready"
        go_on(one)
        claimed = said(one)
        one.kill()  # -9
        one.wait()
    group_id, until = claimed["group"], datetime.fromisoformat(claimed["until"])
    order = only(group_id)
    assert claim_next(app, SERVICE, "Борис", order=order, at=until - SECOND) is None
    assert handed(app, "Борис", order, at=until).group_id == group_id


@contextmanager
def reviewers(store: Store, *given: tuple[str, str, str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes of `reviewer_process`; whichever still runs at the end is killed."""
    address = store.url().render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.db.team.reviewer_process", address]
    started = [
        subprocess.Popen(
            [*command, *arguments], cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True, encoding="utf-8"
        )
        for arguments in given
    ]
    try:
        yield started
    finally:
        for one in started:
            one.kill()
            one.communicate()


def said(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next line of a process; it fails the test by not being JSON if the process has ended."""
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(process.stdout.readline())
    return line


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def finished(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Everything that a process still says, once it has ended well."""
    output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    return [json.loads(line) for line in output.splitlines()]
