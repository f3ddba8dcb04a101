"""Finding risks: what must happen and what must not become drafts, edited before they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from core.ports.risks import Risk
from core.risks import CONSEQUENCES, PROBABILITIES, RisksReport, drafted
from core.risks import Draft as DraftedRisk
from db.team.risks import add_risks
from pages.parts.data import PlanNames
from pages.parts.drafts import Draft
from pages.parts.forms import Button, form, send, who
from pages.parts.risks.fields import task_words
from pages.parts.risks.forms import NEXT_REVIEW
from pages.parts.risks.words import consequence_words, probability_words

_STATEMENTS = ("task", "must_happen", "must_not_happen")
#: The columns of the drafts, by the fields of a risk.
_COLUMNS = {
    "title": "Risk",
    "probability": "Probability",
    "consequence": "Consequence",
    "owner": "Owner",
    "statement": "Drafted from",
}


def elicitation(found: RisksReport, names: PlanNames) -> None:
    """Say what must and must not happen; correct what follows; keep what is meant.

    Args:
        found: the register.
        names: of the plan: its tasks are offered, and any other may be typed.
    """
    st.markdown("#### For one task, list what must happen and what must not")
    st.caption(
        "One statement a line. The negation of each is a risk; you edit it before it is kept."
    )
    draft = Draft(f"risk statements·{found.service}")
    draft.begin(dict.fromkeys(_STATEMENTS, "") | {"task": None})
    tasks = {task_words(number, title): number for number, title in names.tasks.items()}
    with form(
        draft, Button("Draft the risks", ":material/edit_note:"), asks=None, border=True
    ) as sent:
        draft.selectbox(
            "The task",
            draft.offered("task", tasks),
            "task",
            index=None,
            accept_new_options=True,
            placeholder="Choose one of the plan, or type another: Buy GPU servers",
        )
        left, right = st.columns(2)
        with left:
            draft.text_area("What must happen", "must_happen", height=140)
        with right:
            draft.text_area("What must not happen", "must_not_happen", height=140)
    kept = draft.key("drafts")
    if sent:
        number = tasks.get(sent.given["task"] or "")
        about = {"task": sent.given["task"] or "", "task_id": None}
        if number is not None:
            about = {"task": names.tasks[number], "task_id": str(number)}
        st.session_state[kept] = (
            about,
            drafted(sent.given["must_happen"], sent.given["must_not_happen"]),
        )
        st.session_state[draft.key("round")] = st.session_state.get(draft.key("round"), 0) + 1
    about, drafts = st.session_state.get(kept, ({}, ()))
    outcome = Draft(f"risk drafts·{found.service}")
    if not drafts:
        outcome.outcome()
        if sent:
            st.caption("Nothing was listed: there is nothing to draft.")
        return
    _drafts(found, outcome, about, drafts, forget=kept, turn=st.session_state[draft.key("round")])


def _drafts(
    found: RisksReport,
    draft: Draft,
    about: Mapping[str, str | None],
    drafts: tuple[DraftedRisk, ...],
    *,
    forget: str,
    turn: int,
) -> None:
    """The drafts in a table that is edited as a whole: one widget, however many there are."""
    first = found.as_of.date() + NEXT_REVIEW
    draft.begin({"review_on": first, "by": ""})
    with form(draft, Button("Keep the ticked ones", primary=True), asks=None, border=True) as sent:
        st.markdown("**The drafts: correct the words, judge each, untick what you do not keep**")
        edited = st.data_editor(
            pd.DataFrame([_row(one) for one in drafts]),
            key=draft.key(f"table {turn}"),
            hide_index=True,
            disabled=[_COLUMNS["statement"]],
            column_config={
                "Keep": st.column_config.CheckboxColumn(width=85),
                "Risk": st.column_config.TextColumn(width=300, required=True),
                "Probability": st.column_config.SelectboxColumn(
                    options=list(PROBABILITIES),
                    format_func=lambda one: probability_words(int(one)),
                    width=140,
                ),
                "Consequence": st.column_config.SelectboxColumn(
                    options=list(CONSEQUENCES),
                    format_func=lambda one: consequence_words(int(one)),
                    width=140,
                ),
                "Owner": st.column_config.TextColumn(width=130),
                "Drafted from": st.column_config.TextColumn(width=200),
            },
        )
        left, right = st.columns(2)
        with left:
            draft.date_input("Look at them again on", "review_on")
        with right:
            who(draft, "Who keeps them")
    if not sent:
        return
    given = [
        _given(row, about, sent.given["review_on"])
        for row in pd.DataFrame(edited).to_dict("records")
        if row["Keep"]
    ]

    def keep(store: Engine) -> tuple[Risk, ...]:
        made = add_risks(store, found.service, given, **sent.once)
        st.session_state.pop(forget, None)
        return made

    send(draft, keep, lambda made: f"{len(made)} kept. They lack what their ranks ask for.")


def _row(one: DraftedRisk) -> dict[str, Any]:
    return {
        "Keep": True,
        "Risk": one.title,
        "Probability": None,
        "Consequence": None,
        "Owner": "",
        "Drafted from": one.statement,
    }


def _given(
    row: dict[str, Any], about: Mapping[str, str | None], review_on: object
) -> dict[str, Any]:
    """A row of the table as `core.risks.changes.parse_risk` reads it; an empty cell is missing."""
    given = {
        field: None if pd.isna(row[column]) else row[column] for field, column in _COLUMNS.items()
    }
    return given | {**about, "review_on": review_on}
