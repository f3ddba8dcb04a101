"""The Experiment page's states, and its forms: nothing wrong is stored, nothing typed is lost."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import URL, Engine
from streamlit.testing.v1 import AppTest

from core.experiment import evidence, report
from core.experiment.definition import parse
from core.experiment.planner import Assumptions, plan
from core.experiment.settings import GUARDRAILS
from core.ports import Amendment, ExperimentDecision, ExperimentDefinition
from core.timeframe import MINUTE, floor_to
from db.engine import Role, Store
from db.readers.experiment import SqlExperimentReader
from db.team.experiments import amend, create
from tests.conftest import administer, open_store
from tests.db.readers.serving import row, write
from tests.db.readers.test_experiment import Row, upload
from tests.fakes_experiment import START, World, without

APP = str(Path(__file__).parents[2] / "app.py")
SERVICE, EXPERIMENT = "mail", "folder"
WORLD = World(users=5_000, complaints=5e-3, lifts={"treatment": -0.07})


class Desk:
    """A reader in front of the Experiment page of one store."""

    def __init__(self, store: Store, **query: str) -> None:
        self.store = store
        self.app = AppTest.from_file(APP, default_timeout=60)
        for name, value in ({"service": SERVICE} | query).items():
            self.app.query_params[name] = value
        self.run()
        self.app.switch_page("pages/experiment.py")
        self.run()

    def run(self) -> None:
        """Draw the page anew; it must not break."""
        self.app.run()
        assert not self.app.exception, [one.value for one in self.app.exception]

    def said(self) -> str:
        """Everything that the page says outside of tables and labels."""
        kinds = ("title", "markdown", "caption", "text", "warning", "info", "error")
        return "\n".join(one.value for kind in kinds for one in self.app.get(kind))

    def texts(self) -> list[str]:
        """What is shown as text, and never as markup."""
        return [one.value for one in self.app.text]

    def cells(self) -> str:
        """Everything in tables."""
        return "\n".join(one.value.to_csv(index=False) for one in self.app.dataframe)

    def type(self, form: str, **values: Any) -> None:
        """Fill in fields of a form, named as the draft names them."""
        for field, value in values.items():
            self._widget(f"{form}·{field}").set_value(value)

    def value(self, form: str, field: str) -> Any:
        """What a field shows."""
        return self._widget(f"{form}·{field}").value

    def disabled(self, form: str, field: str) -> bool:
        """Whether a field takes nothing."""
        return bool(self._widget(f"{form}·{field}").disabled)

    def press(self, label: str) -> None:
        """Press a button."""
        (button,) = [one for one in self.app.button if one.label == label]
        button.click()
        self.run()

    def open(self, key: str) -> None:
        """Open an expander."""
        self.app.session_state[key] = True
        self.run()

    def _widget(self, key: str) -> Any:
        kinds = ("text_input", "text_area", "number_input", "selectbox", "checkbox", "date_input")
        (found,) = [one for kind in kinds for one in self.app.get(kind) if one.key == key]
        return found


@pytest.fixture(autouse=True)
def _no_caches() -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(autouse=True)
def _address(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setenv("DATABASE_URL", store.url().render_as_string(hide_password=False))


@pytest.fixture(scope="module")
def nine_days(server_url: URL, migrated: str) -> Iterator[str]:
    """The name of a database with nine full days of an experiment that nobody has defined."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    with open_store(server_url.set(database=name)) as filled:
        run_for(filled, 9)
    yield name
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture
def ran(
    monkeypatch: pytest.MonkeyPatch, server_url: URL, nine_days: str, _address: None
) -> Iterator[Store]:
    """A store of the test's own with those nine days."""
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{nine_days}"')
    with open_store(server_url.set(database=name)) as opened:
        monkeypatch.setenv("DATABASE_URL", opened.url().render_as_string(hide_password=False))
        yield opened
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture
def desk(ran: Store) -> Desk:
    """In front of them."""
    return Desk(ran)


def today() -> date:
    return datetime.now(UTC).date()


def run_for(
    store: Store, days: int, world: World = WORLD, gone: dict[str, Any] | None = None
) -> None:
    """Rows of an experiment whose newest full day was yesterday, without some of them."""
    rows = without(world.rows(days), **gone) if gone else world.rows(days)
    later = today() - timedelta(days=days) - START
    upload(
        store,
        [
            Row(one.variant, one.day + later, one.bucket, one.sums, one.dimension, one.value)
            for one in rows
        ],
    )


def app_of(store: Store) -> Engine:
    return store.engine(Role.APP)


def stored(store: Store) -> tuple[ExperimentDefinition, ...]:
    return SqlExperimentReader(app_of(store)).definitions(SERVICE)


def amendments(store: Store) -> tuple[Amendment, ...]:
    return SqlExperimentReader(app_of(store)).amendments(SERVICE, EXPERIMENT)


def decisions(store: Store) -> tuple[ExperimentDecision, ...]:
    return SqlExperimentReader(app_of(store)).decisions(SERVICE, EXPERIMENT)


def definition(starts_on: date, **changes: Any) -> ExperimentDefinition:
    fields = {
        "service": SERVICE,
        "experiment": EXPERIMENT,
        "variants": [{"name": "control", "share": 0.5}, {"name": "treatment", "share": 0.5}],
        "control": "control",
        "starts_on": starts_on,
        "minimum_days": 14,
        "planned_days": 28,
        "primary": {"metric": "complaints_per_letter", "margin": -0.05, "direction": "down"},
        "guardrails": [],
    }
    return parse(fields | changes)


def defined(store: Store, starts_on: date, **changes: Any) -> ExperimentDefinition:
    """An experiment that Anna defined a week before its start."""
    at = datetime.combine(starts_on, datetime.min.time(), UTC) - timedelta(days=7)
    return create(app_of(store), definition(starts_on, **changes), by="Anna", at=at)


FORM = f"definition·{SERVICE}·{EXPERIMENT}"
NEXT = f"definition·{SERVICE}·"
DECISION = f"decision·{SERVICE}·{EXPERIMENT}"
STOP = f"stop·{SERVICE}·{EXPERIMENT}"


class TestStates:
    """Whatever there is of an experiment, the page says it in a sentence."""

    def test_no_experiment_at_all_opens_the_form_of_the_first(self, store: Store):
        write(store, [row(datetime(2026, 1, 5, 6, tzinfo=UTC))])
        desk = Desk(store)
        assert desk.app.title[0].value == "mail has no experiment"
        assert desk.value(NEXT, "experiment") == ""
        assert not desk.app.get("vega_lite_chart")

    def test_an_experiment_that_has_not_begun(self, store: Store):
        defined(store, today() + timedelta(days=3))
        write(store, [row(datetime(2026, 1, 5, 6, tzinfo=UTC))])
        desk = Desk(store)
        assert desk.app.title[0].value.startswith("folder begins on ")
        assert "defined by Anna" in desk.said()

    @pytest.mark.parametrize(
        ("days", "world", "gone", "headline"),
        [
            (4, WORLD, {}, "Keep collecting"),
            (9, replace(WORLD, shares={"treatment": 1.2}), {}, "Invalid"),
            (12, WORLD, {"arm": "treatment", "days": range(6, 13)}, "Invalid"),
            (9, replace(WORLD, complaints=0.0), {}, "No verdict"),
            (9, WORLD, {"arm": "treatment", "days": range(1, 10)}, "No verdict"),
            (9, WORLD, {"days": [4]}, "Keep collecting"),
            (9, replace(WORLD, arms=("control", "a", "b"), lifts={"a": -0.1}), {}, "Keep coll"),
        ],
    )
    def test_young_uneven_stopped_empty_one_armed_gapped_and_three_armed(
        self,
        store: Store,
        days: int,
        world: World,
        gone: dict[str, Any],
        headline: str,
    ):
        run_for(store, days, world, gone)
        desk = Desk(store)
        assert desk.app.title[0].value.startswith(headline)
        assert "Nobody defined this experiment" in desk.said()

    def test_a_name_in_the_url_that_no_experiment_has(self, store: Store):
        run_for(store, 3)
        desk = Desk(store, experiment="<b>*none*</b>")
        (notice,) = [one.value for one in desk.app.info]
        assert "This is folder" in notice
        assert "<b>" not in notice.replace("\\<", "")

    def test_a_page_of_the_past_shows_and_does_not_change(self, ran: Store):
        as_of = f"{today() - timedelta(days=2)}T12:00Z"
        desk = Desk(ran, as_of=as_of)
        assert "7 of 28" in desk.said()
        labels = [one.label for one in desk.app.button]
        assert "Define this experiment" not in labels
        assert "Definitions are changed on the page of now" in desk.said()


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


def test_the_planner_answers_what_the_core_does(desk: Desk):
    def field(label: str) -> Any:
        (found,) = [one for one in desk.app.number_input if one.label == label]
        return found

    field("Control: complaints per 100,000 letters").set_value(10.0)
    field("User-days a day").set_value(2_000_000)
    field("Letters per user-day").set_value(25.0)
    field("Hoped-for true lift, %").set_value(-9.0)
    field("Spread").set_value(2.0)
    desk.run()
    asked = Assumptions(1e-4, 2_000_000, 25.0, 2.0, -0.05, -0.09)
    made = plan(asked)
    assert any(f"{made.s_plan:.5f}" in text for text in desk.texts())
    assert made.assumption in desk.texts()
    field("Hoped-for true lift, %").set_value(-5.0)
    desk.run()
    assert "can never be told" in desk.said()
