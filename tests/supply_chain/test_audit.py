"""The audit: what is vulnerable fails, and what nobody was asked about is never called safe."""

import json
from typing import Any

import pytest

from tests.supply_chain.audit import Found, exceptions, read, verdict


def answer(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


SAFE = {"name": "click", "version": "8.5.1", "vulns": []}
UNKNOWN = {"name": "numpy", "skip_reason": "Dependency not found"}
HOLE = {
    "name": "left",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["1.1"]}],
}


def test_a_known_vulnerability_fails_wherever_it_is_asked():
    found = read(answer(SAFE, HOLE), 2, {})

    for fine in (True, False):
        code, said = verdict(found, offline_is_fine=fine)
        assert code == 1
        assert "left 1.0: PYSEC-1 (fixed in 1.1)" in said


@pytest.mark.parametrize("name", ["PYSEC-1", "CVE-1"])
def test_an_exception_is_taken_by_any_of_its_names(name: str):
    assert read(answer(HOLE), 1, {name: "not reached"}).vulnerable == ()


def test_all_known_and_none_vulnerable_is_said_with_the_number():
    assert verdict(read(answer(SAFE), 1, {}), offline_is_fine=False) == (
        0,
        "No known vulnerability in 1 packages.",
    )


@pytest.mark.parametrize(
    "found", [read(answer(SAFE, UNKNOWN), 2, {}), Found(2, 0, trouble="no answer in 90 s")]
)
def test_what_was_not_audited_is_said_and_fails_where_it_must_be_audited(found: Found):
    code, said = verdict(found, offline_is_fine=True)
    assert code == 0
    assert said.startswith("NOT AUDITED: ")
    assert "No known" not in said
    assert verdict(found, offline_is_fine=False)[0] == 1


def test_every_exception_has_its_reason():
    assert all(reason.strip() for reason in exceptions().values())
