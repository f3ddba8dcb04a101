"""The review as HTML: escaped, in its languages, needing nothing beside itself."""

import re
from html.parser import HTMLParser

import pytest

from core.charts.tokens import DARK, LIGHT
from core.review import sheet
from core.review.html import Picture, article, document
from core.review.style import embedded
from core.review.texts import clean
from core.status import Status
from tests.fakes_review import HOSTILE, RUSSIAN, action, criterion, decided, review, risk

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" class="marks" width="9" height="9">'
    '<g role="graphics-object" aria-roledescription="x"><clipPath id="clip0"/>'
    '<path clip-path="url(#clip0)" d="M0,0"/></g></svg>'
)
PICTURES = {"budget": Picture(SVG, SVG)}


class Seen(HTMLParser):
    """Elements that are open wherever a text is, and every attribute."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def whole(**changed: object) -> str:
    return document(sheet(review(**changed)), PICTURES, "")


def test_a_text_is_never_markup():
    written = whole(
        headline=HOSTILE,
        goal=HOSTILE,
        criteria=(criterion(name=HOSTILE, sentence=HOSTILE, settles=HOSTILE),),
        risks=(risk(title=HOSTILE, owner=HOSTILE, alarm=HOSTILE),),
        decisions=(decided(text=HOSTILE, why=HOSTILE),),
        actions=(action(text=HOSTILE, owner=HOSTILE),),
    )
    seen = Seen(written)
    assert "script" not in seen.tags
    assert "a" not in seen.tags
    assert sum(HOSTILE in words for words in seen.words) >= 10


def test_the_description_of_a_chart_stays_in_its_attribute():
    hostile = '"><script>x</script>'
    written = whole(charts=(review().charts[0].__class__("budget", "t", hostile, "w"),))
    seen = Seen(written)
    assert "script" not in seen.tags
    assert ("aria-label", hostile) in seen.attributes


def test_russian_is_marked_as_russian_and_english_is_not():
    written = whole()
    assert f'<p>Goal: <span lang="ru">{RUSSIAN}.</span> Judged against' in written
    assert '<span lang="ru">Проверить метки, 1</span>' in written
    assert '<html lang="en">' in written
    assert '<span lang="en">' not in written


def test_a_document_asks_for_nothing_outside():
    seen = Seen(whole())
    links = [value for name, value in seen.attributes if name in {"src", "href", "xlink:href"}]
    assert links == []
    assert not re.search(r"@import|url\((?!\"data:|#)", whole())
    assert "default-src 'none'" in whole()


def test_two_drawings_in_a_document_name_their_parts_apart():
    written = whole()
    names = re.findall(r'id="([^"]+)"', written)
    assert len(names) == len(set(names))
    assert "url(#budget-day-clip0)" in written
    assert "url(#budget-night-clip0)" in written


def test_a_drawing_is_one_picture_to_a_screen_reader():
    written = whole()
    assert "graphics-object" not in written
    assert written.count('role="img" aria-label="45 % is left."') == 2


def test_every_status_has_an_icon_a_word_and_its_colour():
    for status in Status:
        written = whole(criteria=(criterion(status=status),))
        kind = status.name.lower().replace("_", "-")
        assert f'<span class="status {kind}">{status.word.capitalize()}</span>' in written
        assert f".review .{kind}::before" in written


def test_a_page_has_one_first_heading_and_none_is_left_out():
    tags = [tag for tag in Seen(whole()).tags if re.fullmatch("h[1-6]", tag)]
    assert tags.count("h1") == 1
    assert tags[:3] == ["h1", "h2", "h2"]
    assert set(tags) == {"h1", "h2", "h3"}


def test_each_table_names_its_columns_and_rows():
    written = whole()
    assert written.count("<table>") == written.count("<caption>")
    assert written.count('<th scope="row"') == written.count("<tr>") - written.count("<thead>")


def test_inside_of_a_page_a_chart_is_a_picture_of_the_pages_theme():
    written = article(sheet(review()), {"budget": SVG})
    assert "<svg" not in written
    assert 'src="data:image/svg+xml;base64,' in written
    assert 'alt="45 % is left."' in written


def test_a_chart_that_is_not_there_any_more_is_told():
    assert "<p>45 % is left.</p>" in article(sheet(review()), {}).replace("\u00a0", " ")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_style_inside_of_a_page_has_the_colours_of_its_theme(theme):
    style = embedded(theme)
    assert f"--breached: {theme.breached};" in style
    assert "<" not in style  # a page's filter takes styles with markup in them for an attack


def test_signs_that_act_on_a_screen_are_not_passed_on():
    assert clean("a\x1b[2J\u202eb\r\nc\td") == "a\ufffd[2Jb\nc d"
    assert clean("и\u0306") == "й"
