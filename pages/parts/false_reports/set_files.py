"""The files of a retraining set: a zip for who trains, a table for who looks, the manifest."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence

import streamlit as st
from sqlalchemy import Engine

from core import wording
from core.false_reports.retraining import SetError
from core.false_reports.retraining_manifest import successor
from core.ports import RetrainingSet
from db.retraining_export import csv_of, export_zip
from db.retraining_export.exporting import folder_name
from pages.parts import data
from pages.parts.data import Problem
from pages.parts.false_reports.letter import cell
from pages.parts.markdown import plain
from pages.parts.view import View

#: A set with more letters takes seconds to pack: how far it is, is shown.
LONG = 2_000


def files(view: View, made: Sequence[RetrainingSet]) -> None:
    """Choose a set that stands, and take its files: they are written when they are asked for."""
    standing = [
        one for one in reversed(made) if one.letters and successor(made, one.set_id) is None
    ]
    if not standing:
        return
    one = standing[
        st.selectbox(
            "Files of",
            range(len(standing)),
            format_func=lambda at: cell(standing[at].set_id),
            width=300,
        )
    ]
    name, asked = folder_name(one.set_id), (view.service, one.set_id)
    if not data.store_answers():
        st.error("The store does not answer: there are no files now.", icon=":material/cloud_off:")
        return
    with st.container(horizontal=True):
        if one.letters > LONG:
            _prepared(*asked, name)
        else:
            st.download_button(
                "Zip for training",
                data.when_asked(lambda store: zipped(store, *asked), service=view.service),
                f"{name}.zip",
                "application/zip",
                on_click="ignore",
                icon=":material/folder_zip:",
            )
        st.download_button(
            "CSV to look at",
            # With the mark by which spreadsheets know UTF-8.
            data.when_asked(
                lambda store: csv_of(store, *asked).encode("utf-8-sig"), service=view.service
            ),
            f"{name}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/table:",
        )
        st.download_button(
            "Manifest",
            lambda: json.dumps(dict(one.manifest), ensure_ascii=False, indent=2),
            f"{name}.json",
            "application/json",
            on_click="ignore",
            icon=":material/description:",
        )
    st.caption("No cell of the CSV can act as a formula: one that would begins with an apostrophe.")


def zipped(
    store: Engine, service: str, set_id: str, progress: Callable[[int, int], None] | None = None
) -> bytes:
    """The zip of a set."""
    sink = io.BytesIO()
    export_zip(store, service, set_id, sink, progress=progress)
    return sink.getvalue()


def _prepared(service: str, set_id: str, name: str) -> None:
    """Pack a large set while its progress is shown, then offer the zip."""
    ready = st.session_state.setdefault("packed_sets", {})
    if (service, set_id) in ready:
        st.download_button(
            "Zip for training",
            ready[service, set_id],
            f"{name}.zip",
            "application/zip",
            on_click="ignore",
            icon=":material/folder_zip:",
        )
        return
    if not st.button("Pack the zip", icon=":material/folder_zip:"):
        return
    bar = st.progress(0.0, text=f"Packing {plain(set_id)}")

    def progress(done: int, total: int) -> None:
        said = f"{wording.whole(done)} of {wording.whole(total)} letters"
        bar.progress(min(done / max(total, 1), 1.0), text=said)

    try:
        packed = data.ask(lambda store: zipped(store, service, set_id, progress), service=service)
    except SetError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if isinstance(packed, Problem):
        st.error(plain(packed.sentence), icon=":material/cloud_off:")
        return
    ready.clear()  # one at a time is kept: each holds memory of the server
    ready[service, set_id] = packed
    st.rerun()
