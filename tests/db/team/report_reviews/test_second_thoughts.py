"""What undo restores and when it is refused, second opinions, and a log that nobody rewrites."""

from __future__ import annotations

import random
from dataclasses import replace
from threading import Thread

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from core.false_reports.votes import State
from core.ports import SecondOpinion
from db.engine import Role
from db.readers import report_reviews as reader
from db.readers.retraining_sets import lock
from db.team.report_reviews import LEASE, ReviewConflictError, ask_second_opinion, claim, undo
from tests.db.team.report_reviews.forty_groups import (
    DOUBLE,
    MINUTE,
    NOW,
    ONE,
    SECOND,
    SERVICE,
    SINGLE,
    TWO,
    claims,
    group,
    handed,
    make_set,
    only,
    vote,
    votes,
)


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
