"""The scope matrix from the store."""

from __future__ import annotations

from sqlalchemy import Engine

from core.ports.plan import PlanFrame
from db.readers.scope import SqlScopeReader
from db.team.scope import mark_empty
from db.team.tasks import add_task
from tests.db.team.oncall_rows import DAY, NINE, SERVICE


def test_tasks_and_empty_cells_are_known_from_the_moment_they_were_written(oncall_app: Engine):
    cell = {"stage": "Launch: data", "direction": "Hardware"}
    task = {**cell, "direction": "Back-end", "title": "Собрать", "ideal_days": 1}
    one = add_task(oncall_app, SERVICE, task, by="Анна", at=NINE, request_id="t")
    given = {**cell, "reason": "Своих машин нет"}
    empty = mark_empty(oncall_app, SERVICE, given, by="Анна", at=NINE)
    reader = SqlScopeReader(oncall_app)

    assert reader.tasks(SERVICE, NINE) == (one,)
    assert reader.empty_cells(SERVICE, NINE) == (empty,)
    assert reader.frame(SERVICE, NINE) == PlanFrame(SERVICE)
    assert reader.tasks(SERVICE, NINE - DAY) == ()
