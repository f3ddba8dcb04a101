"""Who changed what of goals, criteria, targets and metrics, and when."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.goals import GoalsReport


def history(found: GoalsReport) -> None:
    """A row a change, the newest first."""
    if not found.history:
        st.caption("Nobody has changed anything on this page yet.")
        return
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "When": line.at,
                    "Who": line.by,
                    "Kind": line.subject,
                    "What": line.what,
                    "Before": line.before,
                    "After": line.after,
                }
                for line in found.history
            ]
        ),
        hide_index=True,
        column_config={
            "When": st.column_config.DatetimeColumn(
                "When (UTC)", format="D MMM YYYY HH:mm", timezone="UTC"
            ),
            "What": st.column_config.TextColumn(width="medium"),
            "Before": st.column_config.TextColumn(width="medium"),
            "After": st.column_config.TextColumn(width="large"),
        },
        alt="Changes of goals, criteria, targets and metrics, the newest first.",
    )
    st.caption("Verdicts that were stored before a change stay as they were judged then.")
