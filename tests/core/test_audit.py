"""The log as it is read: what an entry changed, and what nobody is shown who may not see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.audit import (
    COLUMNS,
    Change,
    Cursor,
    LogEntry,
    Search,
    changes,
    file_rows,
    log,
    rows,
    summary,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def entry(number: int = 1, service: str = "mail", **fields: Any) -> LogEntry:
    at = NOON + timedelta(minutes=number)
    filled = {"before": {}, "after": {"title": "Почта"}} | fields
    return LogEntry(at, "audit", number, service, "Анна", "incident", str(number), **filled)


class Kept:
    """Entries in memory, newest first."""

    def __init__(self, *entries: LogEntry) -> None:
        self.entries_kept = sorted(entries, key=lambda one: one.at, reverse=True)
        self.asked: list[Search] = []

    def entries(self, search: Search, after: Cursor | None, limit: int) -> tuple[LogEntry, ...]:
        self.asked.append(search)
        found = [
            one
            for one in self.entries_kept
            if (not search.services or one.service in search.services)
            and (one.service or search.unowned)
            and (after is None or one.at < after.at)
        ]
        return tuple(found[:limit])

    def subjects(self) -> tuple[str, ...]:
        return ("incident",)


def test_a_change_is_told_field_by_field_without_bookkeeping():
    found = entry(
        before={"title": "a", "severity": "major", "revision": 1, "changed_by": "B"},
        after={"title": "b", "severity": "major", "revision": 2, "changed_by": "A", "new": None},
    )
    assert changes(found) == (Change("title", "a", "b"),)
    assert summary(found) == "title: a → b"


def test_something_new_is_told_by_what_it_holds():
    found = entry(after={"title": "b", "note": "", "tags": [], "count": 0, "service": "mail"})
    assert summary(found) == "title: b; count: 0"


def test_what_is_gone_is_said_to_be():
    assert summary(entry(before={"note": "x"}, after={})) == "note: x → gone"


def test_a_long_text_is_cut_and_its_lines_are_one():
    said = summary(entry(after={"text": "a\nb" + "c" * 500}))
    assert said.startswith("text: a / bccc")
    assert said.endswith("…")
    assert len(said) < 140


def test_rows_have_the_columns_and_a_time_in_utc():
    assert rows([entry()]) == [
        dict(
            zip(
                COLUMNS,
                ("2026-06-01 12:01:00", "Анна", "mail", "incident", "1", "title: Почта"),
                strict=True,
            )
        )
    ]


def test_a_file_holds_no_formula_whatever_somebody_is_called():
    for name in ("=HYPERLINK(1)", "+7", "-1", "@SUM(1)", "\tx"):
        (row,) = file_rows([replace(entry(), by=name)])
        assert row["Who"] == f"'{name}"
    assert file_rows([entry()]) == rows([entry()])


def test_a_page_says_where_the_next_one_begins():
    kept = Kept(*(entry(number) for number in range(1, 6)))
    first = log(kept, Search(), (), None, 2, everything=True)
    assert [one.number for one in first.entries] == [5, 4]
    second = log(kept, Search(), (), first.further, 2, everything=True)
    assert [one.number for one in second.entries] == [3, 2]
    last = log(kept, Search(), (), second.further, 2, everything=True)
    assert ([one.number for one in last.entries], last.further) == ([1], None)


def test_a_page_that_is_just_full_is_the_last():
    kept = Kept(entry(1), entry(2))
    assert log(kept, Search(), (), None, 2, everything=True).further is None


def test_who_may_see_one_service_is_shown_that_one_whatever_is_asked():
    kept = Kept(entry(1, "mail"), entry(2, "search"), entry(3, ""))
    for asked in (Search(), Search(("mail", "search")), Search(("mail",))):
        found = log(kept, asked, ("mail",), None, 9, everything=True)
        assert [one.service for one in found.entries] == ["mail"]
    assert log(kept, Search(("search",)), ("mail",), None, 9, everything=True).entries == ()
    assert all(one.services == ("mail",) for one in kept.asked)


def test_what_belongs_to_no_service_is_for_admins_who_ask_for_it():
    kept = Kept(entry(1, "mail"), entry(3, ""))
    everything = log(kept, Search(), (), None, 9, everything=True)
    assert [one.service for one in everything.entries] == ["", "mail"]
    theirs = log(kept, Search(), (), None, 9, everything=False)
    assert [one.service for one in theirs.entries] == ["mail"]
    not_asked = log(kept, replace(Search(), unowned=False), (), None, 9, everything=True)
    assert [one.service for one in not_asked.entries] == ["mail"]
