"""The definition of an experiment on its page: what it is read by, and who changes it how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import streamlit as st

from core import wording
from core.experiment import METRICS, ExperimentReport
from core.experiment.amendment import Change, is_started
from core.experiment.definition import DefinitionError
from core.experiment.settings import default_definition
from core.experiment.words import margin_words
from core.ports import Amendment, ExperimentDefinition, MetricRule
from core.timeframe import MINUTE, floor_to
from db.team.experiments import ConflictError, stop
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.drafts import Draft
from pages.parts.experiment_fields import change_words
from pages.parts.experiment_form import definition_form, draft_of
from pages.parts.forms import Button, form, reads_only, who
from pages.parts.view import View


def undefined(found: ExperimentReport, view: View) -> None:
    """Where nobody has defined what is shown, as the warnings say: the button that does."""
    if not found.is_default or not found.experiment or not view.live or not data.allowed():
        return
    opened = f"defining·{found.service}·{found.experiment}"
    if st.button("Define this experiment", icon=":material/edit:", key=f"{opened}·button"):
        st.session_state[opened] = not st.session_state.get(opened, False)
    if st.session_state.get(opened):
        with st.container(border=True):
            st.markdown("**Define it: the fields begin with the defaults**")
            draft_of(found.definition).outcome()
            definition_form(found.definition, defined=False)


def definition(found: ExperimentReport, view: View) -> None:
    """What the experiment is read by, its amendments, and the forms that change it."""
    one = found.definition
    with st.container(border=True):
        if found.experiment:
            st.markdown(f"**Definition{': the defaults' if found.is_default else ''}**")
            st.dataframe(
                pd.DataFrame(_rows(found)),
                hide_index=True,
                height="content",
                column_config={"What": st.column_config.TextColumn(width=180)},
            )
            _amendments(found.amendments)
        if not view.live:
            st.caption(
                "This page shows how it was at a moment of the past. Definitions are changed on "
                "the page of now: press “Back to now” on the left."
            )
            return
        if not data.allowed():
            if not found.experiment:  # else the log of decisions above has said it
                reads_only()
            return
        if found.experiment and not found.is_default:
            _change(one)
        fresh = replace(
            default_definition(found.service, "", (), data.now().date() + timedelta(days=1)),
            primary=one.primary,
            guardrails=one.guardrails,
        )
        draft = draft_of(fresh, fresh=True)
        draft.outcome()
        word = "next" if found.experiment else "first"
        if not found.experiment:
            st.markdown(
                "**How an experiment comes here**\n\nWith its first rows in "
                "`metrics.experiment_bucket_day`, read with defaults; or defined here before it "
                "starts, which is better: nothing can then be fitted to what was seen."
            )
        # Closed, a form costs nothing: its fields are there only while it is open.
        box = st.expander(
            f"Define the {word} experiment",
            expanded=not found.experiment,
            key=draft.key("open"),
            on_change="rerun",
        )
        if box.open:
            with box:
                definition_form(fresh, defined=False, fresh=True)


def _change(one: ExperimentDefinition) -> None:
    """Amend or stop."""
    draft = draft_of(one)
    draft.outcome()
    started = is_started(one, data.now().date())
    word = "Amend" if started else "Change"
    box = st.expander(f"{word} the definition", key=draft.key("open"), on_change="rerun")
    if box.open:
        with box:
            definition_form(one, defined=True)
    if started and one.stopped_on is None:
        _stop(one)


def _stop(one: ExperimentDefinition) -> None:
    """The form that ends an experiment before its planned end."""
    draft = Draft(f"stop·{one.service}·{one.experiment}")
    draft.outcome()
    box = st.expander("Stop the experiment early", key=draft.key("open"), on_change="rerun")
    if not box.open:
        return
    draft.begin({"stopped_on": data.now().date(), "reason": "", "by": ""})
    button = Button("Stop the experiment", primary=True)
    with box, form(draft, button, asks=None, tells=False) as sent:
        left, middle, right = st.columns([2, 2, 5])
        with left:
            draft.date_input("Last day that counts (UTC)", "stopped_on")
        with middle:
            who(draft)
        with right:
            draft.text_input("Why", "reason")
    if sent:
        _send_stop(draft, one)


def _send_stop(draft: Draft, one: ExperimentDefinition) -> None:
    typed = draft.values(["stopped_on", "by", "reason"])
    on = typed.pop("stopped_on")
    at = floor_to(data.now(), MINUTE)
    try:
        if on is None:
            raise DefinitionError({"stopped_on": "Is missing."})
        answer = data.act(lambda store: stop(store, one, on, at=at, **typed))
    except DefinitionError as error:
        draft.refused(error.problems)
    except ConflictError as error:
        lines = [change_words(change) for change in error.changes]
        draft.refused(
            {},
            f"Nothing was stored: {error.changed_by} has changed this experiment. Send it again to "
            "stop it all the same.",
            lines,
        )
    else:
        if isinstance(answer, Problem):
            draft.refused({}, f"Nothing was stored. {answer.sentence}")
        else:
            draft.accepted(
                f"Stopped on {wording.clock(at)}: {wording.long_date(on)} is the last day that "
                "counts."
            )
    st.rerun()


def _rows(found: ExperimentReport) -> list[dict[str, str]]:
    """The definition as rows of a table: what people typed is in cells."""
    one = found.definition
    shares = ", ".join(
        f"{variant.name} {wording.percent(variant.share, 2)}" for variant in one.variants
    )
    rows = {
        "Variants and planned split": shares,
        "Control": one.control,
        "First day": wording.long_date(one.starts_on),
        "Days": f"{one.minimum_days} at least, {one.planned_days} planned",
        "Planned end": wording.long_date(found.schedule.ends_on),
        "Primary metric": _rule(one.primary),
    }
    for number, rule in enumerate(one.guardrails, 1):
        rows[f"Guardrail {number}"] = _rule(rule)
    planned = found.main.planned
    if planned.value is not None:
        rows["s_plan"] = f"{planned.value:.5f}, {planned.source}"
    if one.assumption:
        rows["s_plan comes from"] = one.assumption
    if one.frozen_by and one.frozen_at is not None:
        rows["s_plan frozen by"] = f"{one.frozen_by}, {wording.clock(one.frozen_at)}"
    if one.stopped_on is not None:
        rows["Stopped"] = f"{wording.long_date(one.stopped_on)} is the last day that counts"
    if one.created_by:
        rows["Defined by"] = one.created_by
    if one.note:
        rows["Note"] = one.note
    return [{"What": name, "How": value} for name, value in rows.items()]


def _rule(rule: MetricRule) -> str:
    return f"{METRICS[rule.metric].label}: {margin_words(rule.margin)}, {rule.direction} is good"


def _amendments(made: Sequence[Amendment]) -> None:
    """Changes after the start, oldest first; as text, which goes on as long as a reason does."""
    if not made:
        return
    number = wording.number_word(len(made))
    noun = "amendment" if len(made) == 1 else "amendments"
    st.markdown(f"**{number.capitalize()} {noun} after the start**")
    for one in made:
        said = " ".join(
            change_words(Change(field, one.before.get(field), after))
            for field, after in one.after.items()
        )
        what = said if one.before else "Defined after the start."
        with st.container(gap="xxsmall"):
            st.caption(wording.clock(one.amended_at))
            st.text(f"{one.amended_by}: {what} Why: {one.reason}")
