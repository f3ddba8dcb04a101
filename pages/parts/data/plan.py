"""The reports of the plan: milestones and scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import streamlit as st
from sqlalchemy import Engine

from core import milestones as milestones_area
from core.milestones import MilestonesReport
from core.scope import ScopeReport
from db import reports
from db.readers.milestones import SqlPlanReader
from db.readers.snapshot import snapshot
from pages.parts.data.reports import KEPT, Loaded, goals_at, load, reports_at, reports_over
from pages.parts.data.store import Problem, seen_at
from pages.parts.view import View


@dataclass(frozen=True, slots=True)
class PlanNames:
    """What of a plan something else may be about.

    Attributes:
        milestones: by name, those of targets and those of the plan.
        tasks: titles of the tasks that are in the plan, by id.
    """

    milestones: tuple[str, ...] = ()
    tasks: Mapping[int, str] = field(default_factory=dict)


def milestones(view: View) -> Loaded[MilestonesReport]:
    """The milestones, tasks and iterations of a view's service."""

    def compute(store: Engine, view: View, watermark: str) -> MilestonesReport:
        asked = (view.service, str(view.window), view.as_of)
        return _milestones_at(store, *asked, watermark, live=view.live)

    return load("milestones", view, compute)


def scope(view: View) -> Loaded[ScopeReport]:
    """The scope matrix of a view's service."""

    def compute(store: Engine, view: View, watermark: str) -> ScopeReport:
        return _scope_at(store, view.service, view.as_of, watermark, live=view.live)

    return load("scope", view, compute)


def plan_names(view: View) -> PlanNames | Problem:
    """The names of a plan, without what the report of milestones makes of it."""

    def compute(store: Engine, view: View, watermark: str) -> PlanNames:
        return _plan_names_at(store, view.service, view.as_of, watermark, live=view.live)

    loaded = load("plan names", view, compute)
    return loaded.report or loaded.problem or PlanNames()


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _milestones_at(
    _store: Engine, service: str, window: str, as_of: datetime, watermark: str, *, live: bool
) -> MilestonesReport:
    found = reports_at(_store, service, window, as_of, watermark)
    over = reports_over(_store, service, as_of, watermark, found)
    goals = goals_at(_store, service, as_of, watermark)
    with snapshot(_store) as connection:
        reader = SqlPlanReader(connection)
        return milestones_area.report(
            reader, goals, service, seen_at(as_of, live=live), found, over=over
        )


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _scope_at(
    _store: Engine, service: str, as_of: datetime, watermark: str, *, live: bool
) -> ScopeReport:
    with snapshot(_store) as connection:
        return reports.scope_report(connection, service, seen_at(as_of, live=live))


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _plan_names_at(
    _store: Engine, service: str, as_of: datetime, watermark: str, *, live: bool
) -> PlanNames:
    moment = seen_at(as_of, live=live)
    goals = goals_at(_store, service, as_of, watermark)
    with snapshot(_store) as connection:
        reader = SqlPlanReader(connection)
        targets = sorted(
            (target for goal in goals for one in goal.criteria for target in one.targets),
            key=lambda target: target.due_on,
        )
        named = (target.milestone for target in targets)
        planned = (one.name for one in reader.milestones(service, moment))
        tasks = {one.task_id: one.title for one in reader.tasks(service, moment)}
    return PlanNames(tuple(dict.fromkeys((*named, *planned))), tasks)
