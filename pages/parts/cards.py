"""Cards of one build: name, value, status, target, sparkline, one sentence, a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from core.charts.chart import Chart
from core.charts.tokens import MARKDOWN
from core.status import Status


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows.

    Attributes:
        value: the number, or a dash where there is none.
        target: what it is held against, in words.
        note: one sentence: what it means, or what settles it.
        spark: its line; None where there is nothing to draw.
        page: the page behind it, or None.
        query: query parameters of the link.
    """

    name: str
    value: str
    status: Status
    target: str
    note: str
    spark: Chart | None = None
    page: str | None = None
    link: str = ""
    query: dict[str, str] | None = None


def chip(status: Status) -> str:
    """A status as markdown: icon, word and, where it has one, colour; never colour alone."""
    text = f":material/{status.icon}: **{status.word.capitalize()}**"
    colour = MARKDOWN.get(status)
    return f":{colour}[{text}]" if colour else text


def cards(row: Sequence[Card], key: str) -> None:
    """A row of cards that line up whatever their texts wrap to."""
    columns = st.columns(len(row), gap="small")
    for at, (column, card) in enumerate(zip(columns, row, strict=True)):
        with column, st.container(border=True, height="stretch", key=f"{key}_{at}", gap="xsmall"):
            with st.container(key=f"card_name_{key}_{at}"):
                st.markdown(f"**{card.name}**")
            st.markdown(f"### {card.value}")
            st.markdown(chip(card.status))
            with st.container(key=f"card_target_{key}_{at}"):
                st.caption(card.target)
            if card.spark is not None and card.spark.spec is not None:
                st.vega_lite_chart(card.spark.spec, width="stretch", alt=card.spark.alt)
            st.caption(card.note)
            if card.page is not None:
                st.page_link(
                    card.page,
                    label=card.link,
                    icon=":material/arrow_forward:",
                    query_params=card.query,
                )


def chart(figure: Chart, key: str, *, selectable: bool = False) -> datetime | None:
    """A chart under its finding; where it can be clicked, the time that was picked."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{figure.title}**")
        if figure.spec is None:
            st.caption(figure.alt)
            return None
        if not selectable:
            st.vega_lite_chart(figure.spec, width="stretch", alt=figure.alt, key=key)
            return None
        event = st.vega_lite_chart(
            figure.spec, width="stretch", alt=figure.alt, key=key, on_select="rerun"
        )
    picked = event.selection.get("moment") or []
    if not picked:
        return None
    return datetime.fromtimestamp(float(picked[0]["t"]) / 1000, UTC)
