"""Rows of reported letters and their groups, as the worker's intake leaves them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, text

#: When a report is made unless a test says otherwise.
REPORTED = datetime(2026, 6, 1, 9, tzinfo=UTC)

_GROUP = text("""
    insert into team.report_group (service, kind, exemplar, shingles, topic_id, created_at)
    values (:service, :kind, :report_id, '', :topic_id, :reported_at)
    returning group_id""")
_LETTER = text("""
    insert into team.report_letter (service, report_id, group_id, text, anonymiser, kind, source,
        letter_key, reporter_key, language, segment, sender_domain, model_version, score,
        threshold, predicted_at, reported_at, source_written_at, taken_at, withdrawn_at)
    values (:service, :report_id, :group_id, :text, :anonymiser, :kind, :source,
        :letter_key, :reporter_key, :language, :segment, :sender_domain, :model_version, :score,
        :threshold, :predicted_at, :reported_at, :reported_at, :reported_at, :withdrawn_at)""")
_JOINED = text("""
    update team.report_group set version = version + 1
    where service = :service and group_id = :group_id""")


@dataclass(frozen=True)
class Report:
    """One reported letter.

    Attributes:
        report_id: also its letter_key and reporter_key where these are not given.
        group: the name of a group to be made, or the number of one that exists.
        topic_id: of the group, where this report is its first.
    """

    report_id: str
    group: str | int = ""
    kind: str = "false_positive"
    text: str = "Здравствуйте, [PERSON_1]! Your order has been sent."
    anonymiser: str = "greenlight 1"
    source: str = "user"
    letter_key: str = ""
    reporter_key: str | None = None
    language: str = "ru"
    segment: str = "shops"
    sender_domain: str = "shop.example"
    model_version: str = "bert-3"
    score: float = 0.95
    threshold: float = 0.5
    predicted_at: datetime = REPORTED
    reported_at: datetime = REPORTED
    withdrawn_at: datetime | None = None
    topic_id: int = 0


def put_reports(
    where: Engine | Connection, service: str, reports: Iterable[Report]
) -> dict[str | int, int]:
    """Store reports. The first of a named group makes it and is its exemplar; others join it.

    Returns:
        group_id by the name of the group; a report that names none is a group by its report_id.
    """
    if isinstance(where, Engine):
        with where.begin() as connection:
            return put_reports(connection, service, reports)
    groups: dict[str | int, int] = {}
    for report in reports:
        name = report.group or report.report_id
        row = asdict(report) | {
            "service": service,
            "letter_key": report.letter_key or report.report_id,
            "reporter_key": (
                report.report_id if report.reporter_key is None else report.reporter_key
            ),
        }
        made = name not in groups and not isinstance(name, int)
        if made:
            groups[name] = int(where.execute(_GROUP, row).scalar_one())
        row["group_id"] = groups.setdefault(name, name if isinstance(name, int) else 0)
        where.execute(_LETTER, row)
        if not made:
            where.execute(_JOINED, row)
    return groups
