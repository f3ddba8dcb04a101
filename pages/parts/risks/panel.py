"""One risk, opened: how it stands, what is done about it, how its rank went."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import wording
from core.risks import RisksReport, RiskView, sentences
from core.risks.lines import words_of
from pages.parts.data import PlanNames
from pages.parts.markdown import plain
from pages.parts.risks.fields import task_words
from pages.parts.risks.words import chip, consequence_words, probability_words


def panel(view: RiskView, found: RisksReport, names: PlanNames) -> None:
    """Everything that is known of it."""
    risk = view.risk
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.markdown(chip(view), width="content")
        st.caption(plain(f"risk {risk.risk_id}, owner {risk.owner}"), width="content")
    st.markdown(f"#### {plain(risk.title)}")
    st.markdown(plain(sentences.risk_sentence(view)))
    st.caption(
        f"Probability {probability_words(risk.probability)} · "
        f"consequence {consequence_words(risk.consequence)} · rank {view.rank}"
    )
    belongs = [
        f"{name}: {value}"
        for name, value in (
            ("Task", risk.task),
            ("Drawn from", risk.statement),
            ("Milestone", risk.milestone_id),
            ("Task of the plan", _task(risk.task_id, names)),
        )
        if value
    ]
    if belongs:
        st.text(" · ".join(belongs))
    _responses(view)
    _plan_b(view, found)
    _history(view)


def _task(task_id: str, names: PlanNames) -> str:
    """A task of the plan by its title; by what is stored where the plan has lost it."""
    known = {str(number): task_words(number, title) for number, title in names.tasks.items()}
    return known.get(task_id, task_id)


def _responses(view: RiskView) -> None:
    """Prevention, mitigation, red line and plan B, as text; what the band asks for is marked."""
    risk = view.risk
    line = "" if risk.line is None else words_of(risk.line)
    if view.line is not None:
        line = view.line.sentence
    told = (
        ("prevention", "Prevention", risk.prevention),
        ("mitigation", "Dealing with the consequences", risk.mitigation),
        ("red_line", "Red line", line),
        ("plan_b", "Plan B", risk.plan_b),
    )
    columns = st.columns(2, gap="medium")
    for at, (name, label, said) in enumerate(told):
        with columns[at % 2], st.container(gap="xsmall"):
            if name in view.missing:
                asked = f"missing, rank {view.rank} asks for it"
                st.markdown(f":orange[:material/rule: **{label}**: {asked}]")
            else:
                st.markdown(f"**{label}**")
            if said or name not in view.missing:
                st.text(said or "none")


def _plan_b(view: RiskView, found: RisksReport) -> None:
    risk = view.risk
    if risk.plan_b_opened_at is None:
        return
    with st.container(border=True, gap="xsmall"):
        opened = wording.clock(risk.plan_b_opened_at, found.as_of)
        over = "" if risk.plan_b_ended_at is None else ", and is over"
        st.markdown(f":red[:material/alt_route:] **Plan B was opened at {opened}{over}**")
        st.text(risk.plan_b_why)
        if risk.plan_b_ended_at is not None:
            st.caption(f"Ended at {wording.clock(risk.plan_b_ended_at, found.as_of)}:")
            st.text(risk.plan_b_result)


def _history(view: RiskView) -> None:
    if not view.history:
        return
    st.markdown(f"**Rank over time: {sentences.rank_words(view)}**")
    rows = [
        {
            "Since": one.at.date(),
            "Rank": "closed" if one.closed else str(one.rank),
            "Probability": one.probability,
            "Consequence": one.consequence,
            "By": one.by,
        }
        for one in reversed(view.history)
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"Since": st.column_config.DateColumn(format="D MMM YYYY")},
        alt="How the rank went, the newest change first.",
    )
