"""Groups that people have judged, and the sets that are made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from core.false_reports.retraining import SetSettings
from core.ports.false_reports import RetrainingSet
from db.readers.retraining_sets import frozen_rows, sets
from db.team.letter_withdrawals import Withdrawal, withdraw
from db.team.retraining_sets import make_set
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
