"""What somebody has to do: retrospectives, drills and actions that are missing or late."""

from __future__ import annotations

import streamlit as st

from core.incidents import IncidentsReport
from pages.parts.markdown import plain

MOST = 5


def notices(found: IncidentsReport) -> None:
    """The warnings in one frame; the first ones where there are many."""
    if not found.warnings:
        return
    lines = [f"- {plain(warning)}" for warning in found.warnings[:MOST]]
    if len(found.warnings) > MOST:
        lines.append(f"- And {len(found.warnings) - MOST} more: python cli.py evidence incidents")
    st.warning("\n".join(lines), icon=":material/assignment_late:")
