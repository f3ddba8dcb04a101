"""Which cell is open on the Scope page; the URL says it: ?stage=...&direction=..."""

from __future__ import annotations

import streamlit as st

from core.charts.scope import DIRECTION, PICKED, STAGE
from core.scope import Cell, ScopeReport

#: The key of the chart, whose selection is a click on a cell.
MATRIX = "scope_matrix"
#: The key of the list of cells.
LIST = "scope_cells"


def look_at(stage: str, direction: str) -> None:
    """Open a cell."""
    st.query_params["stage"] = stage
    st.query_params["direction"] = direction


def matrix_clicked() -> None:
    """A cell of the chart was clicked."""
    picked = st.session_state[MATRIX].selection.get(PICKED) or []
    if picked:
        look_at(str(picked[0][STAGE]), str(picked[0][DIRECTION]))


def chosen(found: ScopeReport) -> tuple[Cell | None, str]:
    """The cell that the URL names, else the first gap, else the first cell.

    Returns:
        The cell, and what in the URL could not be followed, as a sentence, '' where all could.
    """
    first = next(iter((*found.gaps, *found.cells)), None)
    asked = st.query_params.get("stage", ""), st.query_params.get("direction", "")
    if asked == ("", ""):
        return first, ""
    named = found.cell(*asked)
    if named is None:
        return first, f"The matrix has no cell “{asked[0]}”, “{asked[1]}”."
    return named, ""
