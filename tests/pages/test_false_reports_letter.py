"""A letter on the page is text: whatever it holds, no tag of the page comes from it."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser

import pytest

from core.charts.tokens import DARK, LIGHT
from core.spreadsheet import csv_text
from pages.parts.false_reports.letter import CELL, cell, markup

HOSTILE = [
    "<script>fetch('//evil.example')</script>",
    "<img src=x onerror=alert(1)> & \"double\" 'single' <b>bold</b>",
    "</div></span><style>*{display:none}</style><iframe src='https://evil.example'>",
    "&lt;script&gt; &amp;amp; &#60;b&#62;",
    "[link](https://evil.example) ![picture](https://evil.example/a.png) $x$ :red[a]",
    "[EMAIL_1]<b>[PERSON_2]</b>[NOT_1] [PERSON_<i>]",
    "\x00\x07\x1b[2J nul, bell, escape",
    "pay \u202etxt.exe\u202c \u2066a\u2069 \u200f",
    "lone \ud800 surrogate",
    "ж" * 5_000,
]


class Reader(HTMLParser):
    """Reads HTML as a browser would."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(markup(text, LIGHT))
    reader.close()
    return reader


@pytest.mark.parametrize("text", HOSTILE)
def test_no_tag_and_no_attribute_comes_from_the_letter(text: str):
    found = read(text)

    assert {tag for tag, _ in found.tags} <= {"div", "span"}
    assert {name for _, attributes in found.tags for name in attributes} <= {"style", "dir"}
    written = "".join(value or "" for _, attributes in found.tags for value in attributes.values())
    assert "evil" not in written
    assert "url(" not in written


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.isprintable()])
def test_what_can_be_printed_is_read_as_it_was_written(text: str):
    assert read(text).text == text


def test_lines_and_tabs_stay():
    assert read("Dear\n\n\tyou").text == "Dear\n\n\tyou"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("a\x00b", "a⟨U+0000⟩b"),
        ("\u200c\u200c\u200c\ufeff!", "⟨U+200C ×3⟩⟨U+FEFF⟩!"),
        ("a\ud800b", "a⟨U+D800⟩b"),
        ("a\u2028b\r\nc\rd", "a⟨U+2028⟩b\nc⟨U+000D⟩d"),
    ],
)
def test_signs_that_steer_or_cannot_be_seen_are_named(text: str, shown: str):
    assert read(text).text == shown
    assert read(text).text.encode()


def test_the_frame_keeps_direction_to_itself():
    (outer, frame), (inner, paragraph) = read("שלום").tags
    assert (outer, inner) == ("div", "div")
    assert "unicode-bidi:isolate" in str(frame["style"])
    assert paragraph["dir"] == "auto"
    assert "overflow-wrap:anywhere" in str(paragraph["style"])


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_placeholders_are_coloured_by_what_they_stand_for(palette):
    def colour(placeholder: str) -> str:
        return markup(placeholder, palette).split("color:")[1][:7]

    assert colour("[EMAIL_1]") == colour("[PHONE_12]") == palette.series[0]
    assert len({colour(f"[{kind}_1]") for kind in ("EMAIL", "PERSON", "CARD")}) == 3
    assert "color" not in markup("[SOMETHING_1] [EMAIL_]", palette)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " ="])
def test_a_cell_cannot_act_as_a_formula_wherever_it_is_taken(sign: str):
    shown = cell(f"{sign}HYPERLINK('//evil.example')")
    assert shown[0] == "'"
    (row,) = csv.reader(io.StringIO(csv_text(["", shown], [])))
    assert row[1] == shown


def test_a_cell_is_one_short_line():
    assert cell("a\n b\t\tc") == "a b c"
    assert len(cell("ж" * 100_000)) == CELL
    assert cell("ж" * 100_000).endswith("…")
    assert cell("\u200c" * 500 + "Hello") == "⟨U+200C ×500⟩Hello"
