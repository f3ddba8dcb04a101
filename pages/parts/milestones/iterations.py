"""The turns of the MVP: a slice of data, a model, a measured difference."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.milestones import IterationView, MilestonesReport, sentences
from pages.parts.milestones.iteration_form import edit_iteration, new_iteration, record
from pages.parts.prose_table import prose_table


def iterations(found: MilestonesReport, *, live: bool) -> None:
    """The table, and the forms."""
    if found.iterations:
        prose_table(
            [_row(view) for view in found.iterations],
            alt="The turns of the MVP with what they brought.",
        )
        st.caption(
            "Trained letters come from the training runs, differences from the labels of both "
            "models, or from a result that somebody recorded with its source."
        )
    else:
        st.caption(
            "No iteration is planned. One is a slice of the data, a model trained on it, and a "
            "measured difference: 5M of the 100M letters, BERT on these 5M, +1 %."
        )
    if not live:
        return
    left, right = st.columns(2, gap="medium")
    with left, st.expander("Plan an iteration", icon=":material/replay:"):
        new_iteration(found.service)
    with right, st.expander("Change one, or record its result", icon=":material/edit:"):
        _one(found)


def _one(found: MilestonesReport) -> None:
    known = {view.iteration.iteration_id: view.iteration for view in found.iterations}
    chosen = st.selectbox(
        "Which iteration",
        list(known),
        index=None,
        key=f"iteration·{found.service}",
        format_func=lambda number: known[number].title,
        placeholder="Choose an iteration",
    )
    if chosen in known:
        record(known[chosen], found.today)
        edit_iteration(known[chosen])


def _row(view: IterationView) -> dict[str, object]:
    one = view.iteration
    trained = "" if view.letters is None else f", {wording.count(view.letters)} letters"
    return {
        "State": view.turn.word,
        "Iteration": one.title,
        "Slice of the data": one.data_slice,
        "Model, trained on": f"{one.model_version}{trained}",
        "Result": sentences.iteration(view),
        "From": one.starts_on,
        "Result due by": view.midpoint,
        "To": one.ends_on,
    }
