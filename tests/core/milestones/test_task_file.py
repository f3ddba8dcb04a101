"""Tasks as CSV: what is written comes back, and whatever is wrong with a file is listed."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.milestones.task_file import COLUMNS, read, written
from core.ports.plan import Task
from tests.core.milestones.plans import TODAY, task
from tests.core.seeded import seeded

#: What a person may have written: no half characters, and no zero.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
HEADER = "title,stage,direction,ideal_days"


def problems(text: str) -> list[tuple[int, str]]:
    return [(one.line, one.field) for one in read(text.encode()).problems]


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
@seeded
def test_the_round_trip_is_lossless_for_any_text(texts: list[tuple[str, str]]):
    tasks = [
        task(number, 2.25, title=title.strip(), note=note, depends_on=(7, 8))
        for number, (title, note) in enumerate(texts, start=1)
    ]
    found = read(written(tasks).encode())

    assert found.problems == ()
    said = [(one.given["title"], one.given["note"]) for one in found.lines]
    assert said == [(one.title, one.note) for one in tasks]
    assert all(one.given["ideal_days"] == 2.25 for one in found.lines)
    assert all(one.depends_on == ("7", "8") for one in found.lines)


def cells(one: Task) -> dict[str, str]:
    rows = list(csv.DictReader(io.StringIO(written([one]), newline="")))
    return rows[0]


def test_no_text_can_act_as_a_formula():
    for text in ("=cmd()", "+7", "-1", "@x", "'=cmd()", "\t=x"):
        cell = cells(task(1, note=text))["note"]
        assert cell.startswith("'")
        assert read(written([task(1, note=text)]).encode()).lines[0].given["note"] == text
    assert cells(task(1, note="'quoted'"))["note"] == "'quoted'"


def test_days_and_numbers_are_written_plainly():
    done = task(3, 10, done_on=TODAY, planned_end=TODAY + timedelta(days=9), depends_on=(1, 2))
    found = cells(done)

    assert tuple(found) == COLUMNS
    assert (found["id"], found["ideal_days"], found["depends_on"]) == ("3", "10", "1 2")
    assert (found["planned_start"], found["done_on"]) == ("2026-06-01", "2026-06-01")
    assert found["started_on"] == ""


def test_with_and_without_a_byte_order_mark_it_is_the_same_file():
    content = written([task(1, title="Обучить BERT")]).encode()

    assert read(b"\xef\xbb\xbf" + content) == read(content)


def test_lines_are_counted_as_an_editor_counts_them():
    text = f'{HEADER},note\r\na,b,c,1,"two\nlines"\r\nd,e,f,1\r\ng,h,i,1,j\r\n'

    found = read(text.encode())

    assert [one.number for one in found.lines] == [2, 5]
    assert problems(text) == [(4, "")]
    assert found.problems[0].reason == "Has 4 cells, and the header has 5."


def test_a_header_says_which_of_its_columns_are_wrong():
    assert problems("title,titel,stage,stage,direction") == [
        (1, "titel"),
        (1, "stage"),
        (1, "ideal_days"),
    ]
    semicolons = read(HEADER.replace(",", ";").encode())
    assert "semicolons" in semicolons.problems[0].reason
    assert problems("") == [(1, "")]


def test_what_is_no_utf_8_and_no_csv_is_said_with_the_line():
    latin = read(f"{HEADER}\nписьмо,b,c,1\n".encode("cp1251"))
    assert [(one.line, one.field) for one in latin.problems] == [(2, "")]
    assert "not UTF-8" in latin.problems[0].reason
    assert problems(f'{HEADER}\na,b,c,1\n"d"x,e,f,1\n') == [(3, "")]


def test_keys_that_are_none_are_refused_and_the_rest_goes_on():
    text = f"id,revision,{HEADER}\ntwo words,1,a,b,c,1\n1,x,a,b,c,1\nnew,,a,b,c,1\n"

    assert problems(text) == [(2, "id"), (3, "revision")]
    assert [one.label for one in read(text.encode()).lines] == ["new"]


def test_a_comma_in_a_number_is_one():
    text = f'{HEADER}\na,b,c,"2,5"\n'

    assert read(text.encode()).lines[0].given["ideal_days"] == 2.5
