"""Making retraining sets and withdrawing letters from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from core.false_reports.retraining import SetError, SetSettings
from core.false_reports.retraining_manifest import successor
from core.fields import FieldsError
from core.ports.false_reports import RetrainingSet
from db.engine import Role, Store
from db.readers.retraining_sets import frozen_rows, sets
from db.team.letter_withdrawals import Withdrawal, withdraw
from db.team.retraining_queries import ASIDE
from db.team.retraining_sets import make_set, preview
from tests.db.team.report_rows import REPORTED, Report, put_reports

DAY = timedelta(days=1)
NOW = REPORTED + 10 * DAY
SERVICE = "newsletters"
SET = "newsletters-1"
PLAIN = SetSettings()
ALL_AGAIN = SetSettings(cumulative=True)

_VOTE = text("""
    insert into team.report_review (service, group_id, reviewer, verdict, reason, stage, blind,
        drawn, group_version, exemplar, reports, request_id, decided_at)
    select service, group_id, :reviewer, :verdict, :reason, :stage, true, 'order', version,
        exemplar, 1, :reviewer || group_id || :stage, :at
    from team.report_group where service = :service and group_id = :group_id""")


@pytest.fixture
def app(store: Store) -> Engine:
    return store.engine(Role.APP)


def judge(app: Engine, verdict: str, groups: Iterable[int], at: datetime = REPORTED + DAY) -> None:
    """Two people say the same of each group, so that no group waits for a second opinion."""
    votes = [
        {
            "service": SERVICE,
            "group_id": group_id,
            "reviewer": reviewer,
            "verdict": verdict,
            "reason": "decision_was_right" if verdict == "reject" else "",
            "stage": stage,
            "at": at,
        }
        for group_id in groups
        for reviewer, stage in (("Анна", "first"), ("Boris", "second"))
    ]
    with app.begin() as connection:
        connection.execute(_VOTE, votes)


def put(app: Engine, *reports: Report, verdict: str = "confirm") -> dict[str | int, int]:
    """Reports whose groups are all judged the same."""
    groups = put_reports(app, SERVICE, reports)
    judge(app, verdict, groups.values())
    return groups


def reported(name: str, number: int = 1, **fields: Any) -> list[Report]:
    """A group of letters of one wording each; the digits of its name are spelt: none counts."""
    spelt = name.translate({ord("0") + digit: "abcdefghij"[digit] for digit in range(10)})
    return [
        Report(f"{name}{at}", name, text=f"{spelt} wording {'x' * at}", **fields)
        for at in range(number)
    ]


def made(app: Engine, settings: SetSettings = PLAIN, request: str = "click") -> RetrainingSet:
    return make_set(app, SERVICE, by=" Анна ", at=NOW, request_id=request, settings=settings)


def listed(app: Engine, as_of: datetime = NOW + DAY) -> tuple[RetrainingSet, ...]:
    with app.connect() as connection:
        return sets(connection, SERVICE, as_of)


def rows(app: Engine, set_id: str) -> list[tuple[str, dict[str, Any] | None]]:
    with app.connect() as connection:
        return list(frozen_rows(connection, SERVICE, set_id))


def reports_in(app: Engine, set_id: str) -> set[str]:
    return {row["report_id"] for _, row in rows(app, set_id) if row is not None}


def erase(app: Engine, letters: str | Sequence[str], at: datetime = NOW + DAY) -> Withdrawal:
    return withdraw(app, SERVICE, letters, by="Вера", at=at, reason="asked by mail")


def stored_texts(app: Engine) -> dict[str, str]:
    with app.connect() as connection:
        found = connection.execute(text("select report_id, text from team.report_letter"))
        return dict(found.all())


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


def test_one_text_is_one_row_however_often_and_with_whatever_numbers_it_came(app: Engine):
    put(
        app,
        Report("a", "g", text="Order 17:\n sent, total 20 USD"),
        Report("b", "g", text="Order 4:  sent, total\u00a07 USD"),
        Report("c", "g", text="ORDER 4: sent, total 7 USD"),
    )

    found = made(app)

    kept = {row["report_id"]: row["reports"] for _, row in rows(app, found.set_id) if row}
    assert kept == {"a": 2, "c": 1}
    assert found.manifest["reports"] == 3
    assert found.manifest["counts"]["raw"] == 3
    assert found.manifest["counts"]["deduplicated"] == 2


def test_every_white_space_and_digit_that_is_set_aside_is_and_no_other_sign(app: Engine):
    put(
        app,
        Report("plain", "g", text="oneword"),
        *(Report(f"aside{ord(sign)}", "g", text=f"{sign}one{sign}{sign}word") for sign in ASIDE),
        *(Report(f"sign{ord(sign)}", "g", text=f"one{sign}word") for sign in "\u2003\u0663-_%'О"),
        Report("capital", "g", text="Oneword"),
    )

    found = made(app)

    kept = {row["report_id"]: row["reports"] for _, row in rows(app, found.set_id) if row}
    assert kept.pop("plain") == 1 + len(ASIDE) == 23
    assert set(kept) == {"capital", *(f"sign{ord(sign)}" for sign in "\u2003\u0663-_%'О")}


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


def test_a_group_keeps_its_split_in_later_sets_and_no_group_is_in_both(app: Engine):
    put(app, *(one for number in range(30) for one in reported(f"early{number}-", 2)))
    first = made(app, request="1")
    put(app, *(one for number in range(30) for one in reported(f"late{number}-", 2)))
    both = made(app, ALL_AGAIN, request="2")

    def splits(of: RetrainingSet) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for split, row in rows(app, of.set_id):
            assert row is not None
            found.setdefault(row["group_id"], set()).add(split)
        return found

    early, every = splits(first), splits(both)
    assert set(map(len, every.values())) == {1}
    assert {group_id: every[group_id] for group_id in early} == early
    assert sum("test" in split for split in early.values()) == 6
    assert sum("test" in split for split in every.values()) == 12


def test_groups_that_share_a_letter_or_are_near_duplicates_are_never_parted(app: Engine):
    pairs = 25
    groups = put(
        app,
        *(
            Report(f"{kind}{number}", text=f"{kind} text {chr(97 + number)}", kind=kind)
            for number in range(pairs)
            for kind in ("false_positive", "false_negative")
        ),
    )
    hashes = np.arange(40, dtype=np.int64)
    with app.begin() as connection:
        for number in range(pairs):
            pair = [groups[f"false_{way}{number}"] for way in ("positive", "negative")]
            if number % 2:
                connection.execute(
                    text("""insert into team.report_letter select (jsonb_populate_record(letter,
                        jsonb_build_object('report_id', 'again' || report_id, 'text', 'of ' ||
                        report_id, 'letter_key', 'shared' || cast(:number as text)))).*
                        from team.report_letter as letter where group_id = any(:pair)"""),
                    {"pair": pair, "number": number},
                )
                continue
            for group_id in pair:
                connection.execute(
                    text("""insert into team.report_group_band
                        select service, kind, 1, :number, group_id from team.report_group
                        where group_id = :group_id"""),
                    {"number": number, "group_id": group_id},
                )
                connection.execute(
                    text("update team.report_group set shingles = :some where group_id = :id"),
                    {
                        "some": (hashes[: 30 + group_id % 2] + 100 * number).tobytes(),
                        "id": group_id,
                    },
                )

    found = made(app, SetSettings(test_percent=50))

    split = {row["group_id"]: split for split, row in rows(app, found.set_id) if row}
    together = [
        split[groups[f"false_positive{number}"]] == split[groups[f"false_negative{number}"]]
        for number in range(pairs)
    ]
    assert all(together)
    assert set(split.values()) == {"train", "test"}


def test_bands_that_meet_by_chance_do_not_tie_groups_together(app: Engine):
    groups = put(app, *(one for number in range(40) for one in reported(f"g{number}-")))
    with app.begin() as connection:
        connection.execute(
            text("""insert into team.report_group_band
                select service, kind, 1, 7, group_id from team.report_group""")
        )
        for number, group_id in enumerate(groups.values()):
            connection.execute(
                text("update team.report_group set shingles = :some where group_id = :id"),
                {"some": (np.arange(9) + 100 * number).tobytes(), "id": group_id},
            )

    assert made(app).manifest["splits"]["test"]["groups"] == 8


def test_a_letter_that_is_confirmed_both_ways_is_left_out_of_both_groups(app: Engine):
    put(
        app,
        Report("a", text="one text", letter_key="same"),
        Report("b", text="another text", kind="false_negative", letter_key="same"),
        Report("c", text="a third text"),
    )
    found = made(app)
    assert reports_in(app, found.set_id) == {"c"}
    assert found.manifest["exclusions"][0]["reason"] == "contradictory"


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


def test_what_becomes_of_a_group_afterwards_does_not_change_a_set(app: Engine):
    put(app, *reported("news", 2))
    found = made(app)
    before = rows(app, found.set_id)
    with app.begin() as connection:
        connection.execute(text("update team.report_letter set text = 'new', group_id = 0"))
        connection.execute(text("update team.report_group set exemplar = '', version = 99"))
    assert rows(app, found.set_id) == before
    assert listed(app) == (found,)


def test_a_service_does_not_see_the_letters_of_another(app: Engine):
    put_reports(app, "other", reported("news"))
    with pytest.raises(SetError, match="called news0"):
        erase(app, "news0")


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
