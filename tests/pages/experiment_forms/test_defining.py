"""An experiment is defined: nothing wrong is stored, nothing typed is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import streamlit as st

from core.experiment.settings import GUARDRAILS
from core.timeframe import MINUTE, floor_to
from db.engine import Store
from db.team.experiments import amend, create
from tests.db.readers.serving import row, write
from tests.pages.experiment_forms.desk import (
    FORM,
    NEXT,
    Desk,
    amendments,
    app_of,
    defined,
    definition,
    stored,
    today,
)


class TestDefining:
    """From what is seen to a definition, and every slip named."""

    def test_the_defaults_become_the_definition_with_a_reason(self, desk: Desk):
        desk.press("Define this experiment")
        desk.type(FORM, by="Анна", reason="nobody had", planned_days=35)
        desk.press("Define the experiment")
        (made,) = stored(desk.store)
        assert (made.planned_days, made.created_by, made.revision) == (35, "Анна", 1)
        assert made.starts_on == today() - timedelta(days=9)
        assert made.guardrails == GUARDRAILS
        (logged,) = amendments(desk.store)
        assert (logged.amended_by, logged.reason, dict(logged.before)) == ("Анна", "nobody had", {})
        assert "defined by Анна" in desk.said()
        assert "9 of 35" in desk.said()
        assert "Анна: Defined after the start. Why: nobody had" in desk.texts()

    def test_every_wrong_field_is_named_and_nothing_is_stored(self, desk: Desk):
        desk.press("Define this experiment")
        desk.type(
            FORM,
            by="",
            minimum_days=3,
            variant_0_share=20.0,
            control="nobody",
            primary_margin=5.0,
            guard_revenue_per_user_margin=2.0,
            s_plan=0.5,
        )
        desk.press("Define the experiment")
        assert stored(desk.store) == ()
        texts = desk.texts()
        for part in (
            "Must be a whole number from 7 to 366, and is 3.",
            "The shares must add up to 1, and add up to 0.7.",
            "Must be one of control, treatment, and is 'nobody'.",
            "Must be from above -1 to 0",
            "Must be above -1 and below 0",
            "Is missing: say what s_plan was computed from.",
        ):
            assert any(part in text for text in texts), part
        assert desk.value(FORM, "minimum_days") == 3
        desk.type(
            FORM,
            minimum_days=14,
            variant_0_share=50.0,
            control="control",
            primary_margin=-5.0,
            guard_revenue_per_user_margin=-2.0,
            s_plan=None,
        )
        desk.press("Define the experiment")
        assert "Is missing." in desk.texts()  # who
        desk.type(FORM, by="Anna")
        desk.press("Define the experiment")
        assert any("the experiment has started" in text for text in desk.texts())
        assert stored(desk.store) == ()
        desk.type(FORM, reason="late")
        desk.press("Define the experiment")
        assert len(stored(desk.store)) == 1

    def test_what_was_typed_is_said_back_as_text_alone(self, desk: Desk):
        desk.press("Define this experiment")
        typed = "**[x](https://example.org)** <img src=x> $a$"
        desk.type(FORM, by="Anna", reason="late", control=typed)
        desk.press("Define the experiment")
        assert any(typed in text for text in desk.texts())
        assert typed not in "\n".join(one.value for one in desk.app.markdown)

    def test_the_next_experiment_is_defined_before_it_starts(self, desk: Desk):
        desk.open(f"{NEXT}·open")
        desk.type(
            NEXT,
            by="Anna",
            experiment="next",
            variant_0_name="old",
            variant_1_name="new",
            control="old",
            s_plan=0.0061,
            assumption="the planner",
        )
        desk.press("Define the experiment")
        (made,) = stored(desk.store)
        assert (made.experiment, made.control, made.frozen_by) == ("next", "old", "Anna")
        assert made.starts_on == today() + timedelta(days=1)
        assert desk.value(NEXT, "experiment") == ""
        assert "next" in desk.cells()


class TestTogether:
    """Two people at the same definition: the second is told, and keeps what they typed."""

    def test_the_second_to_change_it_is_told_and_undoes_nothing(self, store: Store):
        first = defined(store, today() + timedelta(days=9))
        write(store, [row(datetime(2026, 1, 5, 6, tzinfo=UTC))])
        desk = Desk(store)
        desk.open(f"{FORM}·open")
        desk.type(FORM, by="Boris", note="what *I* meant")
        theirs = replace(first, planned_days=42)
        amend(app_of(store), first, theirs, by="<b>Anna</b>", at=datetime.now(UTC))
        desk.press("Change the experiment")
        (kept,) = stored(store)
        assert (kept.planned_days, kept.note, kept.revision) == (42, "", 2)
        assert any("<b>Anna</b> has changed folder" in text for text in desk.texts())
        assert "• The planned length in days was 28 and is now 42." in desk.texts()
        assert desk.value(FORM, "note") == "what *I* meant"
        assert desk.value(FORM, "planned_days") == 42
        desk.press("Change the experiment")
        (kept,) = stored(store)
        assert (kept.planned_days, kept.note, kept.revision) == (42, "what *I* meant", 3)

    def test_the_second_to_define_it_goes_on_with_a_change(self, desk: Desk):
        desk.press("Define this experiment")
        desk.type(FORM, by="Boris", reason="late", note="mine", minimum_days=10)
        starts_on = today() - timedelta(days=9)
        theirs = definition(starts_on, planned_days=35)
        at = floor_to(datetime.now(UTC), MINUTE)
        create(app_of(desk.store), theirs, by="Anna", at=at, reason="first")
        desk.press("Define the experiment")
        (kept,) = stored(desk.store)
        assert (kept.planned_days, kept.note) == (35, "")
        assert any("Anna has changed folder" in text for text in desk.texts())
        assert desk.value(FORM, "note") == "mine"
        st.cache_data.clear()
        desk.run()
        assert desk.value(FORM, "note") == "mine"
        assert desk.value(FORM, "minimum_days") == 14, "fixed since the start"
        desk.press("Amend the experiment")
        (kept,) = stored(desk.store)
        assert (kept.planned_days, kept.minimum_days, kept.note) == (35, 14, "mine")

    def test_who_has_the_form_open_sees_that_it_has_changed(self, store: Store):
        first = defined(store, today() + timedelta(days=9))
        write(store, [row(datetime(2026, 1, 5, 6, tzinfo=UTC))])
        desk = Desk(store)
        desk.open(f"{FORM}·open")
        amend(
            app_of(store),
            first,
            replace(first, minimum_days=21),
            by="Anna",
            at=datetime.now(UTC) - timedelta(minutes=1),
        )
        st.cache_data.clear()
        desk.run()
        assert "• The least number of days was 14 and is now 21." in desk.texts()
        assert desk.value(FORM, "minimum_days") == 14
        desk.press("Take over what is stored")
        assert desk.value(FORM, "minimum_days") == 21
