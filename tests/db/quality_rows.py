"""Rows of metrics.score_hour and metrics.labelled_letter: random ones, and how a stack writes them.

They are those of `tests.fakes_quality`, so that a reader can be compared with the one in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, fields, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, text

from core.stats.scores import lower_edge
from tests.fakes_quality import CellKey, LabelRow, ScoreRow

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_TABLES: dict[type, tuple[str, tuple[str, ...]]] = {
    ScoreRow: (
        "score_hour",
        ("service", "hour", "model_version", "segment", "decision", "bin"),
    ),
    LabelRow: ("labelled_letter", ("service", "model_version", "letter_id")),
}


def write(where: Engine | Connection, *rows: ScoreRow | LabelRow) -> None:
    """Upsert rows of one table as the contract says."""
    if isinstance(where, Engine):
        with where.begin() as connection:
            write(connection, *rows)
        return
    if not rows:
        return
    table, key = _TABLES[type(rows[0])]
    names = [field.name for field in fields(rows[0])]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    where.execute(
        text(
            f"insert into metrics.{table} ({', '.join(names)}) "
            f"values ({', '.join(f':{name}' for name in names)}) "
            f"on conflict ({', '.join(key)}) do update set {changes}, written_at = now()"
        ),
        [asdict(row) for row in rows],
    )


def random_scores(
    rng: np.random.Generator, start: datetime, hours: int, *, service: str = "mail"
) -> list[ScoreRow]:
    """Two versions, two segments, a threshold that moves inside a bin, bins at both ends, gaps."""
    found = {}
    for at in range(hours):
        if rng.random() < 0.2:
            continue
        for _ in range(12):
            number = int(rng.choice([-100, -40, -1, 0, 19, 20, 21, 99]))
            row = ScoreRow(
                service,
                start + at * HOUR,
                str(rng.choice(["v1", "v2"])),
                str(rng.choice(["en", "рус"])),
                bool(number > 20 or (number == 20 and rng.random() < 0.5)),
                number,
                int(rng.integers(0, 2_000_000)) if rng.random() > 0.1 else 0,
            )
            found[row.hour, row.cell[1:]] = row
    return list(found.values())


def random_labels(
    rng: np.random.Generator, start: datetime, hours: int, count: int, *, service: str = "mail"
) -> list[LabelRow]:
    """Labels at any minute of the hours, a third of them on the very edge of a bin."""
    rows = []
    for number in range(count):
        score = float(rng.choice([0.0, 1.0, rng.random(), rng.random() ** 9]))
        if rng.random() < 1 / 3:
            score = lower_edge(int(rng.integers(-100, 100)))
        predicted = start + timedelta(microseconds=int(rng.integers(0, hours * 3_600_000_000)))
        rows.append(
            LabelRow(
                service,
                str(rng.choice(["v1", "v2"])),
                f"письмо {number}",
                predicted,
                predicted + timedelta(seconds=int(rng.integers(0, 3 * 86_400))),
                str(rng.choice(["en", "рус", ""])),
                score,
                bool(rng.random() < score),
                bool(rng.random() < 0.5),
                float(rng.choice([1.0, 0.25, 0.003, rng.random() + 1e-6])),
                "assessor",
            )
        )
    return rows


def expected(rows: Sequence[ScoreRow], service: str = "mail") -> dict[CellKey, int]:
    """Letters by day and bin, added up row by row."""
    letters: dict[CellKey, int] = defaultdict(int)
    for row in rows:
        if row.service == service and row.letters:
            letters[row.cell] += row.letters
    return dict(letters)


def stored(engine: Engine, service: str = "mail") -> dict[CellKey, int]:
    """What rollup.score_day holds."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select day, model_version, segment, decision, bin, letters from rollup.score_day "
                "where service = :service"
            ),
            {"service": service},
        )
        return {tuple(key): letters for *key, letters in rows}  # type: ignore[misc]


def expected_labels(rows: Sequence[LabelRow], service: str = "mail") -> dict[CellKey, list[Any]]:
    """Labels, positives and sums of weights by day and bin, added up row by row."""
    sums: dict[CellKey, list[Any]] = defaultdict(lambda: [0, 0, 0.0, 0.0, 0.0])
    for row in rows:
        if row.service == service:
            weight = 1 / row.inclusion_probability
            of_row = [1, row.label, weight, weight**2, weight * row.label]
            sums[row.cell] = [a + b for a, b in zip(sums[row.cell], of_row, strict=True)]
    return dict(sums)


def stored_labels(engine: Engine, service: str = "mail") -> dict[CellKey, list[Any]]:
    """What rollup.label_day holds."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select day, model_version, segment, decision, bin, labels, positives, weight, "
                "weight_squared, weight_positive from rollup.label_day where service = :service"
            ),
            {"service": service},
        )
        return {tuple(row[:5]): list(row[5:]) for row in rows}  # type: ignore[misc]


def row_versions(engine: Engine, what: str = "score") -> set[tuple[Any, ...]]:
    """The physical row versions of the rolled up days: what a needless write would change."""
    with engine.connect() as connection:
        return {
            tuple(row)
            for table in (f"{what}_day", f"{what}_day_state")
            for row in connection.execute(text(f"select '{table}', ctid::text from rollup.{table}"))
        }


def label_corrections(rng: np.random.Generator, rows: Sequence[LabelRow]) -> Iterator[LabelRow]:
    """A few of the rows with another label, score, weight or segment, and some on another day."""
    for at in rng.choice(len(rows), 6, replace=False):
        one = rows[int(at)]
        moved = timedelta(days=int(rng.integers(-2, 3))) if rng.random() < 0.5 else timedelta(0)
        yield replace(
            one,
            label=not one.label,
            score=float(rng.random()),
            segment=str(rng.choice(["en", "рус"])),
            inclusion_probability=float(rng.choice([1.0, 0.5])),
            predicted_at=one.predicted_at + moved,
            labelled_at=one.labelled_at + timedelta(days=int(rng.integers(2, 6))),
        )


def corrections(rng: np.random.Generator, rows: Sequence[ScoreRow]) -> Iterator[ScoreRow]:
    """A few of the rows with other counts."""
    for at in rng.choice(len(rows), 6, replace=False):
        one = rows[int(at)]
        yield ScoreRow(*astuple(one)[:-1], letters=int(rng.integers(0, 5_000)))
