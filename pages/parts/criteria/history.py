"""Who changed what of goals, criteria, targets and metrics, and when."""

from __future__ import annotations

import streamlit as st

from core.goals import GoalsReport
from pages.parts.prose_table import prose_table


def history(found: GoalsReport) -> None:
    """A row a change, the newest first."""
    if not found.history:
        st.caption("Nobody has changed anything on this page yet.")
        return
    prose_table(
        [
            {
                "When (UTC)": line.at,
                "Who": line.by,
                "Kind": line.subject,
                "What": line.what,
                "Before": line.before,
                "After": line.after,
            }
            for line in found.history
        ],
        alt="Changes of goals, criteria, targets and metrics, the newest first.",
    )
    st.caption("Verdicts that were stored before a change stay as they were judged then.")
