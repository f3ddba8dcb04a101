"""Making retraining sets: what is in them, who makes them, what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from core.false_reports.retraining import SetError, SetSettings
from core.fields import FieldsError
from db.engine import Role, Store
from db.team.letter_withdrawals import withdraw
from db.team.retraining_sets import make_set, preview
from tests.db.team.report_rows import Report, put_reports
from tests.db.team.retraining_sets.judged_groups import (
    ALL_AGAIN,
    DAY,
    NOW,
    PLAIN,
    SERVICE,
    erase,
    listed,
    made,
    put,
    reported,
    rows,
)


def test_a_set_holds_the_confirmed_groups_with_what_reviewers_found(app: Engine):
    wrong = put(app, *reported("news", 2), *reported("shop", kind="false_negative"))
    put(app, *reported("right"), verdict="reject")
    put_reports(app, SERVICE, reported("waiting"))

    found = made(app)

    assert found == listed(app)[0]
    assert (found.set_id, found.parent, found.created_by) == ("newsletters-1", "", "Анна")
    assert (found.created_at, found.letters, found.withdrawn) == (NOW, 3, 0)
    assert found.groups == tuple(sorted(wrong.values()))
    labels = {row["report_id"]: row["label"] for _, row in rows(app, found.set_id) if row}
    assert labels == {"news0": False, "news1": False, "shop0": True}
    assert found.manifest["labels"] == {"false": 2, "true": 1}
    assert found.manifest["counts"] == {
        "raw": 5,
        "deduplicated": 5,
        "anonymised": 5,
        "reviewed": 4,
        "confirmed": 3,
        "exported": 3,
    }
    reasons = {one["reason"]: one["reports"] for one in found.manifest["exclusions"]}
    assert reasons == {"waiting": 1, "rejected": 1}
    assert found.manifest["reviewers"] == 2


def test_of_a_group_of_many_wordings_the_exemplar_and_the_most_frequent_are_taken(app: Engine):
    often = [Report(f"often{number}", "g", text=f"often {number}") for number in range(3)]
    put(app, Report("first", "g", text="the exemplar"), *reported("g", 4), *often)

    found = made(app, SetSettings(variants=2))

    assert [row["report_id"] for _, row in rows(app, found.set_id) if row] == ["first", "often0"]
    reasons = {one["reason"]: one["reports"] for one in found.manifest["exclusions"]}
    assert reasons == {"variants": 4, "duplicate": 2}


def test_a_set_takes_what_no_earlier_one_holds_and_a_cumulative_one_takes_it_again(app: Engine):
    old = put(app, *reported("old"))
    first = made(app, request="1")
    new = put(app, *reported("new"))

    second = made(app, request="2")
    both = made(app, ALL_AGAIN, request="3")

    assert (second.set_id, second.parent) == ("newsletters-2", "newsletters-1")
    assert (both.set_id, both.parent) == ("newsletters-3", "newsletters-2")
    assert first.groups == (old["old"],)
    assert second.groups == (new["new"],)
    assert both.groups == (old["old"], new["new"])


def test_a_preview_says_what_would_be_made_and_makes_nothing(app: Engine):
    put(app, *reported("news", 3))
    seen = preview(app, SERVICE, at=NOW, settings=PLAIN)
    assert (seen.set_id, seen.parent) == ("newsletters-1", "")
    assert seen.selection.counts("split") == {"train": 3}
    assert seen.selection.counts("kind") == {"false_positive": 3}
    assert seen.selection.counts("language") == {"ru": 3}
    assert listed(app) == ()
    assert made(app).manifest["counts"]["exported"] == seen.selection.funnel.exported == 3


def test_without_confirmed_groups_there_is_no_set_and_it_is_said_why(app: Engine):
    put_reports(app, SERVICE, reported("waiting"))
    with pytest.raises(SetError, match="no group of reports with a text is confirmed, and 1 waits"):
        made(app)
    put(app, *reported("news"))
    made(app, request="1")
    with pytest.raises(SetError, match="Анна made newsletters-1 at 11 Jun 2026 09:00 UTC"):
        made(app, request="2")
    assert len(listed(app)) == 1


def test_a_double_click_makes_one_set(app: Engine):
    put(app, *reported("news"))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: made(app), range(2))
    assert first == second
    assert listed(app) == (first,)


def test_two_people_at_once_get_a_set_each_or_are_told_that_nothing_is_left(app: Engine):
    put(app, *reported("news", 5))

    def attempt(number: int) -> str:
        try:
            return made(app, ALL_AGAIN if number < 2 else PLAIN, str(number)).set_id
        except SetError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(attempt, range(4)))

    names = sorted(one for one in found if one.startswith("newsletters-"))
    assert names == [one.set_id for one in listed(app)]
    assert set(found[:2]) <= set(names)
    assert all(one in names or one.startswith("Nothing is new") for one in found[2:])


@pytest.mark.parametrize("field", ["by", "request_id"])
def test_a_set_is_refused_without_who_makes_it(app: Engine, field: str):
    put(app, *reported("news"))
    given = {"by": "Анна", "request_id": "1"} | {field: " "}
    with pytest.raises(FieldsError, match="Is missing"):
        make_set(app, SERVICE, at=NOW, settings=PLAIN, **given)
    assert listed(app) == ()


def test_sets_are_seen_from_when_they_were_made(app: Engine):
    put(app, *reported("news", 2))
    made(app)
    erase(app, "news0")
    assert listed(app, NOW) == ()
    (before,) = listed(app, NOW + DAY)
    assert before.withdrawn == 0
    assert [one.withdrawn for one in listed(app, NOW + 2 * DAY)] == [1, 0]


def test_what_becomes_of_a_group_afterwards_does_not_change_a_set(app: Engine):
    put(app, *reported("news", 2))
    found = made(app)
    before = rows(app, found.set_id)
    with app.begin() as connection:
        connection.execute(text("update team.report_letter set text = 'new', group_id = 0"))
        connection.execute(text("update team.report_group set exemplar = '', version = 99"))
    assert rows(app, found.set_id) == before
    assert listed(app) == (found,)


@pytest.mark.parametrize("role", [Role.APP, Role.WORKER])
def test_no_role_rewrites_a_set(store: Store, app: Engine, role: Role):
    put(app, *reported("news"))
    made(app)
    for statement in (
        "update team.retraining_set set created_by = 'x'",
        "delete from team.retraining_set",
        "delete from team.retraining_set_letter",
        "update team.retraining_set_letter set split = 'test'",
        "update team.retraining_set_letter set row = '{}'",
        "update team.withdrawal set reason = 'x'",
        "delete from team.withdrawal",
    ):
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|never changed"),
            store.engine(role).begin() as connection,
        ):
            connection.execute(text(statement))


def test_a_time_without_a_zone_is_refused(app: Engine):
    put(app, *reported("news"))
    bare = datetime(2026, 6, 11)  # noqa: DTZ001
    with pytest.raises(ValueError, match="must have a time zone"):
        make_set(app, SERVICE, by="a", at=bare, request_id="1", settings=PLAIN)
    with pytest.raises(ValueError, match="must have a time zone"):
        withdraw(app, SERVICE, "news0", by="a", at=bare, reason="r")
    assert listed(app, datetime(2027, 1, 1, tzinfo=UTC)) == ()
