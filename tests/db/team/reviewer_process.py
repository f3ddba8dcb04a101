"""A reviewer: `python -m tests.db.team.reviewer_process <address> <name> <seed> <undos>`.

Prints "ready", waits for a line, then reviews until every group is decided, and prints a line of
JSON for what it has done: "held" from when to when it held a group, "voted", "undone". With "hold"
in place of the seed it claims one group, says which, and waits to be killed.
"""

import json
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from core.false_reports.queue import Queue
from core.false_reports.reviews import Seen
from core.ports import Claim
from db.engine import Role, Store
from db.team import report_reviews
from db.team.report_reviews.locking import groups
from tests.db.team.review_queue import queue_of

SERVICE = "newsletters"
PATIENCE_SECONDS = 60.0


def now() -> datetime:
    return datetime.now(UTC)


def say(**done: Any) -> None:
    sys.stdout.write(json.dumps(done) + "\n")
    sys.stdout.flush()


def all_decided(engine: Engine, order: Queue) -> bool:
    with engine.connect() as connection:
        found = groups(connection, SERVICE, order.group_ids.tolist())
    return all(group.state.verdict is not None for group in found.values())


def review(engine: Engine, order: Queue, reviewer: str, seed: str, undos: int) -> None:
    chance = random.Random(seed)
    votes, voted_at = 0, time.monotonic()
    while True:
        claim = report_reviews.claim_next(engine, SERVICE, reviewer, order=order, at=now())
        if claim is None:
            if all_decided(engine, order):
                return
            assert time.monotonic() < voted_at + PATIENCE_SECONDS, "others hold what is left"
            time.sleep(0.05)
            continue
        since = time.monotonic()
        vote(engine, claim, reviewer, chance, since)
        votes, voted_at = votes + 1, time.monotonic()
        if votes <= undos:
            take_back(engine, reviewer, claim.group_id)


def vote(engine: Engine, claim: Claim, reviewer: str, chance: random.Random, since: float) -> None:
    verdict = chance.choice(["confirm", "confirm", "confirm", "reject", "unsure"])
    seen = Seen(claim.group_id, claim.group_version, claim.exemplar, claim.stage)
    say(did="held", group=claim.group_id, since=since, until=time.monotonic())
    given: dict[str, Any] = {
        "reviewer": reviewer,
        "request_id": str(UUID(int=chance.getrandbits(128))),
        "reason": "too_little_text" if verdict == "reject" else "",
    }
    for _ in range(chance.choice([1, 1, 2])):  # now and then a double click
        stored = report_reviews.decide(engine, SERVICE, seen, verdict, at=now(), **given)
    say(did="voted", group=claim.group_id, review=stored.review_id, stage=claim.stage)


def take_back(engine: Engine, reviewer: str, group_id: int) -> None:
    with engine.connect() as connection:
        votes = groups(connection, SERVICE, [group_id])[group_id].counting
    mine = next(one.review_id for one in votes if one.reviewer == reviewer)
    try:
        report_reviews.undo(engine, SERVICE, mine, reviewer=reviewer, at=now())
    except report_reviews.ReviewConflictError:
        say(did="kept", review=mine)  # somebody has voted since
    else:
        say(did="undone", review=mine)


def main() -> None:
    address, reviewer, seed, undos = sys.argv[1:]
    with Store(address, Path("unused")) as store:
        engine = store.engine(Role.APP)
        order = queue_of(engine, SERVICE)
        say(did="ready")
        sys.stdin.readline()
        if seed == "hold":
            claim = report_reviews.claim_next(engine, SERVICE, reviewer, order=order, at=now())
            assert claim is not None
            say(did="claimed", group=claim.group_id, until=claim.leased_until.isoformat())
            sys.stdin.readline()
        review(engine, order, reviewer, seed, int(undos))


if __name__ == "__main__":
    main()
