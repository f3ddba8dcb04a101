"""Reviews as files: the same bytes, small, whole pages, and texts that come out right."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pypdfium2
import pytest

from core.charts.chart import Chart
from core.charts.tokens import LIGHT
from core.review import Review, sheet
from core.review.sheet import Section, Sheet, Words
from db.review_export import Drawn, pack
from db.review_export.drawing import svg
from db.review_export.glyphs import covered
from db.review_export.pdf import pdf
from tests.fakes_review import (
    HOSTILE,
    NOON,
    RUSSIAN,
    chart,
    decided,
    drawn,
    large,
    review,
    risk,
)

#: What a review may weigh, in bytes.
MOST = 2_000_000
#: Paper that printers do not reach, in millimetres: nothing is drawn there.
EDGE_MM = 10
_DPMM = 4


def files(found: Review) -> dict[str, bytes]:
    return dict(pack(drawn(found)).files)


def words(content: bytes) -> str:
    """All text of a PDF on one line, soft ends of lines taken out."""
    with pypdfium2.PdfDocument(content) as found:
        pages = [page.get_textpage().get_text_range() for page in found]
    said = " ".join(pages).replace("\u200b", "").replace("\ufffe", "").replace("\u00a0", " ")
    return re.sub(r"\s+", " ", said)


def pictures(content: bytes) -> list[np.ndarray]:
    """Every page in grey, four dots a millimetre."""
    with pypdfium2.PdfDocument(content) as found:
        return [
            np.asarray(page.render(scale=_DPMM * 25.4 / 72, grayscale=True).to_pil())
            for page in found
        ]


@pytest.fixture(scope="module")
def packed() -> dict[str, bytes]:
    return files(large())


def test_a_large_review_is_small_enough_to_send(packed: dict[str, bytes]):
    assert len(packed["html"]) < MOST
    assert len(packed["pdf"]) < MOST


def test_the_same_review_is_the_same_bytes():
    assert files(review()) == files(review())


def test_no_page_is_cut_off(packed: dict[str, bytes]):
    pages = pictures(packed["pdf"])
    assert len(pages) >= 3
    edge = EDGE_MM * _DPMM
    for page in pages:
        assert page.min() < 100, "a page without anything on it"
        for margin in (page[:edge], page[-edge:], page[:, :edge], page[:, -edge:]):
            assert margin.min() > 250, "ink where the paper ends"


def test_nothing_of_a_large_review_is_lost(packed: dict[str, bytes]):
    said, found = words(packed["pdf"]), large()
    for line in found.actions:
        assert line.text in said
    for line in found.criteria:
        assert line.name in said
    assert "32 more of rank 4 are not shown here." in said


def test_russian_and_english_come_out_right_side_by_side(packed: dict[str, bytes]):
    said = words(files(review(decisions=(decided(text=RUSSIAN, why="Ship it to 10 %"),)))["pdf"])
    assert RUSSIAN in said
    assert "Ship it to 10 %" in said
    assert "день" in said  # of a chart's axis
    assert RUSSIAN in packed["html"].decode()


def test_only_the_fonts_that_come_along_are_used(packed: dict[str, bytes]):
    assert b"Roboto" in packed["pdf"]
    assert b"Liberation" not in packed["pdf"]
    assert packed["html"].count(b"@font-face") == 2
    assert b"font-family: Roboto" in packed["html"]


def test_texts_of_people_are_no_markup_on_paper():
    said = words(files(review(headline=HOSTILE, risks=(risk(title=HOSTILE),)))["pdf"])
    assert said.replace(" ", "").count(HOSTILE.replace(" ", "")) == 2


def test_what_no_font_can_show_is_shown_as_missing_and_the_rest_stays():
    said = words(files(review(decisions=(decided(text="до 😀 漢字 после"),)))["pdf"])
    assert "до \ufffd \ufffd\ufffd после" in said


def test_every_character_that_counts_as_covered_can_be_shown():
    signs = [chr(code) for code in range(0x20, 0x2FFF) if covered(chr(code))]
    shown = [one for one in signs if unicodedata.category(one) not in {"Cc", "Cf", "Mn", "Me"}]
    assert len(shown) > 2_500
    whole = Section("x", "x", (Words(" ".join(shown)),))
    found = Sheet("x", "x", "x", ("x",), "", (whole,))
    # It would refuse to write a character that cannot be read.
    assert len(pictures(pdf(found, {}, NOON))) >= 1


def test_a_word_without_end_stays_in_its_column():
    long = "x" * 1_000
    pages = pictures(files(review(risks=(risk(title=long, owner=long[:200]),)))["pdf"])
    edge = EDGE_MM * _DPMM
    assert all(page[:, -edge:].min() > 250 for page in pages)
    assert words(files(review(risks=(risk(title=long),)))["pdf"]).replace(" ", "").count(long) == 1


def test_a_text_longer_than_a_page_goes_on_on_the_next():
    text = "\n".join(f"строка {at}" for at in range(400))
    content = files(review(decisions=(decided(text=text),)))["pdf"]
    said = words(content)
    assert all(f"строка {at}" in said for at in range(400))
    edge = EDGE_MM * _DPMM
    assert all(page[-edge:].min() > 250 for page in pictures(content))


def test_the_pdf_is_tagged_for_screen_readers_and_has_no_clock_in_it(packed: dict[str, bytes]):
    assert b"/MarkInfo" in packed["pdf"]
    assert b"pdfuaid" in packed["pdf"]
    with pypdfium2.PdfDocument(packed["pdf"]) as found:
        known = found.get_metadata_dict()
    assert known["Title"] == large().title
    assert known["CreationDate"].startswith("D:20260601120000")


def test_a_review_whose_charts_are_gone_tells_them():
    content = pack(Drawn(review(), {})).files["pdf"]
    assert "The budget holds. 45 % is left." in words(content)


def test_a_chart_is_drawn_without_what_only_a_mouse_can_find():
    drawn_chart = svg(chart(), LIGHT)
    assert "бюджет, %" in drawn_chart
    assert drawn_chart.count("mark-symbol") == 0
    assert not re.search(r"\d\.\d{3}", drawn_chart)
    assert svg(chart(), LIGHT) == drawn_chart


def test_an_empty_chart_is_refused():
    with pytest.raises(ValueError, match="nothing to draw"):
        svg(Chart("t", None, "a"), LIGHT)


def test_the_sheet_is_the_same_for_both_forms(packed: dict[str, bytes]):
    html, said = packed["html"].decode().replace("\u00a0", " "), words(packed["pdf"])
    for section in sheet(large()).sections:
        assert section.heading in html
        assert section.heading in said
