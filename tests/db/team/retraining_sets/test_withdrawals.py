"""Withdrawing letters: erased everywhere, and the sets that hold them corrected."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, text

from core.false_reports.retraining import SetError, SetSettings
from core.false_reports.retraining_manifest import successor
from core.fields import FieldsError
from db.engine import Role, Store
from db.team.letter_withdrawals import Withdrawal, withdraw
from tests.db.team.report_rows import REPORTED, Report, put_reports
from tests.db.team.retraining_sets.judged_groups import (
    ALL_AGAIN,
    DAY,
    NOW,
    SERVICE,
    SET,
    erase,
    listed,
    made,
    put,
    reported,
    reports_in,
    rows,
    stored_texts,
)


def test_a_withdrawn_letter_is_erased_everywhere_and_its_sets_are_corrected(app: Engine):
    put(app, *reported("news", 3), *reported("shop"))
    made(app, request="1")
    made(app, ALL_AGAIN, request="2")

    done = erase(app, "news1")

    assert done == Withdrawal(
        ("news1",), (), 1, {"newsletters-1": "newsletters-1.1", "newsletters-2": "newsletters-2.1"}
    )
    assert stored_texts(app)["news1"] == ""
    every = listed(app, NOW + 2 * DAY)
    assert [one.set_id for one in every] == [
        *("newsletters-1", "newsletters-1.1", "newsletters-2", "newsletters-2.1")
    ]
    assert [one.withdrawn for one in every] == [1, 0, 1, 0]
    assert [one.letters for one in every] == [4, 3, 4, 3]
    assert successor(every, "newsletters-1") == "newsletters-1.1"
    assert successor(every, "newsletters-1.1") is None
    corrected = every[1]
    assert (corrected.parent, corrected.created_by) == ("newsletters-1", "Вера")
    assert corrected.manifest["withdrawn"] == 1
    assert corrected.manifest["counts"]["exported"] == 3
    for set_id in ("newsletters-1.1", "newsletters-2.1"):
        assert reports_in(app, set_id) == {"news0", "news2", "shop0"}
    for set_id in ("newsletters-1", "newsletters-2"):
        assert {row for _, row in rows(app, set_id)} == {None}
    with app.connect() as connection:
        (log,) = connection.execute(text("select * from team.withdrawal")).mappings()
        held = connection.execute(
            text(
                "select cast(s as text) || cast(l as text) from team.retraining_set s, "
                "team.retraining_set_letter l"
            )
        ).scalars()
        assert not any('news wording x"' in one for one in held)
    assert (log["letter_key"], log["withdrawn_by"]) == ("news1", "Вера")
    assert (log["withdrawn_at"], log["reason"]) == (NOW + DAY, "asked by mail")


def test_a_text_is_kept_by_another_letter_that_carries_it(app: Engine):
    put(
        app,
        *reported("shop", 3),
        Report("first", "g", text="Order 1 is sent", letter_key="k", score=0.9),
        Report("again", "g", text="Order 1 is sent", letter_key="k"),
        Report("other", "g", text="Order  22 is sent", score=0.7, reported_at=REPORTED + DAY),
        Report("later", "g", text="Order 3 is sent", reported_at=REPORTED + 2 * DAY),
        *reported("news", 2),
    )
    made(app, SetSettings(test_percent=0))
    put_reports(app, SERVICE, [Report("new", text="Order 4 is sent", reported_at=NOW)])
    before = {row["report_id"]: row for _, row in rows(app, SET) if row}
    assert list(before) == ["shop0", "shop1", "shop2", "first", "news0", "news1"]

    done = erase(app, ["k", "shop0"])

    assert done.sets == {SET: "newsletters-1.1"}
    after = {row["report_id"]: row for _, row in rows(app, "newsletters-1.1") if row}
    assert list(after) == ["shop1", "shop2", "other", "news0", "news1"]
    assert after["other"] == before["first"] | {
        "report_id": "other",
        "text": "Order  22 is sent",
        "reports": 2,
        "score": 0.7,
        "reported_at": (REPORTED + DAY).isoformat(),
    }
    with app.connect() as connection:
        places = connection.execute(
            text(
                "select array_agg(position order by position) from team.retraining_set_letter "
                "where set_id = 'newsletters-1.1'"
            )
        ).scalar_one()
    assert places == [1, 2, 3, 4, 5]
    corrected = listed(app, NOW + 2 * DAY)[1]
    assert (corrected.letters, corrected.manifest["counts"]["exported"]) == (5, 5)
    assert corrected.manifest["withdrawn"] == 2
    assert erase(app, "other", NOW + 2 * DAY).sets == {"newsletters-1.1": "newsletters-1.2"}
    assert "later" in reports_in(app, "newsletters-1.2")
    erase(app, "later", NOW + 3 * DAY)
    assert reports_in(app, "newsletters-1.3") == {"shop1", "shop2", "news0", "news1"}


def test_a_text_of_a_letter_that_came_after_the_set_is_not_kept_in_it(app: Engine):
    groups = put(app, Report("old", "g", text="a text"), *reported("shop"))
    made(app)
    put_reports(app, SERVICE, [Report("new", groups["g"], text="a text", reported_at=NOW)])
    erase(app, "old")
    assert reports_in(app, "newsletters-1.1") == {"shop0"}


def test_a_letter_withdrawn_from_a_corrected_set_makes_the_next_correction(app: Engine):
    put(app, *reported("news", 3))
    made(app)
    erase(app, "news1")
    assert erase(app, "news2", NOW + 2 * DAY).sets == {"newsletters-1.1": "newsletters-1.2"}
    every = listed(app, NOW + 9 * DAY)
    assert [one.withdrawn for one in every] == [2, 1, 0]
    assert successor(every, "newsletters-1") == "newsletters-1.2"
    assert reports_in(app, "newsletters-1.2") == {"news0"}


def test_every_report_of_a_letter_is_erased_with_it_by_either_name(app: Engine):
    put(app, Report("a", "g", letter_key="k", text="x"), Report("b", "g", letter_key="k", text="y"))
    assert erase(app, "b").reports == 2
    assert set(stored_texts(app).values()) == {""}


def test_an_exemplar_that_is_withdrawn_is_replaced_by_the_next_of_its_group(app: Engine):
    groups = put(app, *reported("news", 3))
    with app.begin() as connection:
        connection.execute(
            text("update team.report_group set shingles = 'abc', shingles_of = exemplar")
        )
        connection.execute(
            text(
                "insert into team.report_group_band values (:service, 'false_positive', 1, 1, :id)"
            ),
            {"service": SERVICE, "id": groups["news"]},
        )

    def exemplar() -> tuple[Any, ...]:
        with app.connect() as connection:
            found = connection.execute(
                text(
                    "select exemplar, shingles, version, "
                    "(select count(*) from team.report_group_band) from team.report_group"
                )
            ).one()
        return (found[0], bytes(found[1]), *found[2:])

    erase(app, "news1")
    assert exemplar() == ("news0", b"abc", 3, 1)
    erase(app, "news0")
    assert exemplar() == ("news2", b"", 4, 0)
    erase(app, "news2")
    assert exemplar() == ("news2", b"", 5, 0)


def test_a_set_whose_every_letter_is_gone_is_still_listed(app: Engine):
    put(app, *reported("news", 2))
    made(app)
    erase(app, ["news0", "news1"])
    assert [(one.set_id, one.letters) for one in listed(app, NOW + 2 * DAY)] == [
        ("newsletters-1", 2),
        ("newsletters-1.1", 0),
    ]


def test_withdrawing_twice_changes_nothing_and_keeps_the_first_log(app: Engine):
    put(app, *reported("news", 2))
    made(app)
    erase(app, "news0")
    again = erase(app, ["news0", "news1"], NOW + 5 * DAY)
    assert (again.letters, again.before, again.reports) == (("news1",), ("news0",), 1)
    once_more = erase(app, ["news0", "news1"], NOW + 6 * DAY)
    assert once_more == Withdrawal((), ("news0", "news1"), 0, {})
    assert len(listed(app, NOW + 9 * DAY)) == 3


def test_one_unknown_letter_and_none_is_erased(app: Engine):
    put(app, *reported("news"))
    with pytest.raises(SetError, match=r"called who and a�b\. Nothing was erased"):
        erase(app, ["news0", "who", "a\0b"])
    assert "" not in stored_texts(app).values()
    with pytest.raises(SetError, match="No letter is named"):
        erase(app, [])


def test_a_withdrawal_needs_a_name_and_a_reason(app: Engine):
    put(app, *reported("news"))
    with pytest.raises(FieldsError) as refused:
        withdraw(app, SERVICE, "news0", by="", at=NOW, reason=" ")
    assert set(refused.value.problems) == {"by", "reason"}
    assert "" not in stored_texts(app).values()


def test_a_letter_that_the_worker_has_not_taken_yet_can_be_withdrawn(store: Store, app: Engine):
    with store.engine(Role.SERVING).begin() as connection:
        connection.execute(
            text("""insert into metrics.false_report (service, report_id, reported_at,
                predicted_at, kind, source, letter_key, reporter_key, model_version, score,
                threshold, text, anonymiser)
                values (:service, 'r', :at, :at, 'false_positive', 'user', 'k', '', 'v', 0.9, 0.5,
                'text', 'theirs')"""),
            {"service": SERVICE, "at": REPORTED},
        )
    assert erase(app, "k").letters == ("k",)
    assert erase(app, "r").before == ("k",)


def test_withdrawn_and_empty_letters_go_into_no_set(app: Engine):
    put(app, *reported("news", 3), Report("blank", "news", text=""))
    erase(app, "news1")
    with app.begin() as connection:  # what an intake that ran at the same time may leave
        connection.execute(text("update team.report_letter set text = 'back' where text = ''"))
        connection.execute(
            text("update team.report_letter set text = '' where report_id = 'blank'")
        )
        connection.execute(text("update team.report_letter set withdrawn_at = null"))
    found = made(app)
    assert reports_in(app, found.set_id) == {"news0", "news2"}
    reasons = {one["reason"]: one["reports"] for one in found.manifest["exclusions"]}
    assert reasons == {"withdrawn": 1, "unreadable": 1}


def test_a_service_does_not_see_the_letters_of_another(app: Engine):
    put_reports(app, "other", reported("news"))
    with pytest.raises(SetError, match="called news0"):
        erase(app, "news0")
