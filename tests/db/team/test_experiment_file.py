"""A definition from a file: refused where a form would refuse it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from core.experiment.definition import DefinitionError, as_fields
from db.engine import Role, Store
from db.readers.experiment import SqlExperimentReader
from db.team.experiment_file import FileError, define_from_file
from db.team.experiments import ConflictError

AT = datetime(2026, 5, 25, 9, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "service": "newsletters",
    "experiment": "Папка",
    "variants": [
        {"name": "control", "share": 0.333},
        {"name": "лечение", "share": 0.333},
        {"name": "other", "share": 0.333},
    ],
    "control": "control",
    "starts_on": "2026-06-01",
    "minimum_days": 14,
    "planned_days": 28,
    "primary": {"metric": "complaints_per_letter", "margin": -0.05, "direction": "down"},
    "guardrails": [{"metric": "sessions_per_user", "margin": -0.01, "direction": "up"}],
    "s_plan": 0.0061,
    "assumption": "4.3M users a variant",
}


@pytest.fixture
def app(store: Store) -> Engine:
    return store.engine(Role.APP)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "определение.json"
    path.write_bytes(content)
    return path


def file_of(folder: Path, **changed: Any) -> Path:
    return written(folder, json.dumps(FIELDS | changed, ensure_ascii=False).encode())


def test_a_file_defines_an_experiment_and_doing_it_again_changes_nothing(
    app: Engine, tmp_path: Path
):
    path = file_of(tmp_path)
    made = define_from_file(app, path, by="Анна", at=AT)
    assert define_from_file(app, path, by="Борис", at=AT) == made
    assert SqlExperimentReader(app).definitions("newsletters") == (made,)
    assert made.revision == 1
    assert [one.share for one in made.variants] == [pytest.approx(1 / 3, rel=1e-15)] * 3
    assert (made.frozen_by, made.frozen_at) == ("Анна", AT)


def test_what_the_store_gives_can_be_a_file_again(app: Engine, tmp_path: Path):
    made = define_from_file(app, file_of(tmp_path), by="Анна", at=AT)
    again = written(tmp_path, json.dumps(as_fields(made)).encode())
    assert define_from_file(app, again, by="Анна", at=AT) == made


def test_a_byte_order_mark_is_no_mistake(app: Engine, tmp_path: Path):
    path = written(tmp_path, b"\xef\xbb\xbf" + json.dumps(FIELDS).encode())
    assert define_from_file(app, path, by="Анна", at=AT).experiment == "Папка"


def test_every_wrong_field_of_a_file_is_named_and_nothing_is_stored(app: Engine, tmp_path: Path):
    path = file_of(tmp_path, planned_days="28", planed_days=28, starts_on=None, frozen_by="me")
    with pytest.raises(DefinitionError) as refusal:
        define_from_file(app, path, by="Анна", at=AT)
    assert set(refusal.value.problems) == {
        "planned_days",
        "planed_days",
        "starts_on",
        "frozen_by",
    }
    assert SqlExperimentReader(app).definitions("newsletters") == ()


def test_an_experiment_that_runs_already_needs_a_reason_in_its_file(app: Engine, tmp_path: Path):
    later = AT + timedelta(days=14)
    for reason in ({}, {"reason": ""}, {"reason": 7}):
        with pytest.raises(DefinitionError) as refusal:
            define_from_file(app, file_of(tmp_path, **reason), by="Анна", at=later)
        assert list(refusal.value.problems) == ["reason"]
    define_from_file(app, file_of(tmp_path, reason="forgotten"), by="Анна", at=later)
    (logged,) = SqlExperimentReader(app).amendments("newsletters", "Папка")
    assert logged.reason == "forgotten"


def test_a_file_does_not_change_what_is_defined_otherwise(app: Engine, tmp_path: Path):
    made = define_from_file(app, file_of(tmp_path), by="Анна", at=AT)
    with pytest.raises(ConflictError, match="planned_days was 35 and is now 28"):
        define_from_file(app, file_of(tmp_path, planned_days=35), by="Анна", at=AT)
    assert SqlExperimentReader(app).definitions("newsletters") == (made,)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not JSON: Expecting value at line 1, column 1"),
        (b'{"service": }', "is not JSON: Expecting value at line 1, column 13"),
        (b"[1]", "must hold one object {...}, and holds a list"),
        (b'{"a": NaN}', "NaN is no number of JSON"),
        (b'{"a": 1, "a": 2}', "the field 'a' is there twice"),
        ("{'папка'}".encode("cp1251"), "is not UTF-8: byte 3"),
        (b"[" * 100_000, "is n"),
    ],
)
def test_what_is_no_json_object_is_said_in_words(
    app: Engine, tmp_path: Path, content: bytes, said: str
):
    with pytest.raises(FileError, match=r"определение\.json") as refusal:
        define_from_file(app, written(tmp_path, content), by="Анна", at=AT)
    assert said in str(refusal.value)


def test_a_file_that_is_not_there_is_said_in_words(app: Engine, tmp_path: Path):
    with pytest.raises(FileError, match="cannot be read: No such file or directory"):
        define_from_file(app, tmp_path / "none.json", by="Анна", at=AT)
