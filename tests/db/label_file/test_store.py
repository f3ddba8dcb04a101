"""What the store refuses, and a store that goes away: nothing is half done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, text

from db.engine import Role, Store, StoreUnreachableError
from db.label_file import LabelFileError, LabelImport, import_labels, staging
from db.schema import SchemaError
from tests.conftest import open_store
from tests.db.label_file.label_lines import HEADER, NOW, counts, row, rows, stored


def test_what_only_the_database_refuses_writes_nothing_and_names_the_line(
    serving: Engine, load: Callable[..., LabelImport]
):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    late = row(letter_id="late", labelled_at=f"{tomorrow - timedelta(hours=1):%Y-%m-%dT%H:%MZ}")
    with pytest.raises(LabelFileError) as refusal:
        load([*rows("a", "b"), late, *rows("c")], now=tomorrow)
    assert str(refusal.value) == (
        'Nothing is written: the store refuses line 4 (new row for relation "labelled_letter" '
        'violates check constraint "labelled_letter_not_in_the_future").'
    )
    assert stored(serving) == []


def test_a_key_that_is_too_long_for_its_index_writes_nothing(
    serving: Engine, load: Callable[..., LabelImport]
):
    long = "".join(chr(0x4E00 + (at * 7_919) % 20_000) for at in range(3_000))
    with pytest.raises(LabelFileError, match=r"^Nothing is written: the store refuses a row \("):
        load([*rows("a"), row(letter_id=long)])
    assert stored(serving) == []


def test_a_store_that_goes_away_in_between_has_nothing_of_the_file(
    owner: Engine,
    serving: Engine,
    load: Callable[..., LabelImport],
    monkeypatch: pytest.MonkeyPatch,
):
    whole = staging.take_duplicates

    def end_session(cursor: Any) -> Any:
        with owner.begin() as connection:
            connection.execute(
                text("select pg_terminate_backend(:pid)"),
                {"pid": cursor.connection.info.backend_pid},
            )
        return whole(cursor)

    with monkeypatch.context() as patched:
        patched.setattr(staging, "take_duplicates", end_session)
        with pytest.raises(
            StoreUnreachableError, match=r"^The store does not answer: .* Import the"
        ):
            load(rows("a", "b"))
    assert stored(serving) == []
    assert counts(load(rows("a", "b"))) == (2, 2, 0, 0, 0)


def test_a_role_that_may_not_make_temporary_tables_is_told_what_to_grant(
    store: Store, tmp_path: Path
):
    (tmp_path / "labels.csv").write_text("\n".join([HEADER, *rows("a")]), encoding="utf-8")
    with store.engine(Role.OWNER).begin() as connection:
        name = connection.execute(text("select current_database()")).scalar_one()
        connection.execute(text(f'revoke temporary on database "{name}" from public'))
    with pytest.raises(
        LabelFileError, match=r"grant temporary on database .* to greenlight_serving"
    ):
        import_labels(store.engine(Role.SERVING), tmp_path / "labels.csv", service="mail", now=NOW)


def test_a_store_without_a_schema_says_which_command_makes_it(empty_database: URL, tmp_path: Path):
    (tmp_path / "labels.csv").write_text("\n".join([HEADER, *rows("a")]), encoding="utf-8")
    with open_store(empty_database) as store, pytest.raises(SchemaError, match=r"cli\.py migrate"):
        import_labels(store.engine(Role.OWNER), tmp_path / "labels.csv", service="mail", now=NOW)


@pytest.fixture
def two_files(tmp_path: Path) -> list[Path]:
    """The same letters in opposite orders, with other labels."""
    paths = []
    for name, label, step in (("one", "true", 1), ("two", "false", -1)):
        ids = [f"{at:04d}" for at in range(3_000)][::step]
        path = tmp_path / f"{name}.csv"
        lines = [HEADER, *(row(letter_id=one, label=label) for one in ids)]
        path.write_text("\n".join(lines), encoding="utf-8")
        paths.append(path)
    return paths


def test_two_imports_at_once_wait_for_each_other(serving: Engine, two_files: list[Path]):
    found: list[LabelImport] = []

    def run(path: Path) -> None:
        found.append(import_labels(serving, path, service="mail", now=NOW))

    threads = [threading.Thread(target=run, args=(path,)) for path in two_files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((one.inserted, one.changed) for one in found) == [(0, 3_000), (3_000, 0)]
    assert len(set(stored(serving, "label"))) == 1
