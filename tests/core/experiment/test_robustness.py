"""Whatever rows come, there is a report, its JSON and its sentences: never a traceback."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.experiment import Outcome, estimate, evidence, overview, report, sentences
from core.ports import PlannedVariant
from core.ports.experiment import SUMS
from core.status import Status
from tests.core.seeded import seeded_few
from tests.fakes import SERVICE
from tests.fakes_experiment import (
    BucketRow,
    FakeExperimentReader,
    World,
    day,
    defined,
    on_day,
)


@st.composite
def readers(draw: st.DrawFn) -> FakeExperimentReader:
    """A test with rows missing, columns empty, arms too many or too few, and any definition."""
    arms = draw(st.sampled_from([("control", "treatment"), ("control",), ("a", "b", "c")]))
    lift = draw(st.sampled_from([-1.0, -0.3, -0.06, 0.0, 2.0]))
    world = World(
        seed=draw(st.integers(0, 9)),
        users=draw(st.sampled_from([30, 1_000, 40_000])),
        lifts={"treatment": lift},
        arms=arms,
    )
    days, first = draw(st.integers(1, 31)), draw(st.integers(1, 3))
    rows = world.rows(days, first)
    random = np.random.default_rng(draw(st.integers(0, 99)))
    kept = draw(st.sampled_from([1.0, 0.9, 0.3, 0.002]))
    gone = {(arm, day(number)) for arm in arms for number in range(1, 32)
            if random.random() < draw(st.sampled_from([0.0, 0.1, 0.6]))}  # fmt: skip
    empty = draw(st.sampled_from([None, *range(len(SUMS))]))
    found = [
        _emptied(row, empty)
        for row in rows
        if random.random() < kept and (row.variant, row.day) not in gone
    ]
    if draw(st.booleans()):
        found += [row._replace(dimension="platform", value="web") for row in found]
    if draw(st.booleans()):
        found += [row._replace(dimension="exposure_week", value="1") for row in found]
    return FakeExperimentReader(found, draw(definitions()))


def _emptied(row: BucketRow, column: int | None) -> BucketRow:
    if column is None:
        return row
    return row._replace(sums=(*row.sums[:column], 0.0, *row.sums[column + 1 :]))


def definitions() -> st.SearchStrategy[tuple[object, ...]]:
    """Nobody's, or one with some fields of its own."""
    split = (PlannedVariant("control", 0.9), PlannedVariant("treatment", 0.1))
    one = st.sampled_from(
        [
            defined(),
            defined(s_plan=0.01, assumption="x", frozen_by="Анна"),
            defined(stopped_on=day(10)),
            defined(variants=split, minimum_days=7, planned_days=7),
            defined(starts_on=day(5)),
            replace(defined(), guardrails=()),
        ]
    )
    return st.one_of(st.just(()), one.map(lambda found: (found,)))


@seeded_few
@given(reader=readers(), number=st.integers(1, 40))
def test_there_is_always_a_report_with_sentences_and_json(
    reader: FakeExperimentReader, number: int
):
    found = report(reader, SERVICE, on_day(number))
    values = evidence(found)
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    said = [
        *(tell(found) for tell in (
            sentences.headline, sentences.verdict_sentence, sentences.settles, sentences.ends,
            sentences.lift_title, sentences.split_title, sentences.guardrails_title,
            sentences.segments_title, sentences.weeks_title, sentences.cuped_words,
            sentences.detectable_words,
        )),
        *(sentences.guardrail_words(one) for one in found.main.guardrails),
        *(sentences.effect_words(one.effect) for one in found.detail.segments),
        *found.warnings, *found.reasons,
    ]  # fmt: skip
    for sentence in said:
        assert not {"None", "nan", "inf"} & set(sentence.replace("−", " ").split())
    listed = {one.experiment: one for one in overview(reader, SERVICE, on_day(number))}
    if found.experiment:
        assert listed[found.experiment].outcome is found.outcome
    bounds = estimate(found)
    if found.status in {Status.ON_TARGET, Status.BREACHED, Status.AT_RISK}:
        assert bounds is not None
        assert found.decision is not None
        assert found.days >= found.schedule.minimum
        assert found.split.verdict != "invalid"
    if found.main.effect.lift is None:
        assert found.outcome not in {Outcome.MET, Outcome.NOT_MET, Outcome.KEEP_COLLECTING}
