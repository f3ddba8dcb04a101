"""The matrix as a chart that can be clicked, and as a list with the gaps first."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.charts import scope as charts
from core.charts.tokens import Palette
from core.scope import GAP, NOTHING, TASKS, Cell, ScopeReport, sentences
from pages.parts import data
from pages.parts.markdown import plain
from pages.parts.scope.choice import LIST, MATRIX, look_at, matrix_clicked

_ORDER = (GAP, NOTHING, TASKS)


def matrix(found: ScopeReport, opened: Cell | None, theme: Palette) -> None:
    """The chart; a click opens a cell."""
    stage, direction = ("", "") if opened is None else (opened.stage, opened.direction)
    figure = data.drawn(
        f"matrix {stage}·{direction}",
        found,
        theme.name,
        lambda: charts.matrix(found, theme, stage=stage, direction=direction),
    )
    with st.container(border=True):
        st.markdown(f"**{plain(coverage_title(found))}**")
        if figure.spec is None:
            st.caption(figure.alt)
            return
        st.vega_lite_chart(
            figure.spec, width="stretch", alt=figure.alt, key=MATRIX, on_select=matrix_clicked
        )
        st.caption("● tasks · ○ meant to be empty · ▲ gap. Click a cell to open it.")


def coverage_title(found: ScopeReport) -> str:
    """What the chart shows, in one line."""
    return (sentences.least_covered(found) or sentences.NO_GAPS).removesuffix(".")


def listing(found: ScopeReport) -> None:
    """Every cell in a line, gaps first; a chosen line opens its cell."""
    ordered = sorted(found.cells, key=lambda cell: _ORDER.index(cell.state))

    def clicked() -> None:
        rows = st.session_state[LIST].selection.rows
        if rows:
            look_at(ordered[rows[0]].stage, ordered[rows[0]].direction)

    st.markdown("#### Cells, gaps first")
    st.dataframe(
        _table(found, ordered),
        hide_index=True,
        key=LIST,
        on_select=clicked,
        selection_mode="single-row",
        height=560,
        column_config={
            "Direction": st.column_config.TextColumn(width=120),
            "What": st.column_config.TextColumn(width="medium"),
        },
        alt="The cells of the matrix, gaps first.",
    )


def _table(found: ScopeReport, ordered: list[Cell]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "State": sentences.state(cell),
                "Stage": cell.stage,
                "Direction": cell.direction,
                "What": _what(cell),
            }
            for cell in ordered
        ],
        columns=["State", "Stage", "Direction", "What"],
    )


def _what(cell: Cell) -> str:
    if cell.tasks:
        return "; ".join(task.title for task in cell.tasks)
    return "" if cell.nothing is None else f"{cell.nothing.reason} ({cell.nothing.changed_by})"
