"""What the contract check makes of the rows that a reader hands it, without a database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from core import contract
from core.contract import Example, Severity
from core.contract_checks import BACK, CHECKS
from core.ports import Contradictions, TableExtent, TableFreshness

AS_OF = datetime(2026, 6, 1, 12, 34, 56, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
RULES = {rule.name: rule for rule in CHECKS}


@dataclass
class FakeReader:
    """Knows tables and contradictions by heart, and what it was asked."""

    known: tuple[str, ...] = ("mail",)
    fresh: tuple[TableFreshness, ...] = ()
    extent: Mapping[str, TableExtent] = field(default_factory=dict)
    broken: Mapping[tuple[str, str], Contradictions] = field(default_factory=dict)
    asked: dict[str, tuple[datetime, Mapping[str, object], int]] = field(default_factory=dict)

    def services(self) -> tuple[str, ...]:
        return self.known

    def freshness(self, service: str, as_of: datetime) -> tuple[TableFreshness, ...]:
        return self.fresh

    def extents(
        self, service: str, as_of: datetime, back: Mapping[str, timedelta]
    ) -> Mapping[str, TableExtent]:
        assert back == BACK
        return self.extent

    def contradictions(
        self,
        check: str,
        service: str,
        start: datetime,
        as_of: datetime,
        *,
        settings: Mapping[str, object],
        examples: int,
    ) -> Contradictions:
        self.asked[check] = (start, settings, examples)
        return self.broken.get((service, check), Contradictions(0, ()))


def columns_of(check: str) -> dict[str, object]:
    return {
        "latency_cells": {
            "minute": datetime(2026, 6, 1, 12, 3, tzinfo=UTC),
            "datacenter": "Москва {dc}",
            "instance": "i1",
            "model_version": "v1",
            "cells": 1_234_567,
            "answered": 98,
        },
        "slow_cells": {
            "minute": AS_OF,
            "datacenter": "a",
            "instance": "i",
            "model_version": "v",
            "slow": 1,
            "above": 2,
        },
        "negative_product_metric": {
            "day": date(2026, 5, 31),
            "metric": "sessions",
            "segment": "all",
            "value": -0.5,
        },
    }[check]


def test_an_example_names_the_key_and_says_what_is_wrong_whatever_the_names_hold():
    broken = Contradictions(7, (columns_of("latency_cells"),))
    reader = FakeReader(broken={("mail", "latency_cells"): broken})
    (finding,) = contract.report(reader, "mail", AS_OF).findings
    assert finding.total == 7
    assert finding.table == "serving_minute"
    assert finding.examples == (
        Example(
            "minute 2026-06-01T12:03Z, datacenter Москва {dc}, instance i1, model version v1",
            "The latency cells add up to 1,234,567, but letters - errors is 98.",
        ),
    )
    assert finding.change == RULES["latency_cells"].change


def test_days_and_fractions_are_written_as_they_are():
    broken = Contradictions(1, (columns_of("negative_product_metric"),))
    reader = FakeReader(broken={("mail", "negative_product_metric"): broken})
    (finding,) = contract.report(reader, "mail", AS_OF).findings
    assert finding.examples[0] == Example(
        "day 2026-05-31, metric sessions, segment all", "The value is -0.5."
    )


def test_every_rule_is_asked_as_far_back_as_it_looks_and_for_a_few_examples():
    reader = FakeReader()
    contract.report(reader, "mail", AS_OF)
    assert set(reader.asked) == set(RULES)
    for name, (start, settings, examples) in reader.asked.items():
        assert start == (AS_OF - RULES[name].back).replace(second=0)
        assert settings == RULES[name].settings
        assert examples == contract.EXAMPLES


def test_errors_are_told_from_hints():
    broken = {
        ("mail", name): Contradictions(1, (columns_of(name),))
        for name in ("latency_cells", "slow_cells", "negative_product_metric")
    }
    found = contract.report(FakeReader(broken=broken), "mail", AS_OF)
    assert [finding.severity for finding in found.findings] == [
        Severity.ERROR,
        Severity.HINT,
        Severity.ERROR,
    ]
    assert len(found.errors) == 2
    assert found.sentence == "Checking mail found two errors and one hint."


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ((), "No service has written anything."),
        (("mail",), "The rows of mail keep the contract."),
        (("a", "b", "ё"), "The rows of a, b and ё keep the contract."),
    ],
)
def test_without_findings_the_report_says_so(known: tuple[str, ...], sentence: str):
    assert contract.report(FakeReader(known=known), None, AS_OF).sentence == sentence


def test_a_named_service_alone_is_checked_even_if_nobody_knows_it():
    broken = {("mail", "slow_cells"): Contradictions(1, (columns_of("slow_cells"),))}
    reader = FakeReader(known=("mail", "other"), broken=broken)
    assert contract.report(reader, "other", AS_OF).findings == ()
    assert len(contract.report(reader, None, AS_OF).findings) == 1
    assert contract.report(reader, "new", AS_OF).services == ("new",)


@pytest.mark.parametrize(
    ("newest", "step", "stale"),
    [
        (AS_OF - 3 * MINUTE, MINUTE, False),
        (AS_OF - 5 * MINUTE, MINUTE, True),
        (AS_OF - 5 * DAY, timedelta(0), None),
        (None, MINUTE, None),
    ],
)
def test_a_table_is_stale_by_the_step_of_its_rows(
    newest: datetime | None, step: timedelta, stale: bool | None
):
    fresh = (TableFreshness("serving_minute", newest, newest, step),)
    reader = FakeReader(fresh=fresh, extent={"serving_minute": TableExtent(0)})
    (table,) = contract.report(reader, "mail", AS_OF).tables
    assert table.stale is stale


def test_the_evidence_is_plain_json_with_everything_in_it():
    newest = AS_OF.replace(second=0) - 9 * MINUTE
    fresh = (
        TableFreshness("serving_minute", newest, newest, MINUTE),
        TableFreshness("deployment", None, None, timedelta(0)),
    )
    extent = {
        "serving_minute": TableExtent(1_430, 1_430, 1_437, "instance minutes"),
        "deployment": TableExtent(0),
    }
    broken = {("mail", "slow_cells"): Contradictions(4, (columns_of("slow_cells"),))}
    found = contract.report(FakeReader(fresh=fresh, extent=extent, broken=broken), None, AS_OF)
    told = json.loads(json.dumps(contract.evidence(found)))
    assert told["as_of"] == "2026-06-01T12:34:56Z"
    assert told["tables"][0] == {
        "service": "mail",
        "table": "serving_minute",
        "back": 86_400,
        "rows": 1_430,
        "newest": "2026-06-01T12:25Z",
        "written_at": "2026-06-01T12:25Z",
        "stale": True,
        "present": 1_430,
        "expected": 1_437,
        "counted": "instance minutes",
    }
    assert told["tables"][1]["back"] is told["tables"][1]["newest"] is None
    (finding,) = told["findings"]
    assert (finding["check"], finding["severity"], finding["total"]) == ("slow_cells", "hint", 4)
    assert finding["examples"][0]["wrong"].startswith("slow is 1")
    assert found.tables[0].sentence == (
        "Newest 2026-06-01T12:25Z, which is stale. 1,430 rows in the last 24 hours. "
        "1,430 of 1,437 instance minutes."
    )


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        contract.report(FakeReader(), "mail", AS_OF.replace(tzinfo=None))
