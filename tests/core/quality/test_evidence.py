"""The JSON of the terminal: everything, in full precision, unknown as null."""

import json

import pytest

from core.quality import Focus, evidence
from tests.core.quality.worlds import labelled, measured, released, scored


def test_it_says_what_the_report_says():
    found = measured(scored(), labelled(), deployed=[released(-5, threshold=0.88)])
    said = evidence(found)
    precision = found.whole.measures["precision"]
    assert said["precision"] == {
        "value": precision.value,
        "low": precision.low,
        "high": precision.high,
        "n": 1_400,
    }
    assert said["recall"]["n"] == 2_200
    assert said["threshold"]["operating"] == 0.88
    assert said["threshold"]["certified"] == pytest.approx(0.982, abs=1e-3)
    assert said["labels"] == 2_200
    assert said["population"] == 48 * 11_000
    assert said["unlabelled_share"] == 0
    assert said["status"] == "UNDECIDED"
    assert said["targets"] == {"precision": 0.99, "recall": 0.7}
    assert [part["key"] for part in said["segments"]] == ["ru"]
    assert said["plan"]["settles"] == found.plan.settles
    assert said["early_warning"]["version"] == "v1"
    assert said["warnings"] == ["No label has come for 45 hours."]


@pytest.mark.parametrize("rows", [[], scored()])
def test_unknown_is_null_and_all_of_it_is_json(rows: list):
    said = json.loads(json.dumps(evidence(measured(rows)), allow_nan=False))
    assert said["precision"]["value"] is None
    assert said["precision"]["low"] is None
    assert said["threshold"]["certified"] is None
    assert said["status"] == "NO_DATA"


def test_a_part_names_itself():
    said = evidence(measured(scored(), labelled(), focus=Focus("v1", "ru")))
    assert (said["version_filter"], said["segment_filter"]) == ("v1", "ru")
