"""The bill of materials lists what the lock pins, with the same hashes, and nothing else."""

import json
from typing import Any

import pytest

from tests.supply_chain.lock import ROOT, normalised, pins
from tests.supply_chain.sbom import LOCK, SBOM, generated


@pytest.fixture(scope="module")
def told() -> Any:
    return json.loads(SBOM.read_text())


def test_it_lists_the_lock_package_by_package_hash_by_hash(told: Any):
    listed = {
        (normalised(component["name"]), component["version"]): {
            hashed["content"]
            for reference in component["externalReferences"]
            for hashed in reference["hashes"]
        }
        for component in told["components"]
    }

    assert listed == {(pin.name, pin.version): set(pin.hashes) for pin in pins(LOCK)}, (
        "run make sbom"
    )


def test_it_is_cyclonedx_of_this_project(told: Any):
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert told["metadata"]["component"]["name"] == "greenlight"


def test_it_names_packages_and_no_place_that_they_come_from(told: Any):
    urls = [
        reference["url"]
        for component in told["components"]
        for reference in component["externalReferences"]
    ]
    assert all(url.startswith("pkg:pypi/") for url in urls)


def test_the_same_lock_gives_the_same_file():
    assert generated() == SBOM.read_text()


def test_the_file_is_in_the_documentation():
    assert SBOM.relative_to(ROOT).as_posix() == "docs/sbom.json"
    assert "docs/sbom.json" in (ROOT / "docs/supply_chain.md").read_text()
