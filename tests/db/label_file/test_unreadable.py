"""Files that cannot be read are refused in a sentence, and nothing of them is stored."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.label_file import LabelFileError, LabelImport, import_labels
from tests.db.label_file.label_lines import HEADER, NOW, counts, row, rows, stored

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
