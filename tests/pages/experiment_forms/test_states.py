"""The states of the Experiment page, and its planner."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.experiment.planner import Assumptions, plan
from db.engine import Store
from tests.db.readers.serving import row, write
from tests.fakes_experiment import World
from tests.pages.experiment_forms.desk import (
    NEXT,
    WORLD,
    Desk,
    defined,
    run_for,
    today,
)


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
