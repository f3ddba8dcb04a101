"""Markdown that the team wrote: looking at it sends no request and runs nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.alerts.runbooks import DEFAULT_RUNBOOKS, RunbookText
from core.documentation.markdown import JOINER, Piece, pieces, safe

#: What begins an image or raw HTML in any reader of markdown.
LIVE = re.compile(r"!\[|<[A-Za-z/!?]")


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](https://evil.example/p.png)",
        r"\![x](https://evil.example/p.png)",
        r"\\![x](https://evil.example/p.png)",
        "[![x](https://evil.example/p.png)](https://evil.example)",
        "![x][a]\n\n[a]: https://evil.example/p.png",
        "`![x](https://evil.example/p.png)",
        "$$\n```\n$$\n![x](https://evil.example/p.png)",
        "- ```\n![x](https://evil.example/p.png)",
        "    ```\n![x](https://evil.example/p.png)",
        "<img src=https://evil.example/p.png>",
        "<IMG SRC=https://evil.example/p.png>",
        "<style>@import url(https://evil.example)</style>",
        "<!-- --><script>alert(1)</script>",
        "<<img src=x>",
        "!![x](https://evil.example/p.png)",
        "!\u200b![x](https://evil.example/p.png)",
        "> ```\n![x](https://evil.example/p.png)",
        "``` a`b\n![x](https://evil.example/p.png)",
    ],
)
def test_no_image_and_no_html_is_left_in_prose(hostile: str):
    prose = [piece.text for piece in pieces(hostile) if piece.kind == "prose"]
    assert not [text for text in prose if LIVE.search(text)]


@given(st.text(alphabet="!<>[]()`~\\ \n\r\t\u2028aI/?-$&;#3", max_size=60))
@settings(max_examples=300, deadline=None)
def test_whatever_is_written_no_image_and_no_html_is_left_in_prose(written: str):
    found = pieces(written)
    assert not [one for one in found if one.kind == "prose" and LIVE.search(one.text)]
    assert {one.kind for one in found} <= {"prose", "code"}


@given(st.text(alphabet="!<[`~ \nab", max_size=60))
@settings(max_examples=200, deadline=None)
def test_nothing_that_was_written_is_lost_but_fences(written: str):
    def bare(text: str) -> str:
        return re.sub(r"[`~\s]", "", text.replace(JOINER, ""))

    shown = "".join(f"{one.language}{one.text}" for one in pieces(written))
    assert bare(shown) == bare(written)


def test_code_is_kept_as_it_is():
    written = "Run:\n\n```bash\nif [[ ![ x ]; then <b>\n```\n\nThen look."
    assert pieces(written) == (
        Piece("prose", "Run:"),
        Piece("code", "if [[ ![ x ]; then <b>", "bash"),
        Piece("prose", "Then look."),
    )


def test_a_fence_is_closed_by_one_as_long_of_the_same_sign():
    written = "````\n```\n~~~~\n```` x\n`````\nafter"
    assert pieces(written) == (Piece("code", "```\n~~~~\n```` x"), Piece("prose", "after"))


def test_a_fence_that_is_never_closed_reaches_to_the_end():
    assert pieces("~~~ sql\nselect 1") == (Piece("code", "select 1", "sql"),)


def test_links_and_comparisons_stay_as_they_were():
    written = "See [the log](https://log.example/?a=1), if p < 0.01 and a <3."
    assert pieces(written) == (Piece("prose", written),)
    assert safe("a!") == "a!"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("It costs $5, then $6.", r"It costs \$5, then \$6."),
        (r"It costs \$5, then \$6.", r"It costs \$5, then \$6."),
        (r"a \\$x$", r"a \\\$x\$"),
        ("$$\nx\n$$", "\\$\\$\nx\n\\$\\$"),
        ("Set `$HOME`, ``a`$PATH`` and $x.", r"Set `$HOME`, ``a`$PATH`` and \$x."),
        ("Run:\n\n    echo $A $B\n\nthen $x$", "Run:\n\n    echo $A $B\n\nthen \\$x\\$"),
        ("https://a.example/$b costs $1.", r"https://a.example/$b costs \$1."),
        ("1. Run\n   ```\n   echo $A $B\n   ```", "1. Run\n   ```\n   echo $A $B\n   ```"),
    ],
)
def test_a_dollar_sign_begins_no_formula(written: str, shown: str):
    assert pieces(written) == (Piece("prose", shown),)


def test_an_empty_text_has_no_pieces():
    assert pieces(" \n ") == ()


@pytest.mark.parametrize("runbook", DEFAULT_RUNBOOKS, ids=lambda one: one.runbook_id)
def test_the_runbooks_that_a_service_starts_with_are_shown_unchanged(runbook: RunbookText):
    body = runbook.body
    assert "".join(one.text for one in pieces(body)).strip() == body.strip()
