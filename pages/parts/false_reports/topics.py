"""What is reported, about what, by day; who reviews, and how far reviewers agree."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core import wording
from core.charts import false_reports as charts
from core.charts.tokens import Palette
from core.false_reports import FalseReportsReport, sentences
from core.false_reports.reviews import Progress
from core.false_reports.waiting import TopicState
from core.false_reports.words import topic_name
from pages.parts import data
from pages.parts.cards import chart
from pages.parts.false_reports.inbox import TOPIC
from pages.parts.false_reports.letter import cell
from pages.parts.markdown import plain
from pages.parts.view import View


def topics(found: FalseReportsReport, view: View, theme: Palette) -> None:
    """Charts of topics and days, and every topic with the way to its groups."""
    left, right = st.columns(2)
    with left:
        _draw("topics", found, theme)
    with right:
        _draw("arrivals", found, theme)
    if found.topics:
        st.dataframe(
            pd.DataFrame([_topic_row(one, view) for one in found.topics]),
            key="topics_table",
            hide_index=True,
            height="content" if len(found.topics) <= 12 else 458,
            column_config={
                "Topic": st.column_config.TextColumn(width=340),
                "Look": st.column_config.LinkColumn(display_text="review"),
                "Newest": st.column_config.DatetimeColumn(
                    "Newest (UTC)", format="D MMM HH:mm", timezone="UTC"
                ),
            },
        )
    left, right = st.columns(2)
    with left:
        _draw("reviewers", found, theme)
    with right, st.container(border=True, height="stretch"):
        st.markdown("**How far the reviews can be trusted**")
        st.markdown(plain(sentences.agreement_sentence(found)))
        sampled = found.agreement.sampled
        if sampled.raw is not None:
            alpha = "unknown" if sampled.alpha is None else f"{sampled.alpha:.2f}"
            st.caption(
                "Hard and disputed groups get a second opinion more often. Of those that two "
                f"people always look at: {wording.percent(sampled.raw, 0)} alike, alpha {alpha}, "
                f"{wording.whole(sampled.n)} groups."
            )
        st.markdown(plain(sentences.precision_sentence(found)))
        st.caption(plain(sentences.masked_sentence(found)))
    if found.standings.progress:
        st.dataframe(
            pd.DataFrame([_reviewer_row(one) for one in found.standings.progress]),
            key="reviewers_table",
            hide_index=True,
            height="content" if len(found.standings.progress) <= 12 else 458,
            placeholder="–",
            column_config={"Median seconds": st.column_config.NumberColumn(format="%.0f")},
        )


def _draw(name: str, found: FalseReportsReport, theme: Palette) -> None:
    make = getattr(charts, name)
    chart(data.drawn(name, found, theme.name, lambda: make(found, theme)), key=f"reports_{name}")


def _topic_row(one: TopicState, view: View) -> dict[str, Any]:
    query = view.query() | {"tab": "Inbox", TOPIC: str(one.topic_id)}
    return {
        "Topic": cell(topic_name(one.topic_id, one.words, most=6)),
        "Look": f"/false_reports?{urlencode(query)}",
        "Groups": one.groups,
        "Reports": one.reports,
        "Waiting": one.waiting,
        "Confirmed": one.confirmed,
        "Rejected": one.rejected,
        "Newest": one.last_reported,
    }


def _reviewer_row(one: Progress) -> dict[str, Any]:
    return {
        "Reviewer": cell(one.reviewer),
        "Votes": one.votes,
        "Today": one.today,
        "Confirmed": one.confirmed,
        "Rejected": one.rejected,
        "Unsure": one.unsure,
        "Taken back": one.undone,
        "Median seconds": one.median_seconds,
    }
