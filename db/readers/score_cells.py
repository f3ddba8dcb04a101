"""Cells of score bins out of PostgreSQL: one number a cell, and one binary value a column.

A cell's day, bin and decision travel as one integer, which the server also groups by; its model
version and segment stand once for all cells that share them.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def sent(**columns: str) -> str:
    """The SQL that sends columns of a group, each as one value; types are int4, int8 or float8."""
    return ", ".join(f"string_agg({kind}send({name}), ''::bytea)" for name, kind in columns.items())


def read_cells(
    rows: Sequence[Sequence[memoryview]], kinds: Sequence[str]
) -> tuple[Cells, tuple[NDArray[Any], ...]]:
    """Cells of all groups, in the order of day, version, segment, decision and bin.

    Args:
        rows: of each group its model version, its segment, its cells' numbers, and its columns.
        kinds: types of the columns after the cells' numbers.

    Returns:
        The cells, and the columns as int64 or float64, shape (n,).
    """
    names = [[bytes(name).decode() for name in row[:2]] for row in rows]
    versions, segments = (tuple(sorted({pair[i] for pair in names})) for i in (0, 1))
    numbers = [np.frombuffer(row[2], _WIRE["int4"]).astype(np.int64) for row in rows]
    sizes = [len(some) for some in numbers]
    number = np.concatenate([np.empty(0, np.int64), *numbers])
    version = np.repeat([versions.index(pair[0]) for pair in names], sizes).astype(np.int64)
    segment = np.repeat([segments.index(pair[1]) for pair in names], sizes).astype(np.int64)
    columns = [_column([row[at] for row in rows], kind) for at, kind in enumerate(kinds, start=3)]
    in_day, decision = number >> 1, (number & 1).astype(np.bool_)
    day, bin_ = in_day // BINS, in_day % BINS
    order = np.lexsort((bin_, decision, segment, version, day))
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


def _column(parts: Sequence[memoryview], kind: str) -> NDArray[Any]:
    native = np.dtype(_WIRE[kind]).newbyteorder("=")
    arrays = [np.frombuffer(part, _WIRE[kind]).astype(native) for part in parts]
    return np.concatenate([np.empty(0, native), *arrays])
