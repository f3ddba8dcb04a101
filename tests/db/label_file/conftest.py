"""One store for the tests of a module, without labels before each; a file to import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from db.engine import Role, Store
from db.label_file import LabelImport, chunks, csv_file, import_labels, parquet_file
from tests.db.label_file.label_lines import HEADER, NOW


@pytest.fixture(scope="module")
def owner(kept_store: Store) -> Engine:
    return kept_store.engine(Role.OWNER)


@pytest.fixture(scope="module")
def engine(kept_store: Store) -> Engine:
    return kept_store.engine(Role.SERVING)


@pytest.fixture
def serving(engine: Engine, owner: Engine) -> Engine:
    """The serving stack's engine on a store without labels."""
    with owner.begin() as connection:
        connection.execute(text("delete from metrics.labelled_letter"))
    return engine


@pytest.fixture
def load(serving: Engine, tmp_path: Path) -> Callable[..., LabelImport]:
    """Write a file and import it."""

    def write_and_import(
        content: str | bytes | Sequence[str],
        *,
        name: str = "labels.csv",
        service: str | None = "mail",
        strict: bool = False,
        now: datetime = NOW,
    ) -> LabelImport:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            lines = content if isinstance(content, str) else "\n".join([HEADER, *content]) + "\n"
            path.write_text(lines, encoding="utf-8", newline="")
        return import_labels(serving, path, service=service, now=now, strict=strict)

    return write_and_import


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows at a time, so that a few rows make several chunks."""
    for module in (chunks, csv_file, parquet_file):
        monkeypatch.setattr(module, "CHUNK_ROWS", 3)
