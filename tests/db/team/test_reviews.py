"""Reviews in the store: kept once, never changed; decisions written down and taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from core.fields import FieldsError
from core.review import codec
from db.engine import Role
from db.readers.review import SqlReviewReader
from db.review_export import Pack, pack, unpack
from db.team.audit import ConflictError, NotNowError
from db.team.reviews import add_decision, change_decision, keep_review, remove_decision
from tests.db.team.oncall_rows import logged
from tests.fakes_review import HOSTILE, NOON, RUSSIAN, SERVICE, drawn, review

HOUR = timedelta(hours=1)
LATER = NOON + HOUR
FORM: dict[str, Any] = {
    "text": RUSSIAN,
    "why": HOSTILE,
    "decided_by": "Мария",
    "decided_on": NOON.date(),
}


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


@pytest.fixture(scope="module")
def packed() -> Pack:
    return pack(drawn(review()))


def decide(app: Engine, request_id: str = "a", **changed: Any) -> Any:
    given = FORM | changed
    return add_decision(app, SERVICE, given, by=" Анна ", at=NOON, request_id=request_id)


def test_a_kept_review_is_read_byte_for_byte(app: Engine, packed: Pack):
    kept = keep_review(app, packed, by=" Анна ", at=LATER, request_id="a")
    assert (kept.kept_by, kept.kept_at, kept.as_of) == ("Анна", LATER, NOON)
    reader = SqlReviewReader(app)
    for kind, content in packed.files.items():
        assert reader.file(kept.review_id, kind) == content
    again = unpack(*(reader.file(kept.review_id, kind) or b"" for kind in ("values", "pictures")))
    assert again.review == packed.drawn.review
    assert again.pictures == packed.drawn.pictures
    written = reader.values(kept.review_id)
    assert written is not None
    assert codec.read(written) == review()


def test_a_double_click_keeps_once(app: Engine, packed: Pack):
    barrier, kept = Barrier(2), []

    def click() -> None:
        barrier.wait()
        kept.append(keep_review(app, packed, by="Анна", at=LATER, request_id="a"))

    threads = [Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept[0] == kept[1]
    assert len(SqlReviewReader(app).kept(SERVICE, LATER)) == 1


def test_a_review_of_a_moment_ahead_is_not_kept(app: Engine, packed: Pack):
    with pytest.raises(NotNowError, match="has not come yet"):
        keep_review(app, packed, by="Анна", at=NOON - HOUR, request_id="a")
    with pytest.raises(FieldsError):
        keep_review(app, packed, by=" ", at=LATER, request_id="a")


@pytest.mark.parametrize("role", [Role.APP, Role.WORKER])
@pytest.mark.parametrize(
    "statement",
    [
        "update team.review_pack set headline = 'x'",
        "delete from team.review_pack",
        "update team.review_file set content = ''",
        "delete from team.review_file",
    ],
)
def test_nobody_changes_a_kept_review(
    oncall_engines: dict[Role, Engine], packed: Pack, role: Role, statement: str
):
    keep_review(oncall_engines[Role.APP], packed, by="Анна", at=LATER, request_id="a")
    with oncall_engines[role].begin() as connection, pytest.raises(ProgrammingError):
        connection.execute(text(statement))


def test_keeping_is_in_the_log(app: Engine, packed: Pack):
    kept = keep_review(app, packed, by="Анна", at=LATER, request_id="a")
    (entry,) = logged(app)
    assert (entry.subject, entry.subject_id, entry.changed_by) == (
        "review",
        str(kept.review_id),
        "Анна",
    )
    assert entry.after["title"] == kept.title


def test_a_decision_is_written_down_once(app: Engine):
    made = decide(app)
    assert (made.text, made.why, made.created_by) == (RUSSIAN, HOSTILE, "Анна")
    assert decide(app) == made
    assert SqlReviewReader(app).decisions(SERVICE, NOON) == (made,)
    assert SqlReviewReader(app).decisions(SERVICE, NOON - HOUR) == ()
    assert len(logged(app)) == 1


def test_a_wrong_field_stores_nothing(app: Engine):
    with pytest.raises(FieldsError) as refused:
        decide(app, text="", decided_on=NOON.date() + timedelta(days=1))
    assert set(refused.value.problems) == {"text", "decided_on"}
    assert logged(app) == []


def test_a_decision_is_corrected_and_read_as_it_stood(app: Engine):
    made = decide(app)
    changed = change_decision(app, made, FORM | {"text": "Нет"}, by="Вера", at=LATER)
    assert (changed.text, changed.revision, changed.created_by) == ("Нет", 2, "Анна")
    reader = SqlReviewReader(app)
    assert reader.decisions(SERVICE, NOON)[0].text == RUSSIAN
    assert reader.decisions(SERVICE, LATER)[0].text == "Нет"
    assert change_decision(app, changed, FORM | {"text": "Нет"}, by="Вера", at=LATER) == changed


def test_who_comes_second_is_told(app: Engine):
    made = decide(app)
    change_decision(app, made, FORM | {"text": "Нет"}, by="Вера", at=LATER)
    with pytest.raises(ConflictError) as told:
        change_decision(app, made, FORM | {"text": "Да"}, by="Анна", at=LATER)
    assert told.value.stored.text == "Нет"
    with pytest.raises(ConflictError):
        remove_decision(app, made, by="Анна", at=LATER)


def test_a_decision_that_was_taken_back_is_told_no_more(app: Engine):
    made = decide(app)
    gone = remove_decision(app, made, by="Вера", at=LATER)
    assert remove_decision(app, gone, by="Анна", at=LATER) == gone
    reader = SqlReviewReader(app)
    assert reader.decisions(SERVICE, LATER) == ()
    assert [one.text for one in reader.decisions(SERVICE, NOON)] == [RUSSIAN]
    with pytest.raises(NotNowError, match="Вера has taken"):
        change_decision(app, gone, FORM | {"text": "Нет"}, by="Анна", at=LATER)


def test_a_decision_of_another_service_is_not_touched(app: Engine):
    made = decide(app)
    with pytest.raises(ConflictError):
        remove_decision(app, replace(made, service="other"), by="Анна", at=LATER)
