"""The scope report as plain values: the JSON of the terminal and the export."""

from __future__ import annotations

from typing import Any

from core.scope import sentences
from core.scope.matrix import Cell, Coverage
from core.scope.report import ScopeReport
from core.timeframe import write_time


def evidence(found: ScopeReport) -> dict[str, Any]:
    """Everything the report says, as values that JSON knows."""
    return {
        "service": found.service,
        "as_of": write_time(found.as_of),
        "sentence": f"{sentences.headline(found)}.",
        "whole": _coverage(found.whole),
        "by_stage": [_coverage(one) for one in found.by_stage],
        "by_direction": [_coverage(one) for one in found.by_direction],
        "cells": [_cell(one) for one in found.cells],
        "gaps": [{"stage": one.stage, "direction": one.direction} for one in found.gaps],
        "outside": [task.task_id for task in found.outside],
        "warnings": list(sentences.warnings(found)),
    }


def _coverage(one: Coverage) -> dict[str, Any]:
    return {
        "name": one.name,
        "filled": one.filled,
        "nothing": one.nothing,
        "gaps": one.gaps,
        "total": one.total,
    }


def _cell(one: Cell) -> dict[str, Any]:
    said = one.nothing
    return {
        "stage": one.stage,
        "direction": one.direction,
        "state": one.state,
        "tasks": [
            {"task_id": task.task_id, "title": task.title, "done": task.done_on is not None}
            for task in one.tasks
        ],
        "done": one.done,
        "nothing": None if said is None else {"reason": said.reason, "by": said.changed_by},
    }
