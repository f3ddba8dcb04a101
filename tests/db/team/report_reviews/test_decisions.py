"""What a vote needs, and what stops it; many groups decided at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text

from core.false_reports.reviews import Seen
from core.false_reports.votes import BIG_GROUP, State
from core.fields import FieldsError
from core.ports import Review
from db.team.report_reviews import (
    LEASE,
    ReviewConflictError,
    ask_second_opinion,
    claim,
    claim_next,
    decide,
    decide_many,
    release,
    undo,
)
from tests.db.team.report_reviews.forty_groups import (
    ANOTHER_TEXT,
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
    join,
    only,
    seen,
    vote,
    votes,
)
from tests.db.team.review_queue import queue_of


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
