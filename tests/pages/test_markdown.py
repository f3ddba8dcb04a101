"""Text of unknown origin stays text: no emphasis, no link, no picture, no formula."""

import pytest

from pages.parts.markdown import plain


@pytest.mark.parametrize("sign", list("\\`*_{}[]()#+-!|<>~$:"))
def test_every_mark_is_escaped(sign: str):
    assert plain(f"a{sign}b") == f"a\\{sign}b"


@pytest.mark.parametrize(
    ("address", "broken"),
    [
        ("www.x.org", "www\u2060.x.org"),
        ("anna@x.org", "anna\u2060@x.org"),
        ("HTTPS://x.org", "HTTPS\u2060\\://x.org"),
    ],
)
def test_an_address_is_no_link(address: str, broken: str):
    assert plain(address) == broken


def test_a_number_that_begins_a_line_begins_no_list():
    assert plain("1. Buy\n 22. Mount") == "1\\. Buy\n 22\\. Mount"
    assert plain("99.2 of 100.") == "99.2 of 100."


def test_words_stay_as_they_are():
    assert plain("Доля писем, 99.2 %") == "Доля писем, 99.2 %"
