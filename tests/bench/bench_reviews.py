"""What handing out reported groups costs: `python -m tests.bench.bench_reviews`.

100,000 groups of three reports each, 20,000 of them decided. One JSON object, in ms:

- claim, decide: median and slowest of 300, each by another reviewer, so that every claim passes
  over those that run already; the order is an old one, in which what was decided stands in front.
- held_over_free: a claim with 300 leases running over one with none, ratio of medians.
- order: working the order out from groups and votes, after the queries; groups: the query.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import Engine, text

from core.false_reports.queue import Queue, queue
from core.false_reports.reviews import Seen, standings
from core.ports import Claim
from db.engine import Role, Store
from db.readers import report_reviews as reader
from db.readers.false_reports import SqlFalseReportReader
from db.team.report_reviews import claim_next, decide
from tests.bench.databases import database

SERVICE = "newsletters"
GROUPS, REPORTS, DECIDED, CLAIMS = 100_000, 3, 20_000, 300
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)

_FILL = (
    """insert into team.report_group (service, kind, exemplar, shingles, topic_id, created_at)
    select :service, 'false_positive', 'r' || number || '-0', '', number % 300, :at
    from generate_series(1, :groups) as number""",
    """insert into team.report_letter (service, report_id, group_id, text, anonymiser, kind, source,
        letter_key, reporter_key, language, segment, sender_domain, model_version, score,
        threshold, predicted_at, reported_at, source_written_at, taken_at)
    select :service, 'r' || number || '-' || copy, number, 'Здравствуйте, [PERSON_1]!',
        'greenlight 1', 'false_positive', 'user', md5(number || ' ' || copy), md5(copy || ' '
        || number), 'ru', 'shops', 'shop.example', 'bert-3', 0.5 + 0.5 * random(), 0.5, :at,
        cast(:at as timestamptz) - random() * interval '20 days', :at, :at
    from generate_series(1, :groups) as number
    cross join generate_series(0, :reports - 1) as copy""",
    """insert into team.report_review (service, group_id, reviewer, verdict, stage, blind, drawn,
        group_version, exemplar, reports, request_id, decided_at)
    select :service, number, 'Reviewer ' || number % 8, 'confirm', 'first', true, 'order', 1,
        'r' || number || '-0', :reports, 'r' || number, cast(:at as timestamptz)
        - number * interval '1 minute'
    from generate_series(1, :decided) as number""",
    "analyze",
)


def main() -> None:
    """Print what was measured."""
    with (
        tempfile.TemporaryDirectory(prefix="greenlight-bench-") as folder,
        database(_open(Path(folder))) as store,
    ):
        json.dump(_measured(store), sys.stdout)


def _open(folder: Path) -> Path:
    folder.chmod(0o755)  # as root, the server runs as another user, who must get in
    return folder


def _measured(store: Store) -> dict[str, Any]:
    with store.engine(Role.OWNER).begin() as connection:
        for statement in _FILL:
            asked = {"service": SERVICE, "at": NOW, "groups": GROUPS, "reports": REPORTS}
            connection.execute(text(statement), asked | {"decided": DECIDED})
    engine = store.engine(Role.APP)
    order, found = _order(engine)
    # An old order: the decided groups, which claims have to pass over, are its first.
    decided = np.arange(1, 101)
    stale = Queue(
        np.concatenate([decided, order.group_ids]),
        np.concatenate([np.ones(decided.size), order.priorities]),
        np.concatenate([np.zeros(decided.size, np.int64), order.stages]),
    )
    claimed: list[Claim] = []
    claims = [
        _ms(lambda number=number: claimed.append(_claim(engine, f"Claimer {number}", stale)))
        for number in range(CLAIMS)
    ]
    votes = [_ms(lambda one=one: _decide(engine, one)) for one in claimed]
    first = CLAIMS // 10
    return found | {
        "claim": {"median": median(claims), "slowest": max(claims)},
        "decide": {"median": median(votes), "slowest": max(votes)},
        "held_over_free": median(claims[-first:]) / median(claims[:first]),
    }


def _order(engine: Engine) -> tuple[Queue, dict[str, float]]:
    started = time.perf_counter()
    columns = SqlFalseReportReader(engine).groups(SERVICE, NOW)
    queried = time.perf_counter()
    with engine.connect() as connection:
        votes = reader.reviews(connection, SERVICE, NOW)
    read = time.perf_counter()
    order = queue(columns, standings(columns, votes, as_of=NOW), NOW)
    done = time.perf_counter()
    return order, {
        "groups": 1e3 * (queried - started),
        "votes": 1e3 * (read - queried),
        "order": 1e3 * (done - read),
    }


def _claim(engine: Engine, reviewer: str, order: Queue) -> Claim:
    found = claim_next(engine, SERVICE, reviewer, order=order, at=NOW, lease=timedelta(hours=1))
    assert found is not None
    return found


def _decide(engine: Engine, one: Claim) -> None:
    seen = Seen(one.group_id, one.group_version, one.exemplar, one.stage)
    click = f"click {one.group_id}"
    decide(engine, SERVICE, seen, "confirm", reviewer=one.reviewer, at=NOW, request_id=click)


def _ms(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return 1e3 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
