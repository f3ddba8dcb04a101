"""Decisions of the demo's reviews: written down by simulated people, as people do."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from db.demo.newsletters.story import SERVICE, Scenario
from db.readers.review import SqlReviewReader
from db.team.reviews import add_decision

#: Days ago, what, why, by whom.
_TAKEN = (
    (
        33,
        "simulated: Second half of the letters only after bert-4 holds 99 % for two weeks",
        "A false positive hides a letter that somebody waits for; a false negative is a nuisance.",
        "simulated: Elena",
    ),
    (
        12,
        "simulated: Тест не останавливаем раньше срока, даже если разница уже видна",
        "Размер выборки выбран заранее: подглядывание завышает уверенность.",
        "simulated: Dmitri",
    ),
    (
        5,
        "simulated: Второй коммутатор в dc2 — до следующих учений",
        "После потери dc2 резерва по питанию нет.",
        "simulated: Farid",
    ),
)


def seed_decisions(app: Engine, scenario: Scenario) -> None:
    """Write the decisions; nothing where the service has any.

    Args:
        app: the store, as greenlight_app.
        scenario: whose history.
    """
    if SqlReviewReader(app).decisions(SERVICE, scenario.anchor):
        return
    for days, what, why, who in _TAKEN:
        at = scenario.anchor - timedelta(days=days)
        given = {"text": what, "why": why, "decided_by": who, "decided_on": at.date()}
        add_decision(app, SERVICE, given, by=who, at=at, request_id=f"demo decision {days}")
