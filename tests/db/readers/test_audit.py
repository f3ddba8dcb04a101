"""The log of what people wrote, from every log there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from core.audit import summary
from core.ports.audit import Cursor, LogEntry, Search
from db.engine import Role, Store
from db.readers import audit_log
from db.readers.audit_log import SqlLogReader
from db.team.alert_silences import end_silence, silence
from db.team.cards import save_card
from db.team.incidents import add_note, open_incident
from db.team.members import save_member
from tests.db.team.oncall_rows import fire

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def app(oncall_app: Engine) -> Engine:
    return oncall_app


def entries(app: Engine, search: Search | None = None, **paging: Any) -> tuple[LogEntry, ...]:
    asked = {"after": None, "limit": 100} | paging
    return SqlLogReader(app).entries(search or Search(), **asked)


def card(app: Engine, number: int, *, by: str = "Анна", service: str = "mail") -> None:
    seen = None if number == 1 else save_card(app, service, None, said(number - 1), by=by, at=NINE)
    save_card(app, service, seen, said(number), by=by, at=NINE + number * SECOND)


def said(number: int) -> dict[str, str]:
    return {"repository": f"https://git.example/{number}"}


def test_a_change_is_told_with_who_when_and_what(app: Engine):
    card(app, 1)
    (one,) = entries(app)
    assert (one.by, one.at, one.service) == ("Анна", NINE + SECOND, "mail")
    assert (one.log, one.subject, one.subject_id, one.before) == ("audit", "card", "mail", {})
    assert summary(one) == "repository: https://git.example/1"


def test_other_logs_are_united_with_it_by_time(app: Engine):
    card(app, 1)
    episode = fire(app, NINE, "mail")
    given = {"title": "It burns", "severity": "major", "began_at": NINE}
    opened = open_incident(
        app, "mail", given, [episode], by="Борис", at=NINE + HOUR, request_id="1"
    )
    add_note(app, opened, "Почта", by="Вера", at=NINE + 2 * HOUR, request_id="2")
    quiet = {"matchers": {"service": "mail"}, "reason": "work", "ends_at": NINE + 9 * HOUR}
    made = silence(app, quiet, by="Глеб", at=NINE + 3 * HOUR, request_id="3")
    end_silence(app, made.silence_id, by="Анна", at=NINE + 4 * HOUR)
    found = entries(app)
    assert [(one.by, one.log) for one in found] == [
        ("Анна", "alert silence end"),
        ("Глеб", "alert silence"),
        ("Вера", "incident note"),
        ("Борис", "incident alert"),
        ("Борис", "audit"),
        ("Анна", "audit"),
    ]
    assert summary(found[2]) == "note: Почта"
    assert {one.service for one in found} == {"mail"}


def test_pages_by_key_hold_every_entry_once_whatever_is_added_meanwhile(app: Engine):
    for number in range(1, 8):
        save_card(app, f"s{number}", None, said(number), by="Анна", at=NINE)  # all at once
    whole = [(one.log, one.number) for one in entries(app)]
    seen: list[tuple[str, int]] = []
    after = None
    while True:
        page = entries(app, after=after, limit=3)
        if not page:
            break
        seen += [(one.log, one.number) for one in page]
        after = Cursor(page[-1].at, page[-1].log, page[-1].number)
        save_card(app, f"new{len(seen)}", None, said(0), by="Борис", at=NINE + HOUR)
    assert seen == whole
    assert len(set(seen)) == 7


@pytest.mark.parametrize(
    ("search", "wanted"),
    [
        (Search(), ["", "search", "mail"]),
        (Search(unowned=False), ["search", "mail"]),
        (Search(("mail",), unowned=False), ["mail"]),
        (Search(("mail",)), ["", "mail"]),
        (Search(by="анн"), ["mail"]),
        (Search(by="%"), []),
        (Search(subjects=("member",)), [""]),
        (Search(since=NINE + 2 * SECOND), ["", "search"]),
        (Search(until=NINE + 2 * SECOND), ["mail"]),
    ],
)
def test_a_search_narrows_it(app: Engine, search: Search, wanted: list[str]):
    card(app, 1)
    save_card(app, "search", None, said(1), by="Борис", at=NINE + 2 * SECOND)
    given = {"email": "a@b.c", "name": "A", "role": "viewer"}
    save_member(app, None, given, by="terminal", at=NINE + 3 * SECOND)
    assert [one.service for one in entries(app, search)] == wanted
    assert entries(app, replace(search, by="nobody")) == ()


def test_what_it_may_be_about_is_what_was_written_and_what_the_other_logs_hold(app: Engine):
    card(app, 1)
    found = SqlLogReader(app).subjects()
    assert {"card", "alert", "report group"} <= set(found)
    assert list(found) == sorted(found)
    assert "member" not in found


#: Rows that are no act of a person, or that stand in another log.
NOT_ACTS = {
    "alert_transition": "what alerts did by themselves",
    "retraining_set_letter": "what a set holds; the set is told",
    "baseline_task": "what a baseline holds; the baseline is told",
    "baseline": "in the audit log",
    "review_pack": "in the audit log",
    "review_file": "what a review holds; the review is told",
}


def test_every_table_that_only_grows_is_in_the_log(store: Store):
    with store.engine(Role.OWNER).connect() as owner:
        tables = owner.execute(
            text(
                "select relname from pg_class where relnamespace = 'team'::regnamespace "
                "and relkind = 'r' and has_table_privilege('greenlight_app', oid, 'insert') "
                "and not has_table_privilege('greenlight_app', oid, 'update')"
            )
        ).scalars()
        growing = set(tables)
    read = " ".join(audit_log._LOGS.values())
    missing = {one for one in growing if f"team.{one} " not in f"{read} ".replace("\n", " ")}
    assert missing - set(NOT_ACTS) == set()
