"""Whatever people write stands in the log: every statement that writes is accounted for."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from core.ports.audit import Search
from db import team
from db.engine import Role, Store
from db.readers import audit_log
from db.readers.audit import SUBJECTS
from db.readers.audit_log import SqlLogReader
from db.team.experiments import amend, create
from tests.db.team.test_experiments import DAY, EARLY, LATER, WANTED

MODULES = sorted(Path(team.__path__[0]).glob("*.py"))
WRITES = re.compile(r"\b(?:insert into|update|delete from)\s+team\.(\w+)")
#: Written by no person, or part of a row that is logged itself.
BESIDE = MappingProxyType(
    {
        "alert_episode": "the machine's; what people do with it is in alert_act",
        "alert_transition": "the machine's; with alert_act where a person moved it",
        "baseline_task": "the tasks of a baseline, which is logged and only grows",
        "report_group": "the machine's; its topic is found anew",
        "report_group_band": "the machine's",
        "report_intake": "the machine's",
        "report_letter": "cleared with a withdrawal, which is logged",
        "report_topic": "the machine's",
        "retraining_set_letter": "the letters of a set, which is logged and only grows",
        "review_file": "the files of a review, which is logged and only grows",
        "sign_out": "a member's own session; no data",
        "verdict": "the machine's",
    }
)


#: A module whose functions log what they write, by themselves or by another one.
WRITERS = """
_INSERT = text("insert into team.alert_rule (rule_id) values (:rule_id)")
_UPDATE = text("update team.alert_rule set name = :name")

def create(connection):
    connection.execute(_INSERT)
    audit.log(connection, "made")

def change(connection):
    connection.execute(_UPDATE)
    _log(connection, "changed")

def _log(connection, said):
    audit.log(connection, said)
"""


def statements(path: Path) -> str:
    """Every text of a module but docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return "\n".join(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    )


def logs_by_itself(path: Path) -> bool:
    """Whether a module writes into the log, by the statement of its own or by `db.team.audit`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return "insert into team.audit" in statements(path) or any(map(_logs, ast.walk(tree)))


def writers_past_the_log(source: str) -> list[str]:
    """Functions of a module that write what no log shows by itself, and do not log it.

    One that leaves it to another function of the module calls it; that one writes nothing else.
    """
    tree = ast.parse(source)
    written = {
        target.id: set(WRITES.findall(ast.unparse(node.value)))
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    into_the_log = {name for name, tables in written.items() if "audit" in tables}
    past = {name for name, tables in written.items() if tables - logged_tables() - BESIDE.keys()}
    used = {
        node.name: {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    logging = into_the_log | {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and (any(map(_logs, ast.walk(node))) or used[node.name] & into_the_log)
    }
    for_others = {name for name in logging if not used.get(name, set()) & past}
    return [
        name
        for name, names in used.items()
        if names & past and name not in logging and not names & for_others
    ]


def _logs(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.log"


def logged_tables() -> set[str]:
    """Tables whose rows the log shows by itself."""
    united = " ".join(audit_log._LOGS.values())
    return set(re.findall(r"\b(?:from|join)\s+team\.(\w+)", united))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_whatever_a_module_writes_is_logged_or_is_no_person_s(path: Path):
    said = statements(path)
    written = set(WRITES.findall(said)) - {"audit"}
    logs_itself = logs_by_itself(path)
    unlogged = {table for table in written - logged_tables() - BESIDE.keys() if not logs_itself}
    assert unlogged == set(), f"{path.name} writes them, and no log says who did"


def test_every_table_that_is_kept_by_the_log_is_written_through_it_alone():
    kept = {table for table, _ in SUBJECTS.values()}
    for path in MODULES:
        said = statements(path)
        past = set(WRITES.findall(said)) & kept
        assert not past or logs_by_itself(path), path.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_function_that_writes_past_the_kept_rows_logs_it(path: Path):
    assert writers_past_the_log(path.read_text(encoding="utf-8")) == []


def test_the_walk_sees_a_function_whose_entry_is_missing():
    assert writers_past_the_log(WRITERS) == []
    for entry, missing in (
        ('audit.log(connection, "made")', "create"),
        ('_log(connection, "changed")', "change"),
        ("audit.log(connection, said)", "change"),
    ):
        assert WRITERS.count(entry) == 1
        assert writers_past_the_log(WRITERS.replace(entry, "pass")) == [missing]


def test_who_writes_says_who_and_when():
    """A writer takes by and at, and nothing else in its place."""
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                names = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
                if {"engine", "by"} <= names:
                    assert "at" in names, f"{path.name}: {node.name}"


def test_an_experiment_is_logged_before_its_first_day_as_after_it(store: Store):
    app = store.engine(Role.APP)
    made = create(app, WANTED, by=" Анна ", at=EARLY)
    later = amend(app, made, replace(WANTED, note="longer"), by="Борис", at=EARLY + DAY)
    amend(app, later, replace(later, note="longest"), by="Вера", at=LATER, reason="asked for")

    entries = SqlLogReader(app).entries(Search(), None, 10)

    assert [(one.by, one.at, one.subject) for one in entries] == [
        ("Вера", LATER, "experiment"),
        ("Борис", EARLY + DAY, "experiment"),
        ("Анна", EARLY, "experiment"),
    ]
    assert [(one.before.get("note"), one.after["note"]) for one in entries] == [
        ("longer", "longest"),
        (WANTED.note, "longer"),
        (None, WANTED.note),
    ]
