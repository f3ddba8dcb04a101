"""The evidence: plain JSON in full precision, where unknown is never zero."""

from __future__ import annotations

import json

import pytest

from core.false_reports import evidence
from core.printout import rendered
from core.printout.false_reports import false_reports
from core.text.residual import missed_share
from tests.core.false_reports.test_report import AS_OF, PLAIN, seen, some
from tests.core.false_reports.test_sentences import after, released
from tests.fakes_false_reports import FakeFalseReportReader, reports, vote

KEYS = {
    *("reports", "taken", "letters", "groups", "waiting", "oldest_waiting", "states", "topics"),
    *("agreement", "report_precision", "masked", "sets", "after_release", "data_through"),
    "warnings",
}


def test_the_evidence_is_json_and_holds_what_was_promised():
    for found in (after(), seen(FakeFalseReportReader())):
        values = json.loads(json.dumps(evidence(found), allow_nan=False))
        assert values.keys() >= KEYS
        assert values["report_precision"].keys() == {"value", "low", "high", "n"}
        assert values["agreement"].keys() >= {"raw", "alpha", "n"}


def test_what_nobody_knows_is_none():
    values = evidence(seen(FakeFalseReportReader()))
    assert values["data_through"] is None
    assert values["oldest_waiting"] is None
    assert values["report_precision"] == {"value": None, "low": None, "high": None, "n": 0}
    assert values["agreement"]["raw"] is None


def test_a_release_carries_its_counts_rates_and_intervals():
    (one,) = evidence(after())["after_release"]
    assert (one["model_version"], one["replaced"]) == ("bert-4", ["bert-3"])
    assert one["retraining_set"] == "newsletters-1"
    assert one["set"]["fates"] == {"fixed": 2, "recurring": 1}
    first = one["groups"][0]
    assert (first["group"], first["fate"]) == (PLAIN[0], "fixed")
    assert first["before"]["reports"] == 60
    assert first["before"]["rate"] == 60 / 4.8
    assert first["after"]["reports"] == 0
    assert first["low"] == 0.0 < first["high"] < 0.5
    assert one["others"]["before"]["reports"] == 40
    assert 0 < one["since_set"]["reports"] < 150


def test_states_and_masked_details_are_counted():
    rows = some(2, masked={"PERSON": 2, "EMAIL": 1})
    values = evidence(seen(FakeFalseReportReader(rows, votes=[vote(1, PLAIN[0])])))
    assert values["states"]["confirmed"] == 1
    assert values["states"]["waiting"] == 1
    assert values["masked"] == {"PERSON": 6, "EMAIL": 3}
    share = {kind: missed_share(kind) for kind in ("PERSON", "EMAIL")}
    left = sum(count * share[kind] / (1 - share[kind]) for kind, count in values["masked"].items())
    assert values["left_per_thousand"] == pytest.approx(1_000 * left / 3)
    assert sum(values["states"].values()) == values["groups"]


def test_the_terminal_prints_every_state_and_never_the_text_of_a_letter():
    secret = "только в письме"
    rows = reports(PLAIN[0], "bert-3", AS_OF.replace(day=2), AS_OF.replace(day=3), 3, text=secret)
    for found in (
        after(),
        after(released(runs=[], made=[])),
        seen(FakeFalseReportReader()),
        seen(FakeFalseReportReader(untaken=[AS_OF.replace(day=9)])),
        seen(FakeFalseReportReader(rows, votes=[vote(1, PLAIN[0])])),
    ):
        for style in ("table", "markdown"):
            printed = rendered(false_reports(found), style)
            assert found.service in printed
            assert secret not in printed
    printed = rendered(false_reports(after()), "table")
    assert "The three groups of newsletters-1 together are fixed since bert-4" in printed
    assert "recurring" in printed
