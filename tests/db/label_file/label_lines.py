"""Lines of label files, and what the store holds of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, text

from db.label_file import LabelImport

NOW = datetime(2025, 6, 2, tzinfo=UTC)
HEADER = (
    "model_version,letter_id,predicted_at,labelled_at,segment,score,decision,label,"
    "inclusion_probability,labeller"
)
GOOD = "v1,{id},2025-06-01T10:00:00Z,2025-06-01T12:00:00Z,ru,0.9,true,true,0.01,Аня"
NAMES = HEADER.split(",")


def rows(*ids: str) -> list[str]:
    return [GOOD.format(id=one) for one in ids]


def row(**changed: str) -> str:
    """One good line with some of its values changed."""
    values = dict(zip(NAMES, GOOD.format(id="l").split(","), strict=True)) | changed
    return ",".join(values.values())


def stored(engine: Engine, columns: str = "letter_id") -> list[Any]:
    with engine.connect() as connection:
        found = connection.execute(
            text(f'select {columns} from metrics.labelled_letter order by letter_id collate "C"')
        )
        return [tuple(one) if len(one) > 1 else one[0] for one in found]


def counts(found: LabelImport) -> tuple[int, int, int, int, int]:
    return found.rows, found.inserted, found.changed, found.unchanged, found.refused_rows
