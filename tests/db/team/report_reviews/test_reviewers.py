"""Reviewers in processes of their own: eight at once, and one who is killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from subprocess import PIPE
from typing import Any

from sqlalchemy import Engine

from db.engine import Store
from db.team.report_reviews import claim_next
from db.team.report_reviews.locking import groups
from tests.db.team.report_reviews.forty_groups import (
    MANY,
    SECOND,
    SERVICE,
    claims,
    handed,
    only,
    votes,
)
from tests.db.team.report_rows import Report, put_reports

ROOT = Path(__file__).parents[4]
PATIENCE_SECONDS = 90.0


def test_eight_reviewers_at_once_lose_nothing_and_never_look_at_the_same(
    app: Engine, kept_store: Store
):
    put_reports(app, SERVICE, (Report(f"r{number}") for number in range(MANY + 1, 221)))
    with reviewers(
        kept_store, *[(f"Reviewer {number}", str(number), "6") for number in range(8)]
    ) as all_:
        for one in all_:
            assert said(one)["did"] == "ready"
        for one in all_:
            go_on(one)
        done = [finished(one) for one in all_]
    held = sorted(
        (one["group"], one["since"], one["until"])
        for lines in done
        for one in lines
        if one["did"] == "held"
    )
    for (group_id, _, until), (next_id, since, _) in pairwise(held):
        assert group_id != next_id or until <= since
    told = [one["review"] for lines in done for one in lines if one["did"] == "voted"]
    undone = {one["review"] for lines in done for one in lines if one["did"] == "undone"}
    stored = votes(app, datetime.max.replace(tzinfo=UTC))
    assert sorted(told) == [one.review_id for one in stored]
    assert len(told) == len(held) > 220
    assert undone == {one.review_id for one in stored if one.undone_at is not None}
    assert len(undone) > 8
    # Everybody took part, every group is decided, and nobody has voted twice on a group.
    assert len({one.reviewer for one in stored}) == 8
    standing = [(one.group_id, one.reviewer) for one in stored if one.undone_at is None]
    assert len(standing) == len(set(standing))
    with app.connect() as connection:
        found = groups(connection, SERVICE, range(1, 221))
    assert {one.state.stage for one in found.values()} == {None}
    assert {one.drawn for one in stored} == {"order", "random"}
    assert claims(app, datetime.now(UTC)) == ()


def test_a_reviewer_who_is_killed_loses_the_group_when_the_lease_ends(
    app: Engine, kept_store: Store
):
    with reviewers(kept_store, ("Анна", "hold", "0")) as (one,):
        assert said(one)["did"] == "ready"
        go_on(one)
        claimed = said(one)
        one.kill()  # -9
        one.wait()
    group_id, until = claimed["group"], datetime.fromisoformat(claimed["until"])
    order = only(group_id)
    assert claim_next(app, SERVICE, "Борис", order=order, at=until - SECOND) is None
    assert handed(app, "Борис", order, at=until).group_id == group_id


@contextmanager
def reviewers(store: Store, *given: tuple[str, str, str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes of `reviewer_process`; whichever still runs at the end is killed."""
    address = store.url().render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.db.team.reviewer_process", address]
    started = [
        subprocess.Popen(
            [*command, *arguments], cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True, encoding="utf-8"
        )
        for arguments in given
    ]
    try:
        yield started
    finally:
        for one in started:
            one.kill()
            one.communicate()


def said(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next line of a process; it fails the test by not being JSON if the process has ended."""
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(process.stdout.readline())
    return line


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def finished(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Everything that a process still says, once it has ended well."""
    output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    return [json.loads(line) for line in output.splitlines()]
