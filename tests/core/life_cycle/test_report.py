"""The life-cycle report: where a service is, what does not fit, and how it is told."""

from __future__ import annotations

import json
from typing import Any

from core import printout
from core.charts import life_cycle as charts
from core.charts.tokens import LIGHT
from core.life_cycle import STAGES, Phase, evidence, stages
from core.ports.life_cycle import Activity, ServedHour
from core.printout.life_cycle import life_cycle
from core.status import Status
from core.timeframe import HOUR
from tests.fakes_life_cycle import (
    MONDAY,
    NEW,
    OLD,
    Row,
    kept,
    later,
    model,
    passed,
    release,
    seen,
    week,
)

SAVED = [
    kept(item, number=at) for at, item in enumerate(("samples", "raw_data", "score_distributions"))
]


def state(found: Any) -> dict[str, str]:
    return {one.stage.key: one.state for one in found.stages}


def test_the_stages_are_the_lectures():
    names = [(one.phase, one.name) for one in STAGES]
    assert [name for phase, name in names if phase is Phase.LAUNCH] == [
        "Data",
        "Research",
        "Shadow run",
    ]
    assert [name for phase, name in names if phase is Phase.OPERATION] == [
        "Collecting false decisions",
        "Retraining",
        "A/B test",
        "Production metrics",
        "Quick fixes",
        "Accidents",
        "Drills",
    ]
    assert [name for phase, name in names if phase is Phase.DECOMMISSIONING] == [
        "Saving the samples",
        "Switching off",
    ]


def test_an_empty_store_begins_with_data():
    found = seen(MONDAY)
    assert found.standing.phase is Phase.LAUNCH
    assert found.headline == "Being launched: data come first"
    assert state(found)["data"] == "now"
    assert found.shadow_status is Status.NO_DATA
    assert found.warnings == ()


def test_a_launch_goes_from_gate_to_gate():
    found = seen(later(1), runs=[model(MONDAY)], passed=[passed(stages.DATA, MONDAY)])
    assert state(found)["data"] == "done"
    assert state(found)["research"] == "now"
    assert state(found)["shadow_run"] == "ahead"


def test_what_is_released_is_in_operation():
    found = seen(
        later(8),
        deployed=[release(later(-9), version=OLD), release(MONDAY, "shadow")],
        rows=week(),
        passed=[passed(stages.SHADOW, later(7), NEW)],
        done={"drills": Activity(MONDAY, 2), "accidents": Activity(later(-90), 0)},
    )
    assert found.standing.phase is Phase.OPERATION
    assert found.headline.startswith("In operation; bert-4 has passed its shadow run: 97.00 %")
    said = {one.stage.key: one.said for one in found.stages}
    assert said["drills"] == "2 drills in 30 days"
    assert said["accidents"].startswith("none in 30 days, the last on")
    assert said["ab_test"] == "nothing yet"
    assert said["shadow_run"] == "bert-4 passed 8 Jun 2026"
    (warning,) = found.warnings
    assert warning == (
        "The last row of the shadow run is of 7 Jun 2026 23:00 UTC, and no deployment says that "
        "it ended."
    )


def test_a_failed_shadow_run_is_the_headline():
    rows = [*week(167), Row(later(7) - HOUR, user_visible=12)]
    found = seen(later(7), rows=rows)
    assert found.shadow_status is Status.BREACHED
    assert found.headline == (
        "Being launched: the shadow run of bert-4 has failed: users saw 12 letters differently"
    )


def test_a_candidate_that_answers_badly_has_failed():
    found = seen(later(7), rows=week(errors=5))
    assert "has failed: not met is “the candidate answers”" in found.headline


def test_a_release_past_the_gate_is_told():
    found = seen(later(9), rows=week(), deployed=[release(later(8))])
    assert (
        "bert-4 went to production on 9 Jun 2026 00:00 UTC, and nobody has passed it through the "
        "gate of its shadow run."
    ) in found.warnings


def test_what_is_given_up_must_not_be_switched_off_before_it_is_saved():
    gone = [passed(stages.DECOMMISSIONING, MONDAY)]
    found = seen(later(1), passed=gone, kept=SAVED[:2])
    assert found.headline == "Being given up: 2 of 3 are saved, it must not be switched off"
    assert state(found)["saving"] == "now"
    ready = seen(later(1), passed=gone, kept=SAVED)
    assert ready.headline == "Being given up: everything is saved, it may be switched off"
    assert state(ready)["switching_off"] == "now"


def test_what_is_still_on_after_its_switch_off_is_told():
    off = [passed(stages.SWITCHING_OFF, MONDAY)]
    found = seen(later(1), passed=off, kept=SAVED, last=later(0.5))
    assert found.standing.phase is Phase.OFF
    assert "it is still on" in found.warnings[0]
    quiet = seen(later(1), passed=off, kept=SAVED, last=MONDAY)
    assert quiet.warnings == ()


def test_candidate_and_production_are_compared_over_the_same_hours():
    rows = week(24, errors=2, slow=3)
    hours = [ServedHour(MONDAY + at * HOUR, 1_000, 1, 4) for at in range(5, 50)]
    found = seen(later(2), rows=rows, hours=hours)
    served = found.served
    assert served is not None
    assert (served.hours, served.letters, served.errors, served.slow) == (19, 19_000, 19, 76)
    assert (served.candidate_letters, served.candidate_errors, served.candidate_slow) == (
        19_000,
        38,
        57,
    )
    assert seen(later(2), rows=rows).served is None


def test_quality_is_asked_for_over_the_hours_of_the_run():
    asked = []

    def quality(*given: Any) -> Any:
        asked.append(given)

    found = seen(later(8), rows=week(), quality=quality)
    ((window, end, version),) = asked
    assert (str(window), end, version) == ("7d", later(7), OLD)
    assert found.bounds is None


def test_an_earlier_moment_shows_what_was_known_then():
    found = seen(later(2), rows=week(), kept=[kept("samples", later(3))])
    assert found.standing.run is not None
    assert len(found.standing.run.hours) == 48
    assert found.standing.items == ()


def test_the_evidence_is_plain_and_the_printout_leaves_nothing_out():
    found = seen(
        later(8),
        rows=[*week(), *[Row(one.hour, segment="ru") for one in week(100)]],
        deployed=[release(MONDAY, "shadow"), release(later(7.2), "canary")],
        kept=SAVED,
        passed=[passed(stages.SHADOW, later(7), NEW)],
    )
    values = json.loads(json.dumps(evidence(found)))
    assert values["shadow_run"]["whole"]["agreement"]["value"] == 0.97
    assert values["shadow_run"]["user_visible"] == 0
    assert [gate["gate"] for gate in values["gates"]] == list(stages.GATES)
    assert values["right"]["bounds"] is None
    said = printout.rendered(life_cycle(found), "table")
    assert found.headline in said
    assert "hdfs://x" in said
    assert "Shadow run of bert-4 beside bert-3: ended (canary)" in said


def test_charts_say_what_they_find_and_draw_gaps():
    rows = week()
    del rows[50:60]
    run = seen(later(8), rows=rows).standing.run
    assert run is not None
    matrix, line = charts.matrix(run, LIGHT), charts.over_time(run, LIGHT)
    assert matrix.title == "3.00 % of 158k letters are decided differently"
    assert "production positive and candidate negative: 1.58k" in matrix.alt
    assert "10 of 168 hours are missing" in line.title
    pieces = {piece for columns in line.datasets.values() for piece in columns.get("piece", ())}
    assert pieces == {"all 0", "all 1"}


def test_a_run_without_letters_has_nothing_to_draw():
    run = seen(later(0.1), rows=[Row(MONDAY, (0, 0, 0, 0))]).standing.run
    assert run is not None
    assert charts.matrix(run, LIGHT).spec is None
    assert charts.over_time(run, LIGHT).spec is None
