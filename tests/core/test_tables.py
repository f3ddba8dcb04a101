"""Tables as text."""

from core import tables


def test_a_table_that_fits_keeps_one_line_a_row():
    written = tables.text(["name", "n"], [["слово", "1"], ["b", "22"]])
    assert written.splitlines() == ["name   n", "-----  --", "слово  1", "b      22"]


def test_long_cells_continue_below_and_lines_never_get_longer_than_a_terminal():
    words = "several words that go on " * 20
    written = tables.text(["key", "first", "second"], [["k", words, words], ["l", "a", "b"]])
    lines = written.splitlines()
    assert max(map(len, lines)) <= tables.LINE
    assert lines[-2] == ""  # a row of many lines is set off
    assert lines[-1].split() == ["l", "a", "b"]
    first = " ".join(line[5:].split("  ")[0].strip() for line in lines[2:-2])
    assert " ".join(first.split()) == words.strip()


def test_a_word_that_is_too_long_is_broken_and_nothing_is_lost():
    word = "x" * 300
    written = tables.text(["a"], [[word]])
    assert "".join(written.splitlines()[2:]) == word


def test_an_empty_table_is_its_head():
    assert tables.text(["a", "bc"], []).splitlines() == ["a  bc", "-  --"]
    assert tables.markdown(["a", "bc"], []).splitlines() == ["| a | bc |", "| --- | --- |"]


def test_markdown_shows_text_and_follows_none_of_it():
    written = tables.markdown(["a"], [["<img src=x> [link](y) `code` *bold*\nnew | cell"]])
    assert written.splitlines()[2:] == [
        r"| \<img src=x\> \[link\](y) \`code\` \*bold\* new \| cell |"
    ]
