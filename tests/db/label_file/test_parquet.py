"""Labels from parquet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine

from db.label_file import LabelFileError, LabelImport, import_labels
from tests.db.label_file.label_lines import NOW, counts, stored

COLUMNS: dict[str, Any] = {
    "model_version": pa.array(["v1", "v1", "v2"]).dictionary_encode(),
    "letter_id": pa.array([1, 2, 3]),
    "predicted_at": pa.array(
        [datetime(2025, 6, 1, 10, minute, tzinfo=UTC) for minute in (0, 1, 2)],
        pa.timestamp("ns", "UTC"),
    ),
    "labelled_at": pa.array(
        [datetime(2025, 6, 1, 15, 0, 0, 7, tzinfo=timezone(timedelta(hours=3)))] * 3,
        pa.timestamp("us", "+03:00"),
    ),
    "segment": pa.array(["ru", "", "en"]),
    "score": pa.array([0.5, 1, 0], pa.float32()),
    "decision": pa.array([True, True, False]),
    "label": pa.array([1, 0, 1], pa.int8()),
    "inclusion_probability": pa.array([1, 1, 1]),
}


@pytest.fixture
def load_parquet(serving: Engine, tmp_path: Path) -> Callable[..., LabelImport]:
    def write_and_import(name: str = "labels.parquet", **changed: Any) -> LabelImport:
        pq.write_table(pa.table(COLUMNS | changed), tmp_path / name)
        return import_labels(serving, tmp_path / name, service="mail", now=NOW)

    return write_and_import


@pytest.mark.parametrize("name", ["labels.parquet", "labels", "labels.csv"])
def test_parquet_is_known_by_its_content_and_read_by_its_types(
    serving: Engine, load_parquet: Callable[..., LabelImport], name: str
):
    assert counts(load_parquet(name)) == (3, 3, 0, 0, 0)
    labelled = datetime(2025, 6, 1, 12, 0, 0, 7, tzinfo=UTC)
    assert stored(serving, "letter_id, model_version, labelled_at, segment, score, label") == [
        ("1", "v1", labelled, "ru", 0.5, True),
        ("2", "v1", labelled, "", 1.0, False),
        ("3", "v2", labelled, "en", 0.0, True),
    ]


@pytest.mark.usefixtures("small_chunks")
def test_refused_rows_of_parquet_are_told_by_their_number(
    load_parquet: Callable[..., LabelImport],
):
    found = load_parquet(
        letter_id=pa.array(["a", None, "c"]),
        score=pa.array([0.5, 1, 7.5]),
        labelled_at=pa.array(["2025-06-01T12:00:00", "2025-06-01T12:00Z", "2025-06-01T12:00Z"]),
    )
    assert [(one.line, one.field, one.value) for one in found.refused] == [
        (1, "labelled_at", "2025-06-01T12:00:00"),
        (2, "letter_id", ""),
        (3, "score", "7.5"),
    ]


def test_values_of_the_wrong_type_are_refused_row_by_row(load_parquet: Callable[..., LabelImport]):
    found = load_parquet(segment=pa.array([1.5, 2.5, 3.5]), decision=pa.array(["yes", "no", "t"]))
    assert [one.reason for one in found.refused] == ["segment must be text, not float"] * 3


def test_times_without_a_zone_refuse_a_parquet_file(load_parquet: Callable[..., LabelImport]):
    naive = pa.array([NOW.replace(tzinfo=None)] * 3, pa.timestamp("us"))
    with pytest.raises(LabelFileError) as refusal:
        load_parquet(predicted_at=naive)
    assert str(refusal.value) == (
        "The times of 'predicted_at' in labels.parquet have no time zone: without one they do not "
        "say which moments they are."
    )


def test_a_parquet_file_that_was_cut_off_is_refused_in_a_sentence(
    serving: Engine, load_parquet: Callable[..., LabelImport], tmp_path: Path
):
    load_parquet()
    whole = (tmp_path / "labels.parquet").read_bytes()
    damaged = bytearray(whole)
    damaged[30:400] = bytes(370)
    for content in (whole[:200], whole[:-1], bytes(damaged)):
        (tmp_path / "cut.parquet").write_bytes(content)
        with pytest.raises(LabelFileError, match=r"^cut\.parquet cannot be read as parquet: "):
            import_labels(serving, tmp_path / "cut.parquet", service="cut", now=NOW)
    assert set(stored(serving, "service")) == {"mail"}
