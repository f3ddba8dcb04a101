"""The entries of the log: page by page, one of them as a difference, and all of them as a file."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.audit import COLUMNS, Cursor, LogEntry, Search, changes, file_rows, rows
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.prose_table import prose_table

#: Entries of a page, and the most that a file holds.
SIZE, MOST = 50, 10_000
_TRAIL = "audit_trail"


def trail(search: Search) -> list[Cursor]:
    """Where the pages before this one ended; another search begins with the newest entries."""
    kept = st.session_state.get(_TRAIL)
    if kept is None or kept[0] != search:
        kept = (search, [])
        st.session_state[_TRAIL] = kept
    cursors: list[Cursor] = kept[1]
    return cursors


def table(entries: tuple[LogEntry, ...]) -> LogEntry | None:
    """The entries; the one that was chosen, to be shown below."""
    chosen = st.dataframe(
        pd.DataFrame(rows(entries), columns=list(COLUMNS)),
        key="audit_table",
        hide_index=True,
        height="content",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "What": st.column_config.TextColumn(width=115),
            "Change": st.column_config.TextColumn(width="large"),
        },
    )
    at = chosen["selection"]["rows"]
    return entries[at[0]] if at and at[0] < len(entries) else None


def difference(entry: LogEntry) -> None:
    """One entry, field by field."""
    with st.container(border=True):
        st.text(f"{entry.by}: {entry.subject} {entry.subject_id}")
        found = [
            {"Field": one.field, "Before": one.before or "", "After": one.after or ""}
            for one in changes(entry)
        ]
        if not found:
            st.caption("It changed nothing but who wrote last.")
            return
        prose_table(found, alt="What the entry changed, field by field.")


def paging(trailed: list[Cursor], further: Cursor | None) -> None:
    """To newer and older entries."""
    with st.container(horizontal=True):
        st.button(
            "Newer",
            icon=":material/arrow_back:",
            key="audit_newer",
            disabled=not trailed,
            on_click=_back,
            args=(trailed,),
        )
        st.button(
            "Older",
            icon=":material/arrow_forward:",
            key="audit_older",
            disabled=further is None,
            on_click=_on,
            args=(trailed, further),
        )


def download(search: Search) -> None:
    """Everything that is found, as a file; read when it is asked for."""
    st.download_button(
        "Download CSV",
        lambda: _csv(search),
        file_name="audit.csv",
        mime="text/csv",
        icon=":material/download:",
        key="audit_csv",
        help=f"The newest {MOST:,} entries that are found.",
        on_click="ignore",
    )


def _csv(search: Search) -> bytes:
    found = data.audit_log(search, None, MOST)
    entries = () if isinstance(found, Problem) else found.entries
    written: str = pd.DataFrame(file_rows(entries), columns=list(COLUMNS)).to_csv(index=False)
    return written.encode("utf-8-sig")


def _back(trailed: list[Cursor]) -> None:
    if trailed:
        trailed.pop()


def _on(trailed: list[Cursor], further: Cursor) -> None:
    trailed.append(further)
