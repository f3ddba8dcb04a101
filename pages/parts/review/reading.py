"""A review as its readers meet it: one page, no navigation, no controls, frozen at a moment.

`?view=review` shows the review of a moment, which the address then carries; `?review=3` shows the
third one that was kept, as it was. Both are found on whatever page the address names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import streamlit as st

from core.charts.tokens import palette
from core.review import sheet
from core.review.codec import UnreadableError
from core.review.html import article
from core.review.style import embedded
from db.review_export import Drawn
from pages.parts import data, states, view
from pages.parts.data import Problem
from pages.parts.markdown import plain
from pages.parts.view import View

#: What the address says of it.
_VIEW, _READING = "view", "review"
_KEPT = "review"
_SECOND = timedelta(seconds=1)


def asked(query: Mapping[str, str]) -> bool:
    """Whether an address asks for a review to read."""
    return query.get(_VIEW) == _READING or _KEPT in query


def show(services: Sequence[str]) -> None:
    """Show the review that the address asks for.

    Args:
        services: those there are for who reads, the default one first.
    """
    if _KEPT in st.query_params:
        drawn = _kept(st.query_params[_KEPT])
    else:
        drawn = _of_moment(view.choose(services, data.now(), controls=False))
    theme = palette(st.context.theme.type)
    st.html(f"<style>{embedded(theme)}</style>")
    st.html(article(sheet(drawn.review), drawn.of_theme(theme.name)))


def address(**query: str) -> str:
    """The address of a review, from any page of the dashboard."""
    return "./?" + "&".join(f"{key}={value}" for key, value in query.items())


def kept_address(review_id: int) -> str:
    """The address of a review that was kept."""
    return address(**{_KEPT: str(review_id)})


def live_address(chosen: View) -> str:
    """The address of the review of this moment: what was stored just now is in it."""
    return address(**{_VIEW: _READING}, **_frozen(chosen).frozen())


def _frozen(chosen: View) -> View:
    """The view at a moment that stands still; the address carries it from now on."""
    if not chosen.live:
        return chosen
    ahead = data.now().replace(microsecond=0) + _SECOND
    return replace(chosen, as_of=ahead, live=False)


def _of_moment(chosen: View) -> Drawn:
    for notice in chosen.notices:
        st.info(plain(notice), icon=":material/info:")
    frozen = _frozen(chosen)
    view.remember(frozen.frozen())
    return states.or_stop(data.review(frozen))


def _kept(written: str) -> Drawn:
    """The kept review of a number; where there is none to show, the page says why and ends."""
    number = int(written) if written.isascii() and written.isdecimal() else 0
    try:
        found = data.kept_review(number)
    except UnreadableError as error:
        _stop("This review cannot be shown here", f"{error} Its files can still be downloaded.")
    if isinstance(found, Problem):
        states.stop_failed(found)
    if found is None:
        _stop("There is no such review", "The address names a review that nobody has kept.")
    return found.drawn


def _stop(heading: str, sentence: str) -> NoReturn:
    st.title(heading, anchor=False)
    st.text(sentence)
    st.stop()
