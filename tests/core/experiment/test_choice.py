"""Which experiment is shown, and how it was defined at a moment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.experiment.choice import as_it_was, chosen, known_experiments
from core.experiment.definition import as_fields
from core.ports import Amendment, MetricRule
from tests.fakes import SERVICE
from tests.fakes_experiment import (
    BucketRow,
    FakeExperimentReader,
    day,
    defined,
    on_day,
)

ZEROS = (0.0,) * 7


def row(experiment: str, number: int, variant: str = "control") -> BucketRow:
    return BucketRow(variant, day(number), 0, ZEROS, experiment=experiment)


READER = FakeExperimentReader(
    [row("old", 1), row("old", 20), row("running", 40), row("newer", 45)],
    [
        replace(defined(), experiment="old", starts_on=day(1)),
        replace(defined(), experiment="running", starts_on=day(40)),
        replace(defined(), experiment="to come", starts_on=day(90)),
    ],
)


def shown(number: int, experiment: str | None = None) -> str:
    known = known_experiments(READER, SERVICE, on_day(number))
    return chosen(known, SERVICE, day(number), experiment).definition.experiment


@pytest.mark.parametrize(
    ("number", "experiment"),
    [(10, "old"), (35, "old"), (42, "running"), (46, "newer"), (70, "newer"), (85, "newer"),
     (90, "newer"), (91, "to come")],
)  # fmt: skip
def test_it_is_the_running_one_that_began_last_else_the_last_that_began(
    number: int, experiment: str
):
    assert shown(number) == experiment


def test_one_that_runs_goes_before_one_that_began_later_and_has_ended():
    short = replace(defined(), experiment="short", starts_on=day(10), stopped_on=day(12))
    long = replace(defined(), experiment="long", starts_on=day(5))
    known = known_experiments(FakeExperimentReader((), [short, long]), SERVICE, on_day(15))
    assert chosen(known, SERVICE, day(15), None).definition.experiment == "long"


def test_before_any_has_begun_it_is_the_next():
    first = FakeExperimentReader(
        (), [replace(defined(), experiment=name, starts_on=day(number))
             for name, number in (("later", 20), ("next", 10))]
    )  # fmt: skip
    known = known_experiments(first, SERVICE, on_day(1))
    assert chosen(known, SERVICE, day(1), None).definition.experiment == "next"


def test_one_may_be_asked_for_by_name():
    assert shown(46, "old") == "old"
    with pytest.raises(ValueError, match="experiment == 'gone', must be one of: to come, newer"):
        shown(46, "gone")


def test_experiments_without_definition_or_without_rows_are_known():
    known = {
        one.definition.experiment: one for one in known_experiments(READER, SERVICE, on_day(46))
    }
    assert list(known) == ["to come", "newer", "running", "old"]
    assert known["newer"].is_default
    assert known["to come"].rows is None
    assert not known["running"].is_default


def test_another_service_has_none():
    assert known_experiments(READER, "nobody", on_day(46)) == ()


class TestAsItWas:
    """Amendments after a moment are taken back."""

    now = defined(
        planned_days=35,
        note="longer",
        guardrails=(MetricRule("sessions_per_user", -0.02, "up"),),
        stopped_on=day(30),
        s_plan=0.01,
        assumption="x",
        frozen_by="Анна",
        frozen_at=on_day(1),
    )
    first = replace(now, planned_days=28, note="", guardrails=defined().guardrails,
                    stopped_on=None)  # fmt: skip

    def amendment(self, number: int, *names: str) -> Amendment:
        before, after = as_fields(self.first), as_fields(self.now)
        return Amendment(
            on_day(number),
            "Анна",
            "because",
            {name: before[name] for name in names},
            {name: after[name] for name in names},
        )

    def test_every_amended_field_is_put_back(self):
        amendments = (
            self.amendment(10, "planned_days", "note"),
            self.amendment(31, "guardrails", "stopped_on"),
        )
        assert as_it_was(self.now, amendments, on_day(9)) == self.first
        assert as_it_was(self.now, amendments, on_day(40)) == self.now
        between = as_it_was(self.now, amendments, on_day(20))
        assert between is not None
        assert (between.planned_days, between.stopped_on) == (35, None)

    def test_what_was_defined_after_its_start_was_not_defined_before(self):
        made = Amendment(on_day(10), "Анна", "forgotten", {}, as_fields(self.now))
        assert as_it_was(self.now, (made,), on_day(9)) is None
        assert as_it_was(self.now, (made,), on_day(10)) == self.now
