"""One look at the store: what is asked of it twice is asked once, and only while it lasts."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from db.engine import Role, Store
from db.readers import snapshot as module
from db.readers.snapshot import once, snapshot


def counted(connection: Connection, answers: list[int]) -> int:
    """How often it was asked, by its own account."""

    def answer() -> int:
        answers.append(connection.execute(text("select 1")).scalar_one())
        return len(answers)

    return once(connection, "how often", answer)


def test_a_snapshot_is_asked_a_question_once_and_the_next_one_anew(store: Store):
    app = store.engine(Role.APP)
    answers: list[int] = []
    with snapshot(app) as connection:
        assert [counted(connection, answers) for _ in range(3)] == [1, 1, 1]
    with snapshot(app) as connection:
        assert counted(connection, answers) == 2


def test_a_transaction_that_may_write_is_asked_each_time(store: Store):
    answers: list[int] = []
    with store.engine(Role.APP).begin() as connection, snapshot(connection) as same:
        assert [counted(same, answers) for _ in range(3)] == [1, 2, 3]


def test_a_question_that_fails_is_not_answered_and_nothing_is_left_of_a_snapshot(store: Store):
    def fails() -> int:
        raise LookupError

    with snapshot(store.engine(Role.APP)) as connection:
        with pytest.raises(LookupError):
            once(connection, "q", fails)
        assert once(connection, "q", lambda: 7) == 7
    assert connection not in module._ANSWERED
