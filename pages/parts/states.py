"""The states that are not a report: empty, filling, failed, and a worker that stands still."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NoReturn, TypeVar

import streamlit as st

from core import wording
from core.access import Permission
from core.ports import FillStep
from pages.parts import data
from pages.parts.data import Loaded, Problem
from pages.parts.markdown import plain
from pages.parts.naming import naming

T = TypeVar("T")
#: How often a page that cannot show anything tries again.
RETRY_SECONDS = 3
#: A worker that has not ticked this long is dead or cut off.
WORKER_SILENT = timedelta(minutes=2)


def or_stop(loaded: Loaded[T]) -> T:
    """The report, with a sentence above it if it is old; without one, the sentence alone."""
    if loaded.problem is not None:
        failed(loaded.problem, shown=None if loaded.loaded_at is None else loaded)
        _retry()
    if loaded.report is None:
        st.stop()
    return loaded.report


def failed(problem: Problem, shown: Loaded[T] | None = None) -> None:
    """The store cannot be asked: why, since when, and what is on the screen instead."""
    since = wording.clock(problem.since, data.now())
    below = (
        ""
        if shown is None or shown.loaded_at is None
        else f" Below is the last report, of {wording.clock(shown.loaded_at, data.now())}."
    )
    st.error(
        f"{plain(problem.sentence)} (since {since}). Trying again every few seconds.{below}",
        icon=":material/cloud_off:",
    )


def stop_failed(problem: Problem) -> NoReturn:
    """Nothing at all can be shown."""
    st.title("Greenlight cannot reach its data")
    failed(problem)
    _retry()
    st.stop()


def empty() -> NoReturn:
    """Nobody has written anything yet: the three ways to bring data in, and the one without."""
    st.title("No service has written anything yet")
    st.markdown("Three commands bring data in. Any one of them is enough.")
    st.markdown("**See the example:** a real spam classifier and a simulated mail service")
    st.code("make run", language=None)
    st.markdown("**Write the first row of your own service**, as the role `greenlight_serving`")
    st.code(".venv/bin/python cli.py psql --role serving", language=None)
    st.markdown("**Point Greenlight at a PostgreSQL that already holds metric tables**")
    st.code("DATABASE_URL=postgresql://user@host/database make run", language=None)
    st.caption("docs/metrics.md says what each table holds. This page looks again by itself.")
    if data.allowed(Permission.PLAN):
        st.markdown("**Or begin with the plan**: goal, milestones and risks need no data yet")
        naming(())
    _retry()
    st.stop()


def filling(steps: Sequence[FillStep]) -> None:
    """How far the demo's first fill is; nothing once it is done."""
    waiting = [step for step in steps if not step.finished]
    if not waiting:
        return
    done, total = sum(step.done for step in steps), sum(step.total for step in steps)
    share = min(done / total, 1.0) if total else 0.0
    st.progress(
        share,
        text=f"The demo is writing its history, newest day first: {waiting[0].step}, "
        f"{share * 100:.0f} % done. Numbers below grow until it is finished.",
    )


def worker() -> None:
    """A dead worker shows on every page: numbers that stand still are not calm ones."""
    pulse = data.worker_pulse()
    if isinstance(pulse, Problem):
        return
    if pulse.ticked_at is None:
        st.warning(
            "The worker has not run yet: new rows are not counted. Start it: python cli.py worker",
            icon=":material/pause_circle:",
        )
    elif data.now() - pulse.ticked_at > WORKER_SILENT:
        since = wording.clock(pulse.ticked_at, data.now())
        st.warning(
            f"The worker has not run since {since}: rows written after that are "
            "not counted. Start it: python cli.py worker",
            icon=":material/pause_circle:",
        )
    elif pulse.error:
        st.warning(f"The worker reports: {plain(pulse.error)}", icon=":material/error:")


@st.fragment(run_every=RETRY_SECONDS)
def _retry() -> None:
    """Ask again, and draw the page anew once there is something to draw."""
    first = not st.session_state.get("retrying")
    st.session_state["retrying"] = True
    if not first and data.store_answers() and data.services():
        st.session_state["retrying"] = False
        st.rerun()
