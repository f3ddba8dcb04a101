"""Retraining sets: what one would hold, making it, every set and what was trained on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core import wording
from core.access import Permission
from core.false_reports import FalseReportsReport
from core.false_reports.retraining import SetError, SetSettings
from core.false_reports.retraining_manifest import Preview, successor
from core.false_reports.words import counted
from core.fields import FieldsError
from core.ports import RetrainingSet
from core.training import TrainingReport
from db.team.retraining_sets import make_set
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.false_reports import set_files, withdrawal
from pages.parts.false_reports.desk import Desk, desk_of, name_field, new_token, who, why_not
from pages.parts.false_reports.inbox import told
from pages.parts.false_reports.letter import cell
from pages.parts.false_reports.release import RELEASE
from pages.parts.false_reports.training import runs_by_set
from pages.parts.forms import reads_only
from pages.parts.markdown import plain
from pages.parts.view import View

_TOKEN = "set_token"  # nosec B105


def sets(found: FalseReportsReport, training: TrainingReport | None, view: View) -> None:
    """Every set, the next one, files, and withdrawals."""
    made = data.retraining_sets(view)
    if isinstance(made, Problem):
        st.error(plain(made.sentence), icon=":material/cloud_off:")
        made = found.sets
    with st.container(border=True):
        _listing(found, training, made, view)
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(border=True):
        _next(view)
    with right:
        if made:
            with st.container(border=True):
                set_files.files(view, made)
        withdrawal.form(view)


def _next(view: View) -> None:
    st.markdown("**The next set**")
    if reads_only(Permission.PLAN):
        return
    desk = desk_of(f"{view.service}·sets")
    name_field("Who makes it")
    cumulative = st.checkbox("Take groups of earlier sets again", key="set_cumulative")
    one, two = st.columns(2)
    with one:
        test = st.number_input("Groups to test on, %", 0, 90, 20, key="set_test")
    with two:
        variants = st.number_input("Most texts of a group", 1, 10_000, 20, key="set_variants")
    settings = SetSettings(cumulative, int(test), int(variants))
    if view.live:
        foreseen = data.preview_set(view.service, settings)
        if isinstance(foreseen, Problem):
            st.error(plain(foreseen.sentence), icon=":material/cloud_off:")
        else:
            _preview(foreseen)
    refused = why_not(view)
    token = st.session_state.setdefault(_TOKEN, new_token())
    st.button(
        "Make the set",
        key=f"make·{token}",
        type="primary",
        shortcut="M",
        disabled=bool(refused),
        on_click=_make,
        args=(view.service, settings, desk),
    )
    if refused:
        st.caption(refused)
    told(desk)


def _preview(foreseen: Preview) -> None:
    """What the set would hold, and what would stay out and why."""
    selection = foreseen.selection
    letters = counted(selection.funnel.exported, "letter")
    groups = counted(len(selection.groups), "group")
    if selection.chosen:
        st.markdown(f"**{plain(foreseen.set_id)}** would hold {letters} of {groups}.")
    else:
        st.markdown("Nothing new is confirmed: there is nothing to make a set of.")
    told_by = [
        f"{name or 'not told'} {wording.whole(count)}"
        for of in ("split", "kind", "language")
        for name, count in selection.counts(of).items()
    ]
    if told_by:
        st.caption(plain(" · ".join(told_by)))
    if selection.exclusions:
        rows = [
            {"Stays out because": one.sentence, "Groups": one.groups, "Reports": one.reports}
            for one in selection.exclusions
        ]
        st.dataframe(
            pd.DataFrame(rows),
            key="exclusions",
            hide_index=True,
            height="content",
            column_config={"Stays out because": st.column_config.TextColumn(width="medium")},
        )


def _make(service: str, settings: SetSettings, desk: Desk) -> None:
    at, token, by = data.moment(), st.session_state[_TOKEN], who()
    try:
        made = data.act(
            lambda store: make_set(
                store, service, by=by, at=at, request_id=token, settings=settings
            ),
            Permission.PLAN,
        )
    except FieldsError as error:
        desk.tell("Nothing was made.", list(error.problems.values()), good=False)
    except SetError as error:
        desk.tell(str(error), good=False)
    else:
        if isinstance(made, Problem):
            desk.tell(f"Nothing was made. {made.sentence}", good=False)
            return
        st.session_state[_TOKEN] = new_token()
        letters, groups = counted(made.letters, "letter"), counted(len(made.groups), "group")
        desk.tell(f"{made.set_id} is made: {letters} of {groups}.")


def _listing(
    found: FalseReportsReport,
    training: TrainingReport | None,
    made: Sequence[RetrainingSet],
    view: View,
) -> None:
    if not made:
        st.markdown("**No set has been made yet**")
        st.caption("A set freezes the confirmed groups for whoever trains the next model.")
        return
    number = wording.number_word(len(made)).capitalize()
    st.markdown(f"**{number} retraining {'set' if len(made) == 1 else 'sets'}**")
    runs = runs_by_set(training)
    released = {one.set_id: one.version for one in found.after if one.set_id}
    rows = []
    for one in reversed(made):
        version = released.get(one.set_id)
        models = [f"{run.run.model_version} ({run.status})" for run in runs.get(one.set_id, ())]
        rows.append(
            _row(one, made)
            | {
                "Trained on it": cell(", ".join(models)) or "–",
                "After the release": None if version is None else _link(view, version),
            }
        )
    st.dataframe(
        pd.DataFrame(rows),
        key="sets_table",
        hide_index=True,
        height="content" if len(rows) <= 10 else 388,
        placeholder="–",
        column_config={
            "Made": st.column_config.DatetimeColumn(
                "Made (UTC)", format="D MMM YYYY HH:mm", timezone="UTC"
            ),
            "After the release": st.column_config.LinkColumn(display_text="look"),
        },
    )


def _row(one: RetrainingSet, made: Sequence[RetrainingSet]) -> dict[str, Any]:
    instead = successor(made, one.set_id)
    state = "stands" if one.letters else "empty"
    if instead is not None:
        state = f"{wording.whole(one.withdrawn)} withdrawn: use {instead}"
    return {
        "Set": cell(one.set_id),
        "Made": one.created_at,
        "By": cell(one.created_by),
        "After": cell(one.parent) or "–",
        "Letters": one.letters,
        "Groups": len(one.groups),
        "State": cell(state),
    }


def _link(view: View, version: str) -> str:
    query = view.query() | {"tab": "After the release", RELEASE: version}
    return f"/false_reports?{urlencode(query)}"
