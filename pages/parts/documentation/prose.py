"""What the team wrote as markdown, made safe: viewing it sends no request and runs nothing."""

from __future__ import annotations

import streamlit as st

from core.documentation import pieces


def prose(written: str) -> None:
    """Prose as markdown, code as code."""
    for piece in pieces(written):
        if piece.kind == "code":
            st.code(piece.text, language=piece.language or None)
        else:
            st.markdown(piece.text)
