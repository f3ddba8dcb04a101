"""The register: every open risk in a row, with what is missing and its red line's live value."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import wording
from core.charts import risks as charts
from core.charts.tokens import Palette
from core.risks import BANDS, LineState, LineView, RisksReport, RiskView, sentences
from pages.parts import data
from pages.parts.cards import chart
from pages.parts.prose_table import prose_table
from pages.parts.risks.choice import remember, row_picked, table_key

#: More rows than these scroll inside of the table.
MOST_ROWS = 12
_ROW, _HEAD = 35, 38


def figures(found: RisksReport) -> None:
    """The five numbers of the area."""
    active = sum(view.risk.plan_b_is_open or view.crossed for view in found.risks)
    highest = sum(view.rank >= BANDS[-1].lowest for view in found.risks)
    told = (
        ("Total exposure", wording.whole(found.total), "the sum of open ranks"),
        ("Open risks", wording.whole(len(found.risks)), f"{highest} of rank 9"),
        ("Red lines crossed", wording.whole(active), "each opens plan B"),
        ("Responses missing", wording.whole(found.missing), "they count as open"),
        ("Reviews overdue", wording.whole(len(found.overdue)), _next_review(found)),
    )
    for column, (name, value, about) in zip(st.columns(len(told)), told, strict=True):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.caption(name)
            st.markdown(f"### {value}")
            st.caption(about)


def matrix(found: RisksReport, theme: Palette) -> None:
    """The nine cells with the names of the open risks."""
    drawn = data.drawn("matrix", found, theme.name, lambda: charts.matrix(found, theme))
    chart(drawn, key="risk_matrix")


def exposure(found: RisksReport, theme: Palette) -> None:
    """How the sum of open ranks went."""
    drawn = data.drawn("exposure", found, theme.name, lambda: charts.exposure(found, theme))
    chart(drawn, key="risk_exposure")


def register(found: RisksReport) -> None:
    """The table; a click on a row opens the risk below."""
    st.markdown("#### Register")
    if found.empty:
        st.caption(found.empty)
        return
    st.caption(sentences.RULE)
    key = table_key(found)
    remember(found)
    st.dataframe(
        pd.DataFrame([_row(view) for view in found.risks]),
        hide_index=True,
        height=_HEAD + _ROW * min(len(found.risks), MOST_ROWS),
        key=key,
        on_select=lambda: row_picked(key),
        selection_mode="single-row",
        column_config={
            "Rank": st.column_config.NumberColumn(width=50),
            "Risk": st.column_config.TextColumn(width=330),
            "State": st.column_config.TextColumn(width=150),
            "Live": st.column_config.TextColumn("Red line, live", width=170),
            "Review": st.column_config.DateColumn(format="D MMM YYYY", width=95),
            "Owner": st.column_config.TextColumn(width=130),
            "Red line": st.column_config.TextColumn(width=300),
        },
        alt="Open risks: whose plan B is open first, then the highest rank.",
    )


def reviews(found: RisksReport) -> None:
    """Which risks are to be looked at, overdue ones first."""
    rows = [
        {
            "When": sentences.review_words(view),
            "Risk": view.risk.title,
            "Rank": view.rank,
            "Owner": view.risk.owner,
            "Last looked at by": view.risk.reviewed_by,
        }
        for view in found.reviews
    ]
    if not rows:
        st.caption("No risk is open, and none is to be reviewed.")
        return
    prose_table(rows, alt="Reviews of risks, overdue ones first.")


def closed(found: RisksReport) -> None:
    """Risks that are none any more, with how their rank went."""
    if not found.closed:
        st.caption("No risk was closed yet.")
        return
    rows = [
        {
            "Risk": view.risk.title,
            "Rank": sentences.rank_words(view),
            "Closed": None if view.risk.closed_at is None else view.risk.closed_at.date(),
            "Why": view.risk.closed_why,
            "Owner": view.risk.owner,
        }
        for view in found.closed
    ]
    prose_table(rows, alt="Closed risks.")


def _row(view: RiskView) -> dict[str, object]:
    line = view.line
    missing = ", ".join(_SHORT[one] for one in view.missing)
    return {
        "Rank": view.rank,
        "Risk": view.risk.title,
        "State": f"{view.state}: {missing}" if missing else view.state,
        "Live": "" if line is None else _live(line),
        "Review": view.risk.review_on,
        "Owner": view.risk.owner,
        "Red line": "" if line is None else line.words,
    }


def _live(line: LineView) -> str:
    known = line.state is not LineState.UNKNOWN
    return f"{line.live} ({line.state.value})" if known else line.state.value


#: What is missing, as a cell has room for it.
_SHORT = {
    "accepted_or_mitigation": "acceptance or mitigation",
    "prevention": "prevention",
    "red_line": "red line",
    "plan_b": "plan B",
    "mitigation": "mitigation",
}


def _next_review(found: RisksReport) -> str:
    coming = [view.risk.review_on for view in found.reviews if not view.overdue_days]
    return f"the next is on {wording.short_date(coming[0])}" if coming else "none is planned"
