"""What the rules for experiments leave alone, and that they are silent about the demo's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core import contract
from core.contract import Finding
from core.contract_checks.experiment import CRITICAL, EXPERIMENT
from db.demo.newsletters import experiment as demo
from db.demo.newsletters import story
from db.demo.newsletters.story import SERVICE, Scenario
from db.engine import Role, Store
from db.readers.contract import SqlContractReader
from db.writer import MetricWriter
from tests.db.readers.serving import execute

DAY = timedelta(days=1)
#: In the morning: yesterday is not due before noon.
AS_OF = datetime(2025, 6, 3, 9, 37, tzinfo=UTC)
NAMES = {check.name for check in EXPERIMENT}

#: Days of an experiment: `users` new ones a bucket by variant.
DAYS = """
    insert into metrics.experiment_bucket_day
    select 'mail', 'folder', variant, 'all', 'all', day, bucket, users, users, 9 * users, users,
        1, 1, 1
    from unnest(cast(:variants as text[]), cast(:users as bigint[])) as arms (variant, users),
        generate_series(cast(:first as date), cast(:last as date), '1 day') as day,
        generate_series(0, 499) as bucket"""
BEFORE = """
    insert into metrics.experiment_bucket_before
    select distinct service, experiment, variant, 0, 1, 1, 1, 1, 1, 1, 1
    from metrics.experiment_bucket_day"""


def run(store: Store, users: dict[str, int], first: int, last: int) -> None:
    """Write days of an experiment, both ends counted back from as-of."""
    today = AS_OF.date()
    execute(
        store.engine(Role.SERVING),
        DAYS,
        variants=list(users),
        users=list(users.values()),
        first=today - first * DAY,
        last=today - last * DAY,
    )


def define(store: Store, shares: dict[str, float], **changed: Any) -> None:
    """Define the experiment as the page does, a month before as-of."""
    values = {
        "variants": [{"name": name, "share": share} for name, share in shares.items()],
        "starts_on": AS_OF.date() - 30 * DAY,
        "stopped_on": None,
    } | changed
    execute(
        store.engine(Role.APP),
        "insert into team.experiment (service, experiment, variants, control, starts_on, "
        "stopped_on, minimum_days, planned_days, primary_metric, primary_margin, "
        "primary_direction, created_by, created_at, changed_by, changed_at) "
        "select 'mail', 'folder', jsonb_agg(jsonb_build_object('name', name, 'share', share)), "
        "min(name), :starts_on, :stopped_on, 14, 28, 'complaints_per_letter', -0.05, 'down', "
        "'Анна', now(), 'Анна', now() "
        "from unnest(cast(:names as text[]), cast(:shares as float8[])) as arms (name, share)",
        names=[one["name"] for one in values["variants"]],
        shares=[one["share"] for one in values["variants"]],
        starts_on=values["starts_on"],
        stopped_on=values["stopped_on"],
    )


def findings(store: Store, service: str = "mail", as_of: datetime = AS_OF) -> list[Finding]:
    """What the rules for experiments find."""
    execute(store.engine(Role.OWNER), BEFORE + " on conflict do nothing")
    engine = store.engine(Role.APP)
    found = contract.report(SqlContractReader(engine), service, as_of).findings
    return [one for one in found if one.check in NAMES]


def names(found: Sequence[Finding]) -> list[str]:
    return [one.check for one in found]


def test_the_critical_values_are_those_of_a_thousandth():
    # Of the tables of the chi-square distribution.
    assert CRITICAL[:5] == pytest.approx((10.828, 13.816, 16.266, 18.467, 20.515), abs=6e-4)
    assert CRITICAL[29] == pytest.approx(59.703, abs=6e-4)


def test_a_sound_experiment_breaks_no_rule_defined_or_not(store: Store):
    run(store, {"a": 100, "b": 200, "c": 700}, 20, 1)
    assert findings(store) == []
    define(store, {"a": 0.1, "b": 0.2, "c": 0.7})
    assert findings(store) == []


def test_a_day_that_is_not_due_may_be_there_of_one_variant_alone(store: Store):
    run(store, {"a": 100, "b": 100}, 20, 2)
    run(store, {"a": 100}, 1, 0)
    define(store, {"a": 0.5, "b": 0.5})
    assert findings(store) == []
    assert names(findings(store, as_of=AS_OF + DAY)) == ["experiment_arm_stopped"]


def test_an_experiment_that_has_ended_has_not_stopped(store: Store):
    run(store, {"a": 100, "b": 100}, 40, 20)
    assert findings(store) == []


def test_a_variant_that_stopped_before_what_is_looked_at_has_stopped(store: Store):
    run(store, {"a": 100, "b": 100}, 100, 90)
    run(store, {"a": 100}, 89, 1)
    (finding,) = findings(store)
    assert finding.check == "experiment_arm_stopped"
    assert finding.examples[0].wrong == (
        "Its last day is 2025-03-05, while other variants go on to 2025-06-02."
    )


def test_an_experiment_of_last_year_is_left_alone(store: Store):
    run(store, {"a": 100, "b": 7}, 300, 290)
    run(store, {"a": 100}, 289, 285)
    define(store, {"a": 0.5, "c": 0.5})
    assert findings(store) == []


@pytest.mark.parametrize(
    ("users", "found"),
    [
        ({"a": 10_005_000, "b": 9_995_000}, []),  # .025 points of a hundred million: significant
        ({"a": 10_045_000, "b": 9_955_000}, ["experiment_split"]),  # .225 points
        ({"a": 3, "b": 2}, ["experiment_split"]),  # 10 points of 25,000
        ({"a": 1, "b": 1}, []),
    ],
)
def test_a_split_is_off_where_it_is_significant_and_matters(
    store: Store, users: dict[str, int], found: list[str]
):
    run(store, users, 11, 2)
    define(store, {"a": 0.5, "b": 0.5})
    assert names(findings(store)) == found


def test_users_of_before_the_start_and_after_a_stop_do_not_count_for_the_split(store: Store):
    run(store, {"a": 900, "b": 100}, 20, 16)
    run(store, {"a": 500, "b": 500}, 15, 11)
    run(store, {"a": 900, "b": 100}, 10, 2)
    today = AS_OF.date()
    define(
        store,
        {"a": 0.5, "b": 0.5},
        starts_on=today - 15 * DAY,
        stopped_on=today - 11 * DAY,
    )
    assert "experiment_split" not in names(findings(store))
    execute(store.engine(Role.APP), "update team.experiment set stopped_on = null")
    assert "experiment_split" in names(findings(store))


def test_a_missing_day_of_a_variant_is_no_drift_of_the_split(store: Store):
    run(store, {"a": 100, "b": 100}, 20, 1)
    execute(
        store.engine(Role.OWNER),
        "delete from metrics.experiment_bucket_day where variant = 'a' and day = :day",
        day=AS_OF.date() - 4 * DAY,
    )
    define(store, {"a": 0.5, "b": 0.5})
    assert names(findings(store)) == ["experiment_missing_days"]


def test_a_split_that_drifts_back_and_forth_by_chance_is_no_drift(store: Store):
    run(store, {"a": 5_000_000, "b": 5_000_000}, 20, 9)
    run(store, {"a": 5_005_000, "b": 4_995_000}, 8, 2)  # .05 points, and significant
    assert findings(store) == []


def test_few_users_may_leave_buckets_empty(store: Store):
    run(store, {"a": 1, "b": 1}, 5, 2)
    execute(
        store.engine(Role.OWNER), "delete from metrics.experiment_bucket_day where bucket % 2 = 0"
    )
    assert findings(store) == []


def test_variants_are_compared_with_their_definition_once_their_first_day_is_due(store: Store):
    define(store, {"a": 0.5, "b": 0.5})
    assert findings(store) == []
    run(store, {"a": 100}, 1, 0)
    assert findings(store) == []
    run(store, {"a": 100}, 3, 2)
    (finding,) = findings(store)
    assert finding.check == "experiment_variants"
    assert finding.examples[0].wrong == "Variants of its rows: a. Of its definition: a, b."


@pytest.mark.parametrize("days", [2, 9, story.EXPERIMENT_DAYS])
def test_the_demos_experiment_breaks_no_rule(store: Store, tmp_path: Path, days: int):
    scenario = Scenario(AS_OF)
    with MetricWriter(store, service=SERVICE, buffer=tmp_path) as writer:
        writer.load("experiment_bucket_before", demo.before(scenario))
        writer.load("experiment_bucket_day", demo.history(scenario, range(days)))
    end = demo.first_day(scenario) + days * DAY
    as_of = datetime(end.year, end.month, end.day, 12, tzinfo=UTC)
    assert findings(store, SERVICE, as_of) == []
    with store.engine(Role.APP).connect() as connection:
        stored = connection.execute(
            text("select count(distinct day) from metrics.experiment_bucket_day")
        ).scalar_one()
    assert stored == days
