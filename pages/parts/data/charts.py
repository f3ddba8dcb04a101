"""Charts, made once for each report and theme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow as pa
import streamlit as st

from core.charts.chart import Chart, Columns

#: How many reports' charts are kept: as many as reports are.
KEPT = 48


def drawn(name: str, report: object, theme: str, draw: Callable[[], Chart]) -> Chart:
    """A chart, made once for each report and theme, its data packed as Streamlit sends them.

    Reports are cached objects that are never changed, so their identity is the key; the report is
    kept beside its charts, so that the identity cannot be handed out again.
    """
    kept = _charts(id(report), report, theme)
    if name not in kept:
        kept[name] = _packed(draw())
    return kept[name]


@dataclass(frozen=True, slots=True)
class _Kept:
    report: object
    charts: dict[str, Chart]


def _packed(chart: Chart) -> Chart:
    """The chart with its datasets in the specification, as Arrow: a re-run copies bytes."""
    if chart.spec is None:
        return chart
    packed = {name: _arrow(columns) for name, columns in chart.datasets.items()}
    return replace(chart, spec=chart.spec | {"datasets": packed}, datasets={})


def _arrow(columns: Columns) -> bytes:
    table = pa.table(dict(columns))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _charts(identity: int, report: object, theme: str) -> dict[str, Chart]:
    return _kept_charts(identity, report, theme).charts


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _kept_charts(identity: int, _report: object, theme: str) -> _Kept:
    return _Kept(_report, {})
