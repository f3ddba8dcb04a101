"""The decision log of an experiment: who decided what, with the evidence as it was then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core import wording
from core.charts.experiment.words import p_words
from core.experiment import ExperimentReport, evidence
from core.experiment.definition import DefinitionError
from core.experiment.words import range_words, signed
from core.ports import ExperimentDecision
from core.timeframe import MINUTE, floor_to
from db.team.experiment_decisions import DECISIONS, decide
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.drafts import Draft
from pages.parts.forms import Button, form, reads_only, who
from pages.parts.view import View

_FIELDS = ("by", "decision", "note")
#: What each decision means.
_MEANS = {
    "ship": "ship it to everybody",
    "stop": "stop, do not ship",
    "extend": "collect longer",
    "note": "only a note",
}


def decisions(found: ExperimentReport, view: View) -> None:
    """The form, and what was decided so far."""
    if not found.experiment:
        return
    with st.container(border=True):
        st.markdown("**Decision log**")
        if not reads_only():
            _form(found, view)
        _log(found.decisions, f"log·{found.service}·{found.experiment}")


def _form(found: ExperimentReport, view: View) -> None:
    draft = Draft(f"decision·{found.service}·{found.experiment}")
    draft.begin({"by": "", "decision": None, "note": ""})
    with form(draft, Button("Record the decision", primary=True), asks=None) as sent:
        left, right = st.columns([1, 2], gap="medium")
        with left:
            who(draft, "Who decides")
            draft.selectbox(
                "Decision",
                DECISIONS,
                "decision",
                index=None,
                format_func=_said,
                placeholder="What is decided",
            )
        with right:
            draft.text_area("Note", "note", height=120)
    st.caption(
        f"The evidence of {wording.clock(found.as_of)} is kept with it, as this page shows it."
    )
    if sent:
        _send(draft, found, view)


def _send(draft: Draft, found: ExperimentReport, view: View) -> None:
    typed = draft.values(_FIELDS)
    # To the minute, as the as-of of a live page is: what was recorded shows at once.
    at = floor_to(data.now(), MINUTE)
    try:
        answer = data.act(
            lambda store: decide(
                store,
                found.service,
                found.experiment,
                typed["decision"] or "",
                by=typed["by"],
                at=at,
                as_of=found.as_of,
                evidence=evidence(found),
                note=typed["note"],
            )
        )
    except DefinitionError as error:
        draft.refused(error.problems)
    else:
        if isinstance(answer, Problem):
            draft.refused({}, f"Nothing was recorded. {answer.sentence}")
        else:
            later = (
                "" if view.live else " It is in the log of now; this page shows an earlier moment."
            )
            draft.accepted(f"Recorded on {wording.clock(at)}.{later}")
            draft.refill({"decision": None, "note": ""})
    st.rerun()


def _log(made: Sequence[ExperimentDecision], key: str) -> None:
    """Earlier decisions, newest first, and the evidence of one of them."""
    if not made:
        st.caption("Nothing has been decided yet. Whoever decides, records it here.")
        return
    st.dataframe(
        pd.DataFrame([_row(one) for one in made]),
        hide_index=True,
        height="content",
        column_config={"Note": st.column_config.TextColumn(width="medium")},
    )
    box = st.expander("The evidence as it was", key=f"{key}·evidence", on_change="rerun")
    if not box.open:
        return
    with box:
        chosen = st.selectbox(
            "Decision of",
            range(len(made)),
            format_func=lambda at: f"{wording.clock(made[at].decided_at)}: {made[at].decision}",
            label_visibility="collapsed",
            key=f"{key}·chosen",
        )
        one = made[chosen]
        st.caption(f"Evidence of {wording.clock(one.as_of)}, frozen then.")
        st.text(str(one.evidence.get("sentence", "")))
        if one.note:
            st.text(f"Note: {one.note}")
        st.json(dict(one.evidence), expanded=False)


def _row(one: ExperimentDecision) -> dict[str, Any]:
    frozen = one.evidence
    lift = _at(frozen, "lift")
    return {
        "When": wording.clock(one.decided_at),
        "Who": one.decided_by,
        "Decision": one.decision,
        "Verdict then": frozen.get("verdict", "–"),
        "Lift then": "–" if lift is None else signed(lift, "down", 2),
        "Always valid then": _band(frozen),
        "Split then": p_words(_at(frozen, "srm", "p")),
        "Note": one.note,
    }


def _band(frozen: Mapping[str, Any]) -> str:
    low, high = _at(frozen, "always_valid", "low"), _at(frozen, "always_valid", "high")
    return "–" if low is None or high is None else range_words(low, high, 2)


def _at(frozen: Mapping[str, Any], *path: str) -> float | None:
    """A number of frozen evidence; None where it is not there: it was written by an older code."""
    value: Any = frozen
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _said(decision: str) -> str:
    return f"{decision}: {_MEANS[decision]}"
