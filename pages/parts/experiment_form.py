"""The form of a definition: every wrong field named beside it, nothing stored on an error."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import wording
from core.experiment import METRICS
from core.experiment.amendment import FIXED, changes, is_started
from core.experiment.definition import DIRECTIONS, DefinitionError, parse
from core.ports import ExperimentDefinition
from core.timeframe import MINUTE, floor_to
from db.team.experiments import ConflictError, amend, create
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.drafts import Draft
from pages.parts.experiment_fields import (
    change_words,
    fields_of,
    merged,
    places,
    values_of,
    variant_rows,
)
from pages.parts.forms import Button, form, who

#: Fields of the form that are no fields of a definition.
_ABOUT = ("by", "reason")


def draft_of(shown: ExperimentDefinition, *, fresh: bool = False) -> Draft:
    """The draft of one experiment's definition, or of one whose name is still to be chosen."""
    return Draft(f"definition·{shown.service}·{'' if fresh else shown.experiment}")


def definition_form(shown: ExperimentDefinition, *, defined: bool, fresh: bool = False) -> None:
    """The form of a definition: a new one, or a change of a stored one.

    Args:
        shown: what the fields begin with.
        defined: it is stored already.
        fresh: its name is still to be chosen.
    """
    draft = draft_of(shown, fresh=fresh)
    draft.begin(values_of(shown) | {"reason": "", "by": ""}, definition=shown)
    seen: ExperimentDefinition = draft.seen("definition")
    if defined:
        _changed_meanwhile(draft, seen, shown)
    fixed = defined and is_started(seen, data.now().date())
    word = "Amend" if fixed else "Change" if defined else "Define"
    button = Button(f"{word} the experiment", primary=True)
    with form(draft, button, asks=None, tells=False) as sent:
        _fields(draft, seen, fixed=fixed, fresh=fresh)
    if sent:
        _send(draft, seen, defined=defined, fresh=fresh)


def _changed_meanwhile(draft: Draft, seen: ExperimentDefinition, now: ExperimentDefinition) -> None:
    """Tell whoever has the form open that it was begun from an older definition."""
    if now.revision <= seen.revision:
        return  # the page itself may be some seconds behind what a conflict has just told
    draft.tell(
        "This experiment has been changed since the form was opened. What you typed is still here.",
        [change_words(change) for change in changes(seen, now)],
    )
    if st.button("Take over what is stored", icon=":material/sync:", key=draft.key("reload")):
        draft.refill(values_of(now), definition=now)
        st.rerun()


def _fields(draft: Draft, seen: ExperimentDefinition, *, fixed: bool, fresh: bool) -> None:
    left, middle, right = st.columns(3, gap="medium")
    with left:
        _schedule(draft, fixed=fixed, fresh=fresh)
    with middle:
        _variants(draft, seen, fixed=fixed)
    with right:
        _tuning(draft, fixed=fixed)
        draft.text_area("Note", "note", height=120)
    left, right = st.columns([2, 1], gap="medium")
    with left:
        _guardrails(draft)
    with right:
        who(draft)
        draft.text_area("Why now (needed once the first day has begun)", "reason", height=120)
    if fixed:
        st.caption("Greyed fields have been fixed since the start: the verdict rests on them.")


def _schedule(draft: Draft, *, fixed: bool, fresh: bool) -> None:
    if fresh:
        draft.text_input("Experiment", "experiment")
    draft.date_input("First day (UTC)", "starts_on", disabled=fixed)
    _whole(draft, "minimum_days", "Days before any verdict", disabled=fixed)
    _whole(draft, "planned_days", "Planned days")
    draft.selectbox("Primary metric", METRICS, "primary_metric", format_func=_label, disabled=fixed)
    draft.problem("primary")
    _number(draft, "primary_margin", "Its margin, %", step=0.5, disabled=fixed)
    draft.selectbox("Good is", DIRECTIONS, "primary_direction", disabled=fixed)


def _variants(draft: Draft, seen: ExperimentDefinition, *, fixed: bool) -> None:
    """Rows of a name and a share; those left empty are no variants."""
    for row in range(variant_rows(seen)):
        name, share = st.columns([3, 2], vertical_alignment="bottom")
        with name:
            draft.text_input(
                f"Variant {row + 1}",
                f"variant_{row}_name",
                label_visibility="collapsed" if row else "visible",
                disabled=fixed,
            )
        with share:
            draft.number_input(
                f"Share of variant {row + 1}, %" if row else "Share, %",
                f"variant_{row}_share",
                step=1.0,
                label_visibility="collapsed" if row else "visible",
                disabled=fixed,
            )
    draft.problem("variants")
    draft.text_input("Control", "control", disabled=fixed)


def _tuning(draft: Draft, *, fixed: bool) -> None:
    _number(
        draft,
        "s_plan",
        "s_plan (standard error at the planned end)",
        step=0.0001,
        digits="%.5f",
        disabled=fixed,
    )
    draft.text_input("What s_plan was computed from", "assumption", disabled=fixed)


def _guardrails(draft: Draft) -> None:
    """One row a metric: whether it guards, how far it may go the wrong way, which way is good."""
    widths = [3, 2, 2]
    for column, words in zip(
        st.columns(widths), ("Guardrails", "Margin, %", "Good is"), strict=True
    ):
        column.caption(words)
    for name, metric in METRICS.items():
        use, margin, direction = st.columns(widths, vertical_alignment="center")
        with use:
            draft.checkbox(metric.label, f"guard_{name}_on")
        with margin:
            draft.number_input(
                f"Margin of {metric.label.lower()}, %",
                f"guard_{name}_margin",
                step=0.5,
                label_visibility="collapsed",
            )
        with direction:
            draft.selectbox(
                f"Good direction of {metric.label.lower()}",
                DIRECTIONS,
                f"guard_{name}_direction",
                label_visibility="collapsed",
            )
    draft.problem("guardrails")


def _whole(draft: Draft, field: str, label: str, *, disabled: bool = False) -> None:
    draft.number_input(label, field, step=1, disabled=disabled)


def _number(
    draft: Draft,
    field: str,
    label: str,
    *,
    step: float,
    disabled: bool = False,
    digits: str | None = None,
) -> None:
    draft.number_input(label, field, step=step, disabled=disabled, format=digits)


def _send(draft: Draft, seen: ExperimentDefinition, *, defined: bool, fresh: bool) -> None:
    """Store what the form holds, or say what keeps it from being stored; then draw anew."""
    values, about = draft.values(values_of(seen)), draft.values(_ABOUT)
    # To the minute, as the as-of of a live page is: what was stored shows at once.
    at = floor_to(data.now(), MINUTE)
    try:
        wanted = parse(fields_of(values, seen))
        answer = data.act(
            lambda store: (
                amend(store, seen, wanted, at=at, **about)
                if defined
                else create(store, wanted, at=at, **about)
            )
        )
    except DefinitionError as error:
        draft.refused(places(error.problems, values, seen))
    except ConflictError as error:
        _conflict(draft, error, values, seen)
        if not defined and not fresh:
            # From now on it is defined, and what was typed goes on as a change of it.
            st.session_state[draft.key("open")] = True
    else:
        if isinstance(answer, Problem):
            draft.refused({}, f"Nothing was stored. {answer.sentence}")
        else:
            draft.accepted(
                f"Stored on {wording.clock(at)}: {answer.experiment}, revision {answer.revision}."
            )
            begun = seen if fresh else answer
            draft.refill(values_of(begun) | {"reason": ""}, definition=begun)
    st.rerun()


def _conflict(
    draft: Draft, error: ConflictError, values: dict[str, Any], seen: ExperimentDefinition
) -> None:
    """Tell what somebody else has changed; what was typed stays, over what is stored now."""
    stored = error.stored
    if stored is None:
        draft.refused({}, f"Nothing was stored. {error}")
        return
    when = "" if error.changed_at is None else f" on {wording.clock(error.changed_at)}"
    sentence = (
        f"Nothing was stored: {error.changed_by} has changed {stored.experiment}{when}. What you "
        "typed is still here, together with that change. Send it again to store it."
    )
    draft.refused({}, sentence, [change_words(change) for change in error.changes])
    kept = merged(values, seen, stored)
    if is_started(stored, data.now().date()):
        # What has been fixed since the start is no longer anybody's to type.
        now = values_of(stored)
        kept |= {name: now[name] for name in now if _is_fixed(name)}
    draft.refill(kept, definition=stored)


def _is_fixed(name: str) -> bool:
    return name in FIXED or name.startswith(("variant_", "primary_"))


def _label(metric: str) -> str:
    return METRICS[metric].label
