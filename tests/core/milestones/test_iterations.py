"""The turns of an MVP: 5M of the 100M letters, BERT on those, +1 %."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.fields import FieldsError
from core.milestones import sentences
from core.milestones.changes import parse_iteration, parse_result
from core.milestones.iterations import IterationView, Turn, iteration_view
from core.ports.plan import Iteration
from core.training import report as training_report
from tests.fakes_training import FIRST, FakeTrainingReader, run

START, END = date(2026, 6, 1), date(2026, 6, 29)
MIDDLE = date(2026, 6, 15)
TURN = Iteration(
    1, "newsletters", "The first slice", "5M of 100M letters", 5_000_000, 100_000_000, "bert",
    "linear", "recall", Decimal("0.01"), START, END, "",
)  # fmt: skip
MEASURED = replace(
    TURN, result_delta=Decimal("0.01"), result_on=date(2026, 6, 10), result_source="hold-out"
)
FORM = {
    "title": "The first slice",
    "data_slice": "5M of 100M letters",
    "letters": 5_000_000,
    "letters_of": 100_000_000,
    "model_version": "bert",
    "against_version": "linear",
    "measure": "recall",
    "wanted_delta": 0.01,
    "starts_on": "2026-06-01",
    "ends_on": "2026-06-29",
}


def on(today: date, turn: Iteration = TURN, **said: Any) -> IterationView:
    return iteration_view(turn, today, said.get("training"), said.get("quality"))


def test_the_lecture_s_turn_is_measured_and_kept():
    view = on(END, MEASURED)

    assert (view.turn, view.kept) == (Turn.MEASURED, True)
    assert sentences.iteration(view) == "+1.0 points of recall over linear: as hoped for."


def test_no_result_by_the_middle_of_its_time_is_a_warning():
    assert not on(MIDDLE).warns
    assert on(MIDDLE + timedelta(days=1)).turn is Turn.NO_RESULT
    assert on(MIDDLE + timedelta(days=1)).warns
    assert on(END + timedelta(days=1)).turn is Turn.OVER_WITHOUT
    assert on(START - timedelta(days=1)).turn is Turn.AHEAD
    assert on(START).turn is Turn.UNDER_WAY


def test_a_result_counts_from_the_day_on_which_it_was_measured():
    assert on(date(2026, 6, 9), MEASURED).turn is Turn.UNDER_WAY
    assert on(date(2026, 6, 10), MEASURED).turn is Turn.MEASURED


def test_less_than_hoped_for_is_a_result_too():
    view = on(END, replace(MEASURED, result_delta=Decimal("0.004")))

    assert view.kept is False
    assert (
        sentences.iteration(view) == "+0.4 points of recall over linear: +1.0 points was hoped for."
    )


def test_letters_are_those_of_the_succeeded_run_of_its_model():
    runs = [
        replace(run(3, 5, name="good"), model_version="bert"),
        replace(run(5, 9, status="failed", name="bad"), model_version="bert"),
        replace(run(7, 8, name="other"), model_version="another"),
    ]
    reader = FakeTrainingReader(runs)
    found = training_report(reader, "newsletters", FIRST + timedelta(days=30))
    view = on(START, training=found)

    assert view.run is not None
    assert view.run.run.run_id == "good"
    assert view.letters == 5_000_000
    assert on(START, replace(TURN, model_version="none"), training=found).run is None


def test_a_form_is_read_whole_or_every_wrong_field_is_named():
    assert parse_iteration(FORM).wanted_delta == Decimal("0.01")
    wrong = {
        **FORM,
        "letters": 200_000_000,
        "against_version": "bert",
        "measure": "speed",
        "wanted_delta": 5,
        "ends_on": "2026-06-01",
    }
    with pytest.raises(FieldsError) as refusal:
        parse_iteration(wrong)
    assert set(refusal.value.problems) == set(wrong) - {
        *("title", "data_slice", "letters_of", "model_version", "starts_on")
    }


def test_a_result_without_its_source_is_refused():
    given = {"result_delta": 0.01, "result_on": "2026-06-10"}
    with pytest.raises(FieldsError) as refusal:
        parse_result(given, END)
    assert list(refusal.value.problems) == ["result_source"]
