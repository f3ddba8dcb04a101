"""A service's life on the terminal."""

import json

from sqlalchemy import text

from db.engine import Role, Store
from tests.terminal.conftest import Terminal

SHADOW = text("""
    insert into metrics.shadow_hour (service, hour, production_version, candidate_version,
        both_positive, production_only, candidate_only, both_negative, candidate_errors,
        candidate_slow, user_visible)
    values ('mail', '2026-06-01T10:00Z', 'bert-3', 'bert-4', 400, 10, 20, 570, 0, 0, 2)""")
DEPLOYED = text("""
    insert into metrics.deployment (service, deployment_id, deployed_at, model_version, stage)
    values ('mail', 'd', '2026-06-01T09:00Z', 'bert-4', 'shadow')""")


def test_evidence_says_what_the_page_says(terminal: Terminal, store: Store):
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(SHADOW)
        connection.execute(DEPLOYED)
    asked = ("evidence", "life-cycle", "--service", "mail", "--as-of", "2026-06-02T00:00Z")
    values = json.loads(terminal(*asked, "--format", "json").stdout)
    assert values["phase"] == "launch"
    assert values["shadow_status"] == "BREACHED"
    assert values["shadow_run"]["user_visible"] == 2
    assert values["shadow_run"]["missing"] == [["2026-06-01T09:00Z", "2026-06-01T10:00Z"]]
    said = terminal(*asked)
    assert values["sentence"].removesuffix(".") in said.stdout
    assert "Not saved" not in said.stdout
    assert "Nobody has said where." in said.stdout
