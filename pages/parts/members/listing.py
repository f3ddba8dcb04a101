"""Who is a member, and who was one."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.members import MembersReport
from core.ports.access import Member


def listing(found: MembersReport) -> None:
    """Members as a table; below it those whose membership has ended."""
    if found.current:
        _table([_row(one) for one in found.current], "members_table")
    else:
        st.text("Nobody is a member. The first admin is made in the terminal:")
        st.code(
            ".venv/bin/python cli.py members add anna@example.org --name Anna --role admin",
            language=None,
        )
    if found.revoked:
        with st.expander(f"No longer members: {len(found.revoked)}"):
            _table([_former(one) for one in found.revoked], "revoked_table")


def _row(one: Member) -> dict[str, object]:
    return {
        "Name": one.name,
        "E-mail": one.email,
        "Role": one.role,
        "Services": ", ".join(one.services) or "all",
        "Changed by": one.changed_by,
        "Changed (UTC)": one.changed_at,
    }


def _former(one: Member) -> dict[str, object]:
    return {
        "Name": one.name,
        "E-mail": one.email,
        "Was": one.role,
        "Revoked by": one.revoked_by,
        "Revoked (UTC)": one.revoked_at,
    }


def _table(rows: Sequence[dict[str, object]], key: str) -> None:
    moments = [name for name in rows[0] if name.endswith("(UTC)")]
    st.dataframe(
        pd.DataFrame(rows),
        key=key,
        hide_index=True,
        height="content",
        column_config={
            name: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone="UTC")
            for name in moments
        },
    )
