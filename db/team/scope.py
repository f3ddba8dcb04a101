"""The scope matrix as people shape it: its rows and columns, and cells meant to hold nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Engine

from core.fields import FieldsError
from core.milestones.changes import parse_cell, parse_frame
from core.ports.plan import EmptyCell, PlanFrame
from db.readers.milestones import SqlPlanReader
from db.team.audit import ConflictError, NotNowError, acting
from db.team.plan_rows import EMPTY_CELLS, FRAMES, NOW, one_at_a_time
from db.team.tasks import stored_tasks


def save_frame(
    engine: Engine, seen: PlanFrame, given: Mapping[str, object], *, by: str, at: datetime
) -> PlanFrame:
    """Say which rows and columns the matrix has.

    Args:
        engine: the store, as greenlight_app.
        seen: as it was seen; of revision 0 where the defaults stand.
        given: the fields of a form, see `core.milestones.changes.parse_frame`.
        by: who says so.
        at: now.

    Raises:
        FieldsError: a field is missing or wrong, or tasks are left without their row or column.
        ConflictError: somebody else has changed it since it was seen.
    """
    wanted = parse_frame(given)
    with acting(engine, by, at) as connection:
        one_at_a_time(connection, seen.service)
        held = FRAMES.find(connection, seen.service, seen)
        stored = PlanFrame(seen.service) if held is None else held.value
        if (stored.stages, stored.directions) == (wanted.stages, wanted.directions):
            return stored
        if stored.revision != seen.revision:
            raise ConflictError("matrix", stored)
        tasks = stored_tasks(connection, seen.service).values()
        problems = {}
        for field, used, kept in (
            ("stages", {task.stage for task in tasks}, wanted.stages),
            ("directions", {task.direction for task in tasks}, wanted.directions),
        ):
            lost = sorted(used - set(kept))
            if lost:
                problems[field] = f"Tasks are in {', '.join(lost)}: move them first."
        if problems:
            raise FieldsError(problems)
        if held is None:
            return FRAMES.add(connection, seen.service, asdict(wanted), by=by, at=at)
        return held.write(asdict(wanted), by=by, at=at)


def mark_empty(
    engine: Engine, service: str, given: Mapping[str, object], *, by: str, at: datetime
) -> EmptyCell:
    """Say that a cell is meant to hold nothing, and why. Said again, the reason is changed.

    Args:
        engine: the store, as greenlight_app.
        service: whose.
        given: the fields of a form, see `core.milestones.changes.parse_cell`.
        by: who says so.
        at: now.

    Raises:
        FieldsError: a field is missing or wrong; each is named.
        NotNowError: there are tasks in the cell.
    """
    with acting(engine, by, at) as connection:
        one_at_a_time(connection, service)
        reader = SqlPlanReader(connection)
        wanted = parse_cell(given, reader.frame(service, NOW))
        place = (wanted.stage, wanted.direction)
        held = [
            task
            for task in stored_tasks(connection, service).values()
            if (task.stage, task.direction) == place
        ]
        if held:
            raise NotNowError(f"There are tasks in this cell: {len(held)}.")
        for cell in reader.empty_cells(service, NOW):
            if (cell.stage, cell.direction) == place:
                said = {"reason": wanted.reason}
                return EMPTY_CELLS.change(connection, cell, said, by=by, at=at)
        return EMPTY_CELLS.add(connection, service, asdict(wanted), by=by, at=at)


def unmark_empty(engine: Engine, seen: EmptyCell, *, by: str, at: datetime) -> None:
    """Say that a cell is not meant to be empty after all: it is a gap again.

    Raises:
        ConflictError: somebody else has changed it since it was seen.
    """
    with acting(engine, by, at) as connection:
        EMPTY_CELLS.remove(connection, seen, by=by, at=at)
