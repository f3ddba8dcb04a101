"""What is decided where a plan does not fit: simplify, or extra hands, with what and who."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import streamlit as st

from core.ports.plan import DECISIONS, Task
from db.team.milestones import decide
from pages.parts.drafts import Draft
from pages.parts.forms import Button, form, send


def decision_form(service: str, milestone: str, tasks: Mapping[int, Task], today: date) -> None:
    """Record one.

    Args:
        service: whose.
        milestone: whose plan does not fit.
        tasks: those that it may be about.
        today: the day that the form proposes.
    """
    draft = Draft(f"planning decision·{service}·{milestone}")
    begun = {"kind": next(iter(DECISIONS)), "task_id": None, "what": "", "who": ""}
    draft.begin(begun | {"decided_on": today, "by": ""})
    draft.only("task_id", tasks)
    with form(
        draft, Button("Record the decision", ":material/gavel:"), asks="Who records it"
    ) as sent:
        left, right = st.columns([1, 2])
        with left:
            draft.selectbox("What helps", DECISIONS, "kind", format_func=DECISIONS.__getitem__)
        with right:
            draft.selectbox(
                "Which task (empty: the milestone as a whole)",
                tasks,
                "task_id",
                index=None,
                format_func=lambda number: f"{tasks[number].title} (#{number})",
                placeholder="The milestone as a whole",
            )
        draft.text_input("What gets simpler, or what the extra hands will do", "what")
        left, right = st.columns(2)
        with left:
            draft.text_input("Who does it", "who")
        with right:
            draft.date_input("Decided on", "decided_on")
    if sent:
        given = sent.given | {"milestone": milestone}
        send(
            draft,
            lambda store: decide(store, service, given, **sent.once),
            lambda made: f"Recorded: {DECISIONS[made.kind]}, by {made.who}.",
            empty=begun,
        )
