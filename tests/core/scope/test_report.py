"""What a plan covers: the lecture's matrix by its own numbers, explicit nothings, gaps."""

from __future__ import annotations

import json
from typing import Any

from core import scope
from core.ports.plan import DIRECTIONS as DEFAULT_DIRECTIONS
from core.ports.plan import STAGES as DEFAULT_STAGES
from core.ports.plan import PlanFrame
from core.scope import GAP, NOTHING, TASKS, ScopeReport, sentences
from tests.fakes_scope import (
    AT,
    DIRECTIONS,
    SERVICE,
    STAGES,
    TODAY,
    MemoryScope,
    day,
    lecture,
    nothing,
    task,
)


def reported(*tasks: Any, **more: Any) -> ScopeReport:
    return scope.report(MemoryScope(tasks, **more), SERVICE, AT)


def test_the_lectures_matrix_has_11_of_15_cells_filled_5_4_and_2():
    found = reported(*lecture())
    assert (found.whole.filled, found.whole.total) == (11, 15)
    assert [(one.name, one.filled) for one in found.by_stage] == [
        ("Launch: shadow run", 5),
        ("Operation: accidents", 4),
        ("Decommissioning: saving data", 2),
    ]
    assert [one.filled for one in found.by_direction] == [2, 2, 3, 3, 1]
    assert sentences.headline(found) == "11 of 15 cells hold tasks, four are gaps"


def test_one_filled_cell_is_told_as_one():
    headline = sentences.headline(reported(lecture()[0]))
    assert headline == "1 of 15 cells holds tasks, 14 are gaps"


def test_the_gaps_of_the_lectures_matrix_are_named():
    gaps = [(one.stage, one.direction) for one in reported(*lecture()).gaps]
    assert gaps == [
        ("Operation: accidents", "Product features"),
        ("Decommissioning: saving data", "Hardware"),
        ("Decommissioning: saving data", "Back-end"),
        ("Decommissioning: saving data", "Product features"),
    ]


def test_a_cell_that_is_meant_to_be_empty_is_no_gap_and_not_filled():
    found = reported(*lecture(), empty=(nothing(STAGES[2], "Hardware", "Rented"),))
    cell = found.cell(STAGES[2], "Hardware")
    assert cell is not None
    assert cell.state == NOTHING
    assert cell.nothing is not None
    assert (cell.nothing.reason, cell.nothing.changed_by) == ("Rented", "Вера")
    assert (found.whole.filled, found.whole.nothing, found.whole.gaps) == (11, 1, 3)
    assert found.by_stage[2].answered == 3
    assert sentences.headline(found) == (
        "11 of 15 cells hold tasks, one is meant to be empty, three are gaps"
    )


def test_one_gap_is_a_gap_and_none_is_told():
    rest = [nothing(one.stage, one.direction) for one in reported(*lecture()).gaps]
    one_left = reported(*lecture(), empty=tuple(rest[:-1]))
    assert sentences.headline(one_left).endswith("three are meant to be empty, one is a gap")
    complete = reported(*lecture(), empty=tuple(rest))
    assert sentences.headline(complete).endswith("four are meant to be empty, and none is a gap")
    assert sentences.least_covered(complete) == ""


def test_a_cell_that_is_said_to_be_empty_and_holds_tasks_is_a_contradiction():
    found = reported(task(1), task(2), empty=(nothing(STAGES[0], DIRECTIONS[0]),))
    assert found.cells[0].state == TASKS
    assert sentences.warnings(found) == (
        "Launch: shadow run, Hardware is said to hold nothing, and holds two tasks.",
    )


def test_a_done_task_fills_its_cell_and_stands_behind_the_open_ones():
    found = reported(
        task(1, done_on=TODAY),
        task(2, priority=2, planned_end=day(9)),
        task(3, priority=2, planned_end=day(3)),
        task(4, priority=1, planned_end=day(20)),
    )
    cell = found.cells[0]
    assert [one.task_id for one in cell.tasks] == [4, 3, 2, 1]
    assert sentences.state(cell) == "4 tasks, 1 done"
    assert sentences.state(reported(task(1, done_on=TODAY)).cells[0]) == "1 task, all done"


def test_tasks_outside_of_the_frame_are_told_and_not_lost():
    found = reported(task(1), task(2, stage="Launch: data"), task(3, direction="Sales"))
    assert [one.task_id for one in found.outside] == [2, 3]
    assert (found.tasks, found.whole.filled) == (3, 1)
    assert sentences.warnings(found) == (
        "Two tasks are of a stage or a direction that the matrix does not have.",
    )


def test_without_a_frame_the_whole_life_cycle_is_the_matrix():
    found = reported(drawn=PlanFrame(SERVICE))
    assert found.whole.total == 60
    assert [one.name for one in found.by_stage] == list(DEFAULT_STAGES)
    assert [one.name for one in found.by_direction] == list(DEFAULT_DIRECTIONS)
    assert {one.state for one in found.cells} == {GAP}
    assert sentences.headline(found) == "Nothing is planned for mail yet"


def test_where_most_gaps_are_is_told():
    assert sentences.least_covered(reported(*lecture())) == (
        "Most gaps: Decommissioning: saving data (3 of 5 cells), Product features (2 of 3)."
    )


def test_the_evidence_is_json_and_says_what_the_report_says():
    found = reported(*lecture(), empty=(nothing(STAGES[2], "Hardware", "Rented"),))
    said = json.loads(json.dumps(scope.evidence(found)))
    assert said["whole"] == {"name": "mail", "filled": 11, "nothing": 1, "gaps": 3, "total": 15}
    assert said["cells"][0]["tasks"] == [{"task_id": 1, "title": "buy the machines", "done": False}]
    assert said["cells"][10]["nothing"] == {"reason": "Rented", "by": "Вера"}
    assert len(said["gaps"]) == 3
