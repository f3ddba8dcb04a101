"""Cells of score bins out of PostgreSQL: one binary value for all cells of a version and segment.

A cell's day, bin and decision travel as one integer, which the server also groups by; its counts
and sums follow it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.ports import Cells, Counts
from core.stats.scores import BINS, LOWEST_BIN

_POSTGRES_EPOCH = np.datetime64("2000-01-01", "D")
#: How PostgreSQL's send functions write a type.
_WIRE = {"int4": ">i4", "int8": ">i8", "float8": ">f8"}


def cell(day: str, index: str) -> str:
    """The SQL of a cell's number, from that of its day and of its bin counted from 0.

    The decision is a column of that name.
    """
    return f"((({day} - date '2000-01-01') * {BINS} + {index}) * 2 + decision::integer)"


def sent(kinds: Mapping[str, str]) -> str:
    """The SQL of what is sent of a cell: its number, and columns with their types.

    Types are int4, int8 or float8. The rollups have it as a column of their own.
    """
    fields = {"cell": "int4", **kinds}
    return " || ".join(f"{kind}send({name})" for name, kind in fields.items())


def read_cells(
    rows: Sequence[Sequence[memoryview]], kinds: Mapping[str, str]
) -> tuple[Cells, tuple[NDArray[Any], ...]]:
    """Cells of all groups, in the order of day, version, segment, decision and bin.

    Args:
        rows: of each group its model version, its segment, and what is `sent` of its cells.
        kinds: the columns after the cells' numbers, with their types.

    Returns:
        The cells, and the columns as int64 or float64, shape (n,).
    """
    fields = {"cell": "int4", **kinds}
    record = np.dtype([(name, _WIRE[kind]) for name, kind in fields.items()])
    groups = [np.frombuffer(row[2], record) for row in rows]
    names = [[bytes(name).decode() for name in row[:2]] for row in rows]
    versions, segments = (tuple(sorted({pair[i] for pair in names})) for i in (0, 1))
    sizes = [len(group) for group in groups]
    version = np.repeat([versions.index(pair[0]) for pair in names], sizes).astype(np.int64)
    segment = np.repeat([segments.index(pair[1]) for pair in names], sizes).astype(np.int64)
    records = np.concatenate([np.empty(0, record), *groups])
    number = records["cell"].astype(np.int64)
    columns = [_native(records[name]) for name in kinds]
    in_day, decision = number >> 1, (number & 1).astype(np.bool_)
    day, bin_ = in_day // BINS, in_day % BINS
    # One number to sort by takes a third of the time of five.
    group = (day * len(versions) + version) * len(segments) + segment
    order = np.argsort((group * 2 + decision) * BINS + bin_, kind="stable")
    cells = Cells(
        versions,
        segments,
        (_POSTGRES_EPOCH + day)[order],
        version[order],
        segment[order],
        decision[order],
        (bin_ + LOWEST_BIN)[order],
    )
    return cells, tuple(column[order] for column in columns)


def microseconds(sent_times: memoryview) -> Counts:
    """The times that timestamptz_send sent, in microseconds since 1970."""
    since_2000: Counts = np.frombuffer(sent_times, _WIRE["int8"]).astype(np.int64)
    return since_2000 + int(_POSTGRES_EPOCH.astype("datetime64[us]").astype(np.int64))


def _native(column: NDArray[Any]) -> NDArray[Any]:
    return column.astype(column.dtype.newbyteorder("="))
