"""The next groups in a list, and one decision on exactly those that are ticked in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core import wording
from core.false_reports import FalseReportsReport
from core.false_reports.reviews import OTHER, REASONS, Seen
from core.false_reports.votes import STAGES
from core.false_reports.words import KINDS, topic_name
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.false_reports import acts
from pages.parts.false_reports.desk import Desk, Listed, new_token
from pages.parts.false_reports.letter import cell
from pages.parts.markdown import plain

#: So many groups are listed.
MOST = 20
_ADJUDICATION = STAGES.index("adjudication")


def waiting(found: FalseReportsReport, desk: Desk, topic: int | None, refused: str) -> None:
    """The list with its buttons. It stands still until it is asked for anew: ticks are by row."""
    if desk.listed is not None and desk.listed.topic != topic:
        desk.listed = None
    if desk.listed is None:
        desk.listed = listed(found, desk, topic)
    shown = desk.listed
    if shown is None or not shown.rows:
        return
    with st.container(border=True):
        st.markdown(f"**The next {wording.whole(len(shown.rows))} in the queue**")
        ticked = st.dataframe(
            pd.DataFrame(shown.rows),
            key=f"listed·{shown.token}",
            hide_index=True,
            height="content" if len(shown.rows) <= 10 else 388,
            on_select="rerun",
            selection_mode="multi-row",
            column_config={
                "Letter": st.column_config.TextColumn(width=330),
                "Group": st.column_config.NumberColumn(format="%d", width=60),
                "Score": st.column_config.NumberColumn(format="%.4f", width="small"),
            },
        )
        rows: list[int] = [row for row in ticked.selection.rows if row < len(shown.rows)]
        if data.allowed():
            _buttons(found, desk, shown, rows, refused)


def listed(found: FalseReportsReport, desk: Desk, topic: int | None) -> Listed | None:
    """The first groups of the queue as they are now; None where the store does not answer.

    Those to adjudicate are left out: whoever adjudicates reads what the others said.
    """
    order, groups = acts.order_of(found, desk, topic), found.groups
    first = order.group_ids[order.stages != _ADJUDICATION][:MOST]
    stages = dict(zip(order.group_ids.tolist(), order.stages.tolist(), strict=True))
    at = groups.group_ids.searchsorted(first).tolist()
    letters = data.letters(found.service, [groups.exemplars[row] for row in at]) if at else ()
    if isinstance(letters, Problem):
        return None
    texts = {one.report_id: one.text for one in letters}
    named = {one.topic_id: one.words for one in found.topics}
    held = {one.group_id for one in found.claims}
    seen, rows = [], []
    for row in at:
        group_id, exemplar = int(groups.group_ids[row]), groups.exemplars[row]
        stage = STAGES[stages[group_id]]
        seen.append(Seen(group_id, int(groups.versions[row]), exemplar, stage))
        of = int(groups.topics[row])
        waits = "second opinion" if stage == "second" else "first look"
        rows.append(
            {
                "Group": group_id,
                "Letter": cell(texts.get(exemplar, "")),
                "Kind": KINDS[groups.kinds[row]],
                "People": int(groups.reporters[row]),
                "Reports": int(groups.reports[row]),
                "Waits for": f"{waits}, somebody looks at it" if group_id in held else waits,
                "Score": float(groups.scores[row]),
                "Version": cell(groups.model_versions[row]),
                "Topic": cell(topic_name(of, named.get(of, ()))),
            }
        )
    kinds = tuple(groups.kinds[row] for row in at)
    return Listed(tuple(seen), kinds, tuple(rows), new_token(), topic)


def _buttons(
    found: FalseReportsReport, desk: Desk, shown: Listed, rows: Sequence[int], refused: str
) -> None:
    off = bool(refused) or not rows
    kinds = list(dict.fromkeys(shown.kinds[row] for row in rows)) or ["false_positive"]
    number = wording.whole(len(rows))

    def button(label: str, key: str, *more: Any) -> None:
        st.button(
            label,
            key=f"bulk·{label[:6]}·{shown.token}",
            shortcut=key,
            disabled=off,
            on_click=acts.decide_listed,
            args=(found, desk, tuple(rows), *more),
        )

    with st.container(horizontal=True, vertical_alignment="bottom"):
        button(f"Confirm {number} ticked", "Shift+Y", "confirm")
        reason = st.selectbox(
            "Reject because",
            [reason for reason in REASONS if reason != OTHER],
            key="bulk_reason",
            format_func=lambda reason: " / ".join(
                dict.fromkeys(REASONS[reason][kind] for kind in kinds)
            ),
            width=340,
            disabled=off,
        )
        button(f"Reject {number} ticked", "Shift+N", "reject", reason)
        button(f"Unsure of {number} ticked", "Shift+U", "unsure")
        st.button(
            "List anew",
            key="list_anew",
            icon=":material/refresh:",
            shortcut="Shift+L",
            on_click=_anew,
            args=(desk,),
        )
    st.caption(
        plain(refused)
        or "Tick rows to decide them together: exactly those, as they stand here. One that changed "
        "meanwhile is left as it is, and you are told."
    )


def _anew(desk: Desk) -> None:
    desk.listed = None
