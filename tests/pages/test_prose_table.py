"""Tables for reading: whole sentences, text as text, days and moments as a reader says them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest
import streamlit as st

from pages.parts.prose_table import HEIGHT, MOST_ROWS, Marked, prose_table
from tests.pages.operate import HOSTILE, LIVE

Rows = list[dict[str, object]]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Callable[[Rows], tuple[pd.DataFrame, dict[str, Any]]]:
    """What Streamlit is given to draw: cells and how they are to look."""

    def draw(rows: Rows) -> tuple[pd.DataFrame, dict[str, Any]]:
        given: list[tuple[pd.DataFrame, dict[str, Any]]] = []
        monkeypatch.setattr(st, "table", lambda frame, **look: given.append((frame, look)))
        prose_table(rows, alt="What was decided.")
        (one,) = given
        return one

    return draw


def test_what_people_wrote_is_text_in_cells_and_headings(drawn: Callable[..., Any]):
    frame, _ = drawn([{HOSTILE: HOSTILE}])
    assert not LIVE.search(frame.to_csv())


def test_days_and_moments_are_said_as_on_every_page_and_stay_on_one_line(
    drawn: Callable[..., Any],
):
    moment = datetime(2026, 6, 1, 3, 12, tzinfo=UTC)
    frame, _ = drawn([{"On": date(2026, 6, 1), "At (UTC)": moment, "Taken back": None}])
    assert list(frame.iloc[0]) == ["1\u00a0Jun\u00a02026", "1\u00a0Jun\u00a02026\u00a003:12", ""]


def test_lines_of_a_text_are_one_sentence_and_a_mark_of_our_own_is_markdown(
    drawn: Callable[..., Any],
):
    frame, _ = drawn([{"What": "one\n\n  two", "State": Marked(":blue[**on target**]")}])
    assert list(frame.iloc[0]) == ["one two", ":blue[**on\u00a0target**]"]


def test_many_rows_scroll_inside_of_the_table(drawn: Callable[..., Any]):
    _, few = drawn([{"What": "a"}] * MOST_ROWS)
    _, many = drawn([{"What": "a"}] * (MOST_ROWS + 1))
    assert (few["height"], many["height"]) == ("content", HEIGHT)
    assert few["alt"] == "What was decided."
