"""Topics in the store: when they are refreshed, and what keeps its number."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from core.text.anonymise import Anonymised
from db.engine import Role, Store
from db.team.report_intake import take
from db.team.report_topics import EVERY, refresh
from tests.core.text.spoken import about
from tests.db.team.report_intake.reported import Report, report

AS_OF = datetime(2026, 6, 3, 12, tzinfo=UTC)


@pytest.fixture
def worker(store: Store) -> Engine:
    return store.engine(Role.WORKER)


@pytest.fixture
def serving(store: Store) -> Engine:
    return store.engine(Role.SERVING)


def add(serving: Engine, worker: Engine, subject: str, letters: int, *, seed: int) -> None:
    report(
        serving,
        *(
            Report(f"{subject} {seed} {at}", said)
            for at, said in enumerate(about(subject, letters, seed=seed))
        ),
    )
    take(worker, AS_OF, anonymise=lambda said: Anonymised(said, (), "plain 1"))


def topics(worker: Engine) -> dict[int, list[str]]:
    with worker.connect() as connection:
        rows = connection.execute(text("select topic_id, words from team.report_topic order by 1"))
        return {row.topic_id: list(row.words) for row in rows}


def topic_of(worker: Engine, subject: str) -> int:
    """The topic of most groups about a subject."""
    with worker.connect() as connection:
        found: int = connection.execute(
            text(
                "select topic_id from team.report_group where exemplar like :subject "
                "group by 1 order by count(*) desc limit 1"
            ),
            {"subject": f"{subject}%"},
        ).scalar_one()
    return found


def test_topics_are_refreshed_where_groups_changed_and_not_too_often(
    worker: Engine, serving: Engine
):
    assert refresh(worker, AS_OF) == 0
    add(serving, worker, "bank", 12, seed=1)
    add(serving, worker, "school", 12, seed=1)
    assert refresh(worker, AS_OF) == 1
    bank, school = topic_of(worker, "bank"), topic_of(worker, "school")
    assert 0 not in {bank, school}
    assert bank != school
    assert set(topics(worker)) == {bank, school}
    # Nothing changed, however late; and something changed, but a moment ago.
    assert refresh(worker, AS_OF + timedelta(days=1)) == 0
    add(serving, worker, "travel", 12, seed=1)
    assert refresh(worker, AS_OF + EVERY - timedelta(seconds=1)) == 0
    assert topic_of(worker, "travel") == 0
    assert refresh(worker, AS_OF + EVERY) == 1
    assert (topic_of(worker, "bank"), topic_of(worker, "school")) == (bank, school)
    assert topic_of(worker, "travel") not in {0, bank, school}


def test_withdrawn_letters_give_no_words_to_a_topic(store: Store, worker: Engine, serving: Engine):
    add(serving, worker, "bank", 12, seed=1)
    add(serving, worker, "school", 12, seed=1)
    refresh(worker, AS_OF)
    with store.engine(Role.APP).begin() as connection:
        connection.execute(
            text(
                "insert into team.withdrawal (service, letter_key, withdrawn_at, withdrawn_by, "
                "reason) select service, letter_key, :at, 'Анна', 'asked' from team.report_letter "
                "where report_id like 'bank%'"
            ),
            {"at": AS_OF},
        )
    take(worker, AS_OF, anonymise=lambda said: Anonymised(said, (), "plain 1"))
    assert refresh(worker, AS_OF + EVERY) == 1
    assert not any("счёту" in words for words in topics(worker).values())


def test_a_worker_without_anything_to_sort_imports_no_scikit_learn():
    code = "import sys, db.worker; raise SystemExit('sklearn' in sys.modules)"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, check=False)
    assert done.returncode == 0
