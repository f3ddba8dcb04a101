"""The tables of the Quality page."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core import wording
from core.quality import QualityReport, sentences
from core.quality.comparison import Difference, differences
from core.quality.plan import PlanRow
from core.quality.slices import SliceQuality
from core.spreadsheet import csv_text
from core.status import Estimate
from pages.parts import data
from pages.parts.markdown import plain
from pages.parts.view import View

_NUMBER = st.column_config.NumberColumn
_PLAN_HEADERS = (
    "model_version",
    "decision",
    "score_from",
    "score_to",
    "letters_in_window",
    "labels_now",
    "labels_to_add",
    "inclusion_probability",
)


def versions_and_segments(found: QualityReport, view: View) -> None:
    """Every model version and segment with its intervals, each a link."""
    rows = [
        _slice_row(kind, part, found, view)
        for kind, parts in (("version", found.by_version), ("segment", found.by_segment))
        for part in parts
    ]
    if not rows:
        return
    with st.container(border=True):
        st.markdown("**Model versions and segments**")
        columns = {
            name: _NUMBER(format="%.2f")
            for name in ("Precision, %", "from", "to", "Recall, %", "from ", "to ")
        }
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            placeholder="–",
            column_config={
                **columns,
                "Letters": _NUMBER(format="compact"),
                "Labels": _NUMBER(format="localized"),
                "Look": st.column_config.LinkColumn(display_text="look there"),
            },
        )
        st.caption(
            "95 % intervals, adjusted for how many versions, and how many segments, there are "
            "(Bonferroni): together they hold with 95 % certainty. A click on a heading sorts."
        )


def plan(found: QualityReport) -> None:
    """Which score bands to label next, how many labels, and what they would bring."""
    made = found.plan
    if made is None:
        return
    with st.container(border=True):
        number = wording.whole(made.suggested)
        st.markdown(f"**Label plan: where {number} further labels are worth most**")
        st.markdown(plain(sentences.plan_sentence(found)))
        st.caption(plain(sentences.certify_sentence(found)))
        left, right = st.columns([3, 2])
        with left:
            st.dataframe(
                pd.DataFrame([_plan_row(row) for row in made.rows]),
                hide_index=True,
                height=min(36 + 35 * len(made.rows), 330),
                column_config={
                    "Letters": _NUMBER(format="compact"),
                    "Labels now": _NUMBER(format="localized"),
                    "To add": _NUMBER(format="localized"),
                },
            )
        with right:
            st.dataframe(
                pd.DataFrame(
                    [
                        {
                            "Further labels": gain.more,
                            "Precision ±, points": _up(gain.precision),
                            "Recall ±, points": _up(gain.recall),
                        }
                        for gain in made.gains
                    ]
                ),
                hide_index=True,
                column_config={
                    "Further labels": _NUMBER(format="localized"),
                    "Precision ±, points": _NUMBER(format="%.2f"),
                    "Recall ±, points": _NUMBER(format="%.2f"),
                },
            )
            st.caption(
                "Half the width of the 95 % intervals, if the present estimates are true "
                f"(Neyman allocation over the letters of {plain(made.version)})."
            )
            st.download_button(
                "Download the plan as CSV",
                _plan_csv(found),
                file_name=f"label_plan_{found.service}.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
            )


def comparison(found: QualityReport, view: View) -> None:
    """Two model versions, or two windows, side by side."""
    names = [part.key for part in found.by_version if part.labels]
    with st.container(border=True):
        st.markdown("**Compare**")
        ways = [f"with the {found.window.words} before"]
        if len(names) > 1:
            ways.insert(0, "two model versions")
        left, middle, right = st.columns([2, 1, 1])
        way = left.segmented_control(
            "Compare", ways, default=ways[0], required=True, label_visibility="collapsed"
        )
        by_name = {part.key: part for part in found.by_version}
        if way == "two model versions":
            # The oldest against the one in production, unless somebody chooses otherwise.
            first = middle.selectbox("First", names, index=0)
            other = names.index(found.version) if found.version in names else len(names) - 1
            second = right.selectbox("Second", names, index=other)
            _side_by_side((first, second), by_name[first], by_name[second])
            return
        before = data.quality_before(view, found.focus, found.span.start).report
        if before is None or not before.labels.count:
            st.caption(f"The {found.window.words} before hold no labels to compare with.")
            return
        titles = (f"the {found.window.words} before", f"the {found.window.last}")
        _side_by_side(titles, before.whole, found.whole)


def _side_by_side(titles: tuple[str, str], first: SliceQuality, second: SliceQuality) -> None:
    if first is second:
        st.caption("Choose two different ones.")
        return
    labels = f"{wording.whole(first.labels)} and {wording.whole(second.labels)} labels"
    st.dataframe(
        pd.DataFrame([_difference_row(each, titles) for each in differences(first, second)]),
        hide_index=True,
    )
    st.caption(
        f"{labels}. The interval of a difference comes from those of its sides (MOVER). "
        "“Not told apart” is no proof of being equal."
    )


def _difference_row(each: Difference, titles: tuple[str, str]) -> dict[str, Any]:
    found = each.estimate
    between = "unknown"
    if found.value is not None and found.low is not None and found.high is not None:
        value, low, high = (_points(part) for part in (found.value, found.low, found.high))
        between = f"{value} points ({low} to {high})"
    return {
        "Measure": each.measure.replace("_", " ").capitalize(),
        titles[0].capitalize() if titles[0].startswith("the ") else titles[0]: (
            sentences.interval_words(each.first)
        ),
        titles[1].capitalize() if titles[1].startswith("the ") else titles[1]: (
            sentences.interval_words(each.second)
        ),
        "Second minus first": between,
        "So they are": "apart" if each.apart else "not told apart",
    }


def _points(share: Any) -> str:
    return f"{float(share) * 100:+.2f}".replace("-", "−")


def _slice_row(kind: str, part: SliceQuality, found: QualityReport, view: View) -> dict[str, Any]:
    precision, recall = part.measures["precision"], part.measures["recall"]
    query = view.query() | {kind: part.key}
    words = {name: status.word for name, status in part.statuses.items()}
    same = len(set(words.values())) == 1
    return {
        "Slice": f"{kind} {part.key}",
        "Letters": part.letters,
        "Labels": part.labels,
        "Precision, %": _down(precision.value),
        "from": _down(precision.low),
        "to": _up_percent(precision),
        "Recall, %": _down(recall.value),
        "from ": _down(recall.low),
        "to ": _up_percent(recall),
        f"{found.settings.name}": words["precision"]
        if same
        else f"{words['precision']} / {words['recall']}",
        "Look": f"/quality?{urlencode(query)}",
    }


def _plan_row(row: PlanRow) -> dict[str, Any]:
    return {
        "Decided": "positive" if row.decision else "negative",
        "Score": f"{wording.score(row.score_from)} to {wording.score(row.score_to)}",
        "Letters": row.letters,
        "Labels now": row.labels,
        "To add": row.more,
    }


def _plan_csv(found: QualityReport) -> str:
    made = found.plan
    if made is None:
        return ""
    rows = [
        (
            made.version,
            "true" if row.decision else "false",
            row.score_from,
            row.score_to,
            row.letters,
            row.labels,
            row.more,
            row.inclusion_probability,
        )
        for row in made.rows
    ]
    return csv_text(_PLAN_HEADERS, rows)


def _down(share: Any) -> float | None:
    """A share in percent, cut down to the two digits that are shown."""
    return None if share is None else math.floor(float(share) * 10_000) / 100


def _up_percent(estimate: Estimate) -> float | None:
    return None if estimate.high is None else math.ceil(float(estimate.high) * 10_000) / 100


def _up(half_width: float) -> float:
    return math.ceil(half_width * 10_000) / 100
