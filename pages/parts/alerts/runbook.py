"""The runbook in place: nobody looks for it at night."""

from __future__ import annotations

import streamlit as st

from core import wording
from core.alerts.report import Shown
from core.documentation import pieces
from core.ports.documentation import Runbook
from pages.parts.data import Background
from pages.parts.markdown import plain


def runbook(shown: Shown | None, beside: Background) -> None:
    """The runbook that the URL names, else that of an alert's rule."""
    asked = st.query_params.get("runbook", "")
    wanted = asked or ("" if shown is None or shown.rule is None else shown.rule.runbook_id)
    if not wanted:
        if shown is not None:
            st.warning(
                "This alert has no runbook: write down what helped, so that the next one has it.",
                icon=":material/menu_book:",
            )
        return
    written = beside.runbooks.get(wanted)
    if written is None:
        st.warning(f"The runbook {plain(wanted)} does not exist.", icon=":material/menu_book:")
        return
    with st.container(border=True, key="alert_runbook"):
        _show(written)


def _show(written: Runbook) -> None:
    """What the team wrote, made safe: viewing it sends no request."""
    st.markdown(f":material/menu_book: **Runbook: {plain(written.title)}**")
    for piece in pieces(written.body):
        if piece.kind == "code":
            st.code(piece.text, language=piece.language or None)
        else:
            st.markdown(piece.text)
    changed = "" if written.changed_at is None else f", {wording.clock(written.changed_at)}"
    st.caption(
        f"{plain(written.runbook_id)}, revision {written.revision}, "
        f"by {plain(written.changed_by)}{changed}"
    )
