"""The reviews that were kept: which there are, and the files of the one that is chosen."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.ports.reviews import KeptReview
from core.review.desk import NO_REVIEWS, ReviewsReport
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.markdown import plain
from pages.parts.review.reading import kept_address

_MIME = {"html": "text/html", "pdf": "application/pdf"}


def listing(found: ReviewsReport) -> None:
    """A table of the kept reviews; one can be chosen, the newest is at first."""
    with st.container(border=True, height="stretch", key="review_listing"):
        st.markdown("**Kept reviews**")
        if not found.kept:
            st.caption(NO_REVIEWS)
            return
        picked = st.dataframe(
            pd.DataFrame([_row(one) for one in found.kept]),
            hide_index=True,
            height="content" if len(found.kept) < 8 else 300,
            column_config={
                "Review": st.column_config.NumberColumn(width=55),
                "As of": st.column_config.DatetimeColumn(
                    "As of (UTC)", format="D MMM YYYY HH:mm", timezone="UTC", width=130
                ),
                "Kept by": st.column_config.TextColumn(width=120),
                "It said": st.column_config.TextColumn(width=330),
            },
            key=f"kept reviews·{found.service}",
            on_select="rerun",
            selection_mode="single-row",
            alt="Kept reviews, the newest first. Choose one to open or download it.",
        )
        rows = picked.selection.rows
        chosen = found.kept[rows[0] if rows and rows[0] < len(found.kept) else 0]
        _files(chosen)


def _row(one: KeptReview) -> dict[str, object]:
    return {
        "Review": one.review_id,
        "As of": one.as_of,
        "Kept by": one.kept_by,
        "It said": one.headline,
    }


def _files(chosen: KeptReview) -> None:
    st.caption(f"Review {chosen.review_id}: {plain(chosen.title)}")
    st.text(chosen.headline)
    with st.container(horizontal=True):
        st.link_button(
            "Open",
            kept_address(chosen.review_id),
            icon=":material/open_in_new:",
            key=f"open review {chosen.review_id}",
        )
        for kind in _MIME:
            _download(chosen, kind)


def _download(chosen: KeptReview, kind: str) -> None:
    content = data.review_file(chosen, kind)
    if isinstance(content, Problem):
        st.caption(f"{kind.upper()}: {plain(content.sentence)}")
        return
    st.download_button(
        f"Download {kind.upper()}",
        content,
        file_name=f"review-{chosen.review_id}-{chosen.as_of:%Y-%m-%d}.{kind}",
        mime=_MIME[kind],
        icon=":material/download:",
        on_click="ignore",
        key=f"{kind} of review {chosen.review_id}",
    )
