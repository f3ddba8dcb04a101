"""What became of the simulated reports in the history: groups, votes, a retraining set.

Groups and the set are made by the very code that makes them for people. Votes are written in one
transaction, or not at all: a fill that was cut off casts none twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg2.extras import execute_values
from sqlalchemy import Engine, text

from core.false_reports.retraining import SetSettings
from core.ports import Groups, Review, SecondOpinion
from db.demo.newsletters import reviewing, story
from db.demo.newsletters.draws import Stream, generator
from db.demo.newsletters.story import SERVICE, Scenario
from db.demo.newsletters.texts import LEARNT, TOPICS, Topic
from db.engine import StoreUnreachableError
from db.readers.false_reports import SqlFalseReportReader
from db.team.report_intake import take
from db.team.retraining_sets import make_set

#: What the votes' request_id begins with: a click of a simulated reviewer.
_CLICK = "simulated "
_VOTED = text("""
    select exists (select from team.report_review
        where service = :service and starts_with(request_id, :click))""")
_EXEMPLARS = text("""
    select held.group_id, letter.sender_domain, letter.reported_at from team.report_group held
    join team.report_letter letter
        on letter.service = held.service and letter.report_id = held.exemplar
    where held.service = :service""")
_COLUMNS = (
    "group_id", "reviewer", "verdict", "reason", "stage", "blind", "drawn", "decided_at",
    "group_version", "exemplar", "reports",
)  # fmt: skip
_VOTE = f"""
    insert into team.report_review (service, request_id, {", ".join(_COLUMNS)}) values %s"""

_ASK = """
    insert into team.report_second_opinion (service, group_id, asked_by, asked_at, reason) values %s
"""


def review(app: Engine, worker: Engine, scenario: Scenario) -> None:
    """Take the reports, as the worker does, and cast the votes of the history.

    Args:
        app: the store, as greenlight_app.
        worker: the store, as greenlight_worker.
        scenario: whose reports.

    Raises:
        StoreUnreachableError: some reports are not taken yet; call again.
    """
    outcome = take(worker, scenario.anchor)
    if outcome.delays:
        raise StoreUnreachableError(outcome.delays[0])
    with app.connect() as connection:
        if connection.execute(_VOTED, {"service": SERVICE, "click": _CLICK}).scalar_one():
            return
        exemplars = connection.execute(_EXEMPLARS, {"service": SERVICE}).all()
    topics = {topic.sender_domain: topic for topic in TOPICS}
    known = [(group_id, topics[sender], at) for group_id, sender, at in exemplars]
    votes, asked = _votes(SqlFalseReportReader(app), scenario, known)
    rows = [
        (SERVICE, f"{_CLICK}{vote.review_id}", *(getattr(vote, name) for name in _COLUMNS))
        for vote in votes
    ]
    if rows:
        with app.begin() as connection:
            writing: Any = connection.connection.cursor()
            execute_values(writing, _VOTE, rows, page_size=500)
            opinions = [(SERVICE, o.group_id, o.asked_by, o.asked_at, o.reason) for o in asked]
            execute_values(writing, _ASK, opinions, page_size=500)


def retrain(app: Engine, scenario: Scenario) -> None:
    """Make the set that bert-4 was trained on in the end, unless it is made."""
    make_set(
        app,
        SERVICE,
        by=reviewing.REVIEWERS[0].name,
        at=set_made_at(scenario),
        request_id=f"{_CLICK}{story.RETRAINING_SET}",
        settings=SetSettings(),
    )


def set_made_at(scenario: Scenario) -> datetime:
    """When that set was made."""
    return scenario.midnight(0) - story.SET_MADE


def _votes(
    reader: SqlFalseReportReader, scenario: Scenario, exemplars: list[tuple[int, Topic, datetime]]
) -> tuple[list[Review], list[SecondOpinion]]:
    """The votes of the history, oldest first, and who asked for a second opinion."""
    votes: list[Review] = []
    asked: list[SecondOpinion] = []
    for ago in (*story.SET_REVIEW_DAYS_AGO, *story.REVIEW_DAYS_AGO):
        midnight = scenario.midnight(ago)
        start = midnight + reviewing.SITS_DOWN
        groups: Groups = reader.groups(SERVICE, start)
        chosen = ago in story.SET_REVIEW_DAYS_AGO
        # A letter that came through the older stack may be in a group before its exemplar is.
        looked_at = {
            group_id: not topic.mistaken
            for group_id, topic, reported_at in exemplars
            if reported_at < start and (not chosen or topic.name in LEARNT)
        }
        chance = generator(scenario.seed, Stream.REVIEWS, ago)
        cast = reviewing.day(
            groups, votes, asked, looked_at, midnight, chance=chance, chosen=chosen
        )
        votes += cast
        asked += reviewing.doubts(cast, chance)
    return votes, asked
