"""Which risk is open on the page; the URL says it: ?risk=ID."""

from __future__ import annotations

import streamlit as st

from core.risks import RisksReport, RiskView


def look_at(risk_id: int) -> None:
    """Open a risk: a callback, or before the page is drawn anew."""
    st.query_params["risk"] = str(risk_id)


def chosen(found: RisksReport) -> tuple[RiskView | None, str]:
    """The risk that the URL names, else the first one; and what could not be followed."""
    views = (*found.risks, *found.closed)
    asked = st.query_params.get("risk", "")
    named = next((view for view in views if str(view.risk.risk_id) == asked), None)
    said = f"{found.service} has no risk {asked}." if asked and named is None else ""
    return named or next(iter(found.risks), None), said


def table_key(found: RisksReport) -> str:
    """The key of the register's table; one whose rows have moved forgets which was selected."""
    return f"register·{found.service}·{hash(tuple(_ids(found)))}"


def remember(found: RisksReport) -> None:
    """Keep which risk stands in which row: by the time of a click, rows may have moved."""
    st.session_state[f"{table_key(found)}·rows"] = _ids(found)


def row_picked(key: str) -> None:
    """Open the risk of the row that was clicked: the table's callback."""
    rows = st.session_state[key].selection.rows
    known = st.session_state.get(f"{key}·rows", [])
    if rows and rows[0] < len(known):
        look_at(known[rows[0]])


def _ids(found: RisksReport) -> list[int]:
    return [view.risk.risk_id for view in found.risks]
