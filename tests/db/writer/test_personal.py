"""Raw text and addresses: they leave the serving stack's process in no form at all."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import URL, text

from core.text.anonymise import ANONYMISER
from db.engine import Role, Store
from db.writer import ContractError, MetricWriter, personal

MOMENT = datetime(2026, 6, 1, 12, tzinfo=UTC)
RAW = "Здравствуйте, Иван Петров! Звоните +7 916 123-45-67 или пишите i.petrov@mail.example."
CLEAN = "Здравствуйте, [PERSON_1]! Звоните [PHONE_1] или пишите [EMAIL_1]."
SECRETS = ("Петров", "916", "i.petrov", "mail.example")
REPORT: dict[str, Any] = {
    "report_id": "r-1",
    "reported_at": MOMENT,
    "predicted_at": MOMENT,
    "kind": "false_positive",
    "source": "user",
    "letter_key": "ab" * 32,
    "reporter_key": "",
    "model_version": "v12",
    "score": 0.9,
    "threshold": 0.5,
    "text": RAW,
}


@pytest.fixture
def database(emptied_database: URL) -> URL:
    """One for all tests of a module, emptied before each."""
    return emptied_database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "buffer"


@pytest.fixture
def writer(store: Store, folder: Path) -> Iterator[MetricWriter]:
    with MetricWriter(store, service="почта", buffer=folder, flush_seconds=60) as opened:
        yield opened


def stored(store: Store) -> list[tuple[str, str]]:
    with store.engine(Role.APP).connect() as connection:
        found = connection.execute(
            text("select text, anonymiser from metrics.false_report order by report_id")
        )
        return [tuple(row) for row in found]


def kept(folder: Path) -> str:
    """Everything in the buffer folder."""
    return "".join(
        path.read_bytes().decode(errors="replace") for path in folder.rglob("*") if path.is_file()
    )


def holds_no_secret(said: str) -> bool:
    return not any(secret in said for secret in SECRETS)


def test_a_report_is_anonymised_before_it_is_queued_on_disk(
    writer: MetricWriter, folder: Path, store: Store
):
    writer.false_report(**REPORT)
    queued = kept(folder)
    assert "[PERSON_1]" in queued
    assert holds_no_secret(queued)
    writer.flush()
    assert stored(store) == [(CLEAN, ANONYMISER)]


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        ("", ANONYMISER),
        ("  ", ANONYMISER),
        (ANONYMISER, ANONYMISER),
        ("presidio 2.2", f"presidio 2.2, then {ANONYMISER}"),
        (f"presidio 2.2, then {ANONYMISER}", f"presidio 2.2, then {ANONYMISER}"),
    ],
)
def test_the_producers_own_anonymiser_is_named_before_this_houses(
    writer: MetricWriter, store: Store, theirs: str, named: str
):
    writer.false_report(**REPORT, anonymiser=theirs)
    writer.flush()
    assert stored(store) == [(CLEAN, named)]


def test_a_bulk_load_anonymises_too_and_needs_no_anonymiser(writer: MetricWriter, store: Store):
    many = REPORT | {"report_id": ["a", "b"], "text": [RAW, "Да"]}
    assert writer.load("false_report", many) == 2
    assert writer.load("false_report", many | {"text": np.array([RAW, "Нет"], dtype=object)}) == 2
    assert stored(store) == [(CLEAN, ANONYMISER), ("Нет", ANONYMISER)]
    assert writer.load("false_report", REPORT | {"report_id": ["a", "b"], "anonymiser": "own 1"})
    assert stored(store) == [(CLEAN, f"own 1, then {ANONYMISER}")] * 2


@pytest.mark.parametrize("is_bulk", [False, True])
@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"score": 2.0}, "score", "must be at most 1"),
        ({"text": RAW.encode()}, "text", "must be text, not bytes"),
        ({"text": RAW + "\0"}, "text", "NUL"),
        ({"letter_key": "<77.i.petrov@mail.example>"}, "letter_key", "must be a keyed hash"),
        ({"letter_key": "Иван Петров"}, "letter_key", "must be a keyed hash"),
        ({"reporter_key": "i.petrov@mail.example"}, "reporter_key", "Hash it before"),
        ({"sender_domain": "i.petrov@mail.example"}, "sender_domain", "without an @"),
    ],
)
def test_a_refused_row_carries_neither_raw_text_nor_an_address(
    writer: MetricWriter,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    *,
    wrong: dict[str, Any],
    field: str,
    said: str,
    is_bulk: bool,
):
    caplog.set_level(logging.DEBUG)
    row = REPORT | wrong

    def write() -> None:
        if is_bulk:
            writer.load("false_report", {name: [value] for name, value in row.items()})
        else:
            writer.false_report(**row)

    with pytest.raises(ContractError) as caught:
        write()
    error = caught.value
    assert (error.field, writer.refused) == (field, 1)
    assert said in error.reason
    everything = str(error) + pickle.dumps(error).decode(errors="replace") + caplog.text
    assert holds_no_secret(everything + kept(folder))
    assert "r-1" in kept(folder)
    assert (writer.buffered_rows, writer.load("false_report", REPORT)) == (0, 1)


def test_a_text_that_cannot_be_anonymised_is_refused_without_repeating_it(
    writer: MetricWriter, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def breaks(said: str) -> object:
        raise RecursionError(said)

    monkeypatch.setattr(personal, "anonymise", breaks)
    with pytest.raises(ContractError, match=r"cannot \(RecursionError\)") as caught:
        writer.false_report(**REPORT)
    assert caught.value.field == "text"
    assert holds_no_secret(str(caught.value) + kept(folder))


def test_a_row_that_is_too_long_is_refused_without_its_text(store: Store, folder: Path):
    with (
        MetricWriter(store, service="s", buffer=folder, buffer_limit_bytes=1 << 16) as small,
        pytest.raises(ContractError, match="text makes the row"),
    ):
        small.false_report(**REPORT | {"text": RAW + " слово" * 20_000})
    assert holds_no_secret(kept(folder))
