"""The plan on the terminal: its evidence, and its tasks as a file."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import text

from db.engine import Role, Store
from tests.terminal.conftest import Terminal

SERVICE = text("""
    insert into metrics.heartbeat (service, component, instance, started_at, beat_at)
    values ('search', 'inference', 'i1', now() - interval '2 hours', now())""")
LINES = """title,stage,direction,ideal_days
Собрать письма,Launch: data,Infrastructure,3
Обучить модель,Launch: research,ML / Logics,{days}
"""


def test_tasks_come_in_from_a_file_go_out_again_and_are_evidence(
    terminal: Terminal, store: Store, tmp_path: Path
):
    with store.engine(Role.OWNER).begin() as connection:
        connection.execute(SERVICE)
    file, copy = tmp_path / "tasks.csv", tmp_path / "copy.csv"
    asked = ("tasks", "import", str(file), "--service", "search", "--by", "Вера")
    file.write_text(LINES.format(days="many"), encoding="utf-8")

    refused = terminal(*asked)
    assert refused.exit_code == 1
    assert "Nothing is stored" in refused.stdout
    assert "ideal_days" in refused.stdout

    file.write_text(LINES.format(days=5), encoding="utf-8")
    done = terminal(*asked, "--format", "json")
    assert json.loads(done.stdout)["added"] == 2

    terminal("tasks", "export", "--service", "search", "--output", str(copy))
    assert "Собрать письма" in copy.read_text(encoding="utf-8")

    asked = ("evidence", "milestones", "--service", "search")
    found = json.loads(terminal(*asked, "--format", "json").stdout)
    assert [one["title"] for one in found["tasks"]] == ["Собрать письма", "Обучить модель"]
    assert found["sentence"].startswith("No milestone is set")
    assert "Обучить модель" in terminal(*asked).stdout


def test_a_service_that_nobody_knows_has_no_plan(terminal: Terminal):
    assert terminal("tasks", "export", "--service", "nobody").exit_code == 2
