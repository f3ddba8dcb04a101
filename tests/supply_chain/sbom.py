"""`make sbom`: what Greenlight runs on as a software bill of materials, in docs/sbom.json.

The form is CycloneDX 1.6. It is made from the lock, not from what happens to be installed, and
the same lock gives the same file.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.supply_chain.lock import ROOT, pins

LOCK = ROOT / "requirements.lock"
SBOM = ROOT / "docs/sbom.json"


def generated() -> str:
    """The bill of materials of the runtime's lock."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "sbom.json"
        subprocess.run(
            [
                *(sys.executable, "-m", "cyclonedx_py", "requirements", str(LOCK)),
                *("--pyproject", "pyproject.toml", "--sv", "1.6", "--output-format", "JSON"),
                *("--output-reproducible", "--output-file", str(written)),
            ],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        told: Any = json.loads(written.read_text())
    names = {}
    for component in told["components"]:
        names[component["bom-ref"]] = component["purl"]
        component["bom-ref"] = component["purl"]
        # What the generator adds: the line of the lock again, and the index it supposes.
        del component["description"]
        for reference in component["externalReferences"]:
            reference["url"] = component["purl"]
            reference.pop("comment", None)
    for dependency in told.get("dependencies", ()):
        dependency["ref"] = names.get(dependency["ref"], dependency["ref"])
        if "dependsOn" in dependency:
            dependency["dependsOn"] = sorted(names.get(one, one) for one in dependency["dependsOn"])
    told["components"].sort(key=lambda component: component["purl"])
    told.get("dependencies", []).sort(key=lambda dependency: dependency["ref"])
    told.get("metadata", {}).pop("tools", None)
    return json.dumps(told, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Write the file."""
    SBOM.write_text(generated())
    print(f"{SBOM.relative_to(ROOT)} lists {len(pins(LOCK))} packages.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
