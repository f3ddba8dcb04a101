"""What a changed target would do: judged by the same code on the same reports."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest

from core import criteria
from core.criteria import Reports
from core.goals import effect
from core.ports import Criterion, Goal
from core.quality import Settings as QualitySettings
from core.reliability import report as reliability_report
from core.status import Operator, Status, Target
from core.timeframe import Window
from core.training import Settings as TrainingSettings
from core.training import report as training_report
from tests.core.quality.worlds import labelled, measured, scored
from tests.fakes import SERVICE, FakeReliabilityReader, at, goal, outage, steady
from tests.fakes_quality import scores
from tests.fakes_training import FakeTrainingReader, on, run

Q1, Q2 = date(2026, 6, 30), date(2026, 9, 30)
HOUR = Window.parse("1h")


def reports(window: Window = HOUR) -> Reports:
    """Ten hours at 10,000 letters a minute, one of whose last minutes failed whole."""
    rows = outage(steady(-600, 0, 10_000), -30, -29)
    return Reports(reliability_report(FakeReliabilityReader(rows), SERVICE, window, at(0)))


def target(measure: str, value: str, due_on: date = Q2, milestone: str = "Q2") -> Target:
    return Target(measure, Operator.AT_LEAST, Decimal(value), "share", milestone, due_on)


UP = target("availability", "0.9")
SERVES = Criterion("up", "Always up", "reliability", (UP,))
FAST = Criterion("fast", "Fast", "reliability", (target("latency_sli", "0.9"),))


def test_a_harder_target_would_breach_what_is_held():
    found = effect(
        [goal(SERVES)],
        reports(),
        at(0),
        criterion_id="up",
        seen=UP,
        wanted=replace(UP, value=Decimal("0.9999")),
    )
    assert found.before is not None
    assert found.after is not None
    assert found.before.status is not Status.BREACHED
    assert found.after.status is Status.BREACHED
    assert found.sentence.endswith("to breached.")
    assert [(one.measure, one.after) for one in found.measures] == [
        ("availability", Status.BREACHED)
    ]


def test_both_verdicts_are_those_of_the_criteria():
    wanted = replace(UP, value=Decimal("0.9999"))
    found = effect(
        [goal(SERVES, FAST)], reports(), at(0), criterion_id="up", seen=UP, wanted=wanted
    )
    for targets, verdict in (((UP,), found.before), ((wanted,), found.after)):
        judged = criteria.report([goal(replace(SERVES, targets=targets), FAST)], reports(), at(0))
        assert judged.verdicts[0] == verdict


def test_a_change_without_an_effect_says_so():
    found = effect(
        [goal(SERVES)],
        reports(),
        at(0),
        criterion_id="up",
        seen=UP,
        wanted=replace(UP, value=Decimal("0.91")),
    )
    assert "stays" in found.sentence
    assert found.lines == ()


def test_a_nearer_milestone_tells_what_becomes_of_other_criteria():
    found = effect(
        [goal(SERVES, FAST)],
        reports(),
        at(0),
        criterion_id="up",
        seen=None,
        wanted=target("availability", "0.5", Q1, "Q1"),
    )
    assert (found.milestone_before, found.milestone_after) == ("Q2", "Q1")
    assert [(name, after) for name, _, after in found.others] == [("Fast", Status.NOT_DUE)]
    assert found.lines[0] == "The nearest milestone would be Q1, and is Q2."


def test_a_removed_target_leaves_no_evidence():
    found = effect([goal(SERVES)], reports(), at(0), criterion_id="up", seen=UP, wanted=None)
    assert found.after is not None
    assert found.after.status is Status.NO_DATA
    assert found.lines[0].startswith("availability: from ")
    assert found.lines[0].endswith("to no target by this change.")


def test_a_criterion_of_another_goal_changes_no_verdict():
    other = goal(FAST, goal_id="other", due_on=date(2027, 6, 30))
    found = effect(
        [goal(SERVES), other],
        reports(),
        at(0),
        criterion_id="fast",
        seen=None,
        wanted=target("latency_sli", "0.9"),
    )
    assert found.sentence.startswith("No verdict rests on “Fast”")
    with pytest.raises(ValueError, match="no goal has such a criterion"):
        effect([goal(SERVES)], reports(), at(0), criterion_id="gone", seen=None, wanted=UP)


def test_a_criterion_with_a_window_of_its_own_is_judged_over_that():
    own = Window.parse("10m")
    windowed = replace(SERVES, window=own, targets=(target("availability", "0.9999"),))
    judged = criteria.report([goal(windowed, FAST)], reports(), at(0), reports)
    assert [(one.window, one.status is Status.BREACHED) for one in judged.verdicts] == [
        (own, False),  # the outage is half an hour ago
        (HOUR, False),
    ]
    whole = criteria.report([goal(windowed)], reports(), at(0))
    assert whole.verdicts[0].status is Status.BREACHED


QUALITY = Criterion(
    "q",
    "99 / 70",
    "quality",
    (target("precision", "0.97", Q1, "Q1"), target("recall", "0.85", Q1, "Q1")),
)
TRAINING = Criterion("t", "Letters", "training", ())


def letters(value: str, due_on: date, milestone: str) -> Target:
    return Target(
        "letters_anonymised", Operator.AT_LEAST, Decimal(value), "letters", milestone, due_on
    )


#: The newest letters let expect a precision of 97.6 % after 98.0 %: too little to tell, unless
#: a target lies between the two.
FALLEN = [*scored(0, 36), *scores(36, 48, {-30: 9_000, 10: 1_000, 22: 480, 40: 520})]
CERTAIN = labelled(best=(2_000, 2_000), near=(7_000, 6_650), below=(1_000, 100))


def saved(goals: list[Goal], moment: datetime) -> Reports:
    """The reports as the store makes them once goals are saved: each held to their targets."""
    today = moment.date()
    return Reports(
        reliability_report(FakeReliabilityReader(steady(-600, 0)), SERVICE, HOUR, at(0)),
        measured(FALLEN, CERTAIN, settings=QualitySettings.of_goals(goals, today)),
        None,
        training_report(
            FakeTrainingReader([run(1, 8), run(20, 12), run(30, 20, "running")]),
            SERVICE,
            moment,
            TrainingSettings.of_goals(goals, today),
        ),
    )


@pytest.mark.parametrize("seed", range(16))
def test_what_a_change_would_do_is_what_it_does_once_it_is_saved(seed: int):
    """Reports know their targets: an early warning speaks up below one, labels settle one."""
    draw = np.random.default_rng(seed)
    moment = on(25)
    training = replace(TRAINING, targets=(letters("10000000", Q1, "Q1"),))
    before = [goal(QUALITY, training, SERVES)]
    milestone, due_on = ("Q1", Q1) if draw.random() < 0.8 else ("Q2", Q2)
    if draw.random() < 0.2:
        changed, seen = training, training.targets[0]
        wanted = letters(str(int(draw.integers(5, 15)) * 10**6), due_on, milestone)
    else:
        measure = "precision" if draw.random() < 0.8 else "recall"
        changed = QUALITY
        seen = next(one for one in QUALITY.targets if one.measure == measure)
        least, most = (9_755, 9_775) if measure == "precision" else (8_500, 9_300)
        value = Decimal(int(draw.integers(least, most))) / 10_000
        wanted = target(measure, str(value), due_on, milestone)
    removed = draw.random() < 0.15

    reports = saved(before, moment)
    told = effect(
        before,
        reports,
        moment,
        criterion_id=changed.criterion_id,
        seen=seen,
        wanted=None if removed else wanted,
    )
    targets = [one for one in changed.targets if one != seen] + ([] if removed else [wanted])
    targets.sort(key=lambda one: (one.due_on, one.milestone, one.measure))
    really = replace(changed, targets=tuple(targets))
    others = {"q": QUALITY, "t": training, "up": SERVES} | {changed.criterion_id: really}
    after = [goal(*others.values())]
    then = {
        one.criterion_id: one
        for one in criteria.report(after, saved(after, moment), moment).verdicts
    }
    now = {one.criterion_id: one for one in criteria.report(before, reports, moment).verdicts}

    assert told.before == now[changed.criterion_id]
    assert told.after == then[changed.criterion_id]
    assert told.others == tuple(
        (one.name, one.status, then[key].status)
        for key, one in now.items()
        if key != changed.criterion_id and one.status is not then[key].status
    )
