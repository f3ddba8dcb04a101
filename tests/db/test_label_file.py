"""Labels from CSV and parquet: refused rows have a line and a reason, and nothing is half done."""

from __future__ import annotations

import gzip
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import URL, Engine, text

from db.engine import Role, Store, StoreUnreachableError
from db.label_file import (
    LabelFileError,
    LabelImport,
    chunks,
    csv_file,
    import_labels,
    parquet_file,
    staging,
)
from db.label_file.outcome import LISTED
from db.schema import SchemaError
from tests.conftest import administer, open_store

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


@pytest.fixture(scope="module")
def kept(server_url: URL, migrated: str) -> Iterator[Store]:
    name = f"greenlight_{uuid.uuid4().hex[:12]}"
    administer(server_url, f'create database "{name}" template "{migrated}"')
    with open_store(server_url.set(database=name)) as opened:
        yield opened
    administer(server_url, f'drop database "{name}" with (force)')


@pytest.fixture(scope="module")
def owner(kept: Store) -> Engine:
    return kept.engine(Role.OWNER)


@pytest.fixture(scope="module")
def engine(kept: Store) -> Engine:
    return kept.engine(Role.SERVING)


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


def stored(engine: Engine, columns: str = "letter_id") -> list[Any]:
    with engine.connect() as connection:
        found = connection.execute(
            text(f'select {columns} from metrics.labelled_letter order by letter_id collate "C"')
        )
        return [tuple(one) if len(one) > 1 else one[0] for one in found]


def counts(found: LabelImport) -> tuple[int, int, int, int, int]:
    return found.rows, found.inserted, found.changed, found.unchanged, found.refused_rows


# What is stored


def test_every_value_is_stored_as_it_stands(serving: Engine, load: Callable[..., LabelImport]):
    found = load(
        [
            row(letter_id="а", decision="F", label="1", score="5e-1", labeller=""),
            row(letter_id="б", predicted_at="2025-06-01 13:00:00+03:00", segment=""),
        ]
    )
    assert counts(found) == (2, 2, 0, 0, 0)
    moments = (datetime(2025, 6, 1, 10, tzinfo=UTC), datetime(2025, 6, 1, 12, tzinfo=UTC))
    assert stored(serving, "letter_id, service, predicted_at, labelled_at, segment") == [
        ("а", "mail", *moments, "ru"),
        ("б", "mail", *moments, ""),
    ]
    assert stored(serving, "score, decision, label, inclusion_probability, labeller") == [
        (0.5, False, True, 0.01, ""),
        (0.9, True, True, 0.01, "Аня"),
    ]


def test_the_same_file_again_changes_nothing_and_a_correction_only_its_row(
    serving: Engine, load: Callable[..., LabelImport]
):
    assert counts(load(rows("a", "b", "c"))) == (3, 3, 0, 0, 0)
    before = stored(serving, "letter_id, written_at, xmin::text, xmax::text")
    assert counts(load(rows("a", "b", "c"))) == (3, 0, 0, 3, 0)
    assert stored(serving, "letter_id, written_at, xmin::text, xmax::text") == before
    found = load([*rows("a"), row(letter_id="b", label="false"), *rows("d")])
    assert counts(found) == (3, 1, 1, 1, 0)
    assert found.sentence == (
        "labels.csv: 3 rows. Labels: 1 inserted, 1 changed, 1 unchanged. Refused rows: 0."
    )
    assert stored(serving, "letter_id, label") == [
        ("a", True),
        ("b", False),
        ("c", True),
        ("d", True),
    ]
    after = stored(serving, "letter_id, written_at, xmin::text, xmax::text")
    assert [one[1] > other[1] for one, other in zip(after, before, strict=False)] == [
        False,
        True,
        False,
    ]


def test_columns_may_come_in_any_order_and_the_labeller_not_at_all(
    serving: Engine, load: Callable[..., LabelImport]
):
    names = [*reversed(NAMES[:-1]), "service"]
    values = dict(zip(NAMES, GOOD.format(id="l").split(","), strict=True)) | {"service": "почта"}
    content = f"{','.join(names)}\n{','.join(values[name] for name in names)}\n"
    assert counts(load(content, service=None)) == (1, 1, 0, 0, 0)
    assert stored(serving, "service, labeller") == [("почта", "")]
    assert counts(load(content, service="почта")) == (1, 0, 0, 1, 0)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_taken_from_the_header_and_said(
    serving: Engine, load: Callable[..., LabelImport], delimiter: str
):
    content = f"\ufeff{HEADER}\r\n{GOOD.format(id='l')}\r\n".replace(",", delimiter)
    found = load(content)
    assert counts(found) == (1, 1, 0, 0, 0)
    (note,) = found.notes
    words = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
    assert note == f"Its columns are taken to be apart by {words[delimiter]}."
    assert note in found.listing().about
    assert load(rows("l")).notes == ()


def test_quotes_blank_lines_and_line_breaks_inside_of_a_value_keep_the_count_of_lines(
    serving: Engine, load: Callable[..., LabelImport]
):
    found = load(
        [
            row(letter_id='"with, comma and ""quotes"""'),
            "",
            row(letter_id='"two\nlines"'),
            row(letter_id="bad", score="2"),
        ]
    )
    assert counts(found) == (3, 2, 0, 0, 1)
    assert stored(serving) == ["two\nlines", 'with, comma and "quotes"']
    assert [one.line for one in found.refused] == [6]


@pytest.mark.usefixtures("small_chunks")
def test_many_chunks_are_one_import(serving: Engine, load: Callable[..., LabelImport]):
    lines = rows(*"abcdefgh")
    lines[3] = row(letter_id="d", score="many")
    lines[6] = "too,few"
    found = load(lines)
    assert counts(found) == (8, 6, 0, 0, 2)
    assert [one.line for one in found.refused] == [5, 8]
    assert stored(serving) == list("abcefh")
    with serving.connect() as connection:
        times = connection.execute(
            text("select count(distinct written_at) from metrics.labelled_letter")
        )
        assert times.scalar_one() == 1


# Rows that are refused

#: Column, what stands there, and why it may not.
REFUSED = [
    ("score", "0,5", "score must be a number with a decimal point and no comma"),
    ("score", "high", "score must be a number"),
    ("score", "1_0", "score must be a number"),
    ("score", "", "score is missing"),
    ("score", "nan", "score == nan, must be a finite number"),
    ("score", "1.01", "score == 1.01, must be at most 1"),
    ("score", "-0.5", "score == -0.5, must not be negative"),
    ("decision", "да", "decision must be true or false (t and f, 1 and 0 are read too)"),
    ("label", "", "label is missing"),
    ("label", "2", "label must be true or false (t and f, 1 and 0 are read too)"),
    ("inclusion_probability", "0", "inclusion_probability == 0.0, must be above 0"),
    ("inclusion_probability", "1.5", "inclusion_probability == 1.5, must be at most 1"),
    (
        "predicted_at",
        "01.06.2025 10:00",
        "predicted_at must be an ISO 8601 time, such as 2026-06-01T12:00:00Z",
    ),
    (
        "predicted_at",
        "2025-06-01T10:00:00",
        (
            "predicted_at must be a time with its zone, such as 2026-06-01T12:00:00Z: without one "
            "it is ambiguous"
        ),
    ),
    (
        "labelled_at",
        "0001-01-01T00:00:00+01:00",
        "labelled_at must be a time between the years 1 and 9999 in UTC",
    ),
    (
        "predicted_at",
        "1999-01-01T00:00:00Z",
        "predicted_at == 1999-01-01T00:00:00+00:00, must not lie before 2000-01-01",
    ),
    (
        "labelled_at",
        "2025-06-02T00:06:00Z",
        (
            "labelled_at == 2025-06-02T00:06:00+00:00, must lie at most 5 minutes ahead of this "
            "clock (2025-06-02T00:00:00+00:00)"
        ),
    ),
    (
        "labelled_at",
        "2025-06-01T09:00:00Z",
        (
            "labelled_at == 2025-06-01T09:00:00+00:00, must not lie before predicted_at "
            "(predicted_at == 2025-06-01T10:00:00+00:00)"
        ),
    ),
    ("letter_id", "", "letter_id is missing"),
    ("model_version", "", "model_version is missing"),
    (
        "letter_id",
        "a\0b",
        ("letter_id == 'a\\x00b', must not contain the character NUL: PostgreSQL cannot store it"),
    ),
]


@pytest.mark.parametrize(
    ("field", "value", "reason"), REFUSED, ids=[f"{one[0]}={one[1]!r}" for one in REFUSED]
)
def test_a_row_that_breaks_the_contract_is_refused_with_line_field_and_reason(
    serving: Engine, load: Callable[..., LabelImport], field: str, value: str, reason: str
):
    written = f'"{value}"' if "," in value else value
    found = load([*rows("a"), row(**{field: written}), *rows("b")])
    assert counts(found) == (3, 2, 0, 0, 1)
    assert stored(serving) == ["a", "b"]
    (refused,) = found.refused
    assert (refused.line, refused.field, refused.value, refused.reason) == (3, field, value, reason)
    assert found.listing().rows == (("3", field, value, reason),)


def test_a_row_with_too_many_or_too_few_values_is_refused_as_a_whole(
    load: Callable[..., LabelImport],
):
    found = load([f"{row()},more", *rows("b"), "alone"])
    assert [(one.line, one.field, one.reason) for one in found.refused] == [
        (2, "", "the row has 11 values, must have 10"),
        (4, "", "the row has 1 values, must have 10"),
    ]
    assert found.inserted == 1


def test_another_services_rows_are_refused(serving: Engine, load: Callable[..., LabelImport]):
    content = f"service,{HEADER}\nmail,{row()}\nother,{row()}\n,{row()}\n"
    found = load(content)
    assert [(one.line, one.reason) for one in found.refused] == [
        (3, "service must be 'mail', whose labels these are said to be"),
        (4, "service is missing"),
    ]
    assert stored(serving, "service") == ["mail"]


@pytest.mark.usefixtures("small_chunks")
def test_a_letter_that_stands_in_an_earlier_line_is_refused_with_that_line(
    serving: Engine, load: Callable[..., LabelImport]
):
    lines = [
        row(letter_id="a", score="broken"),
        *rows("a", "b", "c", "d"),
        row(letter_id="a", label="false"),
        *rows("c"),
        row(letter_id="a", model_version="v2"),
    ]
    found = load(lines)
    assert counts(found) == (8, 5, 0, 0, 3)
    assert [(one.line, one.value, one.reason) for one in found.refused[1:]] == [
        (7, "a", "the letter is in line 3 already"),
        (8, "c", "the letter is in line 5 already"),
    ]
    assert stored(serving, "letter_id, model_version, label") == [
        ("a", "v1", True),
        ("a", "v2", True),
        ("b", "v1", True),
        ("c", "v1", True),
        ("d", "v1", True),
    ]


def test_of_very_many_refused_rows_the_first_are_listed_and_all_are_counted(
    load: Callable[..., LabelImport],
):
    bad = [row(letter_id=str(at), score="2") for at in range(150)]
    found = load([*rows("a"), *bad, *rows("a")])
    assert (found.refused_rows, len(found.refused)) == (151, LISTED)
    assert [one.line for one in found.refused] == list(range(3, 103))
    assert found.listing().about == "The first 100 refused rows are listed."
    assert found.listing().title.endswith("Refused rows: 151.")


def test_a_long_value_is_cut_in_its_listing(load: Callable[..., LabelImport]):
    (refused,) = load([row(score="9" * 500)]).refused
    assert refused.value == "9" * 60 + "…"
    assert len(refused.reason) < 200


# Strict


@pytest.mark.parametrize("bad", [row(score="2"), row(letter_id="a"), "too,few"])
def test_asked_to_be_strict_it_writes_nothing_if_any_row_is_refused(
    serving: Engine, load: Callable[..., LabelImport], bad: str
):
    load([row(letter_id="b", label="false")])
    found = load([*rows("a", "b", "c"), bad], strict=True)
    assert counts(found) == (4, 0, 0, 0, 1)
    assert not found.written
    assert found.sentence == (
        "labels.csv: 4 rows. Refused rows: 1. Nothing is written, since every row was to be "
        "accepted."
    )
    assert stored(serving, "letter_id, label") == [("b", False)]
    found = load(rows("a", "b", "c"), strict=True)
    assert counts(found) == (3, 2, 1, 0, 0)
    assert found.written


# Files that are refused

UTF8 = "is not UTF-8: line 3 has the byte 0xE0. Save it in UTF-8."
#: Name, content, and what is said of it.
UNREADABLE: dict[str, tuple[str, bytes, str]] = {
    "empty": ("labels.csv", b"", "labels.csv is empty."),
    "blank": ("labels.csv", b"\xef\xbb\xbf \r\n\n", "labels.csv is empty."),
    "an old encoding": (
        "labels.csv",
        f"{HEADER}\n{row()}\n".encode() + row(letter_id="азбука").encode("cp1251"),
        f"labels.csv {UTF8}",
    ),
    "an old encoding in the header": (
        "labels.csv",
        "письмо,оценка\n".encode("cp1251"),
        "labels.csv is not UTF-8: line 1 has the byte 0xEF. Save it in UTF-8.",
    ),
    "UTF-16": (
        "labels.csv",
        f"{HEADER}\n".encode("utf-16"),
        "labels.csv is in UTF-16: save it in UTF-8.",
    ),
    "gzip": (
        "labels.csv.gz",
        gzip.compress(HEADER.encode()),
        "labels.csv.gz is compressed: unpack it first.",
    ),
    "a workbook": (
        "labels.xlsx",
        b"PK\x03\x04\x14\x00",
        "labels.xlsx is a workbook or an archive: save the sheet as CSV in UTF-8.",
    ),
    "named parquet": (
        "labels.parquet",
        HEADER.encode(),
        "labels.parquet is not parquet, though it is named so.",
    ),
    "a quote that never ends": (
        "labels.csv",
        f'{HEADER}\n{row()}\n"{row()}\n{row()}\n'.encode(),
        (
            "labels.csv cannot be read from line 3 on: unexpected end of data. Quotes inside of a "
            'quoted value are written twice ("").'
        ),
    ),
    "a column missing": (
        "labels.csv",
        HEADER.replace("score,", "").replace(",labeller", "").encode(),
        (
            "labels.csv lacks the column 'score'. Its columns are 'model_version', 'letter_id', "
            "'predicted_at', 'labelled_at', 'segment', 'decision', 'label' and "
            "'inclusion_probability'."
        ),
    ),
    "another delimiter": (
        "labels.csv",
        b"score:label\n",
        (
            "labels.csv lacks the columns 'model_version', 'letter_id', 'predicted_at', "
            "'labelled_at', 'segment', 'score', 'decision', 'label' and 'inclusion_probability'. "
            "Its columns are 'score:label'."
        ),
    ),
    "an unknown column": (
        "labels.csv",
        f"{HEADER},Score,вес".encode(),
        (
            "labels.csv has the columns 'Score' and 'вес', which labels do not have. Their columns "
            "are service, model_version, letter_id, predicted_at, labelled_at, segment, score, "
            "decision, label, inclusion_probability and labeller."
        ),
    ),
    "a column twice": (
        "labels.csv",
        f"{HEADER},score".encode(),
        "labels.csv has the column 'score' more than once.",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(
    serving: Engine, load: Callable[..., LabelImport], case: str
):
    name, content, sentence = UNREADABLE[case]
    with pytest.raises(LabelFileError) as refusal:
        load(content, name=name)
    assert str(refusal.value) == sentence
    assert stored(serving) == []


def test_without_a_service_the_file_must_name_it(load: Callable[..., LabelImport]):
    with pytest.raises(LabelFileError, match=r"lacks the column 'service'\. Name the service, or"):
        load(rows("a"), service=None)


def test_a_header_alone_is_a_file_without_rows(load: Callable[..., LabelImport]):
    assert counts(load(f"{HEADER}\n")) == (0, 0, 0, 0, 0)


def test_a_path_that_is_no_file_is_refused_in_a_sentence(serving: Engine, tmp_path: Path):
    for path, why in (
        (tmp_path, "Is a directory"),
        (tmp_path / "none.csv", "No such file or directory"),
        (tmp_path / "none.parquet", "No such file or directory"),
    ):
        with pytest.raises(LabelFileError) as refusal:
            import_labels(serving, path, service="mail", now=NOW)
        assert str(refusal.value) == f"{path} cannot be read: {why}."


@pytest.mark.usefixtures("small_chunks")
def test_what_came_before_a_line_that_is_not_utf8_is_not_written_either(
    serving: Engine, load: Callable[..., LabelImport]
):
    good = "\n".join([HEADER, *rows(*(str(at) for at in range(2_000)))])
    with pytest.raises(LabelFileError, match="line 2002 has the byte 0xFF"):
        load(good.encode() + b"\nv1,\xff")
    assert stored(serving) == []


# Parquet

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


# The store


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
