"""One milestone: its criteria, the planning rule, the Gantt chart, the forecast and the burn-up."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core import wording
from core.charts import milestones as charts
from core.charts.chart import Chart
from core.charts.tokens import Palette
from core.milestones import MilestonesReport, MilestoneView, NoForecast, TaskView, sentences
from core.ports.plan import DECISIONS
from pages.parts import data, overview_parts
from pages.parts.cards import cards, chart
from pages.parts.markdown import plain
from pages.parts.milestones.choice import GANTT, TASKS, bar_clicked
from pages.parts.milestones.decision_form import decision_form
from pages.parts.view import View

#: Cards in a row.
_CARDS = 5


def criteria(view: MilestoneView, shown: View, theme: Palette) -> None:
    """The verdicts of its criteria, on cards as on the Overview."""
    overview = data.overview(shown).report
    if not view.verdicts or overview is None:
        return
    own = replace(overview, goals=replace(overview.goals, verdicts=view.verdicts))
    row = overview_parts.criterion_cards(own, shown, theme)
    for first in range(0, len(row), _CARDS):
        cards(row[first : first + _CARDS], key="criteria" if not first else f"criteria_{first}")


def rule(view: MilestoneView, found: MilestonesReport, *, live: bool) -> None:
    """What the planning rule says, why it is at risk, and what was decided about it."""
    with st.container(border=True):
        left, right = st.columns([3, 2], gap="medium")
        with left:
            st.markdown("**Does the plan fit the time?**")
            if view.rule is not None:
                over = view.rule.over_committed
                icon = ":orange[:material/warning:]" if over else ":blue[:material/check_circle:]"
                st.markdown(f"{icon} {plain(sentences.rule(view.rule))}")
            else:
                st.caption("There is no open work with a due date to hold against the time left.")
            if view.reasons:
                st.markdown("\n".join(f"- {plain(reason)}" for reason in view.reasons))
            if view.critical is not None and view.critical.room is not None:
                st.caption(_room(view.critical.days, view.critical.room))
        with right:
            st.markdown("**What was decided**")
            _decisions(view)
            if live:
                with st.expander("Record: simplify, or extra hands", icon=":material/gavel:"):
                    tasks = {one.task.task_id: one.task for one in view.open_tasks}
                    decision_form(found.service, view.name, tasks, found.today)


def _room(days: int, room: int) -> str:
    counted = f"The critical path takes {days} working days"
    if room < 0:
        return f"{counted}, {-room} more than are left."
    return f"{counted} and has {room} to spare."


def _decisions(view: MilestoneView) -> None:
    if not view.decisions:
        st.caption("Nothing yet: neither to simplify nor to find extra hands.")
        return
    titles = {one.task.task_id: one.task.title for one in view.tasks}
    for one in view.decisions:
        with st.container(gap="xsmall"):
            kind = DECISIONS[one.kind].capitalize()
            about = titles.get(one.task_id or 0, "the milestone as a whole")
            st.markdown(f"**{kind}** · {plain(about)}")
            st.text(one.what)
            st.caption(plain(f"{one.who}, {wording.short_date(one.decided_on)}"))


def gantt(
    view: MilestoneView, found: MilestonesReport, task: TaskView | None, theme: Palette
) -> None:
    """The Gantt chart; a click on a bar draws its dependencies."""
    chosen = None if task is None else task.task.task_id

    def draw() -> Chart:
        dues = {} if view.due_on is None else {view.name: view.due_on}
        title = charts.gantt_title(view.tasks)
        places = {name: at for at, name in enumerate(found.frame.directions)}
        by_direction = sorted(
            view.tasks, key=lambda one: places.get(one.task.direction, len(places))
        )
        return charts.gantt(by_direction, dues, found.today, theme, title=title, chosen=chosen)

    figure = data.drawn(f"gantt {view.name} {chosen}", found, theme.name, draw)
    with st.container(border=True):
        st.markdown(f"**{figure.title}**")
        if figure.spec is None:
            st.caption(figure.alt)
            return
        st.vega_lite_chart(
            figure.spec, width="stretch", alt=figure.alt, key=GANTT, on_select=bar_clicked
        )
        frozen = "no baseline is frozen yet" if found.baseline is None else found.baseline.name
        more = len(view.tasks) - charts.MOST
        left_out = f" {more} more tasks are in the list of tasks alone." if more > 0 else ""
        st.caption(
            f"◆ and a frame: on the critical path. Grey under a bar: the baseline "
            f"({plain(frozen)}). Click a bar to see what it waits for.{left_out}"
        )
        if task is not None:
            _chosen(task, found)


def _chosen(task: TaskView, found: MilestonesReport) -> None:
    """The chosen task in words, and the way to its form."""
    titles = {one.task.task_id: one.task.title for one in found.tasks}
    waits = "; ".join(titles[one] for one in task.waits_for) or "nothing"
    later = [one.task.title for one in found.tasks if task.task.task_id in one.task.depends_on]
    st.text(f"{task.task.title}: {sentences.task(task)}.")
    st.text(f"Waits for: {waits}. Waiting for it: {'; '.join(later) or 'nothing'}.")
    st.page_link(
        "pages/milestones.py",
        label="Open it in the list of tasks",
        icon=":material/arrow_forward:",
        query_params=st.query_params.to_dict() | {"part": TASKS},
    )


def outlook(view: MilestoneView, found: MilestonesReport, theme: Palette) -> None:
    """The forecast, or why there is none."""
    said = sentences.forecast(view, found.forecast)
    ahead = view.forecast
    if isinstance(found.forecast, NoForecast) or ahead is None:
        with st.container(border=True, height="stretch"):
            st.markdown("**No forecast**")
            st.caption(plain(said))
        return

    def draw() -> Chart:
        title = charts.outlook_title(ahead)
        dates = ahead.dates
        return charts.outlook(ahead.ends, dates.p50, dates.p85, view.due_on, theme, title=title)

    figure = data.drawn(f"outlook {view.name}", found, theme.name, draw)
    chart(figure, key="milestone_outlook")


def burn_up(view: MilestoneView, found: MilestonesReport, theme: Palette) -> None:
    """The burn-up with its scope."""

    def draw() -> Chart:
        title = charts.burn_up_title(view.burn_up)
        return charts.burn_up(view.burn_up, found.today, view.due_on, theme, title=title)

    chart(data.drawn(f"burn-up {view.name}", found, theme.name, draw), key="milestone_burn_up")
