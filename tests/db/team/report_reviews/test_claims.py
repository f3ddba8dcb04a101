"""Who gets which group, and for how long."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from core.false_reports.queue import draw, generator
from core.false_reports.votes import State
from db.readers import report_reviews as reader
from db.team.report_reviews import (
    LEASE,
    ReviewConflictError,
    claim,
    claim_next,
    extend,
    release,
    undo,
)
from tests.db.team.report_reviews.forty_groups import (
    MANY,
    MINUTE,
    NOW,
    NUMBERS,
    ONE,
    SECOND,
    SERVICE,
    SINGLE,
    TWO,
    claims,
    group,
    handed,
    join,
    only,
    vote,
)
from tests.db.team.review_queue import queue_of


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
    assert sorted(one.group_id for one in found) == NUMBERS.tolist()
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
    assert found == set(NUMBERS.tolist()) - set(SINGLE[:30])


def test_services_are_apart(app: Engine):
    with pytest.raises(ReviewConflictError, match="does not exist"):
        claim(app, "folders", ONE, "Анна", at=NOW)
    stored = vote(app, ONE, "confirm", "Анна")
    with pytest.raises(ReviewConflictError, match="no such vote"):
        undo(app, "folders", stored.review_id, reviewer="Анна", at=NOW)
    with app.connect() as connection:
        assert reader.reviews(connection, "folders", NOW + MINUTE) == ()
