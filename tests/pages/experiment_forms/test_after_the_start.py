"""What may be changed after the first day, and decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import streamlit as st

from core.experiment import evidence, report
from db.engine import Store
from db.readers.experiment import SqlExperimentReader
from tests.pages.experiment_forms.desk import (
    DECISION,
    EXPERIMENT,
    FORM,
    SERVICE,
    STOP,
    WORLD,
    Desk,
    amendments,
    app_of,
    decisions,
    defined,
    run_for,
    stored,
    today,
)


class TestAfterTheStart:
    """What the verdict rests on is fixed; the rest is amended with a reason, or stopped."""

    @pytest.fixture
    def begun(self, ran: Store) -> Desk:
        defined(ran, today() - timedelta(days=9))
        return Desk(ran)

    def test_an_amendment_needs_a_reason_and_is_listed(self, begun: Desk):
        begun.open(f"{FORM}·open")
        fixed = ("starts_on", "minimum_days", "primary_margin", "control", "s_plan")
        assert all(begun.disabled(FORM, field) for field in fixed)
        assert not begun.disabled(FORM, "planned_days")
        begun.type(FORM, by="Boris", planned_days=42)
        begun.press("Amend the experiment")
        assert any("Is missing: the experiment has started" in text for text in begun.texts())
        assert amendments(begun.store) == ()
        begun.type(FORM, reason="users are *few*")
        begun.press("Amend the experiment")
        (made,) = amendments(begun.store)
        assert (dict(made.before), dict(made.after)) == ({"planned_days": 28}, {"planned_days": 42})
        why = "Boris: The planned length in days was 28 and is now 42. Why: users are *few*"
        assert why in begun.texts()
        assert "9 of 42" in begun.said()

    def test_it_is_stopped_on_a_day_with_a_reason(self, begun: Desk):
        begun.open(f"{STOP}·open")
        begun.type(STOP, by="Boris", stopped_on=today() + timedelta(days=2), reason="broken")
        begun.press("Stop the experiment")
        assert any("Must not be after today" in text for text in begun.texts())
        assert stored(begun.store)[0].stopped_on is None
        last = today() - timedelta(days=2)
        begun.type(STOP, stopped_on=last)
        begun.press("Stop the experiment")
        assert stored(begun.store)[0].stopped_on == last
        assert "8 of 28" in begun.said()
        assert begun.app.title[0].value.startswith("Left open after eight days")


class TestDecisions:
    """Who decided what, with the evidence as it was."""

    def test_missing_fields_are_named_and_nothing_is_recorded(self, desk: Desk):
        desk.press("Record the decision")
        assert desk.texts().count("Is missing.") == 2
        desk.type(DECISION, by="Anna", decision="note")
        desk.press("Record the decision")
        assert desk.texts().count("Is missing.") == 1
        assert decisions(desk.store) == ()

    def test_a_decision_is_kept_with_the_evidence_that_the_page_shows(self, desk: Desk):
        desk.type(DECISION, by="Анна", decision="extend", note="**wait** <b>more</b>")
        desk.press("Record the decision")
        (made,) = decisions(desk.store)
        assert (made.decided_by, made.decision, made.note) == (
            "Анна",
            "extend",
            "**wait** <b>more</b>",
        )
        reader = SqlExperimentReader(app_of(desk.store))
        seen = evidence(report(reader, SERVICE, made.as_of))
        assert dict(made.evidence) == seen
        assert "**wait** <b>more</b>" in desk.cells()
        assert "**wait**" not in "\n".join(one.value for one in desk.app.markdown)
        assert desk.value(DECISION, "note") == ""
        assert desk.value(DECISION, "by") == "Анна"
        desk.open(f"log·{SERVICE}·{EXPERIMENT}·evidence")
        assert seen["sentence"] in desk.texts()
        (shown,) = desk.app.json
        assert f'"lift": {seen["lift"]!r}'.replace(" ", "") in shown.value.replace(" ", "")

    def test_later_rows_change_the_page_and_not_what_was_frozen(self, desk: Desk):
        desk.type(DECISION, by="Anna", decision="stop")
        desk.press("Record the decision")
        (before,) = decisions(desk.store)
        run_for(desk.store, 9, replace(WORLD, seed=5))
        st.cache_data.clear()
        desk.run()
        (after,) = decisions(desk.store)
        assert dict(after.evidence) == dict(before.evidence)
        reader = SqlExperimentReader(app_of(desk.store))
        now = report(reader, SERVICE, datetime.now(UTC)).main.effect.lift
        assert now != before.evidence["lift"]
