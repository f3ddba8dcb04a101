"""Criteria with what is promised at each milestone, and what is measured now."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import wording
from core.goals import GoalsReport, TargetLine
from core.goals.measures import WINDOWED
from core.status import Status
from pages.parts.cards import chip
from pages.parts.criteria.words import limit, measure_label, value_words
from pages.parts.prose_table import Marked, prose_table


def targets(found: GoalsReport) -> None:
    """A row a measure, a column a milestone."""
    st.markdown("#### Criteria")
    if found.goal is None or not found.goal.criteria:
        st.caption("No criterion yet. Without one, nobody can say whether the goal was reached.")
        return
    prose_table(
        _rows(found),
        alt="Criteria with their targets by milestone, what is measured now and the verdict.",
    )
    if found.judged.milestone:
        due = "" if found.judged.due_on is None else wording.long_date(found.judged.due_on)
        st.caption(
            f"Now and verdict are against the nearest milestone{due and f', due {due}'}. A value "
            "is cut, never rounded."
        )


def _rows(found: GoalsReport) -> list[dict[str, Any]]:
    milestones = dict.fromkeys(
        (line.kept.target.due_on, line.kept.target.milestone)
        for line in sorted(found.lines, key=lambda line: line.kept.target.due_on)
    )
    rows = []
    assert found.goal is not None
    for criterion in found.goal.criteria:
        ours = [
            line for line in found.lines if line.criterion.criterion_id == criterion.criterion_id
        ]
        window = str(criterion.window or found.window) if criterion.area in WINDOWED else "–"
        for measure in dict.fromkeys(line.kept.target.measure for line in ours) or [""]:
            of = [line for line in ours if line.kept.target.measure == measure]
            at = {line.kept.target.milestone: line for line in of}
            now = next((line for line in of if line.evidence is not None), None)
            row: dict[str, Any] = {
                "Criterion": criterion.name,
                "Measure": _measure(of),
            }
            for due_on, name in milestones:
                row[f"{name} ({wording.short_date(due_on)})"] = _cell(at.get(name))
            row["Now"] = Marked(value_words(None if now is None else now.evidence, criterion.area))
            row["Verdict"] = _verdict(now, of)
            row["Window"] = window
            rows.append(row)
    return rows


def _measure(of: list[TargetLine]) -> str:
    if not of:
        return "no target"
    target = of[0].kept.target
    a_minute = " (a minute)" if target.unit == "letters a minute" else ""
    return f"{measure_label(target.measure)}{a_minute}"


def _cell(line: TargetLine | None) -> str:
    if line is None:
        return ""
    flag = " ⚠" if line.flag else ""
    return f"{limit(line.kept.target)}{flag}"


def _verdict(now: TargetLine | None, of: list[TargetLine]) -> Marked:
    return Marked(chip(now.status if now is not None else Status.NOT_DUE if of else Status.NO_DATA))
