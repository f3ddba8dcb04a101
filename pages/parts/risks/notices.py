"""What somebody has to do: plans B that are open, lines that are unknown, reviews that are late."""

from __future__ import annotations

import streamlit as st

from core.risks import RisksReport
from pages.parts.markdown import plain

MOST = 5


def notices(found: RisksReport) -> None:
    """The warnings in one frame, a line each; the first ones where there are many."""
    if not found.warnings:
        return
    if len(found.warnings) == 1:
        st.warning(plain(found.warnings[0]), icon=":material/assignment_late:")
        return
    lines = [f"- {plain(warning)}" for warning in found.warnings[:MOST]]
    if len(found.warnings) > MOST:
        lines.append(f"- And {len(found.warnings) - MOST} more: python cli.py evidence risks")
    st.warning("\n".join(lines), icon=":material/assignment_late:")
