"""What a reviewer has on the desk: the group at hand, what was done, what is to be told."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core.false_reports.reviews import Seen
from core.ports import Claim, Review
from pages.parts import data
from pages.parts.view import View

_WHO = "reviewer"


def new_token() -> str:
    """Names one click: its second arrival changes nothing."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Listed:
    """Groups as they were put on the screen: a bulk decision is about exactly these.

    Attributes:
        seen: what a vote on each is about.
        kinds: of each, 'false_positive' or 'false_negative'.
        rows: as the table shows them.
        token: names the next click.
        topic: whose groups they are; None for all.
    """

    seen: tuple[Seen, ...]
    kinds: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    token: str
    topic: int | None


@dataclass(slots=True)
class Desk:
    """The work of one reviewer in one browser tab, on one service.

    Attributes:
        claim: the group at hand.
        token: names the next click on it.
        begun: the reviewer is at work.
        skipped: groups that the reviewer does not want now.
        done: groups voted on here: the page's report learns of them within the minute.
        history: votes that stand, those of one click together, the newest last.
        listed: the list below the letter.
        told: whether the last click did what it should, what is said of it, and what belongs to it.
    """

    claim: Claim | None = None
    token: str = field(default_factory=new_token)
    begun: bool = False
    skipped: set[int] = field(default_factory=set)
    done: set[int] = field(default_factory=set)
    history: list[tuple[Review, ...]] = field(default_factory=list)
    listed: Listed | None = None
    told: tuple[bool, str, tuple[str, ...]] = (True, "", ())

    def tell(self, sentence: str, lines: Sequence[str] = (), *, good: bool = True) -> None:
        """Say what became of a click."""
        self.told = (good, sentence, tuple(lines))

    def put_down(self) -> None:
        """Nothing is at hand any more."""
        self.claim, self.token = None, new_token()


def desk_of(service: str) -> Desk:
    """This browser tab's desk."""
    found: Desk = st.session_state.setdefault(f"desk·{service}", Desk())
    return found


def who() -> str:
    """The signed-in person's name; where nobody signs in, what was typed, '' before that."""
    return data.acting_name() or str(st.session_state.get(_WHO, "")).strip()


def name_field(label: str = "Who reviews") -> None:
    """Ask who it is. The name stays in the browser tab, and is in no address."""
    # A field that is not drawn for a run loses its value; the session keeps it.
    signed = data.acting_name()
    st.session_state[_WHO] = signed or st.session_state.get(_WHO, "")
    st.text_input(label, key=_WHO, max_chars=80, placeholder="Your name", disabled=bool(signed))


def why_not(view: View) -> str:
    """Why nothing can be done on this page; '' where it can."""
    if not view.live:
        return "This page shows an earlier moment: it is for reading. Go back to now to act."
    if not data.allowed():
        return "Your role is to read this page."
    if not who():
        return "Say who you are first: everything that is done here carries a name."
    return ""
